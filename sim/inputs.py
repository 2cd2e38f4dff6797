"""The real inputs: provinces and product categories (``sim/data/SOURCES.md`` says where from)."""

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from sim.errors import ParameterError
from sim.mathematics import log
from sim.tables import Column

FOLDER = Path(__file__).parent / "data"

#: Not sold in a feed: services, deeds and bullion.
LEFT_OUT = ("Tour and Travel", "Precious Metal", "Property")
#: A category of fewer than 25 sampled products is pooled with its nearest neighbour.
POOLED = {"Movies and Music": "Books"}
#: Range of the commission offered to affiliates [share of price], fact C1; what C1 does not name is assumed.
COMMISSION = {
    "Health": (0.15, 0.20),
    "Beauty": (0.12, 0.18),
    "Body Care": (0.12, 0.18),
    "Women's Fashion": (0.10, 0.15),
    "Muslim Fashion": (0.10, 0.15),
    "Men's Fashion": (0.12, 0.16),
    "Mother and Baby": (0.12, 0.15),
    "Kids and Baby Fashion": (0.12, 0.15),
    "Electronics": (0.05, 0.10),
    "Computers and Laptops": (0.05, 0.10),
    "Camera": (0.05, 0.10),
    "Phones and Tablets": (0.05, 0.10),
    "Gaming": (0.05, 0.10),
    "Food and Drink": (0.08, 0.12),
}
COMMISSION_ELSE = (0.08, 0.12)
FASHION = ("Women's Fashion", "Men's Fashion", "Muslim Fashion", "Kids and Baby Fashion")
#: All e-commerce businesses of 2022, fact P8; provinces without a figure of their own share the rest.
BUSINESSES = 2_900_000


@dataclass(frozen=True)
class Categories:
    """Product categories, in the order of ``categories.csv``; every array is (n_categories,)."""

    names: tuple[str, ...]
    price_ln: Column  # ln of the median price [ln Rp]
    price_ln_sd: Column
    share: Column  # of units sold; sums to 1
    commission_low: Column
    commission_high: Column
    fashion: Column  # bool


@dataclass(frozen=True)
class Provinces:
    """The 38 provinces; every array is (38,)."""

    names: tuple[str, ...]
    users: Column  # share of internet users; sums to 1
    sellers: Column  # share of e-commerce businesses; sums to 1
    wage_2024: Column  # provincial minimum wage UMP [Rp/month]
    wage_2025: Column

    def wage(self, year: int) -> Column:
        """Return the minimum wage of a year [Rp/month], (38,); the nearest known year outside 2024-2025."""
        return self.wage_2024 if year <= 2024 else self.wage_2025


def _rows(name: str) -> list[dict[str, str]]:
    with open(FOLDER / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def provinces() -> Provinces:
    """Read ``provinces.csv``."""
    rows = _rows("provinces.csv")
    users = np.array([float(r["internet_users_est"]) for r in rows])
    known = np.array([float(r["ecommerce_businesses_2022_bps"] or "nan") for r in rows])
    rest = np.isnan(known)
    sellers = np.where(rest, users / math.fsum(users[rest]) * (BUSINESSES - math.fsum(known[~rest])), known)
    return Provinces(
        names=tuple(r["province"] for r in rows),
        users=users / math.fsum(users),
        sellers=sellers / math.fsum(sellers),
        wage_2024=np.array([int(r["ump_2024_idr_month"]) for r in rows], np.int64),
        wage_2025=np.array([int(r["ump_2025_idr_month"]) for r in rows], np.int64),
    )


@cache
def all_categories() -> Categories:
    """Read ``categories.csv``: leave out what no feed sells, pool what is thin."""
    groups: dict[str, list[dict[str, str]]] = {}
    for row in _rows("categories.csv"):
        name = POOLED.get(row["category"], row["category"])
        if row["category"] not in LEFT_OUT:
            groups.setdefault(name, []).append(row)
    names = tuple(groups)
    ln, sd = zip(*(_pool_prices(groups[name]) for name in names), strict=True)
    share = np.array([math.fsum(float(r["units_share"]) for r in groups[name]) for name in names])
    ranges = np.array([COMMISSION.get(name, COMMISSION_ELSE) for name in names])
    return Categories(
        names=names,
        price_ln=np.array(ln),
        price_ln_sd=np.array(sd),
        share=share / math.fsum(share),
        commission_low=ranges[:, 0],
        commission_high=ranges[:, 1],
        fashion=np.array([name in FASHION for name in names]),
    )


def _pool_prices(rows: list[dict[str, str]]) -> tuple[float, float]:
    """Return mean and sd of ln price of pooled samples: the spread within and between them."""
    n = [int(r["n_products"]) for r in rows]
    ln = [float(log(float(r["price_median_idr"]))) for r in rows]
    var = [float(r["price_ln_sd"]) * float(r["price_ln_sd"]) for r in rows]
    mean = math.fsum(a * b for a, b in zip(n, ln, strict=True)) / sum(n)
    spread = math.fsum(a * (v + (b - mean) * (b - mean)) for a, b, v in zip(n, ln, var, strict=True)) / sum(n)
    return mean, math.sqrt(spread)


def categories(chosen: tuple[str, ...] = ()) -> Categories:
    """Return the chosen categories (all if none is named), shares made to sum to 1 again."""
    whole = all_categories()
    for name in chosen:
        if name not in whole.names:
            raise ParameterError(
                f"population.categories: there is no category {name!r}. Choose from {', '.join(whole.names)}."
            )
    if not chosen:
        return whole
    at = [whole.names.index(name) for name in dict.fromkeys(chosen)]
    share = whole.share[at]
    return Categories(
        names=tuple(whole.names[i] for i in at),
        price_ln=whole.price_ln[at],
        price_ln_sd=whole.price_ln_sd[at],
        share=share / math.fsum(share),
        commission_low=whole.commission_low[at],
        commission_high=whole.commission_high[at],
        fashion=whole.fashion[at],
    )
