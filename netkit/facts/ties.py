"""
What devices hang on, across namespaces.

A namespace knows a far end only as "ifindex 7, in the namespace that I call 0". What 0 is called
under /run/netns would take a look into every namespace of the host. But whoever asks has an idea: a
State *claims* that con1's eth0 has its peer h1 in the host. A claim is cheap to check.

    con1: eth0  ifindex 2, link_index 9  ──claims──▶  host: h1
    host: h1    ifindex 9, link_index 2               9 = 9 and 2 = 2: confirmed
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netkit.facts.link import Device
from netkit.model.link import Internal, Ipvlan, Link, Macvlan, OtherLink, Tuntap, Veth, Vlan, Vxlan
from netkit.model.object import Netns

World = Mapping[Netns, Mapping[str, Device]]
Claims = Mapping[tuple[Netns, str], tuple[Link, ...]]

UNKNOWN = "?"
KIND = "openvswitch"  # of an internal port in the kernel's datapath; in the program's it is a tap
OF_A_TAP = frozenset({"mode", "kind"})
NO_CLAIMS: Claims = {}
NO_PORTS: frozenset[str] = frozenset()


class Ties:
    """
    All devices that were read, and what is claimed of them.

    Args:
        world: Devices by namespace and name.
        claims: What some State says of a device, by namespace and name.
        ports: Names of Open vSwitch's switches and internal ports.
    """

    def __init__(
        self, world: World, claims: Claims = NO_CLAIMS, ports: frozenset[str] = NO_PORTS
    ) -> None:
        self.world = world
        self.claims = claims
        self.ports = ports
        self._names: dict[Netns, dict[int, str]] = {}

    def link(self, device: Device) -> Link:
        """Make the Link of a device."""
        if self.ports and (port := self._port(device)) is not None:
            fields = {name: device.fields[name] for name in device.fields.keys() - OF_A_TAP}
            return Internal(**fields, port=port)
        tie = TIES.get(device.kind)
        far = {} if tie is None else tie(self, device)
        return device.kind(**device.fields, **far)

    def is_stale(self, port: str) -> bool:
        """
        Say whether an internal port has lost its device, as far as that can be known.

        It waits in the host under its own name, or is where some State claims it to be.
        """
        if None not in self.world or self.find(None, port) is not None:
            return False
        claimed = [
            self.find(*place)
            for place, claims in self.claims.items()
            if any(type(claim) is Internal and claim.port == port for claim in claims)
        ]
        return bool(claimed) and all(
            device is None or self._port(device) != port for device in claimed
        )

    def _port(self, device: Device) -> str | None:
        """
        Name the internal port that a device is, which the kernel does not say.

        One that waits in the host still has its name. Of one that was moved and renamed some State
        claims it; and no other can have it while nothing of its name is in the host.
        """
        fields = device.fields
        if device.kind not in (Tuntap, OtherLink):
            return None
        if fields.get("mode", "tap") != "tap" or fields.get("kind", KIND) != KIND:
            return None
        if fields["netns"] is None and fields["ifname"] in self.ports:
            return str(fields["ifname"])
        for claim in self.claimed(device):
            if isinstance(claim, Internal) and self._is_away(claim.port):
                return claim.port
        return None

    def _is_away(self, port: str) -> bool:
        return port in self.ports and self.find(None, port) is None

    def find(self, netns: Netns, ifname: str) -> Device | None:
        """Give a device by name."""
        return self.world.get(netns, {}).get(ifname)

    def name(self, netns: Netns, ifindex: int) -> str | None:
        """Give the name of a device by its number."""
        names = self._names.get(netns)
        if names is None:
            devices = self.world.get(netns, {}).items()
            names = self._names[netns] = {device.ifindex: name for name, device in devices}
        return names.get(ifindex)

    def claimed(self, device: Device) -> tuple[Link, ...]:
        """Give what is claimed of a device."""
        fields = device.fields
        return self.claims.get((fields["netns"], fields["ifname"]), ())


def _veth(ties: Ties, device: Device) -> dict[str, Any]:
    here = device.fields["netns"]
    if not device.elsewhere:
        name = device.base if type(device.base) is str else ""
        return {"peer_netns": here, "peer": name}
    for claim in ties.claimed(device):
        if type(claim) is Veth and claim.peer_netns != here:
            peer = ties.find(claim.peer_netns, claim.peer)
            if peer is not None and _joined(device, peer):
                return {"peer_netns": claim.peer_netns, "peer": claim.peer}
    return {"peer_netns": UNKNOWN, "peer": ""}


def _joined(one: Device, other: Device) -> bool:
    crossed = one.base == other.ifindex and other.base == one.ifindex
    return crossed and other.elsewhere and other.kind is Veth


def _vxlan(ties: Ties, device: Device) -> dict[str, Any]:
    here = device.fields["netns"]
    if not device.elsewhere:
        return {"socket_netns": here, "underlay": device.base}
    number = 0 if device.base is None else _behind(ties, here, str(device.base))
    netns: Netns = UNKNOWN
    underlay = f"if{number}" if number else None
    for claim in ties.claimed(device):
        if type(claim) is Vxlan and claim.socket_netns != here:
            name = ties.name(claim.socket_netns, number)
            if name == claim.underlay:
                return {"socket_netns": claim.socket_netns, "underlay": name}
            if netns == UNKNOWN:  # no other is known to be right, and this one cannot be wrong
                netns, underlay = claim.socket_netns, name or underlay
    return {"socket_netns": netns, "underlay": underlay}


def _behind(ties: Ties, here: Netns, name: str) -> int:
    """
    Give the ifindex that ip printed the name for.

    It is a number of the socket's namespace, but ip looks it up in the device's own: a name for it
    there is some other device's, and ``if6`` means that there is none.
    """
    device = ties.find(here, name)
    if device is not None:
        return device.ifindex
    digits = name.removeprefix("if")
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _parent(ties: Ties, device: Device) -> dict[str, Any]:
    here = device.fields["netns"]
    if not device.elsewhere:
        return {"parent": str(device.base or ""), "parent_netns": here}
    for claim in ties.claimed(device):
        if isinstance(claim, Vlan | Macvlan | Ipvlan) and claim.parent_netns != here:
            parent = ties.find(claim.parent_netns, claim.parent)
            if parent is not None and parent.ifindex == device.base:
                return {"parent": claim.parent, "parent_netns": claim.parent_netns}
    return {"parent": f"if{device.base}", "parent_netns": UNKNOWN}


TIES: Mapping[type[Link], Callable[[Ties, Device], dict[str, Any]]] = {
    Veth: _veth,
    Vxlan: _vxlan,
    Macvlan: _parent,
    Ipvlan: _parent,
    Vlan: _parent,
}
