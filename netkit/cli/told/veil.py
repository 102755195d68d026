"""What a plan cannot know yet, as it is shown: ``<allotted at apply>``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

UNKNOWN = "<allotted at apply>"

T = TypeVar("T")


def veil(guesses: Iterable[str]) -> Callable[[str], str]:
    """
    Give what hides guesses in a line.

    Args:
        guesses: Addresses and subnets that only stand for what a plugin will say.
    """
    words = "|".join(re.escape(each) for each in sorted(guesses, key=len, reverse=True))
    if not words:
        return lambda line: line
    pattern = re.compile(rf"(?<![\w.:])(?:{words})(?:/\d+)?(?![\w.:]*\w)")
    return lambda line: pattern.sub(UNKNOWN, line)


def veiled(data: T, guesses: frozenset[str]) -> T:
    """Hide guesses in plain values."""
    if not guesses:
        return data
    hide = veil(guesses)

    def hidden(value: Any) -> Any:
        match value:
            case str():
                return hide(value)
            case dict():
                return {key: hidden(each) for key, each in value.items()}
            case list() | tuple():
                return [hidden(each) for each in value]
        return value

    found: T = hidden(data)
    return found
