"""Views of rows, and sets of them, against the columns they stand for and against Mesa's own AgentSet."""

import gc
import weakref

import mesa
import numpy as np
import pytest

from sim.errors import EtalaseError, LedgerError
from sim.market import Market
from sim.scenario import load
from sim.state import FOLLOW_SLOTS, Users
from sim.views import CreatorView, ProductView, SellerView, UserView, register_views

SETS = {"users": UserView, "creators": CreatorView, "sellers": SellerView, "products": ProductView}
VILLAGE = load("village", ("calendar.burn_in=0", "population.users=150"))


@pytest.fixture
def village():
    return Market(VILLAGE, keep=False)


@pytest.fixture
def registered(village):
    """A village whose agents Mesa knows, too."""
    register_views(village)
    return village


def mesas(market, kind=UserView):
    return market.agents_by_type[kind]


def rich(agent):
    return agent.budget > 200_000


# ---------------------------------------------------------------- one agent


@pytest.mark.parametrize("name", SETS)
def test_a_view_reads_every_column_of_its_row(village, name):
    agents, table = getattr(village, name), getattr(village.state, name)
    agent = agents[7]
    assert type(agent) is SETS[name] and isinstance(agent, mesa.Agent)
    assert (agent.unique_id, agent.row, agent.model) == (table.id[7], 7, village)
    for column in table.columns():
        assert np.array_equal(getattr(agent, column), getattr(table, column)[7]), column


def test_a_view_gives_numbers_of_python_and_wide_columns_as_arrays(village):
    user = village.users[0]
    assert [type(user.wallet), type(user.propensity), type(user.student)] == [int, float, bool]
    assert user.follows.shape == (FOLLOW_SLOTS,)


def test_a_view_writes_its_own_row_and_nothing_else(village):
    before = village.state.users.copy()
    user = village.users[3]
    user.satiation, user.follows[1] = 2.5, 17
    user.engaged_on = np.arange(FOLLOW_SLOTS)
    for name in before.columns():
        changed = np.flatnonzero(
            np.any(np.atleast_2d(getattr(before, name).T != getattr(village.state.users, name).T), 0)
        )
        assert changed.tolist() == ([3] if name in ("satiation", "follows", "engaged_on") else []), name
    assert (user.satiation, user.follows[1], user.engaged_on[5]) == (2.5, 17, 5)


def test_hosts_see_what_is_written_through_a_creator_or_a_seller(village):
    village.creators[2].skill, village.sellers[1].skill = 3.0, -3.0
    n = len(village.creators)
    assert (village.state.hosts.skill[2], village.state.hosts.skill[n + 1]) == (3.0, -3.0)


def test_money_that_is_made_of_nothing_is_noticed_in_the_evening(village):
    village.users[0].wallet += 1
    with pytest.raises(LedgerError, match="'users' moved by Rp1"):
        village.step()


def test_a_property_says_what_the_column_means():
    assert UserView.wallet.__doc__ == "Money at hand [Rp]"
    assert all(getattr(UserView, name).__doc__ for name in Users.columns())


def test_all_that_is_known_of_an_agent_is_one_dictionary(village):
    known = village.users[4].as_dict()
    assert known.keys() == Users.columns().keys()
    assert known["budget"] == village.state.users.budget[4]
    assert known["follows"] == village.state.users.follows[4].tolist()


def test_two_views_of_one_row_are_equal_and_of_two_rows_are_not(village):
    assert village.users[5] == village.users[5] != village.users[6]
    assert village.creators[5] != village.sellers[5]
    assert len({village.users[5], village.users[5], village.users[6], village.creators[5]}) == 3


def test_an_agent_is_found_by_id_wherever_it_is_stored(village):
    assert [village.users.by_id(k).unique_id for k in (0, 77, 149)] == [0, 77, 149]
    with pytest.raises(EtalaseError, match="Nobody here has the id 150"):
        village.users.by_id(150)
    rich_one = village.users.select(rich)[0]
    with pytest.raises(EtalaseError, match="Nobody here has"):
        village.users.select(lambda agent: not rich(agent)).by_id(rich_one.unique_id)


# ---------------------------------------------------------------- sets, as Mesa has them


def ids(agents):
    return [agent.unique_id for agent in agents]


def test_a_set_has_everybody_in_order_of_rows_as_mesas_has(registered):
    for name, kind in SETS.items():
        agents = getattr(registered, name)
        assert ids(agents) == ids(mesas(registered, kind)) == getattr(registered.state, name).id.tolist()
        assert len(agents) == len(mesas(registered, kind))
    assert len(registered.agents) == sum(len(getattr(registered, name)) for name in SETS)


@pytest.mark.parametrize("at_most", [0, 5, 10_000])
def test_a_function_selects_whom_mesa_selects(registered, at_most):
    ours, theirs = registered.users, mesas(registered)
    assert 0 < len(ours.select(rich)) < 150
    assert ids(ours.select(rich, at_most=at_most)) == ids(theirs.select(rich, at_most=at_most))
    assert ids(ours.select(at_most=at_most)) == ids(theirs.select(at_most=at_most))


def test_a_mask_equal_columns_and_a_function_all_have_to_fit(registered):
    mask = registered.users.get("budget") > 100_000
    found = registered.users.select(mask, interest=1, student=False)
    assert ids(found) == ids(
        mesas(registered).select(lambda a: a.budget > 100_000 and a.interest == 1 and not a.student)
    )
    again = found.select(found.get("budget") > 300_000)  # a mask is as long as the set
    assert ids(again) == [a.unique_id for a in found if a.budget > 300_000]
    assert ids(found.select(rich, daypart=2)) == [a.unique_id for a in found if rich(a) and a.daypart == 2]


@pytest.mark.parametrize("mask", [np.ones(149, bool), np.ones(150, int), [True]])
def test_a_mask_of_another_shape_or_type_is_refused(village, mask):
    with pytest.raises(EtalaseError, match=r"A mask of 150 agents has shape \(150,\) and type bool"):
        village.users.select(mask)


def test_a_column_is_what_mesa_gets_and_a_copy(registered):
    ours = registered.users.select(interest=1)
    theirs = mesas(registered).select(lambda a: a.interest == 1)
    assert ours.get("budget").tolist() == theirs.get("budget")
    budgets, payday = ours.get(["budget", "payday"])
    assert list(zip(budgets.tolist(), payday.tolist(), strict=True)) == [
        tuple(x) for x in theirs.get(["budget", "payday"])
    ]
    budgets[:] = 0
    assert registered.users.get("budget").min() > 0


def test_a_column_that_is_not_there_is_refused_with_those_that_are(village):
    for ask in (village.users.get, village.users.groupby, lambda name: village.users.set(name, 1)):
        with pytest.raises(EtalaseError, match=r"Users have no column 'walet'; they have id, province"):
            ask("walet")


def test_setting_writes_the_chosen_rows_as_mesa_would(registered):
    chosen = registered.users.select(interest=2)
    assert chosen.set("satiation", 4) is chosen
    assert [a.satiation == 4 for a in mesas(registered)] == [a.interest == 2 for a in mesas(registered)]
    chosen.set("satiation", np.arange(len(chosen)))
    assert chosen.get("satiation").tolist() == list(range(len(chosen)))


def test_aggregates_are_mesas(registered):
    ours, theirs = registered.users, mesas(registered)
    assert ours.agg("wallet", sum) == theirs.agg("wallet", sum)
    assert ours.agg("wallet", [min, max, len]) == theirs.agg("wallet", [min, max, len])


@pytest.mark.parametrize("by", ["interest", "student", lambda a: a.budget // 200_000])
def test_groups_are_mesas_but_sorted(registered, by):
    ours, theirs = registered.users.groupby(by), mesas(registered).groupby(by)
    assert ours.count() == theirs.count() and len(ours) == len(theirs) > 1
    assert list(ours.count()) == sorted(theirs.count())
    assert {label: ids(group) for label, group in ours} == {label: ids(group) for label, group in theirs}
    assert ours.agg("wallet", max) == theirs.agg("wallet", max)
    assert ours.map(len) == theirs.map(len)


def test_groups_do_what_each_agent_is_told(village):
    village.users.groupby("interest").do(lambda a, more: setattr(a, "payday", a.payday + more), more=20)
    assert village.users.get("payday").min() >= 20


def test_mapping_asks_each_agent_in_order(registered):
    ours, theirs = registered.sellers, mesas(registered, SellerView)
    for ask in ("as_dict", lambda a: a.cash):
        assert ours.map(ask) == theirs.map(ask)
    assert ours.map(lambda a, times, plus: a.cash * times + plus, 2, plus=1) == [2 * a.cash + 1 for a in theirs]


def test_doing_tells_each_agent_in_order(village):
    told = []
    few = village.users[10:13]
    assert few.do(lambda a, word: told.append((a.row, word)), "go") is few
    assert told == [(10, "go"), (11, "go"), (12, "go")]


def test_doing_in_a_shuffled_order_tells_each_once_and_moves_no_draw_of_the_market(village):
    told = []
    village.users.shuffle_do(lambda a: told.append(a.row))
    assert told != sorted(told) and sorted(told) == list(range(150))
    other = Market(VILLAGE, keep=False)
    for market in (village, other):
        market.step()
    assert village.recorder.row == pytest.approx(other.recorder.row, rel=0, nan_ok=True)


def test_places_and_slices_are_those_of_a_list(village):
    chosen = village.users.select(interest=0)
    listed = list(chosen)
    assert chosen[-1] == listed[-1] and list(chosen[2:9:3]) == listed[2:9:3]
    assert listed[0] in chosen and village.users.select(interest=1)[0] not in chosen
    assert village.creators[listed[0].row] not in chosen and "somebody" not in chosen
    with pytest.raises(IndexError):
        chosen[len(chosen)]


def test_a_set_says_how_many_of_whom_it_has(village):
    assert repr(village.users[:3]) == "<3 of 150 users>"
    assert repr(village.users[0]) == f"<UserView {village.state.users.id[0]} in row 0>"


def test_a_data_frame_has_a_row_an_agent_by_id(village):
    chosen = village.users.select(interest=1)
    frame = chosen.to_frame()
    assert frame.index.tolist() == ids(chosen) and frame.index.name == "id"
    wide = {f"{name}.{k}" for name in ("follows", "engaged_on") for k in range(FOLLOW_SLOTS)}
    assert set(frame.columns) == (Users.columns().keys() - {"id", "follows", "engaged_on"}) | wide
    for agent in chosen:
        assert frame.loc[agent.unique_id, "wallet"] == agent.wallet
        assert frame.loc[agent.unique_id, "follows.3"] == agent.follows[3]


# ---------------------------------------------------------------- with Mesa's tools


def test_mesas_data_collector_reads_the_market_and_each_agent(registered):
    collector = mesa.DataCollector(
        model_reporters={"gmv": lambda m: m.recorder.row["gmv"], "cash": lambda m: m.users.agg("wallet", sum)},
        agenttype_reporters={UserView: {"wallet": "wallet"}, SellerView: {"orders": lambda a: a.orders}},
        agent_reporters={"row": "row"},
    )
    for _ in range(3):
        registered.step()
        collector.collect(registered)
    days = collector.get_model_vars_dataframe()
    assert days["gmv"].tolist() == registered.recorder.columns()["gmv"].tolist()
    wallets = collector.get_agenttype_vars_dataframe(UserView)["wallet"].groupby("Step").sum()
    assert wallets.tolist() == days["cash"].tolist()
    orders = collector.get_agenttype_vars_dataframe(SellerView).loc[3, "orders"]
    assert orders.to_dict() == dict(zip(registered.sellers.get("id"), registered.sellers.get("orders"), strict=True))
    assert len(collector.get_agent_vars_dataframe()) == 3 * len(registered.agents)


def test_registered_agents_keep_their_ids(registered):
    assert sorted(ids(mesas(registered))) == list(range(150))


def test_a_market_whose_agents_mesa_knew_is_forgotten():
    market = Market(VILLAGE, keep=False)
    register_views(market)
    market.agents.select(lambda a: a.row < 3).shuffle_do("as_dict")
    gone = weakref.ref(market)
    del market
    gc.collect()
    assert gone() is None


def test_a_sum_of_narrow_numbers_does_not_overflow(village):
    follows = village.state.users.n_follows
    assert village.users.agg("n_follows", sum) == int(follows.sum(dtype=np.int64)) > 127
