"""Network devices, one class per kind of iproute2's ``type``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from netkit.model.object import Key, Netns, Object


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Object):
    """
    A network device.

    Args:
        ifname: At most 15 bytes.
        mtu: In bytes.
        mac: Lower-case, colons; None where the kind has none or it is nobody's business.
        up: Administratively up.
        master: The bridge, VRF or bond that it is a port of.
        alias: Whose it is: ``netkit:<spec>/<namespace>/<device>``.
        group: The mark that netkit made it, set atomically with the device.
        isolated: As a bridge port, it talks only to ports that are not isolated.
        hairpin: As a bridge port, frames may leave by the port they came in.
    """

    KIND: ClassVar[str] = ""
    FIXED: ClassVar[tuple[str, ...]] = ()
    """What cannot change while the device lives; a change of it makes the device anew."""

    ifname: str
    mtu: int = 1500
    mac: str | None = None
    up: bool = True
    master: str | None = None
    alias: str | None = None
    group: int = 0
    isolated: bool = False
    hairpin: bool = False

    @property
    def key(self) -> Key:
        """Identify by namespace and name; of whatever kind, there is one device of a name."""
        return ("link", self.netns, self.ifname)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loopback(Link):
    """``lo``; born with its namespace, down."""

    KIND: ClassVar[str] = "loopback"

    ifname: str = "lo"
    mtu: int = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Veth(Link):
    """
    One end of a virtual cable.

    Args:
        peer_netns: Where the other end lives.
        peer: The other end's name; empty when it could not be told.
    """

    KIND: ClassVar[str] = "veth"
    FIXED: ClassVar[tuple[str, ...]] = ("peer_netns", "peer")

    peer_netns: Netns = None
    peer: str = ""

    @property
    def peer_key(self) -> Key:
        """Give the identity of the other end."""
        return ("link", self.peer_netns, self.peer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge(Link):
    """A software switch (IEEE 802.1D)."""

    KIND: ClassVar[str] = "bridge"

    stp: bool = False
    vlan_filtering: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vxlan(Link):
    """
    A VXLAN tunnel endpoint (RFC 7348).

    Args:
        vni: 0 to 16777215.
        local: Source address of the outer packets.
        remote: Multicast group; unicast remotes are FDB entries.
        dstport: UDP port.
        underlay: The device the outer packets leave by.
        socket_netns: Where its UDP socket stays: the namespace it was made in.
        learning: Fill the FDB from what arrives.
        ttl: 0 inherits (IPv4: 64).
    """

    KIND: ClassVar[str] = "vxlan"
    FIXED: ClassVar[tuple[str, ...]] = ("vni", "dstport", "underlay", "socket_netns")

    vni: int
    local: str | None = None
    remote: str | None = None
    dstport: int = 4789
    underlay: str | None = None
    socket_netns: Netns = None
    learning: bool = True
    ttl: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vlan(Link):
    """An IEEE 802.1Q sub-interface."""

    KIND: ClassVar[str] = "vlan"
    FIXED: ClassVar[tuple[str, ...]] = ("parent", "vid")

    parent: str
    vid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Macvlan(Link):
    """A second MAC address on a parent device; ``mode`` bridge, private, vepa or passthru."""

    KIND: ClassVar[str] = "macvlan"
    FIXED: ClassVar[tuple[str, ...]] = ("parent", "parent_netns", "mode")

    parent: str
    parent_netns: Netns = None
    mode: str = "bridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ipvlan(Link):
    """Further addresses behind a parent's MAC address; ``mode`` l2, l3 or l3s."""

    KIND: ClassVar[str] = "ipvlan"
    FIXED: ClassVar[tuple[str, ...]] = ("parent", "parent_netns", "mode")

    parent: str
    parent_netns: Netns = None
    mode: str = "l2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dummy(Link):
    """A device that swallows what it is sent."""

    KIND: ClassVar[str] = "dummy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuntap(Link):
    """A device whose far side is a program; ``mode`` tap (frames) or tun (packets)."""

    KIND: ClassVar[str] = "tun"
    FIXED: ClassVar[tuple[str, ...]] = ("mode",)

    mode: str = "tap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vrf(Link):
    """A routing domain: its ports look routes up in ``table``."""

    KIND: ClassVar[str] = "vrf"
    FIXED: ClassVar[tuple[str, ...]] = ("table",)

    table: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gre(Link):
    """A GRE tunnel (RFC 2784); ``mode`` gre, gretap, ip6gre or ip6gretap."""

    KIND: ClassVar[str] = "gre"
    FIXED: ClassVar[tuple[str, ...]] = ("mode", "local", "remote", "tunnel_key", "ttl")

    mode: str = "gre"
    local: str | None = None
    remote: str | None = None
    tunnel_key: int | None = None
    ttl: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wireguard(Link):
    """A WireGuard device; its keys and peers are ``wg``'s business."""

    KIND: ClassVar[str] = "wireguard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond(Link):
    """Several devices as one; ``miimon`` is the link check's interval in milliseconds."""

    KIND: ClassVar[str] = "bond"
    FIXED: ClassVar[tuple[str, ...]] = ("mode",)

    mode: str = "balance-rr"
    miimon: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLink(Link):
    """A device of a kind that netkit does not build; read, shown, deleted, never made."""

    FIXED: ClassVar[tuple[str, ...]] = ("kind",)

    kind: str = ""
