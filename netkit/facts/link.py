"""
Devices: what ``ip address show`` says of each, addresses aside.

    {"ifindex": 2, "link_index": 7, "ifname": "eth0", "flags": ["UP"], "mtu": 1500, "group": "0",
     "address": "02:42:0a:01:00:02", "link_netnsid": 0, "linkinfo": {"info_kind": "veth"}}

A device may hang on another one: a veth on its peer, a macvlan on its parent. JSON gives the name
of that one where it lives in the same namespace and its bare ifindex elsewhere, so ``ties`` comes
after all namespaces were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netkit.command import addr
from netkit.facts.document import (
    Entry,
    OddError,
    Says,
    array,
    entries,
    flag,
    host,
    number,
    numeral,
    odd,
    part,
    question,
    text,
    text_or_none,
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

QUESTION = question(addr.show())
SAYS = Says("ip address show")

GROUPS = {"default": 0}
LOOPBACK = frozenset({"loopback", "[772]"})  # the second is what -Numeric makes of it
ETHER = frozenset({"ether", "[1]"})
SHARING = ("ipvlan",)  # its MAC address is its parent's

# The kernel makes these by itself with the first tunnel of their kind, in every namespace.
FALLBACKS = frozenset(
    {"tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip6tnl0", "ip6gre0", "ip_vti0", "ip6_vti0"}
    | {"ifb0", "ifb1"}
)


@dataclass(slots=True)
class Device:
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
        Devices by name, in the order of their ifindex; ``ties`` makes Links of them.

    Raises:
        NetkitError: It is not what ip answers.
    """
    with SAYS:
        return devices(entries(said), netns)


def devices(found: Iterable[Entry], netns: Netns) -> dict[str, Device]:
    """Read the entries of an answer."""
    read = [device(entry, netns) for entry in found]
    return {each.fields["ifname"]: each for each in read}


def device(entry: Entry, netns: Netns) -> Device:
    """Read one entry."""
    info = part(entry, "linkinfo")
    link_type = text(entry, "link_type")
    fields: dict[str, Any] = {
        "netns": netns,
        "ifname": text(entry, "ifname"),
        "mtu": number(entry, "mtu"),
        "up": "UP" in array(entry, "flags"),
        "alias": text_or_none(entry, "ifalias"),
        "group": numeral(entry, "group", GROUPS),
    }
    if link_type in ETHER and info.get("info_kind") not in SHARING:
        fields["mac"] = text(entry, "address").lower()
    if "master" in entry:
        fields["master"] = text(entry, "master")
        if info.get("info_slave_kind") == "bridge":
            port = part(info, "info_slave_data")
            fields["isolated"] = flag(port, "isolated")
            fields["hairpin"] = flag(port, "hairpin")
    kind = _kind(info, link_type, fields)
    # A VXLAN's own link_index says nothing: its underlay stands among its details.
    base = fields.pop("underlay") if kind is Vxlan else entry.get("link_index", entry.get("link"))
    if base is not None and type(base) is not int and type(base) is not str:
        raise odd(entry, "link", "the name or the number of a device")
    elsewhere = "link_netnsid" in entry
    qdisc = text_or_none(entry, "qdisc") or ""
    return Device(kind, fields, number(entry, "ifindex"), base, elsewhere, qdisc)


def _kind(info: Entry, link_type: str, fields: dict[str, Any]) -> type[Link]:
    """Find the class of a device, and add what only that class has to ``fields``."""
    if link_type in LOOPBACK:
        return Loopback
    name = text_or_none(info, "info_kind") or ""
    kind, detail = KINDS.get(name, (OtherLink, None))
    if kind is OtherLink:
        fields["kind"] = name
    if detail is not None:
        fields.update(detail(part(info, "info_data"), name))
    return kind


def _bridge(data: Entry, kind: str) -> Iterator[tuple[str, Any]]:
    yield "stp", flag(data, "stp_state")
    yield "vlan_filtering", flag(data, "vlan_filtering")


def _vxlan(data: Entry, kind: str) -> Iterator[tuple[str, Any]]:
    yield "vni", number(data, "id")
    yield "local", _first(data, "local", "local6")
    yield "remote", _first(data, "group", "group6", "remote", "remote6")
    yield "dstport", number(data, "port")
    # A name of this namespace, whatever namespace the number behind it belongs to: see ties.
    yield "underlay", text_or_none(data, "link")
    yield "learning", flag(data, "learning")
    ttl = data.get("ttl")
    yield "ttl", ttl if type(ttl) is int else 0


def _vlan(data: Entry, kind: str) -> Iterator[tuple[str, Any]]:
    yield "vid", number(data, "id")


def _mode(data: Entry, kind: str) -> Iterator[tuple[str, Any]]:
    yield "mode", text(data, "mode")


def _tun(data: Entry, kind: str) -> Iterator[tuple[str, Any]]:
    yield "mode", text(data, "type")


def _vrf(data: Entry, kind: str) -> Iterator[tuple[str, Any]]:
    yield "table", number(data, "table")


def _gre(data: Entry, kind: str) -> Iterator[tuple[str, Any]]:
    yield "mode", kind
    yield "local", _first(data, "local")
    yield "remote", _first(data, "remote")
    yield "tunnel_key", _key(data)
    ttl = data.get("ttl", data.get("hoplimit"))
    yield "ttl", ttl if type(ttl) is int else 0


def _bond(data: Entry, kind: str) -> Iterator[tuple[str, Any]]:
    yield "mode", text(data, "mode")
    yield "miimon", number(data, "miimon", 0)


def _first(data: Entry, *names: str) -> str | None:
    """Take the address that is there under one of ``names``; ``any`` is none."""
    for name in names:
        address = text_or_none(data, name)
        if address is not None and address != "any":
            return host(address)
    return None


def _key(data: Entry) -> int | None:
    """Take the key of a GRE tunnel, which ip prints as a dotted quad."""
    key = text_or_none(data, "okey") or text_or_none(data, "ikey")
    if key is None:
        return None
    try:
        return int.from_bytes(bytes([int(word) for word in key.split(".")]), "big")
    except ValueError:
        raise OddError(f"{key!r} is no key of a tunnel") from None


Detail = Callable[[Entry, str], Iterable[tuple[str, Any]]]
KINDS: Mapping[str, tuple[type[Link], Detail | None]] = {
    "veth": (Veth, None),
    "bridge": (Bridge, _bridge),
    "vxlan": (Vxlan, _vxlan),
    "vlan": (Vlan, _vlan),
    "macvlan": (Macvlan, _mode),
    "ipvlan": (Ipvlan, _mode),
    "dummy": (Dummy, None),
    "tun": (Tuntap, _tun),
    "vrf": (Vrf, _vrf),
    "gre": (Gre, _gre),
    "gretap": (Gre, _gre),
    "ip6gre": (Gre, _gre),
    "ip6gretap": (Gre, _gre),
    "wireguard": (Wireguard, None),
    "bond": (Bond, _bond),
}
