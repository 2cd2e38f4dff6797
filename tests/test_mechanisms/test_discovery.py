"""Discovery: who is shown to whom, and what comes of it."""

import math

import numpy as np
import pytest

from sim.feed import ceiling, explore, jump, list_unknown
from sim.flows import Total
from sim.mechanisms.discovery import Discovery, fit, weight
from sim.offers import attention
from sim.rng import Key, Stream
from sim.state import Channel
from sim.tables import NOTHING
from tests.small import act, block, fits, logistic, market, morning, share_fits

KEY = Key(5, 3, int(Stream.FEED_PICK))
#: Nothing but the recommender, and only the two interests.
PURE = {"phi": 0.0, "epsilon": 0.0, "rho": 1.0}


def viewers(users=20_000, creators=6, categories=1, activity=50, **more):
    """Return a market of users who watch creators; sellers post nothing."""
    state = market(users=users, creators=creators, categories=categories, **more)
    state.users.activity[:] = activity
    state.sellers.effort[:] = 0
    return state


def feed(state, discovery, change=lambda today: None, counter=0):
    """Run the feed of one day; return today and the block."""
    today = morning(state, counter)
    discovery.freeze(today)
    change(today)
    return today, act(discovery, today, block(today, online=False))


def test_weight_follows_its_formula():
    for posts, momentum, charm, skill in [(1, 0, 0, 0), (0.3, 7, -1, 0.5), (40, 900, 2, -2)]:
        expected = posts * (1 + momentum / (1 + momentum / 400)) ** 0.5 * math.exp(charm + 0.3 * skill)
        assert weight(posts, momentum, charm, skill, 0.5, 400.0, 0.3) == pytest.approx(expected, rel=1e-14)


def test_hosts_are_shown_in_proportion_to_their_weights():
    state, discovery = viewers(), Discovery(**PURE)
    hosts = state.hosts
    hosts.effort[:6], hosts.charm[:6] = [1, 2, 4, 1, 0.5, 3], [0, 1, -1, 2, 0, 0.5]
    hosts.momentum[:6], hosts.skill[:6] = [0, 10, 1000, 3, 50, 0], [1, -1, 0, 0.5, 2, 0]

    def pull(today):
        today.levers.exposure[:6] = [1, 1, 3, 1, 0.5, 1]
        today.levers.skill[:6] = [0, 0, 0, 1, 0, 0]
        today.flows.fresh[:6] *= [1, 1, 1, 1, 1, 0]

    today, _ = feed(state, discovery, pull)
    skill = [1, -1, 0, 1.5, 2, 0]
    expected = np.array([
        today.flows.fresh[h] * today.levers.exposure[h]
        * (1 + hosts.momentum[h] / (1 + hosts.momentum[h] / 400)) ** 0.5
        * math.exp(hosts.charm[h] + 0.3 * skill[h])
        for h in range(6)
    ])  # fmt: skip
    views = today.flows.counts.hosts.views
    assert views[:6].sum() == pytest.approx(20_000 * 50, rel=0.001)
    assert fits(views[:6], views.sum() * expected / expected.sum())


def test_a_host_is_as_exposed_as_the_mean_product_it_shows():
    state, discovery = viewers(creators=2, products=3), Discovery(**PURE)
    state.creators.showcase[0, :2] = [0, 1]

    def pull(today):
        today.levers.product_exposure[:] = [1.0, 5.0, 100.0]

    today, _ = feed(state, discovery, pull)
    views = today.flows.counts.hosts.views
    assert share_fits(views[0], views.sum(), 3 / 4)


def test_a_capped_host_has_at_most_its_share_of_what_is_shown():
    state, discovery = viewers(creators=3), Discovery(**PURE)
    state.hosts.effort[:3] = [6, 3, 1]

    def pull(today):
        today.levers.exposure_cap = 0.4

    today, _ = feed(state, discovery, pull)
    assert discovery.weights(today)[:3] == pytest.approx([2, 2, 1])
    views = today.flows.counts.hosts.views
    assert fits(views[:3], views.sum() * np.array([2, 2, 1]) / 5)


def test_hosts_too_few_for_a_cap_are_shown_alike():
    assert ceiling(np.array([9.0, 0.0, 5.0]), 0.2) == 5.0
    assert ceiling(np.zeros(3), 0.2) == 0.0
    assert ceiling(np.array([1.0, 1.0, 1.0]), 0.5) >= 1.0  # nobody has too much


def test_a_new_follow_changes_no_more_picks_than_it_must():
    words = np.random.default_rng(5).integers(0, 2**32, 20_000, dtype=np.uint32)
    for n in range(1, 12):
        before, after = np.array([jump(w, n) for w in words]), np.array([jump(w, n + 1) for w in words])
        assert fits(np.bincount(after, minlength=n + 1), [20_000 / (n + 1)] * (n + 1))
        assert np.all((after == before) | (after == n))


def test_categories_are_shown_by_interest_and_precision():
    state = viewers(creators=3, sellers=3, categories=3)
    state.users.interest[:], state.users.interest_2[:], state.users.interest_share[:] = 2, 0, 0.6
    today, _ = feed(state, Discovery(phi=0, epsilon=0, rho=0.75, kappa=2.0))
    first, second, other = (0.75 * 0.6) ** 2, (0.75 * 0.4) ** 2, 0.25**2
    expected = np.array([second + other / 3, other / 3, first + other / 3]) / (first + second + other)
    views = today.flows.counts.hosts.views
    assert fits(views[:3], views.sum() * expected)


@pytest.mark.parametrize("share, rho, kappa", [(0.6, 0.75, 1.0), (0.9, 0.5, 3.0), (0.5, 1.0, 0.5)])
def test_attention_follows_its_formula(share, rho, kappa):
    parts = [(rho * share) ** kappa, (rho * (1 - share)) ** kappa, (1 - rho) ** kappa if rho < 1 else 0.0]
    expected = parts[0] / sum(parts), (parts[0] + parts[1]) / sum(parts)
    assert attention(share, rho, kappa) == pytest.approx(expected, rel=1e-12)


def test_a_share_phi_of_slots_shows_followed_hosts_and_a_share_epsilon_explores():
    state, discovery = viewers(), Discovery(phi=0.2, epsilon=0.1, rho=1.0)
    state.hosts.charm[:2] = -20  # shown only because they are followed, or by exploration
    state.users.follows[:, :2], state.users.n_follows[:] = [0, 1], 2
    today, _ = feed(state, discovery)
    totals, views = today.flows.counts.totals, today.flows.counts.hosts.views
    n = int(totals[Total.IMPRESSIONS])
    assert share_fits(totals[Total.FOLLOWING], n, 0.2)
    assert share_fits(totals[Total.EXPLORING], n, 0.1)
    assert fits(views[:2], [views[:2].sum() / 2] * 2)
    assert share_fits(views[:2].sum(), n, 0.2 + 0.1 * 2 / 6)


def test_nobody_is_shown_as_followed_to_who_follows_nobody():
    today, _ = feed(viewers(users=2_000), Discovery(phi=0.9, epsilon=0.0))
    assert today.flows.counts.totals[Total.FOLLOWING] == 0


def test_exploration_shows_every_posting_creator_alike_and_no_seller():
    state = viewers(creators=5, sellers=2)
    state.sellers.effort[:] = 1
    state.hosts.charm[:5] = [0, 5, -5, 2, 0]
    state.hosts.effort[4] = 0
    today, _ = feed(state, Discovery(phi=0, epsilon=1.0))
    views = today.flows.counts.hosts.views
    assert fits(views, views.sum() * np.array([1, 1, 1, 1, 0, 0, 0]) / 4)


def test_where_few_can_be_shown_exploration_shows_them_all_alike():
    state = viewers(users=2_000, creators=3_000)
    state.creators.effort[:] = 0
    state.creators.effort[[17, 800, 2_900]] = 1
    today, _ = feed(state, Discovery(phi=0, epsilon=1.0))
    views, totals = today.flows.counts.hosts.views, today.flows.counts.totals
    assert views[[17, 800, 2_900]].sum() == totals[Total.SLOTS] == totals[Total.EXPLORING] == 100_000
    assert fits(views[[17, 800, 2_900]], [100_000 / 3] * 3)


def explored(shown, n=4_000, picks=20_000):
    """Return whom each of many slots shows that explores, of ``n`` creators of whom some can be shown."""
    shows = np.zeros(n, np.bool_)
    shows[shown] = True
    unknown = list_unknown(np.arange(n), shows)
    return np.array([explore(KEY, u, 3, shows, n, unknown.root[0], unknown.forks) for u in range(picks)])


def test_one_more_who_can_be_shown_takes_some_slots_and_moves_no_other():
    half = np.arange(0, 4_000, 2)
    before, after = explored(half), explored([*half, 1_001])
    assert set(after[before != after]) == {1_001}


def test_one_more_of_few_moves_little_more_than_must():
    few = [5, 600, 1_500, 3_999]
    before, after = explored(few), explored([*few, 2_222])
    must = np.mean(after == 2_222)
    assert share_fits(must * 20_000, 20_000, 0.2) and np.mean(before != after) < 2.5 * must


@pytest.mark.parametrize(("shown", "most"), [([], 0), ([7], 64 + 32)])
def test_who_looks_for_nobody_does_not_look_long(monkeypatch, shown, most):
    from sim import feed as looking

    asked = []
    monkeypatch.setattr(looking, "words", lambda *of: (asked.append(of), (0, 0, 0, 0))[1])
    shows = np.isin(np.arange(4_000), shown)
    unknown = list_unknown(np.arange(4_000), shows)
    found = explore.py_func(KEY, 1, 0, shows, 4_000, unknown.root[0], unknown.forks)
    assert found == (shown or [NOTHING])[0] and len(asked) <= most


def test_a_program_adds_to_the_share_that_explores():
    def pull(today):
        today.levers.epsilon = 0.3

    today, _ = feed(viewers(), Discovery(phi=0, epsilon=0.1), pull)
    totals = today.flows.counts.totals
    assert share_fits(totals[Total.EXPLORING], int(totals[Total.IMPRESSIONS]), 0.4)


def test_a_followed_host_who_does_not_post_leaves_the_slot_to_the_interests():
    state = viewers(creators=4, sellers=2, categories=2)
    state.hosts.effort[:2] = 0  # both of category 0
    state.hosts.effort[2:4] = 1
    state.creators.category[:] = [0, 0, 0, 1]
    state.users.follows[:, :2], state.users.n_follows[:] = [0, 3], 2
    state.users.interest_share[:] = 0.6
    today, _ = feed(state, Discovery(phi=1.0, epsilon=0.0, rho=1.0))
    totals, views = today.flows.counts.totals, today.flows.counts.hosts.views
    recommended = int(totals[Total.PICKS])
    assert share_fits(recommended, int(totals[Total.IMPRESSIONS]), 0.5)
    assert share_fits(views[2], recommended, 0.6)


@pytest.mark.parametrize("phi", [0.0, 1.0])
def test_watching_engaging_and_clicking_happen_by_match_skill_and_tie(phi):
    state = viewers(users=60_000, creators=3, sellers=3, categories=3)
    state.users.interest[:], state.users.interest_2[:] = 0, 1
    state.hosts.skill[:3] = [1, -1, 0]
    # a third follows each; with phi = 0 nobody is shown a host because of that
    state.users.follows[:, 0], state.users.n_follows[:] = np.arange(60_000) % 3, 1
    discovery = Discovery(phi=phi, epsilon=1.0 - phi, b0=-3)
    for rows in (slice(0, 20_000), slice(20_000, 60_000)):
        today = morning(state)
        discovery.freeze(today)
        act(discovery, today, block(today, rows.start, rows.stop, online=False))
        counts, watched = today.flows.counts.hosts, 0.0
        for h, (match, skill) in enumerate([(1, 1), (0.6, -1), (0, 0)]):
            x = -3 + 1.3 * match + 0.3 * skill + 0.6 * phi
            assert share_fits(counts.clicks[h], counts.views[h], logistic(x))
            assert share_fits(counts.engaged[h], counts.views[h], logistic(x + 1.4))
            watched += counts.views[h] * logistic(x + 3.4)
        n = int(today.flows.counts.totals[Total.WATCHED])
        assert abs(n - watched) < 4 * math.sqrt(watched)


def test_who_clicks_has_engaged():
    state = viewers(users=3_000, creators=6, activity=8, sellers=6)
    state.creators.showcase[:, 0] = np.arange(6)
    today, made = feed(state, Discovery(phi=0, epsilon=0))
    offers, clicked = made.offers, 0
    for row in range(3_000):
        engaged = set(offers.engaged[row, : offers.n_engaged[row]])
        assert set(offers.host[row, : offers.count[row]]) <= engaged
        clicked += int(offers.count[row])
    assert clicked > 500
    totals = today.flows.counts.totals
    assert totals[Total.CLICKS] < totals[Total.ENGAGED] < totals[Total.WATCHED] < totals[Total.IMPRESSIONS]


def test_a_click_offers_a_product_by_fit_and_exposure():
    state = viewers(users=60_000, creators=1, sellers=3, categories=3, activity=1)
    state.users.interest[:], state.users.interest_2[:] = 0, 1
    state.creators.showcase[0, :3] = [0, 1, 2]

    def pull(today):
        today.levers.product_exposure[:] = [1, 2, 4]

    _, made = feed(state, Discovery(**PURE, b0=2), pull)
    products = made.offers.product[made.offers.count == 1, 0]
    fits_ = np.array([1.1 * 1, 0.7 * 2, 0.1 * 4])
    assert [fit(0, 1, g) for g in range(3)] == pytest.approx([1.1, 0.7, 0.1])
    assert fits(np.bincount(products, minlength=3), len(products) * fits_ / fits_.sum())


def test_users_are_online_with_their_own_chance_and_see_as_much_as_they_are_active():
    state = viewers(users=50_000, activity=3.3)
    state.users.online[:] = 0.3
    today, made = feed(state, Discovery(**PURE))
    assert share_fits(made.offers.online.sum(), 50_000, 0.3)
    slots = today.flows.counts.totals[Total.SLOTS]
    online = int(made.offers.online.sum())
    assert share_fits(slots - 3 * online, online, 0.3)  # three for all, a fourth for three in ten


def test_nobody_out_of_business_is_shown():
    state = viewers(users=2_000)
    state.hosts.joined[2] = 5
    state.hosts.left[3] = 2
    state.users.follows[:, 0], state.users.n_follows[:] = 3, 1
    today, _ = feed(state, Discovery(phi=0.3, epsilon=0.3), counter=4)
    assert today.flows.counts.hosts.views[2] == today.flows.counts.hosts.views[3] == 0
    assert today.flows.counts.totals[Total.IMPRESSIONS] == today.flows.counts.totals[Total.SLOTS]


def test_a_closed_channel_shows_nothing_but_users_are_online():
    def close(today):
        today.levers.open[Channel.VIDEO] = False

    today, made = feed(viewers(users=500), Discovery(), close)
    assert today.flows.counts.totals[Total.IMPRESSIONS] == 0
    assert made.offers.online.all() and made.offers.count.sum() == 0


def test_a_market_in_which_nobody_posts_shows_nothing():
    state = viewers(users=20, creators=2)
    state.hosts.effort[:] = 0
    today, _ = feed(state, Discovery(epsilon=0.0))
    assert today.flows.counts.totals[Total.IMPRESSIONS] == 0


def test_a_view_of_a_local_product_or_an_own_account_is_counted_as_such():
    state = viewers(users=1_000, creators=1, sellers=2)
    state.sellers.effort[1] = 1
    state.products.local[:] = [False, True]
    state.creators.showcase[0, 0] = NOTHING
    today, _ = feed(state, Discovery(**PURE))
    totals, views = today.flows.counts.totals, today.flows.counts.hosts.views
    assert totals[Total.OWN] == totals[Total.LOCAL] == views[2] > 0
