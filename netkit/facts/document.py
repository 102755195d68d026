"""
What a tool said, taken apart with care: what does not fit is an error that names the tool.

The shape of an answer is a class: what it names is looked at, the rest is skipped unread.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address
from types import TracebackType
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Raw, field

from netkit.command.command import Command
from netkit.errors import NetkitError

__all__ = ["AtMost", "Json", "OddError", "Raw", "Said", "Says", "field"]

# -Numeric: names of groups, tables and protocols come from files that anybody may extend (FRR calls
# protocol 196 "static" as well). All questions share their options, so that they share a process.
OPTIONS = ("-Numeric", "-details", "-json")
NOTHING = frozenset({"", "[]"})
PLAIN = msgspec.json.Decoder(list[dict[str, Any]])


def question(command: Command) -> Command:
    """Give a question of ip with the options that all of them share."""
    return Command(command.tool, command.args, None, OPTIONS)


class Said(msgspec.Struct, gc=False):
    """An object of a JSON document: the shape of what a tool says of one thing."""


Shape = TypeVar("Shape", bound=Said)


def AtMost(number: float) -> msgspec.Meta:
    """Bound a number to what is not endless: JSON may say 1e999."""
    return msgspec.Meta(ge=-number, le=number)


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
        if isinstance(error, OddError | msgspec.MsgspecError):
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
        self._all = msgspec.json.Decoder(list[shape])  # type: ignore[valid-type]

    def entries(self, said: str) -> list[Shape]:
        """Read a document."""
        return [] if said in NOTHING else self._decoded(self._all, said)

    def plain_entries(self, said: str, mark: str) -> list[Shape]:
        """
        Read of a document what has the key ``mark`` and no key that the shape does not know.

        For what cannot be told from its like when it says more than netkit knows of.
        """
        known = self._shape.__struct_fields__
        return [
            msgspec.convert(entry, self._shape)
            for entry in self._decoded(PLAIN, said or "[]")
            if mark in entry and entry.keys() <= set(known)
        ]

    @staticmethod
    def _decoded(decoder: msgspec.json.Decoder[Any], said: str) -> Any:
        try:
            return decoder.decode(said)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise OddError(f"{error}, in {clipped(said)}") from error


def within(raw: Raw, shape: type[Shape]) -> Shape:
    """Read an object inside an object, whose shape was to be seen from what stands beside it."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise OddError(f"{error}, in {clipped(bytes(raw).decode(errors='replace'))}") from error


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
    if "." in address and ":" in address:
        try:
            return str(IPv6Address(address))
        except ValueError:
            raise OddError(f"{clipped(address)} is no address") from None
    return address


def host_or_none(address: str | None) -> str | None:
    """Write an address that may be missing."""
    return None if address is None else host(address)


def prefix(address: str, length: int) -> str:
    """Write a prefix: ``10.1.0.0/16``."""
    return f"{host(address)}/{length}"
