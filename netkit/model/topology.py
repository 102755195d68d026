"""
The checked spec: what the document says, complete in itself, before anything is allotted.

Ranges are written out, names point at things that exist, addresses are ``ipaddress`` objects,
units are numbers. Each value keeps the JSON pointer of the key in the document it came from
(for a range: of the range's key), so that a failure far below can name the place.
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from typing import ClassVar

from netkit.value import Sourced

IPAddress = IPv4Address | IPv6Address
IPInterface = IPv4Interface | IPv6Interface
IPNetwork = IPv4Network | IPv6Network
Labels = tuple[tuple[str, str], ...]
IPV6 = 6


class Shaping(Sourced, frozen=True, kw_only=True):
    """
    What happens to packets on their way out of a device.

    Args:
        rate: Bits per second; 0 for no limit.
        delay: Microseconds.
        jitter: Microseconds.
        loss: Percent, 0 to 100.
    """

    rate: int = 0
    delay: int = 0
    jitter: int = 0
    loss: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.rate or self.delay or self.jitter or self.loss)


UNSHAPED = Shaping()


class Publish(Sourced, frozen=True, kw_only=True):
    """
    Ports of the host that lead to an endpoint.

    Args:
        host_address: None: any of the host's; ``0.0.0.0`` or ``::``: any of that family.
        host_ports: First and last. None: chosen, where a port of the host must lead there.
        ports: Of the endpoint, as many.
        protocol: tcp, udp or sctp.
    """

    host_address: IPAddress | None
    host_ports: tuple[int, int] | None
    ports: tuple[int, int]
    protocol: str = "tcp"
    pointer: str = ""


class Dns(Sourced, frozen=True, kw_only=True):
    """
    What a sandbox knows of names beyond its own network's.

    Args:
        nameservers: For resolv.conf.
        search: For resolv.conf.
        hosts: (name, address) for the hosts file, in document order.
    """

    nameservers: tuple[IPAddress, ...] = ()
    search: tuple[str, ...] = ()
    hosts: tuple[tuple[str, IPAddress], ...] = ()


class NameServer(Sourced, frozen=True, kw_only=True):
    """
    A name server that a network runs for its members.

    Args:
        addresses: Where it listens, at most one in each subnet; None: the gateway addresses, or
            in a network whose gateways are not netkit's one that is allotted.
    """

    addresses: tuple[IPAddress, ...] | None = None
    pointer: str = ""


class Ipam(Sourced, frozen=True, kw_only=True):
    """
    Who allots a network's addresses, and which are not to be allotted.

    Args:
        driver: ``default`` (netkit itself), ``null`` (nobody), or the name of a plugin.
        reserved: (name, part) of what something else holds; the name is empty where none is given.
        options: For the plugin.
    """

    driver: str = "default"
    reserved: tuple[tuple[str, IPNetwork], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    pointer: str = ""

    @property
    def is_remote(self) -> bool:
        """Say whether a plugin allots."""
        return self.driver not in ("default", "null")


DEFAULT_IPAM = Ipam()


class Network(Sourced, frozen=True, kw_only=True):
    """
    A set of endpoints that talk to each other directly.

    Args:
        driver: bridge, macvlan, ipvlan, vlan, ovs, host or null.
        subnets: None: one is allotted from the pools; empty: a pure layer-2 segment.
        gateways: What the spec names; None when the key is absent; empty when it is false.
        ranges: Within which addresses are allotted.
        internal: Nothing leaves it, and nothing comes in.
        ipv6: An IPv6 subnet is allotted where none is named.
        ipam: Who allots, and what is kept back.
        dns: Its name server; None where it has none.
        isolate: Members do not reach each other.
        masquerade: (IPv4, IPv6): what leaves takes the host's address; else the family is routed.
        mtu: None: the driver's default.
        parent: The device below a macvlan, ipvlan or vlan network; None: a ground of netkit's.
        parent_netns: The namespace of the spec that holds it; None: the host.
        mode: Of a macvlan or ipvlan network.
        vid: The VLAN of the parent that the network lies on.
    """

    name: str
    driver: str = "bridge"
    subnets: tuple[IPNetwork, ...] | None = None
    gateways: tuple[IPAddress, ...] | None = None
    ranges: tuple[IPNetwork, ...] = ()
    internal: bool = False
    isolate: bool = False
    masquerade: tuple[bool, bool] = (True, True)
    mtu: int | None = None
    ipv6: bool = False
    ipam: Ipam = DEFAULT_IPAM
    dns: NameServer | None = None
    parent: str | None = None
    parent_netns: str | None = None
    mode: str | None = None
    vid: int | None = None
    labels: Labels = ()
    pointer: str = ""

    def is_masqueraded(self, family: int) -> bool:
        """Say whether what leaves takes the host's address (4 or 6); else the family is routed."""
        return self.masquerade[family == IPV6]


class Endpoint(Sourced, frozen=True, kw_only=True):
    """
    The attachment of one namespace to one network.

    Args:
        network: Its name.
        addresses: None: one of each subnet is allotted; empty: none at all. A subnet from which
            nothing is named here allots one as well. The prefix is the subnet's.
        device: None: the lowest free ``ethN``.
        tag: The VLAN of an access port of Open vSwitch; with trunks, that of untagged frames.
        trunks: The VLANs that a port of Open vSwitch carries with their tags.
        priority: The highest provides the default route.
    """

    network: str
    addresses: tuple[IPInterface, ...] | None = None
    mac: str | None = None
    device: str | None = None
    mtu: int | None = None
    aliases: tuple[str, ...] = ()
    publish: tuple[Publish, ...] = ()
    tag: int | None = None
    trunks: tuple[int, ...] = ()
    priority: int = 0
    shaping: Shaping = UNSHAPED
    pointer: str = ""


class BridgeDetail(Sourced, frozen=True, kw_only=True):
    """``type: bridge``; ``ports`` are devices of the same namespace."""

    ports: tuple[str, ...] = ()
    stp: bool = False
    vlan_filtering: bool = False
    mcast_snooping: bool = True


VXLAN_OVERHEAD = {4: 50, 6: 70}
"""Outer Ethernet, IP, UDP and VXLAN headers, in bytes, by family (RFC 7348)."""


class VxlanDetail(Sourced, frozen=True, kw_only=True):
    """
    ``type: vxlan``.

    Args:
        remotes: Tunnel endpoints that everything unknown is sent to, one zero-MAC FDB entry each.
        group: Multicast group instead of remotes.
        underlay: Device of the outer packets; None: found from ``local`` or by route.
        underlay_netns: The namespace (of the spec, or ``host``) that holds the underlay, when it
            is not the device's own: the socket stays there.
        fdb: (mac, dst) entries.
    """

    vni: int
    local: IPAddress | None = None
    remotes: tuple[IPAddress, ...] = ()
    group: IPAddress | None = None
    dstport: int = 4789
    underlay: str | None = None
    underlay_netns: str | None = None
    learning: bool = True
    fdb: tuple[tuple[str, IPAddress], ...] = ()
    ttl: int = 0


class VlanDetail(Sourced, frozen=True, kw_only=True):
    """``type: vlan``."""

    parent: str
    vid: int


class MacvlanDetail(Sourced, frozen=True, kw_only=True):
    """``type: macvlan``; ``parent_netns`` when the parent lives elsewhere (``host:eth0``)."""

    parent: str
    parent_netns: str | None = None
    mode: str = "bridge"


class IpvlanDetail(Sourced, frozen=True, kw_only=True):
    """``type: ipvlan``; ``parent_netns`` when the parent lives elsewhere (``host:eth0``)."""

    parent: str
    parent_netns: str | None = None
    mode: str = "l2"


class DummyDetail(Sourced, frozen=True, kw_only=True):
    """``type: dummy``."""


class TuntapDetail(Sourced, frozen=True, kw_only=True):
    """``type: tap`` or ``tun``."""

    mode: str = "tap"


class VrfDetail(Sourced, frozen=True, kw_only=True):
    """``type: vrf``; ``ports`` are devices of the same namespace."""

    table: int
    ports: tuple[str, ...] = ()


class GreDetail(Sourced, frozen=True, kw_only=True):
    """``type: gre``; the family follows ``remote``; ``tap`` carries frames."""

    local: IPAddress | None = None
    remote: IPAddress | None = None
    tunnel_key: int | None = None
    ttl: int = 0
    tap: bool = False


class WireguardDetail(Sourced, frozen=True, kw_only=True):
    """``type: wireguard``."""


class BondDetail(Sourced, frozen=True, kw_only=True):
    """``type: bond``; ``ports`` are devices of the same namespace."""

    mode: str = "balance-rr"
    miimon: int = 100
    ports: tuple[str, ...] = ()


class ExistingDetail(Sourced, frozen=True, kw_only=True):
    """
    ``type: existing``: a device that netkit did not make.

    Args:
        home: The namespace it is moved from, with its name there; None when it is here already.
    """

    home: tuple[str, str] | None = None


Detail = (
    BridgeDetail
    | VxlanDetail
    | VlanDetail
    | MacvlanDetail
    | IpvlanDetail
    | DummyDetail
    | TuntapDetail
    | VrfDetail
    | GreDetail
    | WireguardDetail
    | BondDetail
    | ExistingDetail
)


class Device(Sourced, frozen=True, kw_only=True):
    """
    A device of a namespace, or what refines one that a network or a link brings.

    Args:
        detail: What the type says; None refines ``lo``, an endpoint's device or a link's end.
        up: None: the default (up; for an existing device: as it is).
        master: Of the same namespace; what a bridge's ``ports`` say is written out here too.
    """

    ifname: str
    detail: Detail | None = None
    addresses: tuple[IPInterface, ...] = ()
    mtu: int | None = None
    mac: str | None = None
    up: bool | None = None
    master: str | None = None
    shaping: Shaping = UNSHAPED
    pointer: str = ""


class Hop(Sourced, frozen=True, kw_only=True):
    """One way out of a route."""

    via: IPAddress | None = None
    dev: str | None = None
    weight: int = 1


class StaticRoute(Sourced, frozen=True, kw_only=True):
    """
    A route of a spec.

    Args:
        to: The default is ``0.0.0.0/0`` or ``::/0``, told by the family of ``via`` when it says
            ``default``.
        metric: None: the kernel's default of the family.
    """

    to: IPNetwork
    hops: tuple[Hop, ...] = ()
    type: str = "unicast"
    src: IPAddress | None = None
    metric: int | None = None
    table: int = 254
    pointer: str = ""


class PolicyRule(Sourced, frozen=True, kw_only=True):
    """A policy rule of a spec; ``priority`` None: by document order. Family 0: both."""

    family: int
    priority: int | None = None
    source: IPNetwork | None = None
    destination: IPNetwork | None = None
    iif: str | None = None
    oif: str | None = None
    fwmark: str | None = None
    table: int | None = 254
    action: str = "lookup"
    pointer: str = ""


class StaticNeighbor(Sourced, frozen=True, kw_only=True):
    """A permanent neighbour entry of a spec; without ``lladdr`` a proxy entry."""

    device: str
    address: IPAddress
    lladdr: str | None = None
    pointer: str = ""


class Negatable(Sourced, frozen=True, kw_only=True):
    """A value that may begin with ``!``."""

    value: str
    negated: bool = False

    def __str__(self) -> str:
        return f"!{self.value}" if self.negated else self.value


class NatRule(Sourced, frozen=True, kw_only=True):
    """
    One rule of address translation.

    Args:
        action: masquerade, snat or dnat.
        families: (4,), (6,) or (4, 6).
        to: ``ADDR[:PORT]`` of snat and dnat, IPv6 in brackets when a port follows.
        protocol: tcp, udp or sctp; only with dnat.
        ports: Single ports and ranges as ``(80, 80)``, ``(8000, 8100)``.
    """

    action: str
    families: tuple[int, ...]
    source: Negatable | None = None
    destination: Negatable | None = None
    in_device: Negatable | None = None
    out_device: Negatable | None = None
    protocol: str | None = None
    ports: tuple[tuple[int, int], ...] = ()
    to: str | None = None
    pointer: str = ""


class FirewallRule(Sourced, frozen=True, kw_only=True):
    """
    One filter rule.

    Args:
        chain: input, forward or output.
        protocol: tcp, udp, sctp, icmp (ICMPv6 in the rules of IPv6), or None for all.
        state: Of conntrack: new, established, related, invalid.
        action: accept, drop or reject.
    """

    chain: str
    families: tuple[int, ...]
    action: str
    source: Negatable | None = None
    destination: Negatable | None = None
    in_device: Negatable | None = None
    out_device: Negatable | None = None
    protocol: str | None = None
    ports: tuple[tuple[int, int], ...] = ()
    state: tuple[str, ...] = ()
    pointer: str = ""


class Firewall(Sourced, frozen=True, kw_only=True):
    """The filter of a namespace; ``policy`` maps input, forward, output to accept or drop."""

    policy: tuple[tuple[str, str], ...] = ()
    rules: tuple[FirewallRule, ...] = ()
    pointer: str = ""


class ForeignNetns(Sourced, frozen=True, kw_only=True):
    """
    A network namespace that netkit did not make and never deletes.

    Args:
        name: Under /run/netns; or
        path: of a namespace file; or
        pid: of a process in it.
    """

    name: str | None = None
    path: str | None = None
    pid: int | None = None


class Sandbox(Sourced, frozen=True, kw_only=True):
    """
    A namespace of the spec: a sandbox in the words of the CNM.

    Args:
        name: Without the prefix; ``host`` is the namespace netkit runs in.
        netns: None: netkit makes it.
        shares_host: It is in a network of the driver host, and has no stack but the host's.
        forwarding: (IPv4, IPv6); None where the key is absent: off in a new namespace, left as
            it is elsewhere.
        dad: Leave duplicate address detection on.
        sysctls: (key with slashes, value).
    """

    name: str
    netns: ForeignNetns | None = None
    shares_host: bool = False
    endpoints: tuple[Endpoint, ...] = ()
    devices: tuple[Device, ...] = ()
    routes: tuple[StaticRoute, ...] = ()
    rules: tuple[PolicyRule, ...] = ()
    neighbors: tuple[StaticNeighbor, ...] = ()
    forwarding: tuple[bool | None, bool | None] = (None, None)
    dad: bool = False
    sysctls: tuple[tuple[str, str], ...] = ()
    nat: tuple[NatRule, ...] = ()
    firewall: Firewall | None = None
    dns: Dns | None = None
    labels: Labels = ()
    pointer: str = ""


class CableEnd(Sourced, frozen=True, kw_only=True):
    """
    One end of a cable.

    Args:
        namespace: Of the spec, or ``host``.
        device: Its name there.
        addresses: With prefix; what ``subnet`` gives is written out here.
    """

    namespace: str
    device: str
    addresses: tuple[IPInterface, ...] = ()
    mac: str | None = None


class Cable(Sourced, frozen=True, kw_only=True):
    """A veth pair between two namespaces: an entry of ``links``, ranges written out."""

    ends: tuple[CableEnd, CableEnd]
    mtu: int | None = None
    up: bool = True
    shaping: Shaping = UNSHAPED
    pointer: str = ""


class Check(Sourced, frozen=True, kw_only=True):
    """
    Something that must hold once the network is there.

    Args:
        source: The namespace it starts from.
        verb: ping, tcp, udp, http, resolve or run.
        target: A namespace of the spec, a name or an address; ``HOST:PORT`` for tcp and udp, a
            URL for http; empty for run.
        command: The argument list of run.
        expect: reachable or unreachable.
        within: Seconds until it counts as failed.
        serve: netkit listens at the target for the length of the check.
    """

    source: str
    verb: str
    target: str = ""
    command: tuple[str, ...] = ()
    expect: str = "reachable"
    within: float = 5.0
    serve: bool = False
    pointer: str = ""


class Topology(Sourced, frozen=True, kw_only=True):
    """
    A whole spec, checked.

    Args:
        name: The owner's name of all that is built from it.
        prefix: Goes before every kernel namespace name.
        written: The document that says it, as JSON; empty where there is none.
    """

    UNCOMPARED: ClassVar[frozenset[str]] = Sourced.UNCOMPARED | {"written"}

    name: str
    prefix: str = ""
    description: str = ""
    networks: tuple[Network, ...] = ()
    namespaces: tuple[Sandbox, ...] = ()
    links: tuple[Cable, ...] = ()
    checks: tuple[Check, ...] = ()
    written: str = ""

    def network(self, name: str) -> Network:
        """Give the network called ``name``, which a checked spec has."""
        return next(item for item in self.networks if item.name == name)
