"""The keys ``routes``, ``rules`` and ``neighbors`` of a namespace."""

from __future__ import annotations

from ipaddress import ip_network

from netkit.model.topology import Hop, IPAddress, IPNetwork, PolicyRule, StaticNeighbor, StaticRoute
from netkit.spec import words
from netkit.spec.report import At, listed
from netkit.spec.sections.reader import Object, Reader

FAMILIES = {"ipv4": 4, "ipv6": 6}
DEFAULTS = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}
MAIN_TABLE = words.TABLES["main"]
WAY_KEYS = ("via", "dev", "nexthops", "src")


def build_routes(value: list[Object], at: At, reader: Reader) -> tuple[StaticRoute, ...]:
    """Read the static routes."""
    routes = (_route(entry, at / index, reader) for index, entry in enumerate(value))
    return tuple(route for route in routes if route is not None)


def _route(value: Object, at: At, reader: Reader) -> StaticRoute | None:
    found = len(reader.report.findings)
    hops = _hops(value, at, reader)
    to = _destination(value, hops, at, reader)
    src = reader.under(words.read_ip, value, "src", at)
    table = reader.under(words.read_table, value, "table", at)
    kind = value.get("type", "unicast")
    _refuse_ways(kind, value, at, reader)
    if to is not None:
        _refuse_mixed(to, hops, src, at=at, reader=reader)
    if to is None or len(reader.report.findings) > found:
        return None
    return StaticRoute(
        to=to,
        hops=hops,
        type=kind,
        src=src,
        metric=value.get("metric"),
        table=MAIN_TABLE if table is None else table,
        pointer=at.pointer,
    )


def _hops(value: Object, at: At, reader: Reader) -> tuple[Hop, ...]:
    if "nexthops" in value:
        entries = [(hop, at / "nexthops" / index) for index, hop in enumerate(value["nexthops"])]
    else:
        entries = [(value, at)] if "via" in value or "dev" in value else []
    return tuple(_hop(entry, place, reader) for entry, place in entries)


def _hop(value: Object, at: At, reader: Reader) -> Hop:
    if "via" not in value and "dev" not in value:
        reader.report.add(at, "a next hop is a via, a dev, or both")
    return Hop(
        via=reader.under(words.read_ip, value, "via", at),
        dev=reader.under(words.read_ifname, value, "dev", at),
        weight=value.get("weight", 1),
    )


def _destination(value: Object, hops: tuple[Hop, ...], at: At, reader: Reader) -> IPNetwork | None:
    if value["to"] != "default":
        return reader.under(words.read_route_to, value, "to", at)
    via = next((hop.via for hop in hops if hop.via), None)
    if via is None:
        reader.report.add(
            at / "to",
            "default takes its family from via, and there is none: write 0.0.0.0/0 or ::/0",
        )
        return None
    return DEFAULTS[via.version]


def _refuse_ways(kind: str, value: Object, at: At, reader: Reader) -> None:
    ways = [key for key in WAY_KEYS if key in value]
    if kind != "unicast" and ways:
        reader.report.add(
            at / ways[0], f"a {kind} route leads nowhere: it has no {ways[0]}", at_key=True
        )
    elif kind == "unicast" and not set(ways) - {"src"}:
        reader.report.add(
            at, "the route leads nowhere: via, dev, nexthops, or a type such as blackhole"
        )
    elif "nexthops" in value and len(ways) > 1 and ways[0] != "nexthops":
        reader.report.add(at / ways[0], f"{ways[0]} and nexthops exclude each other", at_key=True)


def _refuse_mixed(
    to: IPNetwork, hops: tuple[Hop, ...], src: IPAddress | None, *, at: At, reader: Reader
) -> None:
    for index, hop in enumerate(hops):
        if hop.via is not None and hop.via.version != to.version:
            place = at / "via" if len(hops) == 1 else at / "nexthops" / index / "via"
            reader.report.add(place, f"{hop.via} is of another family than {to}")
    if src is not None and src.version != to.version:
        reader.report.add(at / "src", f"{src} is of another family than {to}")


def build_rules(value: list[Object], at: At, reader: Reader) -> tuple[PolicyRule, ...]:
    """Read the policy rules."""
    return tuple(_rule(entry, at / index, reader) for index, entry in enumerate(value))


def _rule(value: Object, at: At, reader: Reader) -> PolicyRule:
    source = reader.under(words.read_prefix, value, "from", at)
    destination = reader.under(words.read_prefix, value, "to", at)
    table = reader.under(words.read_table, value, "table", at)
    if ("table" in value) == ("type" in value):
        word = "exclude each other" if "table" in value else "are both missing: one is needed"
        reader.report.add(at, f"table and type {word}")
    return PolicyRule(
        family=family(value, at, reader, {"from": source, "to": destination}),
        priority=value.get("priority"),
        source=source,
        destination=destination,
        iif=reader.under(words.read_ifname, value, "iif", at),
        oif=reader.under(words.read_ifname, value, "oif", at),
        fwmark=reader.under(words.read_fwmark, value, "fwmark", at),
        table=table,
        action=value.get("type", "lookup"),
        pointer=at.pointer,
    )


def family(
    value: Object, at: At, reader: Reader, addresses: dict[str, IPNetwork | IPAddress | None]
) -> int:
    """Tell the family from the addresses and the key ``family``; 0 for both."""
    said: dict[str, int] = {
        key: address.version for key, address in addresses.items() if address is not None
    }
    if "family" in value:
        said["family"] = FAMILIES[value["family"]]
    if len(set(said.values())) > 1:
        reader.report.add(at, f"{listed(list(said), last='and')} are of different families")
    return next(iter(said.values()), 0)


def build_neighbors(value: list[Object], at: At, reader: Reader) -> tuple[StaticNeighbor, ...]:
    """Read the permanent neighbour entries."""
    entries = (_neighbor(entry, at / index, reader) for index, entry in enumerate(value))
    return tuple(entry for entry in entries if entry is not None)


def _neighbor(value: Object, at: At, reader: Reader) -> StaticNeighbor | None:
    if ("lladdr" in value) == ("proxy" in value):
        word = "exclude each other" if "proxy" in value else "are both missing: one is needed"
        reader.report.add(at, f"lladdr and proxy {word}")
    device = reader.under(words.read_ifname, value, "dev", at)
    address = reader.under(words.read_ip, value, "address", at)
    lladdr = reader.under(words.read_mac, value, "lladdr", at)
    if device is None or address is None:
        return None
    return StaticNeighbor(device=device, address=address, lladdr=lladdr, pointer=at.pointer)
