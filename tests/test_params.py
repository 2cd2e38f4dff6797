"""Parameters are declared once and hold everywhere."""

import json
import math

import pydantic
import pytest

from sim.errors import EtalaseError, ParameterError
from sim.params import Knob, Parametrised, knobs, param


class Feed(Parametrised):
    """An example of a mechanism's parameters."""

    phi: float = param(0.10, "Share of slots filled by followed hosts", low=0, high=1, source="H6")
    slots: int = param(8, "Slots a day", low=1, high=100, unit="1/day")
    open: bool = param(True, "Is open")
    name: str = param("feed", "What it is called")
    free: float = param(0.0, "Is not bounded", unit="logit")
    note: str = ""


def test_a_parameter_starts_at_its_default():
    feed = Feed()
    assert (feed.phi, feed.slots, feed.open, feed.name) == (0.10, 8, True, "feed")


@pytest.mark.parametrize("phi", [0.0, 0.5, 1.0])
def test_the_range_includes_its_ends(phi):
    assert Feed(phi=phi).phi == phi


@pytest.mark.parametrize("phi", [-1e-9, 1.0 + 1e-9, 9])
def test_a_value_out_of_range_is_refused_with_what_to_do(phi):
    with pytest.raises(pydantic.ValidationError) as refusal:
        Feed(phi=phi)
    said = refusal.value.errors()[0]["msg"]
    assert f"Feed.phi = {float(phi)!r} is outside [0, 1]" in said
    assert "(Share of slots filled by followed hosts). Choose a value in that range." in said


def test_the_unit_stands_in_the_refusal():
    with pytest.raises(pydantic.ValidationError, match=r"Feed\.slots = 0 is outside \[1, 100\] 1/day"):
        Feed(slots=0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "much", None])
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(pydantic.ValidationError):
        Feed(free=value)


def test_an_unknown_name_is_refused():
    with pytest.raises(pydantic.ValidationError, match="phy"):
        Feed(phy=0.2)


def test_parameters_are_frozen():
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        Feed().phi = 0.2


def test_a_default_out_of_its_own_range_is_noticed():
    class Wrong(Parametrised):
        phi: float = param(2.0, "Too large", low=0, high=1)

    with pytest.raises(pydantic.ValidationError, match="outside"):
        Wrong()


def test_a_default_of_the_wrong_type_is_noticed():
    class Wrong(Parametrised):
        phi: float = param("wide", "Not a number")

    with pytest.raises(pydantic.ValidationError):
        Wrong()


def test_a_variant_has_one_thing_changed_and_leaves_the_original():
    base = Feed(slots=20)
    variant = base.but(phi=0.3)
    assert (variant.phi, variant.slots) == (0.3, 20)
    assert base == Feed(slots=20) != variant


def test_a_variant_without_changes_is_equal():
    assert Feed().but() == Feed()


def test_a_variant_is_checked_like_the_original():
    with pytest.raises((pydantic.ValidationError, ParameterError), match="outside"):
        Feed().but(phi=9)


def test_a_variant_of_an_unknown_parameter_names_the_known_ones():
    with pytest.raises(ParameterError, match=r"Feed has no parameter 'phy'; it has phi, slots, .*") as refusal:
        Feed().but(phy=0.2)
    assert isinstance(refusal.value, EtalaseError)


def test_a_declaration_carries_all_that_was_said():
    phi = Feed.declared()["phi"]
    assert (phi.name, phi.default, phi.doc) == ("phi", 0.10, "Share of slots filled by followed hosts")
    assert (phi.unit, phi.low, phi.high, phi.source) == ("1", 0, 1, "H6")


def test_a_field_without_param_is_not_declared():
    assert list(Feed.declared()) == ["phi", "slots", "open", "name", "free"]


def test_what_nobody_said_is_assumed():
    free = Feed.declared()["free"]
    assert (free.low, free.high, free.source) == (-math.inf, math.inf, "assumed")


def test_a_subclass_keeps_the_parameters_of_its_parent():
    class Longer(Feed):
        kappa: float = param(1.0, "Precision", low=0, high=5)

    assert list(Longer.declared())[-1] == "kappa"
    with pytest.raises(pydantic.ValidationError, match="outside"):
        Longer(phi=2.0)


def test_knobs_have_dotted_paths_and_the_value_of_today():
    found = list(knobs("feed", Feed(phi=0.25)))
    assert found[0] == Knob("feed.phi", 0.25, Feed.declared()["phi"])
    assert [knob.path for knob in found] == ["feed.phi", "feed.slots", "feed.open", "feed.name", "feed.free"]


def test_the_json_schema_says_unit_range_and_source():
    phi = Feed.model_json_schema()["properties"]["phi"]
    assert (phi["unit"], phi["low"], phi["high"], phi["source"]) == ("1", 0, 1, "H6")
    assert phi["description"] == "Share of slots filled by followed hosts"


def test_the_json_schema_is_valid_json_where_a_parameter_is_unbounded():
    json.dumps(Feed.model_json_schema(), allow_nan=False)
