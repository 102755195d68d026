"""What a spec counts on and netkit does not make must be there before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.errors import MissingError
from netkit.model.addressing import Address
from netkit.model.link import Ipvlan, Link, Macvlan, Vlan, Vxlan
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.setting import Attribute, Loan
from netkit.model.state import State


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
    for item in desired:
        for netns, ifname in _needs(item):
            if netns is not None and netns not in places:
                absent[f"{item.origin}: there is no namespace {netns}"] = None
            elif ("link", netns, ifname) not in links:
                where = f"in namespace {netns}" if netns else "on the host"
                absent[f"{item.origin}: there is no device {ifname} {where}"] = None
    if absent:
        raise MissingError(
            "\n".join(absent), hint="make it first, or correct its name (ip -brief link shows them)"
        )


def _needs(item: Object) -> Iterator[tuple[Netns, str]]:
    """Name the devices that an object lies on or speaks of."""
    match item:
        case Address() | Attribute():
            yield item.netns, item.ifname
        case Loan():
            yield item.home, item.home_ifname
        case Vlan():
            yield item.netns, item.parent
        case Macvlan() | Ipvlan():
            yield item.parent_netns, item.parent
        case Vxlan(underlay=str()):
            yield item.socket_netns, str(item.underlay)
