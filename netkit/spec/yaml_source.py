"""
YAML, the part of it that is JSON in another hand; the only file that imports PyYAML.

Events are read, not constructed: so nothing is ever built from a tag, ``12:34:56:12:34:56`` stays
text, ``no`` is not false, every key is text, and the depth is ours to limit.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from netkit.errors import Problem, SpecError
from netkit.spec.position import Place, Wanted, duplicate
from netkit.spec.report import escape, shown
from netkit.spec.scalars import WrongNumberError, failed, number, whole

DEEPEST = 100

WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def read(text: str, *, source: str) -> tuple[Any, dict[Wanted, Place]]:
    """
    Read one YAML document.

    Returns:
        The document, and the place of each of its values and keys.

    Raises:
        SpecError: It is not YAML, or more of YAML than a spec may use.
    """
    reader = _Reader(source)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        raise failed(
            source, f"this is not YAML: {error.problem}", _at(error.problem_mark)
        ) from None
    except yaml.YAMLError as error:
        said = str(error).splitlines()[0]
        raise failed(source, f"this is not YAML: {said}") from None
    if reader.duplicates:
        raise SpecError(tuple(reader.duplicates), source=source)
    return reader.value, reader.places


def _at(mark: Any) -> Place:
    return (0, 0) if mark is None else (mark.line + 1, mark.column + 1)


def scalar(event: yaml.ScalarEvent) -> Any:
    """Read a scalar: quoted ones are text, plain ones what JSON would make of them."""
    word = event.value
    if event.style is not None:
        return word
    if word in WORDS:
        return WORDS[word]
    if WHOLE.fullmatch(word):
        return whole(word)
    return number(word) if NUMBER.fullmatch(word) else word


class _Reader:
    """Builds the document from events, without recursion."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.value: Any = None
        self.places: dict[Wanted, Place] = {}
        self.duplicates: list[Problem] = []
        self.levels: list[tuple[Any, str]] = []  # the containers around, with their pointers
        self.keys: list[str | None] = []  # in each: the key whose value comes next
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self.refused(event, "a second document begins here: one document a file")
        elif isinstance(event, yaml.CollectionEndEvent):
            self.levels.pop()
            self.keys.pop()
        elif isinstance(event, yaml.NodeEvent):
            self.refuse_extras(event)
            if self.is_key():
                self.take_key(event)
            else:
                self.take_value(event)

    def is_key(self) -> bool:
        return bool(self.levels) and isinstance(self.levels[-1][0], dict) and self.keys[-1] is None

    def refuse_extras(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise self.refused(event, f"*{event.anchor} is an alias: write the value out")
        if event.anchor is not None:
            raise self.refused(event, f"&{event.anchor} is an anchor: a spec has none")
        if (tag := getattr(event, "tag", None)) is not None:
            raise self.refused(event, f"{shown(tag)} is a tag: a spec has none")

    def take_key(self, event: yaml.NodeEvent) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise self.refused(event, "a key is text, not a list or an object")
        mapping, pointer = self.levels[-1]
        key, place = event.value, _at(event.start_mark)
        here = f"{pointer}/{escape(key)}"
        if key in mapping:
            self.duplicates.append(duplicate(here, place, self.places[here, True]))
        self.places[here, True] = place
        self.keys[-1] = key

    def take_value(self, event: yaml.NodeEvent) -> None:
        value = self.build(event)
        pointer = self.put(value)
        self.places[pointer, False] = _at(event.start_mark)
        self.places.setdefault((pointer, True), self.places[pointer, False])
        if isinstance(value, dict | list):
            if len(self.levels) == DEEPEST:
                raise self.refused(event, f"the document is nested too deeply: at most {DEEPEST}")
            self.levels.append((value, pointer))
            self.keys.append(None)

    def build(self, event: yaml.NodeEvent) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return {}
        if isinstance(event, yaml.SequenceStartEvent):
            return []
        assert isinstance(event, yaml.ScalarEvent)  # aliases are refused before
        try:
            return scalar(event)
        except WrongNumberError as error:
            raise self.refused(event, str(error)) from None

    def put(self, value: Any) -> str:
        """Put a value where it belongs, and give its pointer."""
        if not self.levels:
            self.value = value
            return ""
        container, pointer = self.levels[-1]
        if isinstance(container, list):
            container.append(value)
            return f"{pointer}/{len(container) - 1}"
        key = self.keys[-1]
        assert key is not None
        container[key], self.keys[-1] = value, None
        return f"{pointer}/{escape(key)}"

    def refused(self, event: yaml.Event, message: str) -> SpecError:
        return failed(self.source, message, _at(event.start_mark))
