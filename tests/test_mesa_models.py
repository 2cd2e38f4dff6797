"""Mesa's own tools drive our markets: batch runs, data collection, the page with the network."""

import gc
import weakref

import mesa
import pytest
import solara
from solara.widgets.widgets import GridLayout

from experiments.mesa_models import KernelModel, PlainModel, scenario_of
from sim.errors import EtalaseError, ScenarioError
from sim.market import Market
from sim.plain.creator import Creator
from sim.plain.user import User
from sim.scenario import load

FEW = {"population.users": 60, "calendar.burn_in": 2}


def test_a_batch_run_has_the_figures_of_single_runs():
    grid = {"scenario": "village", "seed": [1, 2], "mechanisms.discovery.gamma": [0.3, 0.5], **FEW}
    rows = mesa.batch_run(KernelModel, grid, max_steps=4, data_collection_period=1, display_progress=False)
    assert {(row["seed"], row["mechanisms.discovery.gamma"]) for row in rows} == {
        (s, g) for s in (1, 2) for g in (0.3, 0.5)
    }
    for seed, gamma in ((1, 0.5), (2, 0.3)):
        market = Market(load("village").with_values({"seed": seed, "mechanisms.discovery.gamma": gamma, **FEW}))
        mine = [r["gmv"] for r in rows if (r["seed"], r["mechanisms.discovery.gamma"]) == (seed, gamma)]
        for _ in mine:
            market.step()
        assert market.recorder.columns()["gmv"].tolist() == mine
        assert len(mine) >= 4 and sum(mine) > 0


def test_a_batch_run_in_two_processes_is_the_same():
    grid = {"scenario": "village", "seed": [1, 2, 3], **FEW}
    one, two = (
        mesa.batch_run(KernelModel, grid, number_processes=n, max_steps=3, display_progress=False) for n in (1, 2)
    )
    assert sorted((r["seed"], r["gmv"], r["views_gini"]) for r in one) == sorted(
        (r["seed"], r["gmv"], r["views_gini"]) for r in two
    )
    assert len({r["views_gini"] for r in one}) == 3


def test_rng_is_the_seed_as_mesa_calls_it():
    assert scenario_of("village", 7, {}) == load("village", ["seed=7"])
    with pytest.raises(ScenarioError, match="two names of one number"):
        scenario_of("village", 7, {"seed": 8})
    with pytest.raises(EtalaseError, match="userz"):
        KernelModel("village", **{"population.userz": 3})


@pytest.fixture(scope="module")
def grown():
    model = PlainModel("village", **{**FEW, "mechanisms.ties.p_follow": 0.9})
    drawn = [set(model.grid.G.edges)]
    for _ in range(4):
        model.step()
        drawn.append(set(model.grid.G.edges))
    return model, drawn


def test_what_is_drawn_is_who_follows_whom(grown):
    model, drawn = grown
    n, users = len(model.people.users), model.state.users
    assert drawn[0] != drawn[-1]
    assert drawn[-1] == {(u, n + h) for u in range(n) for h in users.follows[u, : users.n_follows[u]]}
    assert [agent.pos for agent in (*model.people.users, *model.people.hosts)] == sorted(model.grid.G.nodes)


def test_agents_are_collected_by_type(grown):
    model, _ = grown
    wallets = model.datacollector.get_agenttype_vars_dataframe(User)["wallet"]
    assert wallets.loc[4].to_dict() == {user.unique_id: user.wallet for user in model.people.users}
    followers = model.datacollector.get_agenttype_vars_dataframe(Creator)["followers"]
    assert followers.loc[4].sum() == model.state.creators.followers.sum() > 0
    assert model.datacollector.get_model_vars_dataframe()["follows"].sum() > 0


def test_both_models_live_the_same_days(grown):
    model, _ = grown
    kernels = KernelModel("village", **{**FEW, "mechanisms.ties.p_follow": 0.9})
    for _ in range(4):
        kernels.step()
    both = [m.datacollector.get_model_vars_dataframe() for m in (model, kernels)]
    assert both[0].equals(both[1])


@pytest.mark.filterwarnings("ignore::UserWarning")  # Solara on Mesa's use of hooks
def test_mesas_page_shows_the_network_and_the_figures():
    from experiments.mesa_page import page

    _, context = solara.render(page, handle_error=False)
    shown = context.find(GridLayout).widget.items
    assert [type(item).__name__ for item in shown] == ["Image"] * 4
    assert all(bytes(item.value).startswith(b"\x89PNG") for item in shown)
    context.close()


@pytest.mark.parametrize("kind", [KernelModel, PlainModel])
def test_models_are_freed(kind):
    model = kind("village", **FEW)
    model.step()
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
