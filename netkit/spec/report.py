"""Findings: what is wrong where, gathered until all is read; and how values are shown in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from netkit.value import Value

SHOWN_CHARACTERS = 60
LONGEST_STEP = 80
MOST_OF_ONE_PLACE = 4


class Finding(Value, frozen=True):
    """
    One thing wrong, before its line and column are looked up.

    Args:
        pointer: JSON pointer into the document as written.
        message: What was found and what is allowed.
        hint: The way out.
        at_key: The key is wrong, not the value.
    """

    pointer: str
    message: str
    hint: str = ""
    at_key: bool = False


class Report:
    """What has been found so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, at: At | str, message: str, *, hint: str = "", at_key: bool = False) -> None:
        """Note a finding; the same one twice (each of a range's hundred) counts once."""
        pointer = at if isinstance(at, str) else at.pointer
        self.findings.append(Finding(pointer, message, hint, at_key))


class At(Value, frozen=True):
    """
    A place in the expanded document that knows where it was written.

    Args:
        parent: The place it is within; None for the whole document.
        key: Its own key, or index, there.
        moved: For what was merged over a range: child keys that come from elsewhere.
    """

    parent: At | None = None
    key: str | int = ""
    moved: Mapping[str, At] | None = None

    def __truediv__(self, key: str | int) -> At:
        if self.moved is not None and (place := self.moved.get(str(key))) is not None:
            return place
        return At(self, key)

    @property
    def pointer(self) -> str:
        """Write the JSON pointer into the document as written; most places never need theirs."""
        if self.parent is None:
            return ""
        return f"{self.parent.pointer}/{escape(self.key)}"


def escape(key: str | int) -> str:
    """Write one step of a JSON pointer (RFC 6901 section 3)."""
    if isinstance(key, int):
        return str(key)
    return key.replace("~", "~0").replace("/", "~1")


def printable(pointer: str) -> str:
    """Make a pointer fit for a line of a terminal: nothing that moves a cursor, nothing endless."""
    if pointer.isascii() and pointer.isprintable() and len(pointer) <= SHOWN_CHARACTERS:
        return pointer
    return "/".join(map(_printable_step, pointer.split("/")))


def _printable_step(step: str) -> str:
    written = step if step.isprintable() else json.dumps(step)[1:-1]
    return written if len(written) <= LONGEST_STEP else written[: LONGEST_STEP - 3] + "..."


def steps(pointer: str) -> tuple[str, ...]:
    """Read a JSON pointer into its steps."""
    if not pointer:
        return ()
    parts = pointer.split("/")[1:]
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def exists(document: Any, pointer: str) -> bool:
    """Say whether the document has a value at the pointer."""
    value = document
    for step in steps(pointer):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return False
    return True


def nearest_existing(document: Any, pointer: str) -> str:
    """Shorten a pointer until the document has a value there."""
    while pointer and not exists(document, pointer):
        pointer = pointer.rpartition("/")[0]
    return pointer


def shown(value: Any, *, quoted: bool = False) -> str:
    """Show a value of the document in a message: one line, short, nothing that moves a cursor."""
    if isinstance(value, str) and value.isprintable() and value and '"' not in value:
        written = f'"{value}"' if quoted or " " in value else value
    elif isinstance(value, dict):
        return "an object"
    elif isinstance(value, list):
        return "a list"
    else:
        written = json.dumps(value)
    if len(written) > SHOWN_CHARACTERS:
        return written[: SHOWN_CHARACTERS - 3] + "..."
    return written


def listed(words: Sequence[str], *, last: str = "or") -> str:
    """Write ``a, b or c``."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def counted(number: int, noun: str) -> str:
    """Write ``1 port``, ``2 ports``."""
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def nearest(word: str, words: Iterable[str]) -> str:
    """Give the word that was probably meant, or nothing."""
    from difflib import get_close_matches

    if len(word) > 2 * SHOWN_CHARACTERS:
        return ""
    known = list(words)
    if len(known) > 500:  # difflib takes 20 us a word, and a spec may have thousands of both
        known = [item for item in known if item[:1] == word[:1]][:500]
    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else ""


def meant(word: str, words: Iterable[str]) -> str:
    """Write the hint ``did you mean X?``, or nothing."""
    found = nearest(word, words)
    return f"did you mean {found}?" if found else ""


def unique(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out what was said before of the same place: a range of 100 says it 100 times."""
    seen: dict[str, set[str]] = {}
    for finding in findings:
        said = seen.setdefault(finding.pointer, set())
        if finding.message not in said and len(said) < MOST_OF_ONE_PLACE:
            said.add(finding.message)
            yield finding
