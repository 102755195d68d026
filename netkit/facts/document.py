"""
What a tool said, taken apart with care: what does not fit is an error that names the tool.

The shape of an answer is a class: what it names is looked at, the rest is skipped unread.
"""

from __future__ import annotations

import json
from _socket import AF_INET, AF_INET6, inet_pton  # the C half alone: socket takes 3 ms
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address
from types import TracebackType
from typing import Any, Generic, TypeVar

from netkit.command.command import Command
from netkit.errors import NetkitError
from netkit.value import Value, decode, field

__all__ = ["Json", "OddError", "Said", "Says", "field"]


# -Numeric: names of groups, tables and protocols come from files that anybody may extend (FRR calls
# protocol 196 "static" as well). All questions share their options, so that they share a process.
OPTIONS = ("-Numeric", "-details", "-json")
NOTHING = frozenset({"", "[]"})
LONGEST = {4: 32, 6: 128}


def question(command: Command) -> Command:
    """Give a question of ip with the options that all of them share."""
    return Command(command.tool, command.args, None, OPTIONS)


class Said(Value, frozen=True):
    """An object of a JSON document: the shape of what a tool says of one thing."""


Shape = TypeVar("Shape", bound=Said)


class OddError(Exception):
    """A value is not what it should be; ``Says`` adds whose it is."""


class Says:
    """
    The frame around a parser: within it, what is odd becomes an error that names the tool.

    Args:
        tool: The question as one would type it.
    """

    def __init__(self, tool: str) -> None:
        self.tool = tool

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, OddError):
            raise NetkitError(
                f"'{self.tool}' answered what netkit does not understand: {error}",
                hint="netkit knows iproute2 5.0 and later, and iptables 1.8",
            ) from error


class Json(Says, Generic[Shape]):
    """
    The frame around the parser of a JSON document, which is a list of objects of one shape.

    Args:
        tool: The question as one would type it.
        shape: What each of the objects looks like.
    """

    def __init__(self, tool: str, shape: type[Shape]) -> None:
        super().__init__(tool)
        self._shape = shape

    def entries(self, said: str) -> Sequence[Shape]:
        """Read a document."""
        return () if said in NOTHING else shaped(said, self._shape)

    def plain_entries(self, said: str, mark: str) -> Sequence[Shape]:
        """
        Read of a document what has the key ``mark`` and no key that the shape does not know.

        For what cannot be told from its like when it says more than netkit knows of.
        """
        known = set(self._shape.__struct_fields__)
        try:
            found = json.loads(said or "[]")
        except (ValueError, RecursionError) as error:
            raise OddError(f"{error}, in {clipped(said)}") from error
        if type(found) is not list or not all([type(entry) is dict for entry in found]):
            raise OddError(f"no list of objects: {clipped(said)}")
        plain = [entry for entry in found if mark in entry and entry.keys() <= known]
        return shaped(json.dumps(plain), self._shape) if plain else ()


def shaped(said: str, shape: type[Shape]) -> Sequence[Shape]:
    """Read a list of objects of one shape."""
    try:
        return decode(said, (shape,))  # type: ignore[return-value]
    except (ValueError, RecursionError) as error:
        raise OddError(f"{error}, in {clipped(said)}") from error


def within(found: Mapping[str, Any], shape: type[Shape]) -> Shape:
    """Give the shape to an object inside an object, which is told by what stands beside it."""
    return shaped(json.dumps([found]), shape)[0]


def numeral(value: str, names: Mapping[str, int]) -> int:
    """Read a number, or one of the names it may have."""
    if value in names:
        return names[value]
    try:
        return int(value, 0)
    except ValueError:
        raise OddError(f"{clipped(value)} is no number, nor one of {', '.join(names)}") from None


def clipped(value: str, limit: int = 200) -> str:
    """Show a text, but not all of a long one."""
    shown = repr(value)
    return shown if len(shown) <= limit else f"{shown[:limit]}…"


def host(address: str) -> str:
    """Write an address as ``ipaddress`` does: libc writes some of IPv6 with dots in them."""
    try:
        if ":" not in address:
            inet_pton(AF_INET, address)
        elif "." in address:
            return str(IPv6Address(address))
        else:
            inet_pton(AF_INET6, address)
    except (OSError, ValueError):
        raise OddError(f"{clipped(address)} is no address") from None
    return address


def host_or_none(address: str | None) -> str | None:
    """Write an address that may be missing."""
    return None if address is None else host(address)


def prefix(address: str, length: int) -> str:
    """Write a prefix: ``10.1.0.0/16``."""
    if not 0 <= length <= (LONGEST[6] if ":" in address else LONGEST[4]):
        raise OddError(f"{clipped(address)} with a prefix length of {length}")
    return f"{host(address)}/{length}"
