"""Places in a text: the line and column of what a JSON pointer points at."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from netkit.errors import Problem
from netkit.spec.report import escape, printable, shown

Place = tuple[int, int]
Wanted = tuple[str, bool]

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class _Level:
    """One object or list that the walk is inside of."""

    def __init__(self, pointer: str, is_object: bool) -> None:
        self.pointer = pointer
        self.is_object = is_object
        self.index = 0
        self.key = ""
        self.at_key = True
        self.key_offset = 0
        self.first_seen: dict[str, int] = {}


def walk(text: str) -> Iterator[tuple[str, int, int, int | None]]:
    """
    Walk through the values of a JSON text that is known to be sound.

    Returns:
        Pointer, offset of the value, offset of its key (or of the value where there is none),
        and, for a key said before in the same object, the offset of the first one.
    """
    levels: list[_Level] = []
    for token in TOKEN.finditer(text):
        word, level = token[0], levels[-1] if levels else None
        if word in "}]":
            levels.pop()
        elif word == "," and level:
            level.index, level.at_key = level.index + 1, True
        elif word == ":" and level:
            level.at_key = False
        elif level and level.is_object and level.at_key:
            level.key, level.key_offset = json.loads(word, strict=False), token.start()
        else:
            pointer, key_offset, earlier = _named(level, token.start())
            yield pointer, token.start(), key_offset, earlier
            if word in "{[":
                levels.append(_Level(pointer, word == "{"))


def _named(level: _Level | None, offset: int) -> tuple[str, int, int | None]:
    if level is None:
        return "", offset, None
    if not level.is_object:
        return f"{level.pointer}/{level.index}", offset, None
    first = level.first_seen.setdefault(level.key, level.key_offset)
    earlier = first if first != level.key_offset else None
    return f"{level.pointer}/{escape(level.key)}", level.key_offset, earlier


class Lines:
    """Turns offsets into lines and columns, both from 1."""

    def __init__(self, text: str) -> None:
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, offset: int) -> Place:
        """Give line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def in_json(text: str, wanted: Iterable[Wanted]) -> dict[Wanted, Place]:
    """Give the place of each pointer wanted, of its key where that is asked for."""
    lines, asked = Lines(text), set(wanted)
    found: dict[Wanted, Place] = {}
    for pointer, value, key, _ in walk(text):
        if (pointer, False) in asked:
            found[pointer, False] = lines.place(value)
        if (pointer, True) in asked:
            found[pointer, True] = lines.place(key)
    return found


def known(places: Mapping[Wanted, Place], wanted: Iterable[Wanted]) -> dict[Wanted, Place]:
    """Pick from places that were noted while reading."""
    return {want: places[want] for want in wanted if want in places}


def duplicates(text: str) -> Iterator[Problem]:
    """Find keys said twice in one object."""
    lines = Lines(text)
    for pointer, _, key, earlier in walk(text):
        if earlier is not None:
            yield duplicate(pointer, lines.place(key), lines.place(earlier))


def duplicate(pointer: str, place: Place, first: Place) -> Problem:
    """Say that a key stands twice in one object."""
    key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    message = f"the key {shown(key)} is there already, in line {first[0]}, column {first[1]}"
    return Problem(printable(pointer), message, "merge the two, or take one out", *place)


def of_number(text: str, word: str) -> Place:
    """Find a number, or what stands for one, outside of strings."""
    start = next((token.start() for token in TOKEN.finditer(text) if token[0] == word), 0)
    return Lines(text).place(start)
