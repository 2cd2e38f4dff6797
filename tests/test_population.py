"""Who there is before day 0, against what is declared of them and against the tables that it comes from."""

import itertools

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from experiments.provenance import TABLES, table_by_id
from sim.inputs import FOLDER
from sim.population import Population, draw_population
from sim.tables import NEVER, NOTHING
from tests.small import VILLAGE, fits, share_fits

BOUND = scipy.stats.truncnorm(-3, 3)  # a standard normal number within 3 sd
NOT_SOLD = ("Tour and Travel", "Precious Metal", "Property")


@pytest.fixture(scope="module")
def indonesia():
    """The market of the baseline, one to a thousand."""
    return draw_population(Population(), 1)


@pytest.fixture(scope="module")
def places():
    return pd.read_csv(FOLDER / "provinces.csv")


@pytest.fixture(scope="module")
def kinds():
    return pd.read_csv(FOLDER / "categories.csv").query("category not in @NOT_SOLD").reset_index(drop=True)


def counted(column, n):
    return np.bincount(column, minlength=n)


def near(values, mean, least=0.0):
    """Whether the mean of values is as declared, within four standard errors (and ``least``)."""
    values = np.asarray(values, float)
    return abs(values.mean() - mean) < 4 * values.std() / np.sqrt(len(values)) + least


# ---------------------------------------------------------------- where, and of what


def test_users_and_creators_live_where_people_are_online(indonesia, places):
    online = places["population"] * places["internet_penetration_pct"]
    for people in (indonesia.users, indonesia.creators):
        assert fits(counted(people.province, 38), len(people) * online / online.sum())


def test_sellers_live_where_businesses_are_as_far_as_that_is_known(indonesia, places):
    businesses = places["ecommerce_businesses_2022_bps"].to_numpy()
    known = ~np.isnan(businesses)
    found = counted(indonesia.sellers.province, 38)
    chance = businesses[known] / 2_900_000  # all of Indonesia
    rest = 1 - chance.sum()
    assert fits([*found[known], found[~known].sum()], len(indonesia.sellers) * np.array([*chance, rest]))


def test_interests_and_niches_follow_what_is_sold(indonesia, kinds):
    names = kinds["category"].replace("Movies and Music", "Books")
    share = kinds.groupby(names, sort=False)["units_share"].sum()
    # pooled categories stand where the first of them stands
    assert len(share) == indonesia.n_categories == 25
    for column in (indonesia.users.interest, indonesia.creators.category, indonesia.sellers.category):
        assert fits(counted(column, 25), len(column) * (share / share.sum()).to_numpy())


def test_nobody_has_the_same_interest_twice_and_the_first_weighs_more(indonesia):
    users = indonesia.users
    assert (users.interest != users.interest_2).all()
    assert users.interest_share.min() >= 0.5 and users.interest_share.max() <= 1


def test_in_a_market_of_one_category_both_interests_are_that_one():
    state = draw_population(VILLAGE.but(categories=("Beauty",)), 1)
    assert set(state.users.interest) == set(state.users.interest_2) == {0}


# ---------------------------------------------------------------- users


def test_propensity_and_budget_go_together_as_declared(indonesia):
    found = np.corrcoef(indonesia.users.propensity, np.log(indonesia.users.budget))[0, 1]
    assert found == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize(("declared", "correlation"), [(-0.5, -0.5), (0.0, 0.0), (1.0, 1.0)])
def test_the_correlation_is_the_one_that_is_asked_for(declared, correlation):
    users = draw_population(Population(scale=5_000, budget_correlation=declared), 1).users
    assert np.corrcoef(users.propensity, np.log(users.budget))[0, 1] == pytest.approx(correlation, abs=0.03)


def test_budgets_have_the_declared_mean_but_for_the_tails_that_are_cut(indonesia):
    # E exp(a z) of a truncated normal z, for the two numbers that a budget is made of
    cut = [(scipy.stats.norm.cdf(3 - a) - scipy.stats.norm.cdf(-3 - a)) / 0.9973 for a in (1.1 * 0.6, 1.1 * 0.8)]
    assert near(indonesia.users.budget, 330_000 * np.prod(cut))
    assert near(draw_population(Population(bound=8), 2).users.budget, 330_000)


def test_every_income_decile_has_a_tenth_of_the_users_and_is_richer_than_the_one_before(indonesia):
    users = indonesia.users
    # the sum of two numbers within a bound is not quite normal, so the deciles are not quite tenths
    assert np.abs(counted(users.income_decile, 10) / len(users) - 0.1).max() < 0.004
    budgets = [users.budget[users.income_decile == d] for d in range(10)]
    assert all(low.max() <= high.min() for low, high in itertools.pairwise(budgets))


def test_wallets_hold_part_of_a_monthly_budget(indonesia):
    part = indonesia.users.wallet / indonesia.users.budget
    assert part.min() >= 0 and part.max() <= 1 and near(part, 0.5)


def test_activity_and_time_online_have_the_declared_means(indonesia):
    users = indonesia.users
    assert near(users.activity, 12) and near(users.online, 2.3 / (2.3 + 1.73))
    assert users.activity.var() == pytest.approx(12**2 / 0.9, rel=0.03)  # gamma: mean^2 / shape


def test_a_quarter_of_the_young_study_and_nobody_else(indonesia):
    young = indonesia.users.age_band == 0
    assert share_fits(indonesia.users.student[young].sum(), young.sum(), 0.25)
    assert not indonesia.users.student[~young].any()


def test_everybody_sleeps_through_one_daypart_but_not_the_preferred_one(indonesia):
    users = indonesia.users
    awake = (users.awake[:, None] >> np.arange(4)) & 1
    assert (awake.sum(axis=1) == 3).all()
    assert awake[np.arange(len(users)), users.daypart].all()


def test_paydays_are_spread_over_eight_days(indonesia):
    assert fits(counted(indonesia.users.payday, 8), np.full(8, len(indonesia.users) / 8))


# ---------------------------------------------------------------- creators and sellers


@pytest.mark.parametrize(
    ("table", "column", "share"),
    [
        ("creators", "live_chance", 0.25), ("creators", "inclusion", 0.05), ("creators", "student", 0.25),
        ("sellers", "live_chance", 0.023), ("sellers", "local", 0.6), ("sellers", "open", 0.5),
        ("sellers", "effort", 0.3),
    ],
)  # fmt: skip
def test_as_many_hosts_are_so_as_is_declared(indonesia, table, column, share):
    people = getattr(indonesia, table)
    assert share_fits((getattr(people, column) > 0).sum(), len(people), share)


def test_sellers_are_mostly_micro_and_small(indonesia):
    sellers = indonesia.sellers
    assert fits(counted(sellers.size, 4), len(sellers) * np.array([0.88, 0.10, 0.016, 0.004]))


def test_posts_of_creators_are_log_normal_about_their_median(indonesia):
    z = np.log(indonesia.creators.effort / 0.2) / 1.8
    assert scipy.stats.kstest(z, BOUND.cdf).pvalue > 1e-3
    assert (indonesia.creators.effort == indonesia.creators.usual_effort).all()


def test_only_fashion_sellers_of_jakarta_belong_to_tanah_abang(indonesia, places):
    sellers, fashion = indonesia.sellers, draw_population(VILLAGE.but(sellers=20_000, cluster_share=1.0), 1).sellers
    jakarta = places["province"].tolist().index("DKI Jakarta")
    assert set(sellers.province[sellers.cluster == 1]) == {jakarta}
    # the first category of the village is fashion, the others are not
    assert ((fashion.cluster == 1) == ((fashion.province == jakarta) & (fashion.category == 0))).all()


def test_commissions_are_within_the_range_of_the_category():
    sellers = draw_population(VILLAGE.but(sellers=3_000), 1).sellers
    for category, (low, high) in enumerate([(0.10, 0.15), (0.12, 0.18), (0.08, 0.12)]):
        offered = sellers.commission[sellers.category == category]
        assert low - 1e-6 <= offered.min() and offered.max() <= high + 1e-6  # float32
        assert near(offered, (low + high) / 2)


def test_reservation_incomes_follow_the_minimum_wage_of_place_and_year(places):
    before, after = (draw_population(VILLAGE, 1, year) for year in (2024, 2025))
    rise = (places["ump_2025_idr_month"] / places["ump_2024_idr_month"]).to_numpy()
    for table in ("creators", "sellers"):
        old, new = getattr(before, table), getattr(after, table)
        np.testing.assert_allclose(new.reservation / old.reservation, rise[old.province], rtol=1e-12)


# ---------------------------------------------------------------- products


def test_prices_are_log_normal_about_the_median_of_their_category(indonesia, kinds):
    products = indonesia.products
    for g, row in enumerate(kinds.query("category not in ('Books', 'Movies and Music')").itertuples()):
        # the pooled category comes after those above it, before those below
        g += g >= kinds["category"].tolist().index("Movies and Music")
        price = products.price[products.category == g]
        z = (np.log(price + 50) - np.log(row.price_median_idr)) / row.price_ln_sd  # rounded down to Rp100
        shown = z[price > 1_000]  # the cheapest are raised to Rp1,000
        least = (np.log(1_050) - np.log(row.price_median_idr)) / row.price_ln_sd
        law = scipy.stats.truncnorm(max(-3, least), 3)
        assert scipy.stats.kstest(shown, law.cdf).pvalue > 1e-3, row.category
    assert products.price.min() == 1_000 and not (products.price % 100).any()


def test_unit_costs_are_between_the_declared_shares_of_the_price(indonesia):
    products = indonesia.products
    share = products.cost / products.price
    assert share.min() > 0.449 and share.max() <= 0.75 and near(share, 0.6, least=2e-4)  # rounded down
    assert (products.reference == products.price).all() and set(products.stock) == {10}


def test_larger_sellers_have_more_products(indonesia):
    sellers = indonesia.sellers
    for size, mean in enumerate((1.7, 3.0, 5.0, 7.0)):
        assert near(sellers.n_products[sellers.size == size], mean, least=0.01)  # cut at twelve
    assert sellers.n_products.min() == 1 and sellers.n_products.max() <= 12


def test_sellers_have_the_cash_that_their_stock_costs(indonesia):
    sellers, products = indonesia.sellers, indonesia.products
    stock = pd.Series(products.cost * products.stock).groupby(products.seller).sum().to_numpy()
    declared = 2_000_000 * np.array([1, 4, 20, 100])[sellers.size]
    assert sellers.cash.tolist() == sellers.working_capital.tolist() == np.maximum(stock, declared).tolist()


# ---------------------------------------------------------------- who exists, and where they are stored


def test_everyone_who_could_ever_join_exists_and_only_the_actual_are_in_business(indonesia):
    assert [len(getattr(indonesia, t)) for t in TABLES[:3]] == [125_000, 8_000 + 4_000, 21_000 + 4_000]
    for hosts, actual in ((indonesia.creators, 8_000), (indonesia.sellers, 21_000)):
        assert np.unique(hosts.joined[hosts.id < actual]).tolist() == [0]
        assert np.unique(hosts.joined[hosts.id >= actual]).tolist() == [NEVER]
        assert np.unique(hosts.left).tolist() == [NEVER]
    assert (indonesia.creators.eligible == (indonesia.creators.id < 8_000)).all()
    assert set(indonesia.sellers.live_since[indonesia.sellers.live_chance > 0]) == {0}


@pytest.mark.parametrize("table", TABLES)
def test_ids_are_a_permutation_of_the_first_numbers(indonesia, table):
    ids = getattr(indonesia, table).id
    assert np.array_equal(np.sort(ids), np.arange(len(ids)))
    assert not np.array_equal(ids, np.arange(len(ids)))


def test_tables_are_sorted_for_the_cache(indonesia):
    users, creators, sellers, products = (getattr(indonesia, t) for t in TABLES)
    weight = creators.effort * np.exp(creators.charm.astype(float))
    for rows in (
        zip(users.interest.tolist(), users.interest_2.tolist(), users.id.tolist(), strict=True),
        zip(sellers.category.tolist(), sellers.id.tolist(), strict=True),
        products.seller.tolist(),
    ):
        rows = list(rows)
        assert rows == sorted(rows)
    assert (np.diff(creators.category) >= 0).all()
    heavier = np.diff(np.log(weight)) < 1e-5
    assert (heavier | (np.diff(creators.category) > 0)).all()


def test_products_stand_in_one_piece_at_their_seller_and_are_of_its_kind(indonesia):
    sellers, products = indonesia.sellers, indonesia.products
    assert counted(products.seller, len(sellers)).tolist() == sellers.n_products.tolist()
    assert sellers.first_product.tolist() == np.searchsorted(products.seller, np.arange(len(sellers))).tolist()
    for name in ("category", "local"):
        assert (getattr(products, name) == getattr(sellers, name)[products.seller]).all()


def test_own_accounts_show_the_first_products_of_the_seller(indonesia):
    sellers = indonesia.sellers
    for s in range(0, len(sellers), 500):
        own = np.flatnonzero(indonesia.products.seller == s)[:4].tolist()
        assert sellers.showcase[s].tolist() == own + [NOTHING] * (4 - len(own))


def test_a_smaller_market_is_the_first_part_of_a_larger_one():
    less = VILLAGE.but(potential_creators=0, potential_sellers=0)
    more = less.but(users=500, creators=70, sellers=80)
    small, large = (draw_population(population, 3) for population in (less, more))
    for table in TABLES:
        few, many = table_by_id(small, table), table_by_id(large, table)
        assert len(few["id"]) < len(many["id"])
        for name in few:
            np.testing.assert_array_equal(few[name], many[name][: len(few["id"])], err_msg=f"{table}.{name}")


def test_another_seed_is_other_people():
    one, other = (table_by_id(draw_population(VILLAGE, seed), "users") for seed in (1, 2))
    for name in ("province", "interest", "activity", "online", "propensity", "budget", "payday"):
        assert not np.array_equal(one[name], other[name]), name
