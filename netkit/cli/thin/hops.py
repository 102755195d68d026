"""Next hops as they are typed: ``via=10.0.0.1,dev=eth0,weight=2``."""

from __future__ import annotations

from collections.abc import Iterable

from netkit.command.route import NextHop
from netkit.errors import UsageError

KEYS = frozenset({"via", "dev", "weight"})
FORM = "Each as via=ADDRESS,dev=DEV,weight=N."


def hops(texts: Iterable[str]) -> tuple[NextHop, ...]:
    """
    Read next hops.

    Raises:
        UsageError: One is not of that form.
    """
    return tuple(_hop(text) for text in texts)


def _hop(text: str) -> NextHop:
    said = dict(part.partition("=")[::2] for part in text.split(","))
    if not said.keys() <= KEYS or not all(said.values()):
        raise UsageError(f"next hop {text!r}", hint="such as via=10.0.0.1,dev=eth0,weight=2")
    weight = said.get("weight", "1")
    if not (weight.isascii() and weight.isdigit() and 1 <= int(weight) <= 256):
        raise UsageError(f"next hop {text!r}: weight {weight}", hint="a number from 1 to 256")
    return NextHop(via=said.get("via"), dev=said.get("dev"), weight=int(weight))
