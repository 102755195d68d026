"""
Forwarding databases of VXLAN devices: what ``bridge fdb show`` says.

    {"mac": "00:00:00:00:00:00", "ifname": "vx0", "dst": "192.0.2.7", "flags": ["self"],
     "state": "permanent"}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from netkit.command import fdb
from netkit.command.command import Command
from netkit.facts.document import Json, Said, host
from netkit.model.addressing import FdbEntry
from netkit.model.object import Netns


class Entry(Said, frozen=True):
    """
    An entry that says no more than an FdbEntry can.

    One that has a port or a way of its own does. The device's own multicast group is of these,
    "viaIf" its underlay. "linkNetNsId" only says that the device's socket is in another namespace.
    """

    mac: str
    ifname: str
    dst: str
    state: str
    flags: tuple[str, ...] = ()
    linkNetNsId: int | None = None


QUESTION = Command("bridge", fdb.show().args, None, ("-json",))
SAYS = Json("bridge fdb show", Entry)

LASTING = frozenset({"permanent", "static"})
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
        return tuple(_entries(SAYS.plain_entries(said, "dst"), netns, remotes or {}))


def _entries(
    found: Iterable[Entry], netns: Netns, remotes: Mapping[str, str | None]
) -> Iterator[FdbEntry]:
    for entry in found:
        if entry.state not in LASTING:
            continue
        mac, dst = entry.mac.lower(), host(entry.dst)
        if mac == EVERYTHING and remotes.get(entry.ifname) == dst:
            continue
        yield FdbEntry(netns=netns, ifname=entry.ifname, mac=mac, dst=dst)
