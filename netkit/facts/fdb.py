"""
Forwarding databases of VXLAN devices: what ``bridge fdb show`` says.

    {"mac": "00:00:00:00:00:00", "ifname": "vx0", "dst": "192.0.2.7", "flags": ["self"],
     "state": "permanent"}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netkit.command import fdb
from netkit.command.command import Command
from netkit.facts.document import Entry, Says, entries, host, text
from netkit.model.addressing import FdbEntry
from netkit.model.object import Netns

QUESTION = Command("bridge", fdb.show().args, None, ("-json",))
SAYS = Says("bridge fdb show")

LASTING = frozenset({"permanent", "static"})
# What tells more than an FdbEntry can: an entry with a port or a way of its own. The device's own
# group is of these, "via" its underlay.
FURTHER = frozenset({"port", "vni", "src_vni", "viaIf", "viaIfIndex", "linkNetNsId", "nhid"})
EVERYTHING = "00:00:00:00:00:00"


def parse(
    said: str, netns: Netns = None, *, remotes: Mapping[str, str | None] | None = None
) -> tuple[FdbEntry, ...]:
    """
    Read the answer to ``QUESTION``, without what was learned and what is no VXLAN's.

    Args:
        said: The answer.
        netns: Whose.
        remotes: What a device was made with, by name: its entry comes with the device.

    Returns:
        E.g. ``(FdbEntry(netns=None, ifname="vx0", mac="00:00:00:00:00:00", dst="192.0.2.7"),)``

    Raises:
        NetkitError: It is not what bridge answers.
    """
    with SAYS:
        return tuple(_entries(entries(said), netns, remotes or {}))


def _entries(
    found: list[Entry], netns: Netns, remotes: Mapping[str, str | None]
) -> Iterator[FdbEntry]:
    for entry in found:
        if "dst" not in entry or not FURTHER.isdisjoint(entry):
            continue
        if text(entry, "state") not in LASTING:
            continue
        ifname, mac = text(entry, "ifname"), text(entry, "mac").lower()
        dst = host(text(entry, "dst"))
        if mac == EVERYTHING and remotes.get(ifname) == dst:
            continue
        yield FdbEntry(netns=netns, ifname=ifname, mac=mac, dst=dst)
