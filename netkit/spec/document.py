"""
Back from a ``Topology`` to a document that says the same, everything explicit.

``topology(document(t)) == t``: what is allotted is written out, ranges stay written out, and
what a key does not say (an address to be allotted, a metric) stays unsaid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netkit.model.topology import (
    DEFAULT_IPAM,
    BondDetail,
    BridgeDetail,
    Cable,
    Check,
    Detail,
    Device,
    Dns,
    DummyDetail,
    Endpoint,
    ExistingDetail,
    Firewall,
    FirewallRule,
    ForeignNetns,
    GreDetail,
    Hop,
    Ipam,
    IpvlanDetail,
    MacvlanDetail,
    NameServer,
    NatRule,
    Network,
    PolicyRule,
    Sandbox,
    Shaping,
    StaticNeighbor,
    StaticRoute,
    Topology,
    TuntapDetail,
    VlanDetail,
    VrfDetail,
    VxlanDetail,
    WireguardDetail,
)
from netkit.spec import units
from netkit.spec.check.ipam import written
from netkit.spec.publish import write_publish
from netkit.spec.sections.devices import PortDetail
from netkit.spec.sections.networks import UNFIT
from netkit.spec.words import TABLES

KEYLESS_DRIVERS = frozenset({"host", "null"})
FAMILY_WORDS = {4: "ipv4", 6: "ipv6"}
TABLE_WORDS = {number: word for word, number in TABLES.items()}


def document(topology: Topology) -> dict[str, Any]:
    """
    Write a topology in the language of the spec.

    Returns:
        What ``json.dumps`` takes, in the order of the sections.
    """
    keyless = {item.name for item in topology.networks if item.driver in KEYLESS_DRIVERS}
    return _said(
        name=topology.name,
        prefix=topology.prefix or None,
        description=topology.description or None,
        networks={network.name: _network(network) for network in topology.networks} or None,
        namespaces={item.name: _sandbox(item, keyless) for item in topology.namespaces} or None,
        links=[_cable(cable) for cable in topology.links] or None,
        checks=[_check(check) for check in topology.checks] or None,
    )


def _said(**keys: Any) -> dict[str, Any]:
    """Make an object of the keys that have something to say; ``in_`` and ``from_`` are Python's."""
    return {key.rstrip("_"): value for key, value in keys.items() if value is not None}


def _texts(values: Any) -> list[str]:
    return [str(value) for value in values]


def _one_or_all(values: list[Any]) -> Any:
    """Write a list of one as the one; nothing for none."""
    return None if not values else values[0] if len(values) == 1 else values


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


def _network(network: Network) -> dict[str, Any]:
    if network.driver in KEYLESS_DRIVERS:
        return _said(driver=network.driver, labels=dict(network.labels) or None)
    return _said(
        driver=network.driver,
        subnets=None if network.subnets is None else _texts(network.subnets),
        gateway=None
        if network.gateways is None
        else _one_or_all(_texts(network.gateways)) or False,
        range=_one_or_all(_texts(network.ranges)),
        internal=network.internal,
        **_of_the_driver(network),
        mtu=network.mtu,
        parent=_reference(network.parent_netns, network.parent),
        mode=network.mode,
        vid=network.vid,
        ipv6=network.ipv6 or None,
        ipam=None if network.ipam == DEFAULT_IPAM else _ipam(network.ipam),
        dns=None if network.dns is None else _name_server(network.dns),
        labels=dict(network.labels) or None,
    )


def _ipam(ipam: Ipam) -> dict[str, Any]:
    named = all(name for name, _ in ipam.reserved)
    parts = [(name, written(part)) for name, part in ipam.reserved]
    return _said(
        driver=ipam.driver,
        reserved=(dict(parts) if named else [part for _, part in parts]) or None,
        options=dict(ipam.options) or None,
    )


def _name_server(server: NameServer) -> Any:
    if server.addresses is None:
        return "server"
    return {"server": _one_or_all(_texts(server.addresses)) or []}


def _of_the_driver(network: Network) -> dict[str, Any]:
    """Write what has a default only where the driver knows it."""
    said = {"isolate": network.isolate, "masquerade": _families(*network.masquerade)}
    return {key: value for key, value in said.items() if key not in UNFIT[network.driver]}


def _shaping(shaping: Shaping) -> dict[str, Any]:
    return _said(
        rate=units.write_rate(shaping.rate) if shaping.rate else None,
        delay=units.write_duration(shaping.delay) if shaping.delay else None,
        jitter=units.write_duration(shaping.jitter) if shaping.jitter else None,
        loss=units.write_percent(shaping.loss) if shaping.loss else None,
    )


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return _said(
        addresses=None if endpoint.addresses is None else _texts(endpoint.addresses),
        mac=endpoint.mac,
        device=endpoint.device,
        mtu=endpoint.mtu,
        aliases=list(endpoint.aliases) or None,
        tag=endpoint.tag,
        trunks=list(endpoint.trunks) or None,
        publish=[write_publish(item) for item in endpoint.publish] or None,
        priority=endpoint.priority or None,
        **_shaping(endpoint.shaping),
    )


def _endpoints(endpoints: tuple[Endpoint, ...], keyless: set[str]) -> dict[str, Any]:
    """Write what a namespace is a member of; in some networks there is nothing more to say."""
    return {item.network: {} if item.network in keyless else _endpoint(item) for item in endpoints}


def _sandbox(sandbox: Sandbox, keyless: set[str]) -> dict[str, Any]:
    return _said(
        netns=_netns(sandbox.netns),
        networks=_endpoints(sandbox.endpoints, keyless) or None,
        devices=_devices(sandbox.devices) or None,
        routes=[_route(route) for route in sandbox.routes] or None,
        rules=[_rule(rule) for rule in sandbox.rules] or None,
        neighbors=[_neighbor(entry) for entry in sandbox.neighbors] or None,
        forwarding=_families(*sandbox.forwarding),
        dad=sandbox.dad or None,
        sysctls=dict(sandbox.sysctls) or None,
        nat=[{rule.action: _nat_rule(rule)} for rule in sandbox.nat] or None,
        firewall=None if sandbox.firewall is None else _firewall(sandbox.firewall),
        dns=None if sandbox.dns is None else _dns(sandbox.dns),
        labels=dict(sandbox.labels) or None,
    )


def _netns(netns: ForeignNetns | None) -> dict[str, Any] | None:
    return None if netns is None else _said(name=netns.name, path=netns.path, pid=netns.pid)


def _families(ipv4: bool | None, ipv6: bool | None) -> Any:
    return ipv4 if ipv4 is ipv6 else _said(ipv4=ipv4, ipv6=ipv6)


def _devices(devices: tuple[Device, ...]) -> dict[str, Any]:
    ports = {
        (port, device.ifname)
        for device in devices
        if isinstance(device.detail, PortDetail)
        for port in device.detail.ports
    }
    return {
        device.ifname: _device(device, is_port=(device.ifname, device.master) in ports)
        for device in devices
    }


def _device(device: Device, *, is_port: bool) -> dict[str, Any]:
    return _said(
        **({} if device.detail is None else DETAILS[type(device.detail)](device.detail)),
        addresses=_texts(device.addresses) or None,
        mtu=device.mtu,
        mac=device.mac,
        up=device.up,
        master=None if is_port else device.master,
        **_shaping(device.shaping),
    )


def _reference(netns: str | None, ifname: str | None) -> str | None:
    return ifname if netns is None else f"{netns}:{ifname}"


def _bridge(detail: BridgeDetail) -> dict[str, Any]:
    return _said(
        type="bridge",
        ports=list(detail.ports) or None,
        stp=detail.stp,
        vlan_filtering=detail.vlan_filtering,
        mcast_snooping=detail.mcast_snooping,
    )


def _vxlan(detail: VxlanDetail) -> dict[str, Any]:
    return _said(
        type="vxlan",
        vni=detail.vni,
        local=_text(detail.local),
        remotes=_texts(detail.remotes) or None,
        group=_text(detail.group),
        dstport=detail.dstport,
        underlay=_reference(detail.underlay_netns, detail.underlay),
        learning=detail.learning,
        fdb=[{"mac": mac, "dst": str(dst)} for mac, dst in detail.fdb] or None,
        ttl=detail.ttl,
    )


def _vlan(detail: VlanDetail) -> dict[str, Any]:
    return _said(type="vlan", parent=detail.parent, vid=detail.vid)


def _macvlan(detail: MacvlanDetail) -> dict[str, Any]:
    parent = _reference(detail.parent_netns, detail.parent)
    return _said(type="macvlan", parent=parent, mode=detail.mode)


def _ipvlan(detail: IpvlanDetail) -> dict[str, Any]:
    parent = _reference(detail.parent_netns, detail.parent)
    return _said(type="ipvlan", parent=parent, mode=detail.mode)


def _vrf(detail: VrfDetail) -> dict[str, Any]:
    return _said(type="vrf", table=detail.table, ports=list(detail.ports) or None)


def _gre(detail: GreDetail) -> dict[str, Any]:
    return _said(
        type="gre",
        local=_text(detail.local),
        remote=_text(detail.remote),
        key=detail.tunnel_key,
        ttl=detail.ttl,
        tap=detail.tap,
    )


def _bond(detail: BondDetail) -> dict[str, Any]:
    ports = list(detail.ports) or None
    return _said(type="bond", mode=detail.mode, miimon=detail.miimon, ports=ports)


def _existing(detail: ExistingDetail) -> dict[str, Any]:
    return _said(type="existing", from_=_reference(*detail.home) if detail.home else None)


Writer = Callable[[Any], dict[str, Any]]

DETAILS: Mapping[type[Detail], Writer] = {
    BridgeDetail: _bridge,
    VxlanDetail: _vxlan,
    VlanDetail: _vlan,
    MacvlanDetail: _macvlan,
    IpvlanDetail: _ipvlan,
    DummyDetail: lambda _: {"type": "dummy"},
    TuntapDetail: lambda detail: {"type": detail.mode},
    VrfDetail: _vrf,
    GreDetail: _gre,
    WireguardDetail: lambda _: {"type": "wireguard"},
    BondDetail: _bond,
    ExistingDetail: _existing,
}


def _table(number: int | None) -> str | int | None:
    return None if number is None else TABLE_WORDS.get(number, number)


def _route(route: StaticRoute) -> dict[str, Any]:
    is_single = len(route.hops) == 1 and route.hops[0].weight == 1
    return _said(
        to=str(route.to),
        **(_hop(route.hops[0]) if is_single else {}),
        src=_text(route.src),
        metric=route.metric,
        table=_table(route.table),
        type=route.type,
        nexthops=None if is_single else [_weighed(hop) for hop in route.hops] or None,
    )


def _hop(hop: Hop) -> dict[str, Any]:
    return _said(via=_text(hop.via), dev=hop.dev)


def _weighed(hop: Hop) -> dict[str, Any]:
    return {**_hop(hop), "weight": hop.weight}


def _rule(rule: PolicyRule) -> dict[str, Any]:
    is_told = rule.source is not None or rule.destination is not None
    return _said(
        from_=_text(rule.source),
        to=_text(rule.destination),
        iif=rule.iif,
        oif=rule.oif,
        fwmark=rule.fwmark,
        table=_table(rule.table),
        priority=rule.priority,
        type=None if rule.action == "lookup" else rule.action,
        family=None if is_told else FAMILY_WORDS.get(rule.family),
    )


def _neighbor(entry: StaticNeighbor) -> dict[str, Any]:
    return _said(
        dev=entry.device,
        address=str(entry.address),
        lladdr=entry.lladdr,
        proxy=True if entry.lladdr is None else None,
    )


def _match(rule: NatRule | FirewallRule) -> dict[str, Any]:
    return _said(
        in_=_text(rule.in_device),
        out=_text(rule.out_device),
        source=_text(rule.source),
        destination=_text(rule.destination),
        protocol=rule.protocol,
        port=_one_or_all([_ports(*ports) for ports in rule.ports]),
        family=FAMILY_WORDS[rule.families[0]] if len(rule.families) == 1 else None,
    )


def _ports(first: int, last: int) -> str | int:
    return first if first == last else f"{first}-{last}"


def _nat_rule(rule: NatRule) -> dict[str, Any]:
    return _said(to=rule.to, **_match(rule))


def _firewall(firewall: Firewall) -> dict[str, Any]:
    return _said(
        policy=dict(firewall.policy) or None,
        rules=[_firewall_rule(rule) for rule in firewall.rules] or None,
    )


def _firewall_rule(rule: FirewallRule) -> dict[str, Any]:
    state = _one_or_all(list(rule.state))
    return _said(chain=rule.chain, **_match(rule), state=state, action=rule.action)


def _dns(dns: Dns) -> dict[str, Any]:
    hosts: dict[str, list[str]] = {}
    for name, address in dns.hosts:
        hosts.setdefault(name, []).append(str(address))
    return _said(
        nameservers=_texts(dns.nameservers) or None,
        search=list(dns.search) or None,
        hosts={name: _one_or_all(addresses) for name, addresses in hosts.items()} or None,
    )


def _cable(cable: Cable) -> dict[str, Any]:
    near, far = cable.ends
    has_addresses = bool(near.addresses or far.addresses)
    return _said(
        ends=[f"{end.namespace}:{end.device}" for end in cable.ends],
        addresses=[_texts(end.addresses) for end in cable.ends] if has_addresses else None,
        macs=[near.mac, far.mac] if near.mac and far.mac else None,
        mtu=cable.mtu,
        **_shaping(cable.shaping),
        up=cable.up,
    )


def _check(check: Check) -> dict[str, Any]:
    return _said(
        from_=check.source,
        **{check.verb: list(check.command) if check.verb == "run" else check.target},
        expect=check.expect,
        within=int(check.within) if check.within.is_integer() else check.within,
        serve=check.serve or None,
    )
