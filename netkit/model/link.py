"""Network devices, one class per kind of iproute2's ``type``."""

from __future__ import annotations

from typing import ClassVar

from netkit.model.object import Key, Netns, Object


class Link(Object, frozen=True, kw_only=True):
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


class Loopback(Link, frozen=True, kw_only=True):
    """``lo``; born with its namespace, down."""

    KIND: ClassVar[str] = "loopback"

    ifname: str = "lo"
    mtu: int = 65536


class Veth(Link, frozen=True, kw_only=True):
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


class Bridge(Link, frozen=True, kw_only=True):
    """
    A software switch (IEEE 802.1D).

    Args:
        stp: Run the spanning tree protocol.
        vlan_filtering: Keep VLANs apart.
        mcast_snooping: Send multicast to those only who asked for it (RFC 4541).
    """

    KIND: ClassVar[str] = "bridge"

    stp: bool = False
    vlan_filtering: bool = False
    mcast_snooping: bool = True


class Vxlan(Link, frozen=True, kw_only=True):
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
    FIXED: ClassVar[tuple[str, ...]] = (
        "vni",
        "dstport",
        "underlay",
        "socket_netns",
        "remote",
        "local_family",
    )

    vni: int
    local: str | None = None
    remote: str | None = None
    dstport: int = 4789
    underlay: str | None = None
    socket_netns: Netns = None
    learning: bool = True
    ttl: int = 0

    @property
    def local_family(self) -> int:
        """The family of ``local``, 4 or 6, which stays what it was; 0 for none."""
        return 0 if self.local is None else 6 if ":" in self.local else 4


class Vlan(Link, frozen=True, kw_only=True):
    """An IEEE 802.1Q sub-interface; its parent may be in another namespace."""

    KIND: ClassVar[str] = "vlan"
    FIXED: ClassVar[tuple[str, ...]] = ("parent", "parent_netns", "vid")

    parent: str
    parent_netns: Netns = None
    vid: int


class Macvlan(Link, frozen=True, kw_only=True):
    """A second MAC address on a parent device; ``mode`` bridge, private, vepa or passthru."""

    KIND: ClassVar[str] = "macvlan"
    FIXED: ClassVar[tuple[str, ...]] = ("parent", "parent_netns", "mode")

    parent: str
    parent_netns: Netns = None
    mode: str = "bridge"


class Ipvlan(Link, frozen=True, kw_only=True):
    """Further addresses behind a parent's MAC address; ``mode`` l2, l3 or l3s."""

    KIND: ClassVar[str] = "ipvlan"
    FIXED: ClassVar[tuple[str, ...]] = ("parent", "parent_netns", "mode")

    parent: str
    parent_netns: Netns = None
    mode: str = "l2"


class Internal(Link, frozen=True, kw_only=True):
    """
    The device of an internal port of Open vSwitch, or of a switch itself.

    Args:
        port: The port's name in the switch, which it was born with.
    """

    KIND: ClassVar[str] = "openvswitch"
    FIXED: ClassVar[tuple[str, ...]] = ("port",)

    port: str


class Dummy(Link, frozen=True, kw_only=True):
    """A device that swallows what it is sent."""

    KIND: ClassVar[str] = "dummy"


class Tuntap(Link, frozen=True, kw_only=True):
    """A device whose far side is a program; ``mode`` tap (frames) or tun (packets)."""

    KIND: ClassVar[str] = "tun"
    FIXED: ClassVar[tuple[str, ...]] = ("mode",)

    mode: str = "tap"


class Vrf(Link, frozen=True, kw_only=True):
    """A routing domain: its ports look routes up in ``table``."""

    KIND: ClassVar[str] = "vrf"
    FIXED: ClassVar[tuple[str, ...]] = ("table",)

    table: int


class Gre(Link, frozen=True, kw_only=True):
    """A GRE tunnel (RFC 2784); ``mode`` gre, gretap, ip6gre or ip6gretap."""

    KIND: ClassVar[str] = "gre"
    FIXED: ClassVar[tuple[str, ...]] = ("mode", "local", "remote", "tunnel_key", "ttl")

    mode: str = "gre"
    local: str | None = None
    remote: str | None = None
    tunnel_key: int | None = None
    ttl: int = 0


class Wireguard(Link, frozen=True, kw_only=True):
    """A WireGuard device; its keys and peers are ``wg``'s business."""

    KIND: ClassVar[str] = "wireguard"


class Bond(Link, frozen=True, kw_only=True):
    """Several devices as one; ``miimon`` is the link check's interval in milliseconds."""

    KIND: ClassVar[str] = "bond"
    FIXED: ClassVar[tuple[str, ...]] = ("mode",)

    mode: str = "balance-rr"
    miimon: int = 0


class OtherLink(Link, frozen=True, kw_only=True):
    """A device of a kind that netkit does not build; read, shown, deleted, never made."""

    FIXED: ClassVar[tuple[str, ...]] = ("kind",)

    kind: str = ""
