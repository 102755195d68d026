"""What a tool said, taken apart with care: what does not fit is an error that names the tool."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv6Address
from types import TracebackType
from typing import Any

from netkit.command.command import Command
from netkit.errors import NetkitError

Entry = dict[str, Any]

# -Numeric: names of groups, tables and protocols come from files that anybody may extend (FRR calls
# protocol 196 "static" as well). All questions share their options, so that they share a process.
DECODER = json.JSONDecoder()
NOTHING = frozenset({"", "[]"})
LARGE = 1e18  # JSON as Python reads it knows infinity, and whole numbers beyond any float

OPTIONS = ("-Numeric", "-details", "-json")


def question(command: Command) -> Command:
    """Give a question of ip with the options that all of them share."""
    return Command(command.tool, command.args, None, OPTIONS)


class OddError(Exception):
    """A value is not what it should be; ``Says`` adds whose it is."""


class Says:
    """
    The frame around a parser: within it, what is odd becomes an error that names the tool.

    Args:
        tool: The question as one would type it.
    """

    __slots__ = ("tool",)

    def __init__(self, tool: str) -> None:
        self.tool = tool

    def __enter__(self) -> Says:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, OddError):
            raise NetkitError(
                f"'{self.tool}' answered what netkit does not understand: {error}",
                hint="is this iproute2 5.0 or later, and iptables 1.8?",
            ) from error


def entries(said: str) -> list[Entry]:
    """
    Read one JSON document of iproute2: a list of objects; empty ones stand for what it left out.

    Raises:
        OddError: It is not JSON, or not a list of objects.
    """
    if said in NOTHING:
        return []
    try:
        found, end = DECODER.raw_decode(
            said
        )  # half of what json.loads does around it for small texts
    except (ValueError, RecursionError) as error:
        raise OddError(f"no JSON ({error}): {clipped(said)}") from error
    if end != len(said) and not said[end:].isspace():
        raise OddError(f"more than one JSON document: {clipped(said[end:])}")
    return [entry for entry in objects(found, "the answer") if entry]


def objects(found: Any, what: str) -> list[Entry]:
    """Take a list of JSON objects for what it is."""
    if type(found) is list and all([type(entry) is dict for entry in found]):
        return found
    raise OddError(f"{what} is no list of objects: {clipped(found)}")


def text(entry: Mapping[str, Any], key: str) -> str:
    """Take a text that must be there."""
    value = entry.get(key)
    if type(value) is str:
        return value
    raise odd(entry, key, "a text")


def text_or_none(entry: Mapping[str, Any], key: str) -> str | None:
    """Take a text that may be missing."""
    value = entry.get(key)
    if value is None or type(value) is str:
        return value
    raise odd(entry, key, "a text")


def number(entry: Mapping[str, Any], key: str, default: int | None = None) -> int:
    """Take a whole number; it must be there unless there is a default."""
    value = entry.get(key, default)
    if type(value) is int:
        return value
    raise odd(entry, key, "a whole number")


def fraction(entry: Mapping[str, Any], key: str) -> float:
    """Take a number with a fraction; 0 when missing."""
    value = entry.get(key, 0)
    if (type(value) is float or type(value) is int) and abs(value) < LARGE:
        return float(value)
    raise odd(entry, key, "a number")


def flag(entry: Mapping[str, Any], key: str) -> bool:
    """Take a truth value, which some kinds print as 0 and 1; false when missing."""
    value = entry.get(key, False)
    if value is True or value is False:
        return bool(value)
    if type(value) is int and 0 <= value <= 1:
        return value == 1
    raise odd(entry, key, "true or false")


def part(entry: Mapping[str, Any], key: str) -> Entry:
    """Take an object inside an object; empty when missing."""
    value = entry.get(key)
    if type(value) is dict:
        return value
    if value is None:
        return {}
    raise odd(entry, key, "an object")


def array(entry: Mapping[str, Any], key: str) -> list[Any]:
    """Take a list; empty when missing."""
    value = entry.get(key, [])
    if type(value) is list:
        return value
    raise odd(entry, key, "a list")


def numeral(entry: Mapping[str, Any], key: str, names: Mapping[str, int]) -> int:
    """Take a number written as a text, or one of the names it may have."""
    value = text(entry, key)
    if value in names:
        return names[value]
    try:
        return int(value, 0)
    except ValueError:
        raise odd(entry, key, "a number or a known name") from None


def odd(entry: Mapping[str, Any], key: str, wanted: str) -> OddError:
    """Say that something is not as it should be, and what it is."""
    found = f"is {clipped(entry[key])}" if key in entry else "is missing"
    return OddError(f"{key!r} should be {wanted} and {found}, in {clipped(entry)}")


def clipped(value: Any, limit: int = 200) -> str:
    """Show a value, but not all of a long one."""
    shown = repr(value)
    return shown if len(shown) <= limit else f"{shown[:limit]}…"


def host(address: str) -> str:
    """Write an address as ``ipaddress`` does: libc writes some of IPv6 with dots in them."""
    if "." in address and ":" in address:
        try:
            return str(IPv6Address(address))
        except ValueError:
            raise OddError(f"{address!r} is no address") from None
    return address


def prefix(address: str, length: int) -> str:
    """Write a prefix: ``10.1.0.0/16``."""
    return f"{host(address)}/{length}"
