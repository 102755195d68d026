"""
Policy rules, one question for each family: what ``ip rule show`` says.

    {"priority": 100, "src": "10.1.0.0", "srclen": 16, "fwmark": "0x1", "table": "77"}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netkit.command import rule
from netkit.command.command import Command
from netkit.facts.document import LONGEST, OPTIONS, Json, Said, numeral, prefix, question
from netkit.facts.route import TABLES
from netkit.model.object import Netns
from netkit.model.routing import Rule
from netkit.names import ROUTE_PROTOCOL


class Entry(Said, frozen=True):
    """
    A rule that says no more than a Rule can.

    One that does (not, goto, sport, l3mdev ...) is not netkit's, and cannot be told from its like:
    better not seen than taken for another.
    """

    priority: int
    src: str | None = None
    srclen: int | None = None
    dst: str | None = None
    dstlen: int | None = None
    iif: str | None = None
    iif_detached: None = None
    oif: str | None = None
    oif_detached: None = None
    fwmark: str | None = None
    fwmask: str | None = None
    table: str | None = None
    action: str | None = None
    protocol: str = ""


# Without a family ip answers for IPv4 alone, and a batch has one family: IPv6 is a process more.
QUESTION = question(rule.show(family=4))
QUESTION6 = Command("ip", QUESTION.args, None, (*OPTIONS, "-6"))
SAYS = Json("ip rule show", Entry)

BORN = frozenset({(0, 255), (32766, 254), (32767, 253)})
ACTIONS = {"6": "blackhole", "7": "unreachable", "8": "prohibit"}


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
        return tuple(_rules(SAYS.plain_entries(said, "priority"), netns, family))


def _rules(found: Iterable[Entry], netns: Netns, family: int) -> Iterator[Rule]:
    for entry in found:
        source = _prefix(entry.src, entry.srclen, family)
        destination = _prefix(entry.dst, entry.dstlen, family)
        table = None if entry.table is None else numeral(entry.table, TABLES)
        if (entry.priority, table) in BORN and source is None and destination is None:
            continue
        yield Rule(
            netns=netns,
            family=family,
            priority=entry.priority,
            source=source,
            destination=destination,
            iif=entry.iif,
            oif=entry.oif,
            fwmark=_fwmark(entry),
            table=table,
            action="lookup" if entry.action is None else ACTIONS.get(entry.action, entry.action),
            protocol=entry.protocol if entry.protocol == ROUTE_PROTOCOL else "boot",
        )


def _prefix(address: str | None, length: int | None, family: int) -> str | None:
    if address is None or address == "all":
        return None
    return prefix(address, LONGEST[family] if length is None else length)


def _fwmark(entry: Entry) -> str | None:
    mark, mask = entry.fwmark, entry.fwmask
    return mark if mask is None or mark is None else f"{mark}/{mask}"
