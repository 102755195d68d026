"""
Permanent neighbours, and addresses that are answered for others: what ``ip neighbour show`` says.

    {"dst": "10.1.0.9", "dev": "eth0", "lladdr": "02:42:0a:01:00:09", "state": ["PERMANENT"]}
    {"dst": "10.1.0.9", "dev": "eth0", "proxy": null}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netkit.command import neigh
from netkit.facts.document import Json, Said, host, question
from netkit.model.addressing import Neighbor
from netkit.model.object import Netns
from netkit.names import ROUTE_PROTOCOL


class Entry(Said, frozen=True):
    """A neighbour, or an address that is answered for: ``proxy`` is null then."""

    dst: str
    dev: str | None = None
    lladdr: str | None = None
    state: tuple[str, ...] = ()
    proxy: bool | None = False
    protocol: str = ""


QUESTION = question(neigh.show(nud="permanent"))
QUESTION_PROXY = question(neigh.show(proxy=True))
SAYS = Json("ip neighbour show", Entry)

NOBODY = frozenset({"0.0.0.0", "::"})


def parse(said: str, netns: Netns = None) -> tuple[Neighbor, ...]:
    """
    Read the answer to ``QUESTION`` or ``QUESTION_PROXY``, without what was learned.

    Returns:
        E.g. ``(Neighbor(netns="con1", ifname="eth0", address="10.1.0.9", lladdr=...),)``

    Raises:
        NetkitError: It is not what ip answers.
    """
    with SAYS:
        return tuple(_neighbors(SAYS.entries(said), netns))


def _neighbors(found: Iterable[Entry], netns: Netns) -> Iterator[Neighbor]:
    for entry in found:
        proxy = entry.proxy is not False
        address = host(entry.dst)
        if entry.dev is None or not (proxy or "PERMANENT" in entry.state):
            continue
        if address in NOBODY or (entry.lladdr is None and not proxy):
            continue  # a device without link-layer addresses has one neighbour, and it is nobody
        yield Neighbor(
            netns=netns,
            ifname=entry.dev,
            address=address,
            lladdr=None if proxy or entry.lladdr is None else entry.lladdr.lower(),
            protocol=entry.protocol if entry.protocol == ROUTE_PROTOCOL else "boot",
        )
