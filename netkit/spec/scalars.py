"""Numbers as a document may hold them, and the error of a document that cannot be read."""

from __future__ import annotations

import math

from netkit.errors import Problem, SpecError
from netkit.spec.report import shown

MOST_DIGITS = 20


class WrongNumberError(Exception):
    """
    A number that JSON has no value for, or netkit no use.

    Args:
        message: For the user.
        word: As it stands in the text.
    """

    def __init__(self, message: str, word: str) -> None:
        super().__init__(message)
        self.word = word


def failed(
    source: str, message: str, place: tuple[int, int] = (0, 0), *, hint: str = "", pointer: str = ""
) -> SpecError:
    """Make the error of a document that cannot even be read."""
    return SpecError((Problem(pointer, message, hint, *place),), source=source)


def constant(word: str) -> None:
    """Refuse NaN and Infinity, which Python would read."""
    raise WrongNumberError(f"{word} is not a number of JSON", word)


def whole(word: str) -> int:
    """Read a whole number; none of the language has more than 64 bits."""
    if len(word) > MOST_DIGITS:
        raise WrongNumberError(f"{shown(word)} is a larger number than any spec needs", word)
    return int(word)


def number(word: str) -> int | float:
    """Read a number with a point or an exponent; 2.0 is 2, as JSON Schema has it."""
    value = float(word)
    if not math.isfinite(value):
        raise WrongNumberError(f"{shown(word)} is a larger number than any spec needs", word)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
