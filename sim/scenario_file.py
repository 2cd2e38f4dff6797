"""Reading scenario files: YAML in, a tree in which every value knows its file and line out.

A scenario file may come from anybody. It is read as events, never as objects: tags, anchors and
merge keys are refused, depth and size are bounded, and a key may be written only once. Numbers are
those of YAML 1.2 with underscores (``125_000_000``, ``1e-3``); ``no`` and ``1:30`` are text.
"""

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sim.entries import Entry, close_to, merged, shown
from sim.errors import ScenarioError

USUAL = "indonesia-2024"
LARGEST = 1_000_000  # bytes; the longest sensible scenario has some hundred lines
DEEPEST = 12
_HERE = Path(__file__).parent
_INT = re.compile(r"[-+]?[0-9][0-9_]*")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_NOT_FINITE = {".nan": float("nan"), ".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf")}
_IN_QUOTES = ("'", '"', "|", ">")  # and blocks of text, which are never numbers either
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def folder() -> Path:
    """Return the folder of the presets: inside an installed package, or at the top of a checkout."""
    inside = _HERE / "scenarios"
    return inside if inside.is_dir() else _HERE.parent / "scenarios"


def known_files() -> dict[str, Path]:
    """Return the files of all presets by name: markets first, then markets under a program."""
    return {path.stem: path for below in ("*.yaml", "programs/*.yaml") for path in sorted(folder().glob(below))}


def presets() -> list[tuple[str, Path, str]]:
    """Return name, file and title (the first line of the story) of every preset."""
    found = []
    for path in known_files().values():
        story = str(read(path).at("story").plain())
        found.append((path.stem, path, story.strip().splitlines()[0] if story.strip() else ""))
    return found


def find(name: str, beside: Path | None = None, place: str = "") -> Path:
    """Return the file of a preset or path; relative paths count from the folder ``beside``, if given."""
    known = known_files()
    if name in known:
        return known[name]
    path = (beside or Path()) / name
    end = f", in {place}" if place else ""
    try:
        if name and path.is_file():
            return path
        exists = bool(name) and path.exists()
    except (OSError, ValueError):  # too long, or with characters that no path has
        exists = False
    if exists:
        kind = "a folder" if path.is_dir() else "not a regular file"
        raise ScenarioError(f"{shown(name)} is {kind}{end}. Name a preset or a YAML file.")
    raise ScenarioError(f"There is no preset and no file {shown(name)}{end}. {close_to(name, known)}")


def read_all(path: Path) -> Entry:
    """Read a file and all that it extends, merged; the name is always that of the first.

    A file that extends nothing extends ``USUAL``, or it would be a market of parameters that nobody has fitted.
    """
    layers = _layers(path)
    whole = layers[-1]
    for layer in reversed(layers[:-1]):
        whole = merged(whole, layer)
    name = layers[0].value.get("name", Entry(path.resolve().stem, layers[0].place))
    return Entry({**whole.value, "name": name}, layers[0].place)


def own_sections(path: Path) -> set[str]:
    """Return which sections a file writes itself, and those that it extends, up to a market without programs."""
    first, *rest = _layers(path)
    with_programs = itertools.takewhile(lambda layer: "programs" in layer.value, rest)
    return set().union(*(layer.value for layer in (first, *with_programs)))


def _layers(path: Path) -> list[Entry]:
    """Return a file and all that it extends, one after the other."""
    seen: list[Path] = []
    layers: list[Entry] = []
    while True:
        root = read(path)
        seen.append(path.resolve())
        parent = root.value.pop("extends", None)
        layers.append(root)
        if parent is None and path.resolve() == find(USUAL).resolve():
            return layers
        parent = parent or Entry(USUAL, root.place)
        if not isinstance(parent.value, str):
            raise ScenarioError(f"extends = {shown(parent.plain())} is not a name{parent.where}. Name one scenario.")
        path = find(parent.value, path.parent, parent.place)
        if path.resolve() in seen:
            raise ScenarioError(f"extends {parent.value!r} leads in a circle{parent.where}. Break it at one file.")


def read(path: Path) -> Entry:
    """Read one scenario file; what it extends is left as it stands."""
    file = _shorter(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as mistake:
        reason = mistake.strerror or "unknown reason"
        raise ScenarioError(f"{file} cannot be read: {reason}. Check the file and its permissions.") from None
    if len(data) > LARGEST:
        raise ScenarioError(f"{file} is larger than 1 MB. A scenario is a short text; name another file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(f"{file} is not text in UTF-8. Save it as UTF-8, or name another file.") from None
    root = parse(text, file)
    if root.value is None:
        raise ScenarioError(f"{file} is empty. Write at least 'extends: indonesia-2024' into it.")
    if not isinstance(root.value, dict):
        raise ScenarioError(f"{file} is not a mapping of sections. Begin its lines with 'seed:', 'population:' ...")
    return root


def _shorter(path: Path) -> str:
    """Return the path as people call it: relative where it lies below the working folder."""
    try:
        near = os.path.relpath(path)
    except (OSError, ValueError):  # the working folder is gone, or on another drive
        return str(path)
    return str(path) if near.startswith("..") else near


def parse(text: str, file: str, *, numbered: bool = True) -> Entry:
    """Return the one document of a YAML text; places are ``file``, with line numbers if ``numbered``."""
    try:
        return _Reader(file, numbered).document(iter(yaml.parse(text, Loader=_Loader)))
    except yaml.YAMLError as mistake:
        mark, problem = getattr(mistake, "problem_mark", None), getattr(mistake, "problem", None)
        line = f" line {mark.line + 1}" if mark and numbered else ""
        reason = " ".join(str(problem or "it has characters that YAML does not allow").split())
        raise ScenarioError(f"{file}{line} is not YAML: {reason}. Check colons, quotes and indentation.") from None
    except UnicodeError:
        raise ScenarioError(f"{file} is not text in UTF-8. Write it in plain characters.") from None


@dataclass(frozen=True)
class _Reader:
    """Turns the events of YAML into entries."""

    file: str
    numbered: bool

    def document(self, events: Iterator[Any]) -> Entry:
        documents = 0
        root = Entry(None, self.file)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise ScenarioError(f"{self._place(event)} begins a second document. Put it into another file.")
            elif not isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                root = Entry(self._value(event, events, 0), self.file)
        return root

    def _place(self, event: Any) -> str:
        return f"{self.file} line {event.start_mark.line + 1}" if self.numbered else self.file

    def _value(self, event: Any, events: Iterator[Any], depth: int) -> Any:
        self._refuse_tricks(event)
        if depth > DEEPEST:
            raise ScenarioError(f"{self._place(event)} is nested more than {DEEPEST} deep. A scenario has few levels.")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            items = _until(yaml.SequenceEndEvent, events)
            return [Entry(self._value(e, events, depth + 1), self._place(e)) for e in items]
        return self._mapping(events, depth)

    def _mapping(self, events: Iterator[Any], depth: int) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for event in _until(yaml.MappingEndEvent, events):
            key, place = self._key(event), self._place(event)
            if key in found:
                raise ScenarioError(f"{key!r} is written twice, in {found[key].place} and {place}. Keep one of them.")
            found[key] = Entry(self._value(next(events), events, depth + 1), place)
        return found

    def _key(self, event: Any) -> str:
        self._refuse_tricks(event)
        key = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else None
        if key == "<<":
            raise ScenarioError(f"{self._place(event)} has a merge key '<<'. Use 'extends:' instead.")
        if not isinstance(key, str):
            what = shown(key) if isinstance(event, yaml.ScalarEvent) else "a list or mapping"
            raise ScenarioError(f"{self._place(event)} has {what} as a key. Keys are words.")
        return key

    def _refuse_tricks(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ScenarioError(f"{self._place(event)} has an anchor or alias (& or *). Write the value out.")
        if getattr(event, "tag", None):
            raise ScenarioError(f"{self._place(event)} has a tag {shown(event.tag)}. Write plain values without '!'.")

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.style in _IN_QUOTES:
            return text
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if text.lower() in _NOT_FINITE:
            return _NOT_FINITE[text.lower()]
        number = int if _INT.fullmatch(text) else float if _FLOAT.fullmatch(text) else None
        try:
            return number(text.replace("_", "")) if number else text
        except ValueError:  # thousands of digits
            raise ScenarioError(f"{self._place(event)} has a number that is too long. Write fewer digits.") from None


def _until(end: type, events: Iterator[Any]) -> Iterator[Any]:
    """Yield events up to one of the class ``end``."""
    for event in events:
        if isinstance(event, end):
            return
        yield event
