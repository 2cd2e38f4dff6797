"""Fit parameters to the targets: ``python -m experiments.calibrate --out results/fit --trials 200``.

Every trial simulates half a year at 1:2000 with the same seed, so that what differs between trials is what the
parameters do. Trials are kept in a journal in the folder; the same command goes on where it was stopped, and any
number of processes may share a folder. At the end, the best parameters are in ``best.yaml``, ready for a scenario,
with the table of targets; all trials are in ``trials.csv``.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from experiments.observed import observe
from experiments.run import run
from experiments.targets import targets, total_misfit
from sim.errors import EtalaseError
from sim.scenario import Scenario, load

if TYPE_CHECKING:
    import optuna

DAYS = 182
#: What is fitted: path, least and largest value, and whether steps are taken in logarithms.
SPACE = (
    ("population.budget_mean", 250_000, 1_000_000, True),
    ("population.propensity_sd", 2.0, 3.6, False),
    ("population.charm_sd", 1.0, 2.2, False),
    ("population.need_sd", 0.2, 1.2, False),
    ("population.own_charm", -1.0, 1.5, False),
    ("population.local_share", 0.45, 0.65, False),
    ("mechanisms.affiliates.ev_sd", 0.5, 2.0, False),
    ("mechanisms.discovery.gamma", 0.3, 0.6, False),
    ("mechanisms.fulfilment.c_0", -3.0, -1.5, False),
    ("mechanisms.fulfilment.c_live", 0.4, 1.6, False),
    ("mechanisms.learning.drop", 0.003, 0.03, True),
    ("mechanisms.live.visits", 0.2, 1.2, True),
    ("mechanisms.purchase.a_0", -8.0, -5.5, False),
    ("mechanisms.purchase.a_live", -0.5, 0.8, False),
    ("mechanisms.purchase.a_need", 0.0, 2.5, False),
    ("mechanisms.reputation.b_x", 0.0, 0.8, False),
    ("mechanisms.reputation.b_s", 0.05, 0.2, False),
    ("mechanisms.search.gamma_shelf", 0.1, 0.6, False),
    ("mechanisms.search.need", 0.05, 0.8, True),
)


def suggest(trial: "optuna.Trial") -> dict[str, float]:
    """Return the parameters to try, by path."""
    return {path: trial.suggest_float(path, low, high, log=log) for path, low, high, log in SPACE}


def judge(base: Scenario, changes: dict[str, float]) -> dict[str, float]:
    """Return what the market looks like with these parameters, by name of statistic."""
    whole = [path for path, knob in ((knob.path, knob) for knob in base.knobs()) if isinstance(knob.value, int)]
    tried = {path: round(value) if path in whole else value for path, value in changes.items()}
    return observe(run(base.with_values(tried), days=DAYS, orders=True, threads=1, keep=False))


def study(folder: Path, seed: int) -> "optuna.Study":
    """Return the study kept in ``folder``, or a new one."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    folder.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=30, constant_liar=True)
    storage = JournalStorage(JournalFileBackend(str(folder / "journal.log")))
    return optuna.create_study(storage=storage, sampler=sampler, study_name="fit", load_if_exists=True)


def fit(base: Scenario, folder: Path, trials: int, seed: int) -> "optuna.Study":
    """Try until ``trials`` are done in all, the present parameters first."""
    import optuna

    found = study(folder, seed)
    if not found.trials:
        here = {knob.path: knob.value for knob in base.knobs()}
        found.enqueue_trial({path: min(max(here[path], low), high) for path, low, high, _ in SPACE})

    def objective(trial: optuna.Trial) -> float:
        seen = judge(base, suggest(trial))
        trial.set_user_attr("seen", seen)
        return total_misfit(seen)

    def tell(_: Any, trial: optuna.trial.FrozenTrial) -> None:
        print(f"trial {trial.number}: {trial.value:.3f}, best {found.best_value:.3f}", file=sys.stderr, flush=True)

    enough = optuna.study.MaxTrialsCallback(trials, states=(optuna.trial.TrialState.COMPLETE,))
    if len(found.get_trials(states=(optuna.trial.TrialState.COMPLETE,))) < trials:
        found.optimize(objective, callbacks=[tell, enough])
    return found


def report(found: "optuna.Study", folder: Path) -> str:
    """Write ``best.yaml`` and ``trials.csv``; return the table of targets."""
    best = found.best_trial
    tree: dict[str, Any] = {}
    for path, value in best.params.items():
        *above, name = path.split(".")
        place = tree
        for part in above:
            place = place.setdefault(part, {})
        place[name] = float(f"{value:.4g}")
    head = f"# fitted {datetime.now(UTC):%Y-%m-%d} with {len(found.trials)} trials; misfit {best.value:.3f}\n"
    (folder / "best.yaml").write_text(head + yaml.safe_dump(tree), encoding="utf-8")
    found.trials_dataframe(attrs=("number", "value", "params")).to_csv(folder / "trials.csv", index=False)
    lines = [f"{'statistic':20} {'found':>10} {'value':>10} {'low':>10} {'high':>10}  use    in band"]
    for t in targets():
        seen = best.user_attrs["seen"][t.statistic]
        lines.append(
            f"{t.statistic:20} {seen:10.4g} {t.value:10.4g} {t.low:10.4g} {t.high:10.4g}  {t.use:5}  {t.holds(seen)}"
        )
    return "\n".join(lines)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m experiments.calibrate", description=__doc__)
    parser.add_argument("scenario", nargs="?", default="indonesia-2024")
    parser.add_argument("--out", type=Path, required=True, help="folder of the fit; the same one goes on with it")
    parser.add_argument("--trials", type=int, default=200, help="trials in all")
    parser.add_argument("--scale", type=int, default=2_000, help="people per agent")
    parser.add_argument("--seed", type=int, default=1, help="of the search, not of the market")
    asked = parser.parse_args()
    try:
        base = load(asked.scenario, [f"population.scale={asked.scale}"])
    except EtalaseError as mistake:
        print(f"calibrate: {mistake}", file=sys.stderr)
        return 2
    print(report(fit(base, asked.out, asked.trials, asked.seed), asked.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
