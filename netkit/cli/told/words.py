"""How a kernel object is called, in a line of a plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.daemon import Daemon
from netkit.model.firewall import Chain, Jump, LooseRule, Policy, UserChain
from netkit.model.home import HomeAddress, HomeRoute
from netkit.model.link import Bridge, Gre, Link, Macvlan, OtherLink, Tuntap, Veth, Vlan, Vrf, Vxlan
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.routing import MAIN_TABLE, NextHop, Route, Rule
from netkit.model.setting import Attribute, File, Loan, Qdisc, Sysctl
from netkit.names import USER_CHAIN
from netkit.spec.units import write_duration, write_rate

HOST = "host"
EVERYBODY = "00:00:00:00:00:00"
DEFAULTS = frozenset({"0.0.0.0/0", "::/0"})
QUANTITIES: dict[str, Callable[[Any], str]] = {
    "rate": write_rate,
    "delay": write_duration,
    "jitter": write_duration,
    "loss": "{}%".format,
}


def is_computed(name: str) -> bool:
    """Say whether a name is a hash, which says nothing to a person."""
    return name.startswith("nk-")


def place(netns: Netns) -> str:
    """Name a namespace."""
    return HOST if netns is None else netns


@singledispatch
def called(item: Object) -> str:
    """Name an object by its kind and what tells it from its like."""
    return " ".join(str(part) for part in item.key if part is not None)


@called.register(Namespace)
def _(item: Namespace) -> str:
    hidden = " (holds bridges out of the host's reach)" if is_computed(place(item.netns)) else ""
    return f"namespace {place(item.netns)}{hidden}"


@called.register(Link)
def _(item: Link) -> str:
    return f"{item.KIND} {item.ifname}"


@called.register(Bridge)
def _(item: Bridge) -> str:
    network = (item.alias or "").split("/")[1:2] if is_computed(item.ifname) else []
    return f"bridge {item.ifname} (network {network[0]})" if network else f"bridge {item.ifname}"


@called.register(OvsBridge)
def _(item: OvsBridge) -> str:
    return f"ovs bridge {item.ifname}"


@called.register(OvsPort)
def _(item: OvsPort) -> str:
    tag = f" (tag {item.tag})" if item.tag is not None else ""
    return f"ovs port {item.ifname} of {item.bridge}{tag}"


@called.register(OtherLink)
def _(item: OtherLink) -> str:
    return f"{item.kind or 'device'} {item.ifname}"


@called.register(Veth)
def _(item: Veth) -> str:
    far = f"{place(item.peer_netns)}:{item.peer}" if item.peer else "unknown"
    return f"veth {item.ifname} (to {far})"


@called.register(Vxlan)
def _(item: Vxlan) -> str:
    return f"vxlan {item.ifname} (vni {item.vni})"


@called.register(Vlan)
def _(item: Vlan) -> str:
    return f"vlan {item.ifname} ({item.vid} of {item.parent})"


@called.register(Macvlan)
def _(item: Macvlan) -> str:
    return f"{item.KIND} {item.ifname} (on {item.parent})"


@called.register(Tuntap)
def _(item: Tuntap) -> str:
    return f"{item.mode} {item.ifname}"


@called.register(Vrf)
def _(item: Vrf) -> str:
    return f"vrf {item.ifname} (table {item.table})"


@called.register(Gre)
def _(item: Gre) -> str:
    return f"{item.mode} {item.ifname} (to {item.remote})"


@called.register(Address)
def _(item: Address) -> str:
    return f"address {item.cidr} on {item.ifname}"


@called.register(Neighbor)
def _(item: Neighbor) -> str:
    if item.lladdr is None:
        return f"proxy for {item.address} on {item.ifname}"
    return f"neighbour {item.address} at {item.lladdr} on {item.ifname}"


@called.register(FdbEntry)
def _(item: FdbEntry) -> str:
    what = "all unknown" if item.mac == EVERYBODY else item.mac
    return f"fdb {what} to {item.dst} on {item.ifname}"


@called.register(Route)
def _(item: Route) -> str:
    to = "default" if item.to in DEFAULTS else item.to
    kind = "" if item.type == "unicast" else f"{item.type} "
    version = " (IPv6)" if item.to == "::/0" and not item.nexthops else ""
    hops = ", ".join(_hop(hop, several=len(item.nexthops) > 1) for hop in item.nexthops)
    table = "" if item.table == MAIN_TABLE else f" in table {item.table}"
    return " ".join(f"{kind}route {to}{version} {hops}{table}".split())


def _hop(hop: NextHop, *, several: bool) -> str:
    via = f"via {hop.via}" if hop.via else ""
    dev = f"dev {hop.dev}" if hop.dev else ""
    weight = f"weight {hop.weight}" if several else ""
    return " ".join(part for part in (via, dev, weight) if part)


@called.register(Rule)
def _(item: Rule) -> str:
    said = (
        ("from", item.source),
        ("to", item.destination),
        ("iif", item.iif),
        ("oif", item.oif),
        ("fwmark", item.fwmark),
    )
    words = " ".join(f"{name} {value}" for name, value in said if value)
    verdict = item.action if item.table is None else f"lookup {item.table}"
    version = " (IPv6)" if item.family == 6 else ""
    return f"rule {item.priority}{version}: {words or 'all'} {verdict}"


@called.register(Chain)
def _(item: Chain) -> str:
    count = "1 rule" if len(item.rules) == 1 else f"{len(item.rules)} rules"
    return f"{_tables(item.family)} chain {item.name} in {item.table} ({count})"


@called.register(Jump)
def _(item: Jump) -> str:
    return f"{_tables(item.family)} jump {item.hook} to {item.chain} in {item.table}"


@called.register(UserChain)
def _(item: UserChain) -> str:
    return f"{_tables(item.family)} chain {USER_CHAIN} in {item.table}, for rules of your own"


@called.register(Policy)
def _(item: Policy) -> str:
    return f"{_tables(item.family)} policy {item.hook} {item.policy}"


@called.register(LooseRule)
def _(item: LooseRule) -> str:
    return f"{_tables(item.family)} rule in {item.table} {item.hook}: {' '.join(item.words)}"


def _tables(family: int) -> str:
    return "ip6tables" if family == 6 else "iptables"


@called.register(Sysctl)
def _(item: Sysctl) -> str:
    return f"sysctl {item.name} = {item.value}"


@called.register(Attribute)
def _(item: Attribute) -> str:
    return f"{item.name} of {item.ifname} = {item.value or 'none'}"


@called.register(HomeAddress)
def _(item: HomeAddress) -> str:
    return f"address {item.cidr} on {item.ifname}, as at home before"


@called.register(HomeRoute)
def _(item: HomeRoute) -> str:
    return f"route {item.to} by {item.ifname}, as at home before"


@called.register(Loan)
def _(item: Loan) -> str:
    return f"device {item.ifname} (from {place(item.home)}:{item.home_ifname})"


@called.register(Qdisc)
def _(item: Qdisc) -> str:
    said = ((name, quantity(name, getattr(item, name))) for name in QUANTITIES)
    shaped = " ".join(f"{name} {value}" for name, value in said if value)
    return f"{item.kind} on {item.ifname} ({shaped})" if shaped else f"{item.kind} on {item.ifname}"


def quantity(name: str, value: Any) -> str:
    """Write one of QUANTITIES of a discipline as tc does; nothing for none."""
    return QUANTITIES[name](value) if value else ""


@called.register(File)
def _(item: File) -> str:
    return f"file {item.path}"


@called.register(Daemon)
def _(item: Daemon) -> str:
    network = item.alias.split("/")[1:2]
    return f"name server of network {network[0]} (dnsmasq)" if network else item.alias
