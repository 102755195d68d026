"""Make an input small that shows a defect: take parts away as long as the same defect shows."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.fuzz import mutate

MOST = 400
SHORTEST = 8


def shrunk(given: Any, shows: Callable[[Any], bool]) -> Any:
    """
    Give a smaller input that shows the same.

    Args:
        given: The input.
        shows: Says whether an input shows it.
    """
    left = MOST
    shrinking = True
    while shrinking:
        shrinking = False
        for smaller in _smaller(given):
            left -= 1
            if left < 0:
                return given
            if shows(smaller):
                given, shrinking = smaller, True
                break
    return given


def _smaller(given: Any) -> Iterator[Any]:
    """Give the input without each of its parts, the large ones first."""
    for path in sorted((path for path in mutate.paths(given) if path), key=len):
        without = copy.deepcopy(given)
        around = mutate.part(without, path[:-1])
        if path[-1] == "base64":
            yield from _shorter_bytes(given, path)
        elif isinstance(around, list) or len(path) > 1:
            del around[path[-1]]
            yield without
        inner = mutate.part(given, path)
        if isinstance(inner, str) and path[-1] != "base64" and len(inner) > SHORTEST:
            yield from _shorter(given, path, inner)


def _shorter(given: Any, path: mutate.Path, inner: str) -> Iterator[Any]:
    for start, end in _cuts(len(inner)):
        cut = copy.deepcopy(given)
        mutate.part(cut, path[:-1])[path[-1]] = inner[:start] + inner[end:]
        yield cut


def _shorter_bytes(given: Any, path: mutate.Path) -> Iterator[Any]:
    data = base64.b64decode(mutate.part(given, path))
    for start, end in _cuts(len(data)):
        cut = copy.deepcopy(given)
        kept = base64.b64encode(data[:start] + data[end:]).decode()
        mutate.part(cut, path[:-1])[path[-1]] = kept
        yield cut


def _cuts(size: int) -> Iterator[tuple[int, int]]:
    step = size // 2
    while step >= 1:
        yield from ((start, min(size, start + step)) for start in range(0, size, step))
        step //= 4
