"""What a what-if leaves: ``report.html`` for people, ``effects.json`` and ``effects.parquet`` for machines."""

import json
from pathlib import Path

from experiments.provenance import git_state, machine, versions
from experiments.results import Folder
from experiments.whatif.effects import Effects
from experiments.whatif.report import write_report
from sim import source_hash


def write(effects: Effects, folder: Path) -> None:
    """Write ``effects.json`` and ``effects.parquet`` into a folder."""
    text = json.dumps(effects.to_dict(), indent=1, allow_nan=False)
    (folder / "effects.json").write_text(text + "\n", encoding="utf-8")
    effects.to_frame().to_parquet(folder / "effects.parquet", index=False)


def publish(effects: Effects, folder: Folder) -> None:
    """Write all files, and put them where they were asked for."""
    write(effects, folder.here)
    whole = effects.to_dict()
    write_report(whole, folder.here)
    folder.publish(
        {"kind": "what-if", "base": whole["base"]["name"], "arms": list(whole["arms"]), "seeds": whole["seeds"],
         "days": whole["days"], "versions": versions(), "source": source_hash(), "git": git_state(),
         "machine": machine()}
    )  # fmt: skip
