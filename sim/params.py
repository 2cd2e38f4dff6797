"""Declaring a parameter once, for validation, YAML, JSON Schema, docs, sweeps and sliders.

    class Discovery(Mechanism):
        phi: float = param(0.10, "Share of slots filled by followed hosts", low=0, high=1, source="H6")

Underneath is pydantic: frozen models that reject unknown keys.
"""

import datetime
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Self, cast

import pydantic

from sim.errors import ParameterError


def param(
    default: Any, doc: str, *, low: float = -math.inf, high: float = math.inf, unit: str = "1", source: str = "assumed"
) -> Any:
    """Declare one parameter.

    Parameters
    ----------
    default : its value in the baseline; its type is that of the annotation.
    doc : one sentence that says what it means.
    low, high : the closed range within which the model makes sense; also the default range of
        sweeps and sliders. Not used where the parameter is not a number.
    unit : "1" for a pure number, else "Rp", "day", "1/day", "logit" ...
    source : a row of ``facts.csv``, a citation, "calibrated" or "assumed".
    """
    extra: dict[str, Any] = {"unit": unit, "source": source}
    extra |= {name: end for name, end in (("low", low), ("high", high)) if math.isfinite(end)}
    return pydantic.Field(default=default, description=doc, json_schema_extra=extra, validate_default=True)


class Parametrised(pydantic.BaseModel):
    """A frozen set of parameters, each declared with :func:`param`.

    Raises
    ------
    pydantic.ValidationError : a value of the wrong type, out of its range, or an unknown name
        (scenarios turn it into a one-line ``ParameterError`` with file and line).
    """

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)

    @pydantic.model_validator(mode="after")
    def _in_range(self) -> Self:
        for name, knob in type(self).declared().items():
            value = getattr(self, name)
            if isinstance(value, (int, float)) and not knob.low <= value <= knob.high:
                raise ValueError(
                    f"{type(self).__name__}.{name} = {value!r} is outside [{knob.low:g}, {knob.high:g}]"
                    f" {knob.unit} ({knob.doc}). Choose a value in that range."
                )
        return self

    @classmethod
    @cache
    def declared(cls) -> "dict[str, Declaration]":
        """Return the declarations of the parameters of this class, by name."""
        return {
            name: Declaration(
                name, field.default, field.description or "", **cast("dict[str, Any]", field.json_schema_extra)
            )
            for name, field in cls.model_fields.items()
            if isinstance(field.json_schema_extra, dict) and "unit" in field.json_schema_extra
        }

    def but(self, **changes: Any) -> Self:
        """Return a copy with some parameters changed, checked like the original."""
        unknown = set(changes) - set(type(self).model_fields)
        if unknown:
            known = ", ".join(type(self).model_fields)
            raise ParameterError(f"{type(self).__name__} has no parameter {sorted(unknown)[0]!r}; it has {known}.")
        return type(self).model_validate({**self.__dict__, **changes})


@dataclass(frozen=True)
class Declaration:
    """What is known of one parameter wherever it is used."""

    name: str
    default: Any
    doc: str
    unit: str
    source: str
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Knob:
    """A parameter as experiments see it: where it is, its value, and how far it turns."""

    path: str
    value: Any
    declaration: Declaration


def knobs(prefix: str, parameters: Parametrised) -> Iterator[Knob]:
    """Yield the parameters of one object under dotted paths, e.g. ``discovery.phi``."""
    for name, declaration in type(parameters).declared().items():
        yield Knob(f"{prefix}.{name}", getattr(parameters, name), declaration)


Date = datetime.date
