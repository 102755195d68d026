"""Routes, rules, neighbours, filters: devices that exist, next hops that somebody can reach."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.model.routing import DEFAULT_METRIC
from netkit.model.topology import Hop, IPAddress, IPNetwork, Negatable, StaticRoute
from netkit.spec.report import Report, meant
from netkit.spec.survey import Ground

EVERY_DEVICE = frozenset({"all", "default"})
CONF_KEYS = ("conf", "neigh")


def check(grounds: dict[str, Ground], report: Report) -> None:
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
    filters = (*sandbox.nat, *(sandbox.firewall.rules if sandbox.firewall else ()))
    for entry in filters:
        for key, match in (("in", entry.in_device), ("out", entry.out_device)):
            if isinstance(match, Negatable):
                yield f"{entry.pointer}/{key}", match.value
    yield from _sysctl_devices(ground)


def _sysctl_devices(ground: Ground) -> Iterator[tuple[str, str]]:
    for key, _ in ground.sandbox.sysctls:
        parts = key.split("/")
        if len(parts) > 4 and parts[2] in CONF_KEYS and parts[3] not in EVERY_DEVICE:
            yield f"{ground.sandbox.pointer}/sysctls/{key.replace('/', '~1')}", parts[3]


def _hops(route: StaticRoute) -> Iterator[tuple[str, Hop]]:
    if len(route.hops) == 1:
        yield route.pointer, route.hops[0]
        return
    for index, hop in enumerate(route.hops):
        yield f"{route.pointer}/nexthops/{index}", hop


def _check_routes(ground: Ground, report: Report) -> None:
    keys: dict[tuple[int, IPNetwork, int], StaticRoute] = {}
    own = {address.ip for address in ground.addresses}
    for route in ground.sandbox.routes:
        metric = DEFAULT_METRIC[route.to.version] if route.metric is None else route.metric
        first = keys.setdefault((route.table, route.to, metric), route)
        if first is not route:
            report.add(
                route.pointer,
                f"the route to {route.to} is there already in table {route.table} with metric {metric}",
                hint="several ways of one route are nexthops",
            )
        for where, hop in _hops(route):
            _check_hop(route, hop, where, ground, own, report)
        _check_source(route, ground, own, report)


def _check_hop(
    route: StaticRoute, hop: Hop, where: str, ground: Ground, own: set[IPAddress], report: Report
) -> None:
    held = ground.devices.get(hop.dev or "")
    if held is not None and held.device is not None and held.device.up is False:
        report.add(f"{where}/dev", f"{hop.dev} is down, and the kernel takes no route through it")
    if hop.via is None or ground.is_open:
        return
    if hop.via in own:
        report.add(f"{where}/via", f"{hop.via} is {ground.sandbox.name}'s own address")
    elif hop.via.version == 6 and hop.via.is_link_local:
        if hop.dev is None:
            report.add(f"{where}/via", f"{hop.via} is link-local: it needs dev")
    elif not _is_on_link(hop, route, ground):
        by = f" on {hop.dev}" if hop.dev else ""
        report.add(
            f"{where}/via",
            f"nobody can reach {hop.via}: it is on no link of {ground.sandbox.name}{by}",
        )


def _is_on_link(hop: Hop, route: StaticRoute, ground: Ground) -> bool:
    assert hop.via is not None
    for held in ground.devices.values():
        if hop.dev is not None and held.ifname != hop.dev:
            continue
        if held.is_existing or (held.allotted and not held.subnets):
            return True  # what it is given, only apply will know
        if any(hop.via in subnet for subnet in held.subnets):
            return True
    if hop.dev is not None and hop.dev not in ground.devices:
        return True  # said elsewhere
    return any(
        hop.via in other.to
        for other in ground.sandbox.routes
        for way in other.hops
        if way.via is None and (hop.dev is None or way.dev == hop.dev) and other is not route
    )


def _check_source(route: StaticRoute, ground: Ground, own: set[IPAddress], report: Report) -> None:
    unknown = any(held.allotted or held.is_existing for held in ground.devices.values())
    if route.src is None or route.src in own or unknown or ground.is_open:
        return
    report.add(f"{route.pointer}/src", f"{ground.sandbox.name} has no address {route.src}")


def _check_rules(ground: Ground, report: Report) -> None:
    seen = set()
    for rule in ground.sandbox.rules:
        if rule in seen:
            report.add(rule.pointer, "the same rule is there already")
        seen.add(rule)
