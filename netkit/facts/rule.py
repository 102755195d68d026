"""
Policy rules, one question for each family: what ``ip rule show`` says.

    {"priority": 100, "src": "10.1.0.0", "srclen": 16, "fwmark": "0x1", "table": "77"}
"""

from __future__ import annotations

from collections.abc import Iterator

from netkit.command import rule
from netkit.command.command import Command
from netkit.facts.document import (
    OPTIONS,
    Entry,
    Says,
    entries,
    number,
    numeral,
    prefix,
    question,
    text,
    text_or_none,
)
from netkit.facts.route import TABLES
from netkit.model.object import Netns
from netkit.model.routing import Rule

# Without a family ip answers for IPv4 alone, and a batch has one family: IPv6 is a process more.
QUESTION = question(rule.show(family=4))
QUESTION6 = Command("ip", QUESTION.args, None, (*OPTIONS, "-6"))
SAYS = Says("ip rule show")

BORN = frozenset({(0, 255), (32766, 254), (32767, 253)})
# What a Rule can say. One that says more (not, goto, sport, l3mdev ...) is not netkit's, and cannot
# be told from its like: better not seen than taken for another.
WORDS = frozenset(
    {"priority", "src", "srclen", "dst", "dstlen", "iif", "iif_detached", "oif", "oif_detached"}
    | {"fwmark", "fwmask", "table", "action", "protocol"}
)


def parse(said: str, netns: Netns = None, *, family: int = 4) -> tuple[Rule, ...]:
    """
    Read the answer to ``QUESTION`` or ``QUESTION6``, without what every namespace is born with.

    Returns:
        E.g. ``(Rule(netns="r1", family=4, priority=100, source="10.1.0.0/16", table=77),)``;
        prefixes have a length always.

    Raises:
        NetkitError: It is not what ip answers.
    """
    with SAYS:
        return tuple(_rules(entries(said), netns, family))


def _rules(found: list[Entry], netns: Netns, family: int) -> Iterator[Rule]:
    for entry in found:
        if not entry.keys() <= WORDS:
            continue
        table = numeral(entry, "table", TABLES) if "table" in entry else None
        priority = number(entry, "priority")
        source = _prefix(entry, "src", "srclen", family)
        if (priority, table) in BORN and source is None and "dst" not in entry:
            continue
        yield Rule(
            netns=netns,
            family=family,
            priority=priority,
            source=source,
            destination=_prefix(entry, "dst", "dstlen", family),
            iif=text_or_none(entry, "iif"),
            oif=text_or_none(entry, "oif"),
            fwmark=_fwmark(entry),
            table=table,
            action=_action(entry),
            protocol="boot" if entry.get("protocol") != "200" else "200",
        )


def _prefix(entry: Entry, key: str, length: str, family: int) -> str | None:
    address = text_or_none(entry, key)
    if address is None or address == "all":
        return None
    return prefix(address, number(entry, length, 32 if family == 4 else 128))


def _fwmark(entry: Entry) -> str | None:
    mark, mask = text_or_none(entry, "fwmark"), text_or_none(entry, "fwmask")
    return mark if mask is None or mark is None else f"{mark}/{mask}"


ACTIONS = {"6": "blackhole", "7": "unreachable", "8": "prohibit"}


def _action(entry: Entry) -> str:
    if "action" not in entry:
        return "lookup"
    action = text(entry, "action")
    return ACTIONS.get(action, action)
