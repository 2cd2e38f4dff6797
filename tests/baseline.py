"""Results that change only on purpose: ``python -m tests.baseline`` writes them anew; say why in CHANGES.md."""

import json
from pathlib import Path

from experiments.run import run
from sim.scenario import load

FILE = Path(__file__).parent / "baseline.json"
DAYS = 28
FIGURES = ("gmv", "orders", "impressions", "clicks", "live_stays", "needs", "follows", "returns", "creators_active")


def measure():
    """Return the fingerprint of a village and what its figures add up to, which say where a change came in."""
    done = run(load("village"), DAYS, keep=False)
    return {"fingerprint": done.fingerprint, **{name: int(done.metrics[name].sum()) for name in FIGURES}}


if __name__ == "__main__":
    FILE.write_text(json.dumps(measure(), indent=1) + "\n")
    print(FILE.read_text())
