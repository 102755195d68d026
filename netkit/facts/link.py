"""
Devices: what ``ip address show`` says of each, addresses aside.

    {"ifindex": 2, "link_index": 7, "ifname": "eth0", "flags": ["UP"], "mtu": 1500, "group": "0",
     "address": "02:42:0a:01:00:02", "link_netnsid": 0, "linkinfo": {"info_kind": "veth"}}

A device may hang on another one: a veth on its peer, a macvlan on its parent. JSON gives the name
of that one where it lives in the same namespace and its bare ifindex elsewhere, so ``ties`` comes
after all namespaces were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from netkit.command import addr
from netkit.command.command import Command
from netkit.facts.document import (
    Json,
    OddError,
    Said,
    clipped,
    field,
    host,
    numeral,
    question,
    within,
)
from netkit.model.link import (
    Bond,
    Bridge,
    Dummy,
    Gre,
    Ipvlan,
    Link,
    Loopback,
    Macvlan,
    OtherLink,
    Tuntap,
    Veth,
    Vlan,
    Vrf,
    Vxlan,
    Wireguard,
)
from netkit.model.object import Netns
from netkit.value import Value


class Port(Said, frozen=True):
    """What a bridge says of a port; a VRF or a bond says nothing of this."""

    isolated: bool = False
    hairpin: bool = False


class Info(Said, frozen=True):
    """What the driver of a device says."""

    info_kind: str = ""
    info_data: dict[str, Any] = field(default_factory=dict)
    info_slave_data: Port | None = None


class Given(Said, frozen=True):
    """An address."""

    local: str
    prefixlen: int
    protocol: str = ""
    dynamic: bool = False
    temporary: bool = False
    mngtmpaddr: bool = False
    stable: bool = field(default=False, name="stable-privacy")


class Entry(Said, frozen=True):
    """A device with its addresses."""

    ifindex: int
    ifname: str
    flags: tuple[str, ...]
    mtu: int
    group: str
    link_type: str
    address: str | None = None
    qdisc: str = ""
    master: str | None = None
    ifalias: str | None = None
    link: str | None = None
    link_index: int | None = None
    link_netnsid: int | None = None
    linkinfo: Info | None = None
    addr_info: tuple[Given, ...] = ()


QUESTION = question(addr.show())


def question_of(ifname: str) -> Command:
    """Give the same question about one device."""
    return question(addr.show(ifname))


SAYS = Json("ip address show", Entry)

GROUPS = {"default": 0}
LOOPBACK = frozenset({"loopback", "[772]"})  # the second is what -Numeric makes of it
ETHER = frozenset({"ether", "[1]"})

# The kernel makes these by itself with the first tunnel of their kind, in every namespace; the last
# two are a datapath of Open vSwitch, there with its first switch and gone with its last.
FALLBACKS = frozenset(
    {"tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip6tnl0", "ip6gre0", "ip_vti0", "ip6_vti0"}
    | {"ifb0", "ifb1", "ovs-netdev", "ovs-system"}
)


class Device(Value, frozen=True):
    """
    A device as its own namespace sees it.

    Args:
        kind: The class it becomes.
        fields: What that class is made from, but for the far ends.
        ifindex: Its number in its namespace.
        base: The device it hangs on: its name in the same namespace, its ifindex elsewhere. For a
            VXLAN always a name, see ``ties``.
        elsewhere: That one lives in another namespace (for a VXLAN: its socket does).
        qdisc: Name of the discipline at its root.
    """

    kind: type[Link]
    fields: dict[str, Any]
    ifindex: int
    base: str | int | None
    elsewhere: bool
    qdisc: str


def parse(said: str, netns: Netns = None) -> dict[str, Device]:
    """
    Read the answer to ``QUESTION``.

    Returns:
        Devices by name, as ip lists them; ``ties`` makes Links of them.

    Raises:
        NetkitError: It is not what ip answers.
    """
    with SAYS:
        return devices(SAYS.entries(said), netns)


def devices(found: Iterable[Entry], netns: Netns) -> dict[str, Device]:
    """Read the entries of an answer."""
    return {entry.ifname: _device(entry, netns) for entry in found}


def _device(entry: Entry, netns: Netns) -> Device:
    fields = {
        "netns": netns,
        "ifname": entry.ifname,
        "mtu": entry.mtu,
        "up": "UP" in entry.flags,
        "alias": entry.ifalias,
        "group": numeral(entry.group, GROUPS),
        "master": entry.master,
    }
    base: str | int | None = entry.link if entry.link_index is None else entry.link_index
    info = entry.linkinfo
    if info is None:
        kind: type[Link] = Loopback if entry.link_type in LOOPBACK else OtherLink
    else:
        kind, detail = KINDS.get(info.info_kind, (OtherLink, None))
        if kind is OtherLink:
            fields["kind"] = info.info_kind
        if detail is not None:
            fields.update(within(info.info_data, detail).fields(info.info_kind))
            # A VXLAN's own link_index says nothing: its underlay stands among its details.
            base = fields.pop("underlay", base)
        port = info.info_slave_data
        if port is not None:
            fields["isolated"], fields["hairpin"] = port.isolated, port.hairpin
    if entry.address is not None and entry.link_type in ETHER and not _is_borrowed(kind, fields):
        fields["mac"] = entry.address.lower()
    elsewhere = entry.link_netnsid is not None
    return Device(kind, fields, entry.ifindex, base, elsewhere, entry.qdisc)


def _is_borrowed(kind: type[Link], fields: Mapping[str, Any]) -> bool:
    """Say whether a device has the MAC address of its parent, and no other."""
    return kind is Ipvlan or (kind is Macvlan and fields["mode"] == "passthru")


class Detail(Said, frozen=True):
    """What only devices of one kind say."""

    def fields(self, kind: str) -> dict[str, Any]:
        """Give what their class is made from."""
        raise NotImplementedError


class _Bridge(Detail, frozen=True):
    stp_state: int | bool = 0
    vlan_filtering: int | bool = 0
    mcast_snooping: int | bool = 1

    def fields(self, kind: str) -> dict[str, Any]:
        return {
            "stp": self.stp_state != 0,
            "vlan_filtering": self.vlan_filtering != 0,
            "mcast_snooping": self.mcast_snooping != 0,
        }


class _Vxlan(Detail, frozen=True):
    id: int
    port: int
    learning: bool
    local: str | None = None
    local6: str | None = None
    group: str | None = None
    group6: str | None = None
    remote: str | None = None
    remote6: str | None = None
    link: str | None = None
    ttl: int | str = 0

    def fields(self, kind: str) -> dict[str, Any]:
        return {
            "vni": self.id,
            "dstport": self.port,
            "learning": self.learning,
            "local": _address(self.local or self.local6),
            "remote": _address(self.group or self.group6 or self.remote or self.remote6),
            "underlay": self.link,
            "ttl": _ttl(self.ttl),
        }


class _Vlan(Detail, frozen=True):
    id: int

    def fields(self, kind: str) -> dict[str, Any]:
        return {"vid": self.id}


class _Mode(Detail, frozen=True):
    mode: str

    def fields(self, kind: str) -> dict[str, Any]:
        return {"mode": self.mode}


class _Tun(Detail, frozen=True):
    type: str

    def fields(self, kind: str) -> dict[str, Any]:
        return {"mode": self.type}


class _Vrf(Detail, frozen=True):
    table: int

    def fields(self, kind: str) -> dict[str, Any]:
        return {"table": self.table}


class _Gre(Detail, frozen=True):
    local: str | None = None
    remote: str | None = None
    okey: str | None = None
    ttl: int | str = 0

    def fields(self, kind: str) -> dict[str, Any]:
        return {
            "mode": kind,
            "local": _address(self.local),
            "remote": _address(self.remote),
            "tunnel_key": None if self.okey is None else _key(self.okey),
            "ttl": _ttl(self.ttl),
        }


class _Bond(Detail, frozen=True):
    mode: str
    miimon: int = 0

    def fields(self, kind: str) -> dict[str, Any]:
        return {"mode": self.mode, "miimon": self.miimon}


def _address(address: str | None) -> str | None:
    return None if address is None or address == "any" else host(address)


def _ttl(ttl: int | str) -> int:
    """Read a TTL; some kinds say ``inherit`` for 0."""
    return ttl if isinstance(ttl, int) else 0


def _key(key: str) -> int:
    """Read the key of a GRE tunnel, which ip prints as a dotted quad."""
    try:
        return int.from_bytes(bytes([int(word) for word in key.split(".")]), "big")
    except ValueError:
        raise OddError(f"{clipped(key)} is no key of a tunnel") from None


KINDS: Mapping[str, tuple[type[Link], type[Detail] | None]] = {
    "veth": (Veth, None),
    "bridge": (Bridge, _Bridge),
    "vxlan": (Vxlan, _Vxlan),
    "vlan": (Vlan, _Vlan),
    "macvlan": (Macvlan, _Mode),
    "ipvlan": (Ipvlan, _Mode),
    "dummy": (Dummy, None),
    "tun": (Tuntap, _Tun),
    "vrf": (Vrf, _Vrf),
    "gre": (Gre, _Gre),
    "gretap": (Gre, _Gre),
    "ip6gre": (Gre, _Gre),
    "ip6gretap": (Gre, _Gre),
    "wireguard": (Wireguard, None),
    "bond": (Bond, _Bond),
}
