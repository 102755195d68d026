"""
Small specs over the whole language that this kernel can do, for hypothesis to choose from.

A spec is drawn as a person would write it: namespaces, what lies between them, then what each says
of itself with the devices and addresses it has by then. So most are sound; what the check refuses
nevertheless is not tried.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.root import switch

Spec = dict[str, Any]
NAME = "drawn"
NAMES = ("a", "b", "c", "r")
NETWORKS = ("lan", "wan")
DRIVERS = (None, None, "bridge", "macvlan", *(() if switch.missing() else ("ovs",)))
RATES = ("10mbit", "1gbit", "512kbit")
PROTOCOLS = ("tcp", "udp", "icmp")
ABROAD = ("198.51.100.0/24", "203.0.113.7/32", "2001:db8:7::/48")
SYSCTLS: dict[str, tuple[Any, ...]] = {
    "net/ipv4/conf/all/log_martians": (0, 1),
    "net/ipv4/conf/default/arp_ignore": (0, 1, 2),
    "net/ipv4/ip_default_ttl": (32, 64),
    "net/ipv6/conf/all/hop_limit": (32, 64),
    "net/ipv4/ip_local_port_range": ("20000 30000",),
}


class End(NamedTuple):
    """The end of a link: the device, its own addresses and those it reaches directly."""

    device: str
    own: tuple[str, ...]
    near: tuple[str, ...]
    subnets: tuple[str, ...]
    bare: bool


Ends = dict[str, list[End]]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Say it or leave it out: None stands for left out."""
    return st.one_of(st.none(), strategy)


def said(**parts: Any) -> Spec:
    """Keep what is said."""
    return {key.rstrip("_"): value for key, value in parts.items() if value is not None}


def flip(draw: st.DrawFn) -> bool:
    return draw(st.booleans())


@st.composite
def specs(draw: st.DrawFn, name: str = NAME) -> Spec:
    """Draw a spec."""
    names = list(NAMES[: draw(st.integers(2, 4))])
    links, ends = draw(_links(names))
    networks = draw(_networks(ends))
    range_ = flip(draw) and bool(networks)
    namespaces = {each: draw(_namespace(each, networks, ends)) for each in names}
    if range_:
        namespaces["h[1-2]"] = said(networks=draw(_members(networks)), labels=maybe_labels(draw))
    return said(
        name=name,
        prefix=draw(maybe(st.sampled_from(("p-", "x.")))),
        networks=networks or None,
        namespaces=namespaces,
        links=links or None,
    )


def maybe_labels(draw: st.DrawFn) -> Any:
    return draw(maybe(st.just({"tier": "test"})))


@st.composite
def _networks(draw: st.DrawFn, ends: Ends) -> Spec:
    parents = [f"{name}:{end.device}" for name, mine in ends.items() for end in mine]
    found: Spec = {}
    for number, name in enumerate(NETWORKS[: draw(st.integers(0, 2))]):
        driver = draw(st.sampled_from(DRIVERS))
        drawn = draw(_network(number, switch=driver == "ovs"))
        if driver == "macvlan":
            found[name] = draw(_on_a_parent(drawn, parents))
        else:
            found[name] = drawn | said(driver=driver)
    return found


@st.composite
def _on_a_parent(draw: st.DrawFn, drawn: Spec, parents: list[str]) -> Spec:
    kept = {key: value for key, value in drawn.items() if key not in {"isolate", "masquerade"}}
    parent = draw(maybe(st.sampled_from(parents))) if parents else None
    mode = draw(maybe(st.sampled_from(("bridge", "private", "vepa", "passthru"))))
    if parent is None and mode in {"vepa", "passthru"}:
        mode = None
    if kept.get("mtu") == 9000:
        del kept["mtu"]
    return kept | said(driver="macvlan", parent=parent, mode=mode)


@st.composite
def _network(draw: st.DrawFn, number: int, *, switch: bool) -> Spec:
    v4, v6 = f"10.5{number}.0.0/24", f"fd50:{number}::/64"
    subnets = draw(st.sampled_from((None, [v4], [v6], [v4, v6], [])))
    in_host = st.sampled_from((None, None, False))
    alone = subnets == []
    return said(
        subnets=subnets,
        ipv6=None if alone else draw(maybe(st.booleans())),
        ipam={"reserved": {"printer": f"10.5{number}.0.77"}} if subnets == [v4] else None,
        dns=None if alone else draw(st.sampled_from((None, None, None, "server"))),
        gateway=None if alone else draw(in_host),
        range=f"10.5{number}.0.128/25" if subnets == [v4] and flip(draw) else None,
        internal=draw(maybe(st.booleans())),
        isolate=draw(maybe(st.booleans())),
        masquerade=draw(maybe(st.sampled_from((True, False, {"ipv6": False})))),
        mtu=draw(maybe(st.sampled_from((1400, 1500) if switch else (1400, 1500, 9000)))),
        labels=maybe_labels(draw),
    )


@st.composite
def _members(draw: st.DrawFn, networks: Spec) -> list[str]:
    return draw(st.lists(st.sampled_from(sorted(networks)), unique=True, max_size=2))


@st.composite
def _links(draw: st.DrawFn, names: list[str]) -> tuple[list[Spec], Ends]:
    ends: Ends = {name: [] for name in names}
    links: list[Spec] = []
    for number in range(draw(st.integers(0, 3))):
        one, other = draw(st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True))
        subnets = draw(
            st.sampled_from(
                (
                    [f"10.60.{number}.0/30"],
                    [f"fd60:{number}::/126"],
                    [f"10.60.{number}.0/24", f"fd60:{number}::/64"],
                    [],
                )
            )
        )
        rate = draw(maybe(st.sampled_from(RATES)))
        links.append(
            said(
                ends=[f"{one}:e{number}", f"{other}:e{number}"],
                subnet=subnets or None,
                mtu=draw(maybe(st.sampled_from((1400, 9000)))),
                rate=rate,
                macs=[f"02:00:00:00:0{number}:01", f"02:00:00:00:0{number}:02"]
                if flip(draw)
                else None,
                up=draw(st.sampled_from((None, None, None, True))),
            )
        )
        firsts = tuple(str(ip_network(each)[1]) for each in subnets)
        seconds = tuple(str(ip_network(each)[2]) for each in subnets)
        for name, own, near in ((one, firsts, seconds), (other, seconds, firsts)):
            ends[name].append(End(f"e{number}", own, near, tuple(subnets), not subnets))
    return links, ends


@st.composite
def _namespace(draw: st.DrawFn, name: str, networks: Spec, ends: Ends) -> Spec:
    mine = ends[name]
    return said(
        networks=draw(_seats(name, networks)) if networks and flip(draw) else None,
        devices=draw(_devices(name, mine)) or None,
        routes=draw(_routes(mine)) or None,
        rules=draw(st.lists(_rule(), max_size=2, unique_by=lambda each: each["priority"])) or None,
        neighbors=draw(_neighbors(mine)) or None,
        forwarding=draw(maybe(st.sampled_from((True, False, {"ipv4": True}, {"ipv6": True})))),
        dad=draw(st.sampled_from((None, None, True, False))),
        sysctls=draw(_sysctls()) or None,
        nat=draw(_nat(mine)) or None,
        firewall=draw(maybe(_firewall(mine))),
        dns=draw(maybe(_dns())),
        labels=maybe_labels(draw),
    )


@st.composite
def _seats(draw: st.DrawFn, name: str, networks: Spec) -> Any:
    members = draw(_members(networks))
    if flip(draw):
        return members
    host = 40 + NAMES.index(name)
    seats: Spec = {}
    for each in members:
        number = NETWORKS.index(each)
        subnets = networks[each].get("subnets")
        named = [f"10.5{number}.0.{host}"] if f"10.5{number}.0.0/24" in (subnets or ()) else None
        seats[each] = said(
            addresses=named if named and flip(draw) else None,
            aliases=draw(maybe(st.just([f"alias-{name}"]))),
            device=draw(maybe(st.just(f"d{number}"))),
            mac=draw(maybe(st.just(f"02:00:00:00:{number:02x}:{host}"))),
            mtu=draw(maybe(st.just(1400))),
            tag=draw(maybe(st.sampled_from((10, 20))))
            if networks[each].get("driver") == "ovs"
            else None,
            priority=draw(maybe(st.integers(-2, 2))),
            rate=draw(maybe(st.sampled_from(RATES))),
            publish=draw(_published(networks[each], 20000 + 100 * number + host)) or None,
        )
    return seats


@st.composite
def _published(draw: st.DrawFn, network: Spec, port: int) -> list[str]:
    """Publish ports of a network that the host leads into; ``port`` is nobody else's."""
    if network.get("internal") or network.get("gateway") is False or network.get("subnets") == []:
        return []
    first = port + 30000
    forms = [
        f"{port}:80",
        f"{port}:53/udp",
        f"{first}:90/udp",
        f"{first}:{first}",
        "81",
        "70-72/udp",
    ]
    has_ipv4 = "subnets" not in network or str(network["subnets"][0]).startswith("10.")
    if has_ipv4 and network.get("masquerade") is not False:
        forms += [f"127.0.0.1:{port + 10000}:80", f"192.0.2.1:{port + 20000}:80/sctp"]
    return draw(st.lists(st.sampled_from(forms), unique=True, max_size=3))


@st.composite
def _devices(draw: st.DrawFn, name: str, mine: list[End]) -> Spec:
    number = NAMES.index(name)
    found: Spec = {}
    if flip(draw):
        found["lo"] = {
            "addresses": draw(_some((f"10.70.{number}.1/32", f"fd70::{number + 1}/128")))
        }
    bare = [end.device for end in mine if end.bare]
    if flip(draw):
        found["br0"] = said(
            type="bridge",
            ports=draw(_some(bare)) if bare else None,
            stp=draw(maybe(st.booleans())),
            mcast_snooping=draw(maybe(st.booleans())),
            addresses=draw(_some((f"10.71.{number}.1/24", f"fd71:{number}::1/64"))) or None,
            mtu=draw(maybe(st.just(1400))),
        )
    if flip(draw):
        found["tap0"] = said(
            type=draw(st.sampled_from(("tap", "tun"))),
            up=draw(maybe(st.booleans())),
            addresses=draw(_some((f"10.72.{number}.1/24",))) or None,
        )
    addressed = [end for end in mine if end.own]
    if addressed and flip(draw):
        end = draw(st.sampled_from(addressed))
        found["vx0"] = draw(_vxlan(number, end))
    if addressed and flip(draw):
        end = draw(st.sampled_from(addressed))
        found["mv0"] = said(
            type="macvlan",
            parent=end.device,
            mode=draw(maybe(st.sampled_from(("bridge", "private", "vepa")))),
            addresses=draw(_some((f"10.73.{number}.1/24",))) or None,
        )
    return found


@st.composite
def _vxlan(draw: st.DrawFn, number: int, end: End) -> Spec:
    at = draw(st.integers(0, len(end.own) - 1))
    remotes = draw(st.sampled_from(([end.near[at]], None)))
    learned = [{"mac": "02:00:00:00:99:01", "dst": end.near[at]}]
    return said(
        type="vxlan",
        vni=draw(st.integers(1, 3)),
        local=end.own[at],
        remotes=remotes,
        dstport=draw(maybe(st.just(8472))),
        learning=draw(maybe(st.booleans())),
        fdb=draw(maybe(st.just(learned))),
        ttl=draw(maybe(st.just(8))),
        addresses=draw(_some((f"10.74.0.{number + 1}/24",))) or None,
    )


@st.composite
def _some(draw: st.DrawFn, items: Any) -> list[str]:
    return draw(st.lists(st.sampled_from(list(items)), unique=True, max_size=2))


@st.composite
def _routes(draw: st.DrawFn, mine: list[End]) -> list[Spec]:
    found: list[Spec] = []
    for to in draw(_some(ABROAD)):
        is6 = ":" in to
        ways = [near for end in mine for near in end.near if (":" in near) == is6]
        kind = draw(st.sampled_from(("blackhole", "unreachable", "prohibit")))
        if not ways or flip(draw):
            found.append(said(to=to, type=kind, metric=draw(maybe(st.just(50)))))
            continue
        hops = [{"via": way, "weight": 1 + at} for at, way in enumerate(ways)]
        via = draw(st.sampled_from(ways))
        if len(hops) > 1 and flip(draw):
            found.append({"to": to, "nexthops": hops})
            continue
        found.append(
            said(
                to=to,
                via=via,
                metric=draw(maybe(st.integers(1, 9))),
                table=draw(maybe(st.sampled_from((100, 200)))),
            )
        )
    if mine and mine[0].near and flip(draw):
        found.append({"to": "default", "via": mine[0].near[0]})
    return found


@st.composite
def _rule(draw: st.DrawFn) -> Spec:
    source = draw(st.sampled_from((None, "10.60.0.0/16", "fd60::/32")))
    family = None if source else draw(st.sampled_from(("ipv4", "ipv6")))
    return said(
        from_=source,
        fwmark=draw(maybe(st.integers(1, 3))),
        table=draw(st.sampled_from((100, 200))),
        priority=draw(st.integers(100, 110)),
        family=family,
    )


@st.composite
def _neighbors(draw: st.DrawFn, mine: list[End]) -> list[Spec]:
    found: list[Spec] = []
    for end in mine:
        for subnet in end.subnets:
            if flip(draw):
                address = str(ip_network(subnet)[2 if subnet.endswith(("30", "126")) else 9])
                if address not in end.own:
                    found.append(
                        {"dev": end.device, "address": address, "lladdr": "02:00:00:00:00:77"}
                    )
    if mine and flip(draw):
        found.append({"dev": mine[0].device, "address": "198.51.100.9", "proxy": True})
    return found


@st.composite
def _sysctls(draw: st.DrawFn) -> Spec:
    keys = draw(st.lists(st.sampled_from(sorted(SYSCTLS)), unique=True, max_size=2))
    return {key: draw(st.sampled_from(SYSCTLS[key])) for key in keys}


@st.composite
def _nat(draw: st.DrawFn, mine: list[End]) -> list[Spec]:
    out = mine[0].device if mine else None
    masquerade = said(
        source=draw(maybe(st.sampled_from(("10.60.0.0/16", "!10.50.0.0/16")))),
        out=draw(maybe(st.just(out))) if out else None,
        family=draw(maybe(st.just("ipv4"))),
    )
    choices: list[Spec] = [
        {"masquerade": masquerade},
        {"snat": said(to="10.60.0.1", source="10.70.0.0/16", out=out)},
        {"dnat": said(protocol="tcp", port=8080, to="10.60.0.2:80", in_=out)},
        {"dnat": {"protocol": "udp", "port": "8000-8010", "to": "[fd60:0::2]:53"}},
    ]
    return draw(st.lists(st.sampled_from(choices), max_size=2))


@st.composite
def _firewall(draw: st.DrawFn, mine: list[End]) -> Spec:
    verdict = maybe(st.sampled_from(("accept", "drop")))
    policy = said(input=draw(verdict), forward=draw(verdict), output=draw(verdict))
    devices = [end.device for end in mine]
    return said(policy=policy or None, rules=draw(st.lists(_filter(devices), max_size=3)) or None)


@st.composite
def _filter(draw: st.DrawFn, devices: list[str]) -> Spec:
    chain = draw(st.sampled_from(("input", "forward", "output")))
    protocol = draw(maybe(st.sampled_from(PROTOCOLS)))
    device = maybe(st.sampled_from([*devices, f"!{devices[0]}"])) if devices else st.none()
    return said(
        chain=chain,
        in_=draw(device) if chain != "output" else None,
        out=draw(device) if chain != "input" else None,
        source=draw(maybe(st.sampled_from(("10.60.0.0/24", "!fd60::/32")))),
        protocol=protocol,
        port=draw(maybe(st.sampled_from((22, "8000-8100", [80, 443]))))
        if protocol in {"tcp", "udp"}
        else None,
        state=draw(maybe(st.sampled_from(("new", ["related", "established"])))),
        action=draw(st.sampled_from(("accept", "drop", "reject"))),
    )


@st.composite
def _dns(draw: st.DrawFn) -> Spec:
    return said(
        nameservers=draw(maybe(st.just(["192.0.2.53", "2001:db8::53"]))),
        search=draw(maybe(st.just(["example.test"]))),
        hosts=draw(maybe(st.just({"printer": "10.60.0.9", "both": ["10.60.0.8", "fd60::8"]}))),
    )
