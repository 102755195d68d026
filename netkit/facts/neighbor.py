"""
Permanent neighbours, and addresses that are answered for others: what ``ip neighbour show`` says.

    {"dst": "10.1.0.9", "dev": "eth0", "lladdr": "02:42:0a:01:00:09", "state": ["PERMANENT"]}
    {"dst": "10.1.0.9", "dev": "eth0", "proxy": null}
"""

from __future__ import annotations

from collections.abc import Iterator

from netkit.command import neigh
from netkit.facts.document import Entry, Says, array, entries, host, question, text
from netkit.model.addressing import Neighbor
from netkit.model.object import Netns

QUESTION = question(neigh.show(nud="permanent"))
QUESTION_PROXY = question(neigh.show(proxy=True))
SAYS = Says("ip neighbour show")

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
        return tuple(_neighbors(entries(said), netns))


def _neighbors(found: list[Entry], netns: Netns) -> Iterator[Neighbor]:
    for entry in found:
        proxy = "proxy" in entry
        if "dev" not in entry or not (proxy or "PERMANENT" in array(entry, "state")):
            continue
        address = host(text(entry, "dst"))
        if address in NOBODY or not (proxy or "lladdr" in entry):
            continue  # a device without link-layer addresses has one neighbour, and it is nobody
        yield Neighbor(
            netns=netns,
            ifname=text(entry, "dev"),
            address=address,
            lladdr=None if proxy else text(entry, "lladdr").lower(),
        )
