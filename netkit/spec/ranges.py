"""
Ranges: ``h[1-100]`` as a key stands for a hundred alike.

    {"h[1-3]": {"a": "{n}"}, "h2": {"b": 1}}   becomes   h1 {a: 1}, h2 {a: 2, b: 1}, h3 {a: 3}

``{n}`` belongs to the innermost range around it. Zeros in front (``h[01-10]``) go into the name
only: ``{n}`` is the bare number, since ``10.0.0.01`` is no address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from netkit.spec.report import At, Report, counted, listed, shown
from netkit.value import Value

FILL = "{n}"
MOST = 10_000

RANGE = re.compile(r"([^\[\]]*)\[([0-9, -]*)\]([^\[\]]*)")
PART = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)


class Range(Value, frozen=True):
    """
    A range as written.

    Args:
        head: Before the bracket.
        spans: First and last, both included, in the order written.
        width: Digits to fill with zeros; 0 for none.
        tail: After the bracket.
    """

    head: str
    spans: tuple[tuple[int, int], ...]
    width: int
    tail: str

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.spans)

    def name(self, number: int) -> str:
        """Write the name of one member."""
        return f"{self.head}{number:0{self.width}d}{self.tail}"

    @property
    def text(self) -> str:
        """Write it as a key."""
        parts = (
            (f"{first:0{self.width}d}", f"{last:0{self.width}d}") for first, last in self.spans
        )
        inside = ",".join(first if first == last else f"{first}-{last}" for first, last in parts)
        return f"{self.head}[{inside}]{self.tail}"

    @property
    def numbers(self) -> Iterator[int]:
        """Walk through the numbers, lowest first."""
        for first, last in sorted(self.spans):
            yield from range(first, last + 1)

    @property
    def first(self) -> str:
        """Give the first member's name."""
        return self.name(min(first for first, _ in self.spans))

    @property
    def longest(self) -> str:
        """Give the longest name of all members."""
        return self.name(max(last for _, last in self.spans))


def read_range(text: str) -> Range | None:
    """
    Read a name that may hold one range; None when it holds none.

    Raises:
        ValueError: The brackets do not hold numbers, or too many of them.
    """
    if "[" not in text and "]" not in text:
        return None
    found = RANGE.fullmatch(text)
    if found is None:
        raise ValueError(f"{shown(text)} is not a range: one pair of brackets, such as h[1-4,7]")
    parts = [PART.fullmatch(part.strip()) for part in found[2].split(",")]
    if not all(parts):
        raise ValueError(f"{shown(text)} is not a range: numbers and spans, such as h[1-4,7]")
    texts = [(part[1], part[2] or part[1]) for part in parts if part]
    spans = tuple((int(first), int(last)) for first, last in texts)
    for first, last in spans:
        if last < first:
            raise ValueError(f"{shown(text)} runs backwards: write {last}-{first}")
    padded = any(first.startswith("0") and len(first) > 1 for first, _ in texts)
    written = Range(
        found[1], spans, max(len(first) for first, _ in texts) if padded else 0, found[3]
    )
    if len(written) > MOST:
        raise ValueError(f"{shown(text)} is {len(written):,} names: at most {MOST:,} in all")
    _refuse_repeats(text, sorted(spans))
    return written


def _refuse_repeats(text: str, spans: list[tuple[int, int]]) -> None:
    for (_, last), (first, _) in pairwise(spans):
        if first <= last:
            raise ValueError(f"{shown(text)} says {first} twice")


def names(text: str) -> tuple[tuple[str, int | None], ...]:
    """Write a name out: each member with its number, or the one name with None."""
    span = read_range(text)
    if span is None:
        return ((text, None),)
    return tuple((span.name(number), number) for number in span.numbers)


def mentions(value: Any) -> bool:
    """Say whether ``{n}`` is anywhere within."""
    if isinstance(value, str):
        return FILL in value
    if isinstance(value, dict):
        return any(FILL in key or mentions(item) for key, item in value.items())
    return isinstance(value, list) and any(map(mentions, value))


def fill(value: Any, number: int) -> Any:
    """Put a number for ``{n}`` everywhere but below a range, whose own number it means."""
    if isinstance(value, str):
        return value.replace(FILL, str(number)) if FILL in value else value
    if isinstance(value, dict):
        return {
            key.replace(FILL, str(number)): item if "[" in key else fill(item, number)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [fill(item, number) for item in value]
    return value


def members(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Write out one key of an object: each name and its own value."""
    varies = "[" in key and mentions(value)
    for name, number in names(key):
        yield name, fill(value, number) if varies and number is not None else value


class Expansion:
    """
    Writes ranges out, and counts, since ranges within ranges multiply.

    Args:
        report: Takes what is wrong.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.count = 0

    def keys(self, mapping: Mapping[str, Any], at: At) -> dict[str, tuple[Any, At]]:
        """
        Write out the keys of an object.

        Single names are merged over the ranges, wherever they stand; of two ranges the later
        over the earlier. The place in the order is that of the first mention.
        """
        if not any("[" in key for key in mapping):
            self.count += len(mapping)
            return {key: (value, at / key) for key, value in mapping.items()}
        order = dict.fromkeys(
            name for key in mapping for name, _ in self._members(key, None, at / key)
        )
        found: dict[str, tuple[Any, At]] = {}
        for key in sorted(mapping, key=lambda key: "[" not in key):
            for name, value in self._members(key, mapping[key], at / key):
                if name in found:
                    found[name] = merge(*found[name], value, at / key)
                else:
                    found[name] = (value, at / key)
        self.count += len(found)
        return {name: found[name] for name in order if name in found}

    def _members(self, key: str, value: Any, at: At) -> Iterator[tuple[str, Any]]:
        try:
            if self.count + size(key) > MOST:
                self.report.add(
                    at, f"too many names: ranges may stand for {MOST:,} in all", at_key=True
                )
                return
            yield from members(value, key)
        except ValueError as error:
            self.report.add(at, str(error), at_key=True)


def size(key: str) -> int:
    """Count the names that a key stands for."""
    span = read_range(key)
    return 1 if span is None else len(span)


def merge(under: Any, under_at: At, over: Any, over_at: At) -> tuple[Any, At]:
    """Lay one value over another: objects merge, the rest is replaced."""
    if not (isinstance(under, dict) and isinstance(over, dict)):
        return over, over_at
    merged: dict[str, Any] = dict(under)
    moved: dict[str, At] = {key: under_at / key for key in under}
    for key, value in over.items():
        if key in under:
            merged[key], moved[key] = merge(under[key], under_at / key, value, over_at / key)
        else:
            merged[key], moved[key] = value, over_at / key
    return merged, At(over_at.parent, over_at.key, moved)


def unequal(texts: list[str], sizes: list[int]) -> str:
    """Say that two ranges do not pair off."""
    sides = [
        f"{shown(text)} is {counted(size, 'end')}" for text, size in zip(texts, sizes, strict=True)
    ]
    return f"the ranges do not pair off: {listed(sides, last='and')}"
