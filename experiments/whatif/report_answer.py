"""The answer in one sentence: what is known of an effect, what of it is new, and what it costs."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from experiments.markup import paragraph
from experiments.whatif.intervals import LEVEL
from experiments.whatif.matching import PARTS
from experiments.whatif.phrases import say
from experiments.whatif.report_numbers import Number, Place, constant, fold, named, span

MOVED = tuple(part for part in PARTS if part not in ("anyway", "new"))
UNKNOWN = Number(None, ())
WHOLE = 0.05  # told in whole percent


@dataclass(frozen=True)
class Effect:
    """What is known of an effect on one metric: a share of the base; shares of a whole in points."""

    row: Place
    kind: str  # of the metric: rupiah, count, percent (a share) or plain

    @cached_property
    def relative(self) -> bool:
        """Whether the effect is told as a share of the base."""
        return self.kind in ("rupiah", "count") and (self.row / "relative").value is not None

    @property
    def shown(self) -> str:
        """How the effect is written."""
        return "percent" if self.relative else {"percent": "points"}.get(self.kind, self.kind)

    @property
    def error_shown(self) -> str:
        """How its error is written."""
        return "points" if self.shown == "percent" else self.shown

    @property
    def effect(self) -> Number:
        return (self.row / "relative").number if self.relative else self._amount("effect")

    @property
    def error(self) -> Number:
        return (self.row / "relative_error").number if self.relative else self._amount("error")

    @property
    def noise(self) -> Number:
        return self._share((self.row / "noise").number)

    @property
    def range(self) -> tuple[Number, Number]:
        """The lowest and the highest effect over the assumptions."""
        if (self.row / "range").value is None:
            return UNKNOWN, UNKNOWN
        low, high = (self._share(end.number) for end in self.row / "range")
        return low, high

    @property
    def least(self) -> Number:
        """The smallest effect that could be told from chance."""
        return UNKNOWN if self.error.value is None else fold("max", (self.error, self.noise))

    @property
    def told(self) -> bool:
        """Whether the effect is larger than its error and the noise floor."""
        return self.least.value is not None and abs(self.effect.value or 0.0) > self.least.value

    @property
    def nothing(self) -> bool:
        """Whether no world differs at all."""
        return self.effect.value == 0 and not self.error.value

    @property
    def uncertainty(self) -> float | None:
        """The error that limits the digits of the effect."""
        return self.least.value or None

    def level(self, name: str) -> str:
        """Return base or arm, without digits below the error of the effect."""
        error = self._amount("error").value
        return span(self._amount(name), self.kind, error or None)

    def _amount(self, name: str) -> Number:
        number = (self.row / name).number
        return number * scale(self.row) if self.kind in ("rupiah", "count") else number

    def _share(self, number: Number) -> Number:
        return number if self.relative else number * self._amount("base").size


def scale(place: Place) -> Number:
    """Return how many an agent stands for."""
    return (Place(place.whole) / "scale").number


def called(arm: Place) -> str:
    """Return the name of an arm; of files, without their folders."""
    parts = str(arm.keys[-1]).split("+")
    return named(arm, " + ".join(Path(part).stem if "/" in part else part.strip() for part in parts))


def days(place: Place) -> str:
    """Return the horizon."""
    return span((Place(place.whole) / "days").number, "exact")


def gmv(arm: Place) -> Effect:
    """Return the effect on GMV."""
    return Effect(arm / "metrics" / "gmv", "rupiah")


def gross(arm: Place, what: str = "gmv", whose: str = "gross") -> dict[str, Number]:
    """Return the parts of sales: anyway, moved (and how), new."""
    parts = arm / "additionality" / whose
    return {part: (parts / part / what).number for part in PARTS}


def share(parts: dict[str, Number], names: tuple[str, ...]) -> Number:
    """Return what share of all parts some are."""
    return fold("sum", [parts[name] for name in names]) / fold("sum", parts.values())


def answer(arm: Place) -> str:
    """Return the sentences at the top."""
    found = gmv(arm)
    sentences = [_effect(arm, found)]
    if found.told and arm.value["additionality"]:
        sentences += [_parts(arm), _cost(arm, found)]
    elif not found.nothing:
        sentences.append(_spent(arm))
    kind = "answer" if found.told else "answer unsure"
    warning = "" if (arm / "twin").value else paragraph(say("not_twin"), "warning")
    return warning + paragraph(" ".join(filter(None, sentences)), kind)


def _effect(arm: Place, found: Effect) -> str:
    who = {"arm": f"<b>{called(arm)}</b>", "days": days(arm)}
    if found.nothing:
        return say("answer.none", **who)
    if found.error.value is None:
        return say("answer.one", **who)
    if not found.told:
        return say("answer.chance", **who, least=span(found.least, found.shown, found.least.value))
    up = (found.effect.value or 0) > 0
    key = ("answer.up" if up else "answer.down") + ("" if (arm / "twin").value else ".other")
    effect = span(found.effect.size, found.shown, found.uncertainty)
    error = span(found.error, found.error_shown, found.error.value or None)
    return say(key, **who, effect=f"<b>{effect}</b>", error=error, level=level(), range=_range(found))


def level() -> str:
    """Return the level of confidence of errors."""
    return constant("experiments.whatif.intervals:LEVEL", f"{LEVEL:.0%}".replace("%", " %"))


def _range(found: Effect) -> str:
    low, high = found.range
    if low.value is None or high.value is None:
        return ""
    key = "answer.range.sign" if low.value < 0 < high.value else "answer.range"
    return say(key, low=span(low, "percent", found.uncertainty), high=span(high, "percent", found.uncertainty))


def _parts(arm: Place) -> str:
    parts = gross(arm)
    if not sum(number.value or 0 for number in parts.values()):
        return say("answer.no_gross")
    shares = {"anyway": share(parts, ("anyway",)), "moved": share(parts, MOVED), "new": share(parts, ("new",))}
    return say("answer.parts", **{name: span(number, "percent", WHOLE) for name, number in shares.items()})


def _cost(arm: Place, found: Effect) -> str:
    if not (arm / "cost" / "spent").value:
        return say("answer.free")
    per = per_additional(arm, "gmv", (found,))
    return say("answer.cost", per=f"<b>{per}</b>") if per.startswith("<span data") else say("answer.dear")


def _spent(arm: Place) -> str:
    spent = (arm / "cost" / "spent").number
    return say("answer.spent", spent=span(spent * scale(arm), "rupiah")) if spent.value else ""


def per_additional(arm: Place, name: str, effects: tuple[Effect, ...]) -> str:
    """Return what an additional rupiah costs, or why that cannot be said."""
    if not arm.value["additionality"]:
        return f'<span class="unknown">{say("no_cost")}</span>'
    number, told = (arm / "cost" / f"per_additional_{name}").number, [e for e in effects if e.told]
    if number.value is None or not (arm / "cost" / "spent").value:
        return f'<span class="unknown">{say("no_cost")}</span>'
    if not told:
        return f'<span class="unknown">{say("chance")}</span>'
    if number.value < 0:
        return f'<span class="unknown">{say("no_gain")}</span>'
    effect = min(told, key=lambda e: (e.least.value or 0) / abs(e.effect.value or 1))
    off = (effect.least.value or 0.0) / abs(effect.effect.value or 1.0)
    return span(number, "rupiah", number.value * off or None)


def per_world(arm: Place, number: Number) -> Number:
    """Return a sum over worlds as the mean of a world, for the whole market."""
    return number * scale(arm) / (arm / "gains_seeds").number
