"""What a spec counts on and netkit does not make must be there before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.apply.ownership.holder import where
from netkit.errors import MissingError
from netkit.model.addressing import Address
from netkit.model.link import Ipvlan, Link, Macvlan, Vlan, Vrf, Vxlan
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.setting import Attribute, Loan
from netkit.model.state import State
from netkit.names import HIDDEN_PREFIX

MOST_NAMES = 12
NEEDY = (Address, Attribute, Loan, Vlan, Macvlan, Ipvlan, Vxlan)
"""What lies on a device, or speaks of one, that somebody else may have made."""


def check_presence(seen: State, desired: State) -> None:
    """
    Refuse a spec that needs what is not there.

    Raises:
        MissingError: A device that netkit did not make, or a namespace, is absent; all are named.
    """
    links = {key for key, item in seen.objects.items() if isinstance(item, Link)}
    links |= {item.key for item in desired.every(Link)}
    for loan in desired.every(Loan):
        links.add(("link", loan.netns, loan.ifname))
        if loan.key in seen:  # it is there already
            links.add(("link", loan.home, loan.home_ifname))
    places = {item.netns for item in desired.every(Namespace)} | {item.netns for item in seen}
    absent: dict[str, None] = {}
    near: dict[Netns, None] = {}
    for item in (each for kind in NEEDY for each in desired.every(kind)):
        for netns, ifname in _needs(item):
            if netns is not None and netns not in places:
                absent[f"{item.origin}: there is no namespace {netns}"] = None
            elif ("link", netns, ifname) not in links:
                absent[f"{item.origin}: there is no device {ifname} {where(netns)}"] = None
                near[netns] = None
    if absent:
        there = [name for netns in near for name in _named(seen, netns)]
        known = f": there is {', '.join(there)}" if there else ""
        raise MissingError("\n".join(absent), hint=f"make it first, or correct its name{known}")
    if unfit := dict.fromkeys(_unfit(seen, desired)):
        raise MissingError("\n".join(unfit), hint="netkit never changes a parent: take another")


def _named(seen: State, netns: Netns) -> tuple[str, ...]:
    """Name the devices of a namespace that somebody gave a name."""
    names = (item.ifname for item in seen.every(Link) if item.netns == netns)
    found = [name for name in names if name != "lo" and not name.startswith(HIDDEN_PREFIX)]
    return tuple(found[:MOST_NAMES])


def _unfit(seen: State, desired: State) -> Iterator[str]:
    """Say why what a device is to lie on cannot carry it, where it is not the spec's."""
    for item in desired.every(Link):
        if not isinstance(item, Vlan | Macvlan | Ipvlan):
            continue
        key = ("link", item.parent_netns, item.parent)
        parent = seen.get(key)
        if not isinstance(parent, Link) or key in desired:
            continue
        said = f"{item.origin}: {item.parent} {where(item.parent_netns)}"
        if item.mtu > parent.mtu:
            yield f"{said} has an MTU of {parent.mtu}, less than {item.mtu}"
        if item.key in seen:
            continue
        if not parent.up:
            yield f"{said} is down (ip link set dev {item.parent} up)"
        master = seen.get(("link", item.parent_netns, parent.master))
        if parent.master is not None and not isinstance(item, Vlan) and not isinstance(master, Vrf):
            yield f"{said} is a port of {parent.master}"


def _needs(item: Object) -> Iterator[tuple[Netns, str]]:
    """Name the devices that an object lies on or speaks of."""
    match item:
        case Address() | Attribute():
            yield item.netns, item.ifname
        case Loan():
            yield item.home, item.home_ifname
        case Vlan() | Macvlan() | Ipvlan():
            yield item.parent_netns, item.parent
        case Vxlan(underlay=str()):
            yield item.socket_netns, str(item.underlay)
