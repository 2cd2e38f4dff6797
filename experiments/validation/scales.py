"""Scale: the same market with more and fewer agents; what must not hang on their number, and what drifts with it."""

import pandas as pd

from experiments import statistics as st
from experiments.observed import Window
from experiments.results import Progress
from experiments.run import Run, run
from sim.scenario import Scenario

SCALES = (4000.0, 2000.0, 1000.0, 500.0, 250.0)
DAYS = 28


def scales(base: Scenario, seeds: int, progress: Progress = None) -> pd.DataFrame:
    """Return a row a scale and seed."""
    rows, jobs = [], [(scale, seed) for scale in SCALES for seed in range(1, seeds + 1)]
    for scale, seed in jobs:
        scenario = base.with_values({"population.scale": scale, "seed": seed})
        rows.append({"scale": scale, "seed": seed, **measures(run(scenario, days=DAYS, orders=True))})
        if progress:
            progress(len(rows), len(jobs))
    return pd.DataFrame(rows)


def measures(done: Run) -> dict[str, float]:
    """Return what is a head, and must not hang on the scale; then shares of the top, which drift."""
    w = Window(done, DAYS)
    return {
        "orders": w.per_month(len(w.orders)),
        "gmv": w.per_month(float(w.orders["price"].sum())),
        "gmv_content": w.per_month(w.gmv("video", "live")),
        "gmv_shelf": w.per_month(w.gmv("search")),
        "views_top": float(w.metrics["views_top_share"].mean()),
        "views_gini": float(w.metrics["views_gini"].mean()),
        "commission_top": st.share_of_top(w.commission, 0.01),
        "commission_gini": st.gini(w.commission),
        "seller_gini": st.gini(w.count("seller")),
        "seller_top": st.share_of_top(w.count("seller"), 0.01),
        "product_gini": st.gini(w.count("product")),
    }


def against(found: pd.DataFrame, reference: float = 1000.0) -> pd.DataFrame:
    """Return means over seeds, a row a scale, each divided by that of the ``reference``."""
    means = found.drop(columns="seed").groupby("scale").mean()
    whole: pd.DataFrame = (means / means.loc[reference]).sort_index(ascending=False)
    return whole
