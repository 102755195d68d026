"""
Specs side by side: a subnet may not stand twice where one namespace would hold both.

Two networks of one subnet that never meet are fine, in two hidden bridges for example. On the host
they would meet: its routes could lead to one of them only.
"""

from __future__ import annotations

from ipaddress import ip_interface

from netkit.errors import ConflictError
from netkit.expand.ipam.pools import overlap
from netkit.model.addressing import Address
from netkit.model.link import Bridge, Link
from netkit.model.state import State
from netkit.names import alias_owner


def check_neighbors(seen: State, own: State, desired: State) -> None:
    """
    Refuse a network on the host whose subnet is somebody else's there.

    Raises:
        ConflictError: It names whose.
    """
    bridges = {item.ifname for item in desired.every(Bridge) if item.netns is None}
    wanted = [
        (item, ip_interface(item.cidr).network)
        for item in desired.every(Address)
        if item.netns is None and item.ifname in bridges
    ]
    if not wanted:
        return
    others = [
        (item, ip_interface(item.cidr).network)
        for item in seen.every(Address)
        if item.netns is None and item.key not in own and item.key not in desired
    ]
    clashes = [
        f"{item.origin}: subnet {subnet} overlaps {other.cidr} of {_whose(seen, other)}"
        for item, subnet in wanted
        for other, network in others
        if overlap(subnet, network)
    ]
    if clashes:
        raise ConflictError("\n".join(clashes), hint="give the network other subnets")


def _whose(seen: State, address: Address) -> str:
    link = seen.get(("link", None, address.ifname))
    owner = alias_owner(link.alias) if isinstance(link, Link) else None
    return f"spec {owner} ({address.ifname})" if owner else f"the host's {address.ifname}"
