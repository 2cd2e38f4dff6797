"""A zoom on a part of the market sells as much a head as the whole does."""

import pytest

from experiments.run import run
from sim.inputs import FASHION, provinces
from sim.scenario import load

DAYS = 56


def orders_a_head(name, scale):
    """Return orders per seller in business, over eight weeks after the whole burn-in."""
    done = run(load(name, (f"population.scale={scale}",)), DAYS)
    return done.metrics["orders"].sum() / done.metrics["sellers_active"].mean()


@pytest.mark.parametrize("zoomed, whole", [(50, 4000), pytest.param(10, 1000, marks=pytest.mark.slow)])
def test_fashion_sellers_of_jakarta_sell_what_sellers_of_the_country_sell(zoomed, whole):
    assert orders_a_head("jakarta-fashion", zoomed) == pytest.approx(orders_a_head("indonesia-2024", whole), rel=0.1)


def test_the_zoom_holds_the_sellers_it_names():
    zoom = load("jakarta-fashion", ("population.scale=500", "calendar.burn_in=0"))
    done = run(zoom, 0)
    assert set(done.sellers["province"].astype(str)) == {"DKI Jakarta"}
    assert set(done.sellers["category"].astype(str)) == set(FASHION)
    assert (done.sellers["cluster"] > 0).mean() == pytest.approx(0.1, abs=0.05)
    assert len(set(done.users["province"].astype(str))) > 20
    people = zoom.population
    country = load("indonesia-2024").population
    jakarta = provinces().sellers[provinces().names.index("DKI Jakarta")]
    fashion = sum(country.market().share[country.market().fashion])
    assert people.sellers == pytest.approx(country.sellers * jakarta * fashion, rel=0.001)
    for kind in ("creators", "potential_creators", "potential_sellers"):
        share = getattr(country, kind) / country.sellers
        assert getattr(people, kind) == pytest.approx(people.sellers * share, rel=0.002)
