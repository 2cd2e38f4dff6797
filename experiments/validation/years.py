"""Years: does anything degenerate when a market goes on?"""

import pandas as pd

from experiments.results import Progress
from experiments.run import run
from sim.scenario import Scenario

YEARS = 3
#: What is watched, each as its mean over a quarter of a year.
WATCHED = (
    "orders", "gmv", "gmv_video", "gmv_live", "gmv_search", "impressions", "click_rate", "creators_active",
    "sellers_active", "sellers_live", "views_gini", "momentum_top_share", "creator_income_gini",
    "creators_above_minimum_wage", "seller_gini", "wallet_mean", "satiation_mean", "return_rate",
    "concurrent_viewers_mean", "attempts_per_pick",
)  # fmt: skip
_QUARTER = 91


def years(base: Scenario, progress: Progress = None) -> pd.DataFrame:
    """Return a row a quarter of a year, a column a metric."""
    metrics = run(base, days=365 * YEARS, progress=progress).metrics
    quarters = metrics[list(WATCHED)].groupby(metrics["day"] // _QUARTER).mean()
    quarters.index.name = "quarter"
    return quarters.iloc[: 4 * YEARS]  # the odd days at the end are no quarter
