"""Routes, rules, neighbours, filters: devices that exist, next hops that somebody can reach."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.model.routing import DEFAULT_METRIC
from netkit.model.topology import (
    FirewallRule,
    Hop,
    IPAddress,
    IPNetwork,
    NatRule,
    Negatable,
    StaticRoute,
)
from netkit.names import RESERVED_IFNAMES
from netkit.spec.check.survey import Ground
from netkit.spec.report import Report, meant

CONF_KEYS = ("conf", "neigh")


def check_routing(grounds: dict[str, Ground], report: Report) -> None:
    """Check what the namespaces say about ways and filters."""
    for ground in grounds.values():
        _check_routes(ground, report)
        _check_rules(ground, report)
        for where, ifname in _named_devices(ground):
            if ifname not in ground.devices and not ground.is_open:
                report.add(
                    where,
                    f"there is no device {ifname} in {ground.sandbox.name}",
                    hint=meant(ifname, ground.devices),
                )


def _named_devices(ground: Ground) -> Iterator[tuple[str, str]]:
    """Walk through all places that name a device of the namespace."""
    sandbox = ground.sandbox
    for route in sandbox.routes:
        for where, hop in _hops(route):
            if hop.dev:
                yield f"{where}/dev", hop.dev
    for rule in sandbox.rules:
        yield from (
            (f"{rule.pointer}/{key}", name)
            for key, name in (("iif", rule.iif), ("oif", rule.oif))
            if name
        )
    for neighbor in sandbox.neighbors:
        yield f"{neighbor.pointer}/dev", neighbor.device
    filters: tuple[NatRule | FirewallRule, ...] = (
        *sandbox.nat,
        *(sandbox.firewall.rules if sandbox.firewall else ()),
    )
    for entry in filters:
        for key, match in (("in", entry.in_device), ("out", entry.out_device)):
            if isinstance(match, Negatable):
                yield f"{entry.pointer}/{key}", match.value
    yield from _sysctl_devices(ground)


def _sysctl_devices(ground: Ground) -> Iterator[tuple[str, str]]:
    for key, _ in ground.sandbox.sysctls:
        parts = key.split("/")
        if len(parts) > 4 and parts[2] in CONF_KEYS and parts[3] not in RESERVED_IFNAMES:
            yield f"{ground.sandbox.pointer}/sysctls/{key.replace('/', '~1')}", parts[3]


def _hops(route: StaticRoute) -> Iterator[tuple[str, Hop]]:
    if len(route.hops) == 1:
        yield route.pointer, route.hops[0]
        return
    for index, hop in enumerate(route.hops):
        yield f"{route.pointer}/nexthops/{index}", hop


class _Reach:
    """
    What is on the links of a namespace: asked once for each next hop, so kept for looking up.

    Args:
        ground: The namespace.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.own: set[IPAddress] = set()
        # Devices of which only apply will know what is on their link; "" for any.
        self.vague: set[str] = set()
        # Per device, and under "" for all of them: family, length, first bits.
        self.prefixes: dict[str, set[tuple[int, int, int]]] = {}
        for held in self.ground.devices.values():
            self.own.update(address.ip for address in held.addresses)
            if held.is_existing or (held.allotted and not held.subnets):
                self.vague |= {held.ifname, ""}
            for subnet in held.subnets:
                self.put(held.ifname, subnet)
        for route in self.ground.sandbox.routes:
            for hop in route.hops:
                if hop.via is None and hop.dev is not None:  # a route that makes it on-link
                    self.put(hop.dev, route.to)

    def put(self, ifname: str, subnet: IPNetwork) -> None:
        """Note that a prefix is on the link of a device."""
        entry = (subnet.version, subnet.prefixlen, _bits(subnet.network_address, subnet.prefixlen))
        self.prefixes.setdefault(ifname, set()).add(entry)
        self.prefixes.setdefault("", set()).add(entry)

    def holds(self, address: IPAddress, ifname: str) -> bool:
        """Say whether an address is, or may be, on the link of a device; "" for any."""
        if ifname in self.vague or (ifname and ifname not in self.ground.devices):
            return True
        prefixes = self.prefixes.get(ifname, set())
        lengths = {length for version, length, _ in prefixes if version == address.version}
        return any(
            (address.version, length, _bits(address, length)) in prefixes for length in lengths
        )


def _bits(address: IPAddress, length: int) -> int:
    return int(address) >> (address.max_prefixlen - length)


def _check_routes(ground: Ground, report: Report) -> None:
    if not ground.sandbox.routes:
        return
    keys: dict[tuple[int, IPNetwork, int], StaticRoute] = {}
    reach = _Reach(ground)
    for route in ground.sandbox.routes:
        metric = DEFAULT_METRIC[route.to.version] if route.metric is None else route.metric
        first = keys.setdefault((route.table, route.to, metric), route)
        if first is not route:
            report.add(
                route.pointer,
                f"the route to {route.to} is there already: table {route.table}, metric {metric}",
                hint="several ways of one route are nexthops",
            )
        for where, hop in _hops(route):
            _check_hop(hop, where, reach, report)
        _check_source(route, reach, report)


def _check_hop(hop: Hop, where: str, reach: _Reach, report: Report) -> None:
    ground, dev = reach.ground, hop.dev or ""
    held = ground.devices.get(dev)
    if held is not None and held.device is not None and held.device.up is False:
        report.add(f"{where}/dev", f"{dev} is down, and the kernel takes no route through it")
    if hop.via is None or ground.is_open:
        return
    if hop.via in reach.own:
        report.add(f"{where}/via", f"{hop.via} is {ground.sandbox.name}'s own address")
    elif hop.via.version == 6 and hop.via.is_link_local:
        if not dev:
            report.add(f"{where}/via", f"{hop.via} is link-local: it needs dev")
    elif not reach.holds(hop.via, dev):
        place = f"{ground.sandbox.name} on {dev}" if dev else ground.sandbox.name
        report.add(f"{where}/via", f"nobody can reach {hop.via}: it is on no link of {place}")


def _check_source(route: StaticRoute, reach: _Reach, report: Report) -> None:
    ground = reach.ground
    unknown = any(held.allotted or held.is_existing for held in ground.devices.values())
    if route.src is None or route.src in reach.own or unknown or ground.is_open:
        return
    report.add(f"{route.pointer}/src", f"{ground.sandbox.name} has no address {route.src}")


def _check_rules(ground: Ground, report: Report) -> None:
    seen = set()
    for rule in ground.sandbox.rules:
        if rule in seen:
            report.add(rule.pointer, "the same rule is there already")
        seen.add(rule)
