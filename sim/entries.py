"""Values that know where they were written, and how parameters are filled with them.

Whatever is wrong with a value is said in one line: what, where, and what to do instead.
"""

import datetime
import difflib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_origin

import pydantic

from sim.errors import ParameterError, ScenarioError
from sim.params import Declaration, Parametrised

P = TypeVar("P", bound=Parametrised)


@dataclass(frozen=True)
class Entry:
    """A value of a scenario, and the place where somebody wrote it ("" if nowhere)."""

    value: Any  # a scalar, a dict of str to Entry, or a list of Entry
    place: str = ""

    @classmethod
    def of(cls, value: Any, place: str = "") -> "Entry":
        """Return plain mappings, lists and scalars as entries that all stand in one place."""
        if isinstance(value, Mapping):
            return cls({str(key): cls.of(inner, place) for key, inner in value.items()}, place)
        if isinstance(value, list | tuple):
            return cls([cls.of(inner, place) for inner in value], place)
        return cls(value, place)

    def plain(self) -> Any:
        """Return the value as plain mappings, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: inner.plain() for key, inner in self.value.items()}
        if isinstance(self.value, list):
            return [inner.plain() for inner in self.value]
        return self.value

    def at(self, name: str) -> "Entry":
        """Return the entry of that name, or this one where there is none."""
        inner = self.value.get(name) if isinstance(self.value, dict) else None
        return inner or self

    @property
    def where(self) -> str:
        """Return the place as the end of a clause: ", in x.yaml line 3", or nothing."""
        return f", in {self.place}" if self.place else ""


def merged(base: Entry, change: Entry) -> Entry:
    """Return ``base`` with ``change`` on top: mappings are merged, all else is replaced."""
    if isinstance(base.value, dict) and change.value is None:  # a section with nothing under it changes nothing
        return base
    if not (isinstance(base.value, dict) and isinstance(change.value, dict)):
        return change
    both = {key: merged(base.value[key], inner) if key in base.value else inner for key, inner in change.value.items()}
    return Entry({**base.value, **both}, change.place)


def close_to(word: str, known: Iterable[str]) -> str:
    """Return a sentence that helps somebody who wrote ``word`` and meant one of ``known``."""
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Choose from {', '.join(names)}." if names else "There is none to choose from."


def shown(value: Any) -> str:
    """Return a value as a message quotes it: short, in one line, in the words of YAML."""
    words = {None: "nothing", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def put(entry: Entry, path: str, value: Entry) -> Entry:
    """Return ``entry`` with ``value`` at a dotted path; mappings are merged, all else is replaced."""
    return _put(entry, path.split("."), path, value)


def _put(entry: Entry, keys: list[str], path: str, value: Entry) -> Entry:
    if not keys:
        return merged(entry, value)
    key, rest = keys[0], keys[1:]
    if isinstance(entry.value, list):
        at = _position(entry, key, path, value)
        items = [_put(inner, rest, path, value) if i == at else inner for i, inner in enumerate(entry.value)]
        return Entry(items, entry.place)
    if entry.value is not None and not isinstance(entry.value, dict):
        above = path.rsplit(".", len(keys))[0]
        raise ScenarioError(f"{shown(path)} leads nowhere{value.where}: {above} has no parts. Write {above} alone.")
    inside = entry.value or {}
    return Entry({**inside, key: _put(inside.get(key, Entry(None, value.place)), rest, path, value)}, entry.place)


def _position(entry: Entry, key: str, path: str, value: Entry) -> int:
    """Return where in a list of programs one is, by its number, its label, or its kind if it has no label."""
    parts = [item.plain() if isinstance(item.value, dict) else {} for item in entry.value]
    kinds = [part.get("label") or part.get("kind") for part in parts]
    if key.isascii() and key.isdecimal() and len(key) < 6 and int(key) < len(kinds):
        return int(key)
    if kinds.count(key) == 1:
        return kinds.index(key)
    if key in kinds:
        raise ScenarioError(f"{shown(path)} is more than one program{value.where}. Write its number, from 0.")
    names = [kind for kind in kinds if isinstance(kind, str)]
    raise ScenarioError(f"{shown(path)} leads nowhere{value.where}. {close_to(key, names)}")


def mapping(entry: Entry, what: str) -> dict[str, Entry]:
    """Return the parts of a section; a section with nothing under it has none."""
    if not isinstance(entry.value, dict | None):
        raise ScenarioError(
            f"{what} = {shown(entry.plain())} is not a mapping{entry.where}. Write 'name: value' lines."
        )
    return entry.value or {}


def fill(
    kind: type[P], given: dict[str, Entry], path: str, section: Entry, start: Mapping[str, Any] | None = None
) -> P:
    """Return parameters of a class: those ``given``, the others as in ``start``, or their defaults.

    Raises
    ------
    ScenarioError : a name that the class does not have.
    ParameterError : a value of the wrong type or out of its range.
    """
    declared = kind.declared()
    for name, entry in given.items():
        if name not in kind.model_fields:
            whose = path or "A scenario"
            raise ScenarioError(f"{whose} has no {shown(name)}{entry.where}. {close_to(name, kind.model_fields)}")
        if name in declared:
            _check_range(_below(path, name), declared[name], entry)
    values = {**(start or {}), **{name: _whole(entry.plain()) for name, entry in given.items()}}
    try:
        return kind.model_validate_json(json.dumps(values, default=repr), strict=True)
    except pydantic.ValidationError as mistake:
        raise _refusal(kind, mistake.errors()[0], given, path, section) from None


def reason(error: Any) -> str:
    """Return what a validator said, without what pydantic puts in front."""
    said = " ".join(str(error["msg"]).split())
    return said.removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _whole(value: Any) -> Any:
    """Return ``1e6`` as the whole number it is; JSON in strict mode makes a difference."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_range(path: str, declaration: Declaration, entry: Entry) -> None:
    value = entry.value
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return  # not a number: the type is wrong, which is said elsewhere
    if not declaration.low <= value <= declaration.high and not math.isinf(value):
        raise ParameterError(
            f"{path} = {shown(value)} is outside {range_of(declaration)}{unit_of(declaration)} ({declaration.doc})"
            f"{entry.where}. Choose a value in that range."
        )


def _refusal(
    kind: type[Parametrised], error: Any, given: dict[str, Entry], path: str, section: Entry
) -> ParameterError:
    """Return the error that says in plain words what pydantic found."""
    name = str(error["loc"][0]) if error["loc"] else ""
    entry = given.get(name, section)
    if error["type"] == "missing":
        return ParameterError(f"{path} needs a value for {name!r}{section.where}. Write '{name}: ...'.")
    if name not in kind.model_fields or error["type"] in ("value_error", "assertion_error"):
        return ParameterError(f"{_below(path, name) if name else path}: {reason(error)}{_in(entry)}")
    field = kind.model_fields[name]
    needed = _needed(field.annotation) or f"what is meant ({reason(error)})"
    doc = f" ({field.description})" if field.description else ""
    write = f"Write {_needed(field.annotation)}." if _needed(field.annotation) else "Change it."
    return ParameterError(f"{_below(path, name)} = {shown(entry.plain())} is not {needed}{doc}{entry.where}. {write}")


def _in(entry: Entry) -> str:
    return f" (in {entry.place})" if entry.place else ""


def _needed(annotation: Any) -> str:
    """Return what a parameter of some type takes, in words; "" for types that no words are known for."""
    words = {
        float: "a finite number",
        int: "a whole number",
        bool: "true or false",
        str: "text",
        datetime.date: "a date like 2024-12-31",
    }
    if get_origin(annotation) is tuple:
        return "a list of texts" if get_args(annotation)[0] is str else "a list"
    return words.get(annotation, "")


def range_of(declaration: Declaration) -> str:
    """Return the range of a parameter as text that can be copied, or "" if it has none."""
    low, high = (_digits(end) for end in (declaration.low, declaration.high))
    return "" if (low, high) == ("-inf", "inf") else f"[{low}, {high}]"


def unit_of(declaration: Declaration) -> str:
    """Return the unit with a space before it, or "" for a pure number."""
    return "" if declaration.unit == "1" else f" {declaration.unit}"


def _digits(x: float) -> str:
    return f"{int(x):_}" if math.isfinite(x) and x == int(x) else f"{x:g}"
