"""
What the spec says otherwise is altered, in place where the kernel can, and nothing else is touched.

Each case is a spec, another under the same name, all that must be done to get there, and the
devices that are afterwards others than before.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netkit.names import endpoint_ifname

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

Spec = dict[str, Any]


def read_changes() -> dict[str, list[str]]:
    """Read what must be done in each case: its name, and below it the changes, indented."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (Path(__file__).parent / "alterations.txt").read_text().splitlines():
        if line.startswith(" "):
            found[name].append(line.strip())
        else:
            name = line.removesuffix(":")
            found[name] = []
    return found


CHANGES = read_changes()


@dataclass(frozen=True)
class Case:
    """
    A step from one spec to another.

    ``anew`` are devices of one name and another number; the changes are in alterations.txt.
    """

    name: str
    before: Spec
    after: Spec
    anew: tuple[str, ...] = ()


def cable(*, links: Any = None, **namespaces: Any) -> Spec:
    """Give two namespaces and a cable between them; what is said here is added to it."""
    subnets = {"subnet": ["10.66.0.0/30", "fd00:66::/126"]}
    return bare(links={**subnets, **(links or {})}, **namespaces)


def bare(*, links: Any = None, **namespaces: Any) -> Spec:
    """Give the same with no addresses on the cable."""
    return {
        "name": "alter",
        "prefix": "al-",
        "namespaces": {"a": {}, "b": {}, **namespaces},
        "links": [{"ends": ["a:eth0", "b:eth0"], **(links or {})}],
    }


def network(*, members: Any = None, **lan: Any) -> Spec:
    """Give two namespaces on one network."""
    return {
        "name": "alter",
        "prefix": "al-",
        "networks": {"lan": {"subnets": ["10.67.0.0/24", "fd00:67::/64"], **lan}},
        "namespaces": members or {"a": {"networks": ["lan"]}, "b": {"networks": ["lan"]}},
    }


def publishing(*published: str) -> Spec:
    """Give the same two, of which one publishes ports."""
    member = {"networks": {"lan": {"publish": list(published)}}}
    return network(members={"a": member, "b": {"networks": ["lan"]}})


def lo(*addresses: str) -> Spec:
    return {"devices": {"lo": {"addresses": list(addresses)}}}


def vx(**tunnel: Any) -> Spec:
    """Give a tunnel; what is None is not said."""
    said = {"type": "vxlan", "vni": 7, "local": "10.66.0.1", "remotes": ["10.66.0.2"], **tunnel}
    return {"devices": {"vx0": {key: value for key, value in said.items() if value is not None}}}


def neighbor(address: str, lladdr: str) -> Spec:
    return {"neighbors": [{"dev": "eth0", "address": address, "lladdr": lladdr}]}


def two_addresses(a: Spec) -> Spec:
    return cable(a={"devices": {**a["devices"], **lo("10.66.0.77/32")["devices"]}})


def rules(*rules: Spec, **policy: str) -> Spec:
    return {"firewall": {"policy": policy, "rules": list(rules)}}


def routes(*routes: Spec) -> Spec:
    return {"routes": list(routes)}


def switch(*ports: str, **said: Any) -> Spec:
    return {"devices": {"br0": {"type": "bridge", "ports": list(ports), **said}}}


SSH = {"chain": "input", "protocol": "tcp", "port": 22, "action": "accept"}
WEB = {"chain": "input", "protocol": "tcp", "port": 80, "action": "accept"}

WAY = {"to": "192.0.2.0/24", "via": "10.66.0.2"}
WAY6 = {"to": "2001:db8:2::/48", "via": "fd00:66::2"}

CASES = [
    Case("nothing", cable(), cable()),
    Case(
        "an address comes",
        cable(a=lo("198.51.100.1/32")),
        cable(a=lo("198.51.100.1/32", "2001:db8::1/128")),
    ),
    Case(
        "an address goes",
        cable(a=lo("198.51.100.1/32", "2001:db8::1/128")),
        cable(a=lo("2001:db8::1/128")),
    ),
    Case(
        "the first of a prefix goes and the second stays",
        cable(a=lo("198.51.100.1/24", "198.51.100.2/24", "198.51.100.3/24")),
        cable(a=lo("198.51.100.2/24", "198.51.100.3/24")),
    ),
    Case(
        "an address gets another length",
        cable(a=lo("198.51.100.1/24")),
        cable(a=lo("198.51.100.1/25")),
    ),
    Case(
        "an address moves to another namespace",
        cable(a=lo("198.51.100.1/32")),
        cable(b=lo("198.51.100.1/32")),
    ),
    Case(
        "a cable gets another subnet",
        cable(),
        cable(links={"subnet": ["10.66.9.0/30", "fd00:66::/126"]}),
    ),
    Case(
        "a route comes",
        cable(),
        cable(a=routes({"to": "default", "via": "10.66.0.2"})),
    ),
    Case(
        "a route goes",
        cable(a=routes({"to": "default", "via": "fd00:66::2"})),
        cable(),
    ),
    Case(
        "a route leads elsewhere",
        cable(a=routes({"to": "192.0.2.0/24", "via": "10.66.0.2"}), b=lo("10.66.0.5/32")),
        cable(a=routes({"to": "192.0.2.0/24", "dev": "eth0"}), b=lo("10.66.0.5/32")),
    ),
    Case(
        "an IPv6 route leads elsewhere",
        cable(a=routes({"to": "2001:db8::/32", "via": "fd00:66::2"})),
        cable(a=routes({"to": "2001:db8::/32", "dev": "eth0"})),
    ),
    Case(
        "a route gets another metric",
        cable(a=routes({"to": "192.0.2.0/24", "via": "10.66.0.2", "metric": 5})),
        cable(a=routes({"to": "192.0.2.0/24", "via": "10.66.0.2", "metric": 6})),
    ),
    Case(
        "a route becomes a blackhole",
        cable(a=routes({"to": "192.0.2.0/24", "via": "10.66.0.2"})),
        cable(a=routes({"to": "192.0.2.0/24", "type": "blackhole"})),
    ),
    Case(
        "an IPv6 route is prohibited",
        cable(a=routes({"to": "2001:db8::/32", "via": "fd00:66::2"})),
        cable(a=routes({"to": "2001:db8::/32", "type": "prohibit"})),
    ),
    Case(
        "an unreachable route becomes a way",
        cable(a=routes({"to": "2001:db8::/32", "type": "unreachable"})),
        cable(a=routes({"to": "2001:db8::/32", "via": "fd00:66::2"})),
    ),
    Case(
        "a route gets a source",
        cable(a={**lo("198.51.100.1/32"), **routes({"to": "192.0.2.0/24", "via": "10.66.0.2"})}),
        cable(
            a={
                **lo("198.51.100.1/32"),
                **routes({"to": "192.0.2.0/24", "via": "10.66.0.2", "src": "198.51.100.1"}),
            }
        ),
    ),
    Case(
        "a route moves to another table",
        cable(a=routes({"to": "192.0.2.0/24", "via": "10.66.0.2"})),
        cable(a=routes({"to": "192.0.2.0/24", "via": "10.66.0.2", "table": 100})),
    ),
    Case(
        "a route gets a second next hop",
        cable(
            links={"subnet": "10.66.0.0/29"}, a=routes({"to": "192.0.2.0/24", "via": "10.66.0.2"})
        ),
        cable(
            links={"subnet": "10.66.0.0/29"},
            a=routes(
                {"to": "192.0.2.0/24", "nexthops": [{"via": "10.66.0.2"}, {"via": "10.66.0.3"}]}
            ),
        ),
    ),
    Case(
        "the weights of next hops change",
        cable(
            links={"subnet": "10.66.0.0/29"},
            a=routes(
                {"to": "192.0.2.0/24", "nexthops": [{"via": "10.66.0.2"}, {"via": "10.66.0.3"}]}
            ),
        ),
        cable(
            links={"subnet": "10.66.0.0/29"},
            a=routes(
                {
                    "to": "192.0.2.0/24",
                    "nexthops": [{"via": "10.66.0.2", "weight": 3}, {"via": "10.66.0.3"}],
                }
            ),
        ),
    ),
    Case(
        "an IPv6 route loses one of two next hops",
        cable(
            links={"subnet": "fd00:66::/120"},
            a=routes(
                {"to": "2001:db8::/32", "nexthops": [{"via": "fd00:66::2"}, {"via": "fd00:66::3"}]}
            ),
        ),
        cable(
            links={"subnet": "fd00:66::/120"},
            a=routes({"to": "2001:db8::/32", "via": "fd00:66::3"}),
        ),
    ),
    Case(
        "a route's source changes",
        cable(a={**lo("198.51.100.1/32"), **routes({**WAY, "src": "198.51.100.1"})}),
        cable(a={**lo("198.51.100.2/32"), **routes({**WAY, "src": "198.51.100.2"})}),
    ),
    Case(
        "an IPv6 route's source changes",
        cable(a={**lo("2001:db8:1::1/128"), **routes({**WAY6, "src": "2001:db8:1::1"})}),
        cable(a={**lo("2001:db8:1::2/128"), **routes({**WAY6, "src": "2001:db8:1::2"})}),
    ),
    Case("a cable gets another MTU", cable(), cable(links={"mtu": 1400})),
    Case(
        "an MTU falls below what IPv6 needs",
        cable(a=routes({"to": "default", "via": "10.66.0.2"})),
        cable(
            links={"mtu": 1000, "subnet": "10.66.0.0/30"},
            a=routes({"to": "default", "via": "10.66.0.2"}),
        ),
    ),
    Case(
        "an MTU rises to what IPv6 needs",
        cable(links={"mtu": 1000, "subnet": "10.66.0.0/30"}),
        cable(a=routes({"to": "default", "via": "fd00:66::2"})),
    ),
    Case(
        "an end gets another MAC address",
        cable(a={"devices": {"eth0": {"mac": "02:00:00:00:66:01"}}}),
        cable(a={"devices": {"eth0": {"mac": "02:00:00:00:66:02"}}}),
    ),
    Case(
        "a cable goes down",
        cable(a=routes({"to": "default", "via": "10.66.0.2"})),
        cable(links={"up": False}),
    ),
    Case("a cable goes up", cable(links={"up": False}), cable()),
    Case("lo goes down", cable(), cable(a={"devices": {"lo": {"up": False}}})),
    Case(
        "a switch gets a port",
        bare(b=switch()),
        bare(b=switch("eth0")),
    ),
    Case(
        "a switch loses its port",
        bare(b=switch("eth0")),
        bare(b=switch()),
    ),
    Case(
        "a switch goes and its port stays",
        bare(b=switch("eth0", addresses=["10.66.1.1/24"])),
        bare(),
    ),
    Case(
        "spanning tree is switched on",
        bare(b=switch("eth0")),
        bare(b=switch("eth0", stp=True)),
    ),
    Case(
        "multicast goes to every port",
        bare(b=switch("eth0")),
        bare(b=switch("eth0", mcast_snooping=False)),
    ),
    Case(
        "a parameter gets another value",
        cable(a={"sysctls": {"net/ipv4/ip_default_ttl": "32"}}),
        cable(a={"sysctls": {"net/ipv4/ip_default_ttl": "33"}}),
    ),
    Case(
        "a parameter is no longer said",
        cable(
            a={"sysctls": {"net/ipv4/ip_default_ttl": "32", "net/ipv4/conf/eth0/rp_filter": "2"}}
        ),
        cable(),
    ),
    Case("a namespace begins to forward", cable(), cable(a={"forwarding": True})),
    Case(
        "a namespace forwards IPv6 only",
        cable(a={"forwarding": True}),
        cable(a={"forwarding": {"ipv4": False, "ipv6": True}}),
    ),
    Case(
        "a device keeps its own word on forwarding",
        cable(a={"sysctls": {"net/ipv4/conf/eth0/forwarding": "0"}}),
        cable(a={"forwarding": True, "sysctls": {"net/ipv4/conf/eth0/forwarding": "0"}}),
    ),
    Case("duplicate detection is left on", cable(), cable(a={"dad": True})),
    Case(
        "a firewall comes",
        cable(),
        cable(a=rules(SSH, input="drop")),
    ),
    Case("a rule comes before another", cable(a=rules(SSH)), cable(a=rules(WEB, SSH))),
    Case("a rule goes", cable(a=rules(SSH, WEB)), cable(a=rules(SSH))),
    Case("a policy is lifted", cable(a=rules(SSH, input="drop")), cable(a=rules(SSH))),
    Case("a firewall goes", cable(a=rules(SSH, input="drop", forward="drop")), cable()),
    Case(
        "a translation leads elsewhere",
        cable(a={"nat": [{"dnat": {"protocol": "tcp", "port": 80, "to": "10.66.0.2:8080"}}]}),
        cable(a={"nat": [{"dnat": {"protocol": "tcp", "port": 80, "to": "10.66.0.2:8081"}}]}),
    ),
    Case(
        "masquerade becomes source translation",
        cable(a={"nat": [{"masquerade": {"source": "192.0.2.0/24", "out": "eth0"}}]}),
        cable(a={"nat": [{"snat": {"source": "192.0.2.0/24", "out": "eth0", "to": "10.66.0.1"}}]}),
    ),
    Case("a tunnel gets a remote", cable(a=vx()), cable(a=vx(remotes=["10.66.0.2", "10.66.0.3"]))),
    Case("a tunnel gets another remote", cable(a=vx()), cable(a=vx(remotes=["10.66.0.3"]))),
    Case(
        "a tunnel gets an entry",
        cable(a=vx()),
        cable(a=vx(fdb=[{"mac": "02:00:00:00:00:09", "dst": "10.66.0.2"}])),
    ),
    Case("a tunnel stops learning", cable(a=vx()), cable(a=vx(learning=False))),
    Case("a tunnel learns again", cable(a=vx(learning=False)), cable(a=vx())),
    Case("a tunnel gets a TTL", cable(a=vx()), cable(a=vx(ttl=9))),
    Case("a tunnel loses its TTL", cable(a=vx(ttl=9)), cable(a=vx())),
    Case(
        "a tunnel sends from another address",
        two_addresses(vx(underlay="eth0")),
        two_addresses(vx(underlay="eth0", local="10.66.0.77")),
    ),
    Case("a tunnel gets another VNI", cable(a=vx()), cable(a=vx(vni=8)), ("al-a vx0",)),
    Case("a tunnel gets another port", cable(a=vx()), cable(a=vx(dstport=8472)), ("al-a vx0",)),
    Case(
        "a tunnel moves to IPv6",
        cable(a=vx()),
        cable(a=vx(local="fd00:66::1", remotes=["fd00:66::2"])),
        ("al-a vx0",),
    ),
    Case(
        "a tunnel gets a group instead of remotes",
        cable(a=vx()),
        cable(a=vx(group="239.1.1.1", underlay="eth0", remotes=None)),
        ("al-a vx0",),
    ),
    Case(
        "a tunnel loses its own address",
        cable(a=vx(underlay="eth0")),
        cable(a=vx(underlay="eth0", local=None, remotes=["fd00:66::2"])),
        ("al-a vx0",),
    ),
    Case("a cable gets a rate", cable(), cable(links={"rate": "10mbit"})),
    Case(
        "a cable gets another rate",
        cable(links={"rate": "10mbit"}),
        cable(links={"rate": "20mbit"}),
    ),
    Case("a cable loses its rate", cable(links={"rate": "10mbit"}), cable()),
    Case(
        "a neighbour is known",
        cable(),
        cable(a=neighbor("10.66.0.9", "02:00:00:00:00:09")),
    ),
    Case(
        "a neighbour has another card",
        cable(a=neighbor("fd00:66::9", "02:00:00:00:00:09")),
        cable(a=neighbor("fd00:66::9", "02:00:00:00:00:08")),
    ),
    Case(
        "a neighbour is asked for again",
        cable(a=neighbor("10.66.0.9", "02:00:00:00:00:09")),
        cable(),
    ),
    Case(
        "a policy rule leads to another table",
        cable(a={"rules": [{"from": "10.66.0.1/32", "table": 100}]}),
        cable(a={"rules": [{"from": "10.66.0.1/32", "table": 101}]}),
    ),
    Case(
        "a policy rule comes first",
        cable(a={"rules": [{"from": "10.66.0.1/32", "table": 100, "priority": 500}]}),
        cable(
            a={
                "rules": [
                    {"iif": "eth0", "table": 101, "family": "ipv6", "priority": 400},
                    {"from": "10.66.0.1/32", "table": 100, "priority": 500},
                ]
            }
        ),
    ),
    Case(
        "names are added",
        cable(),
        cable(a={"dns": {"nameservers": ["10.66.0.2"], "hosts": {"db": "10.66.0.2"}}}),
    ),
    Case(
        "a resolver is no longer wanted",
        cable(a={"dns": {"nameservers": ["10.66.0.2"]}}),
        cable(),
    ),
    Case(
        "another end for a cable",
        {**cable(), "namespaces": {"a": {}, "b": {}, "c": {}}},
        {
            **cable(links={"ends": ["a:eth0", "c:eth0"]}),
            "namespaces": {"a": {}, "b": {}, "c": {}},
        },
        ("al-a eth0",),
    ),
    Case(
        "a device gets another name",
        cable(),
        cable(links={"ends": ["a:wan", "b:eth0"]}),
        ("al-b eth0",),
    ),
    Case(
        "a tap becomes a tun",
        cable(a={"devices": {"t0": {"type": "tap"}}}),
        cable(a={"devices": {"t0": {"type": "tun"}}}),
        ("al-a t0",),
    ),
    Case(
        "a macvlan gets another mode",
        cable(a={"devices": {"m0": {"type": "macvlan", "parent": "eth0"}}}),
        cable(a={"devices": {"m0": {"type": "macvlan", "parent": "eth0", "mode": "private"}}}),
        ("al-a m0",),
    ),
    Case(
        "a namespace goes",
        cable(c=lo("198.51.100.1/32")),
        cable(),
    ),
    Case(
        "a member gets an alias",
        network(),
        network(
            members={"a": {"networks": {"lan": {"aliases": ["web"]}}}, "b": {"networks": ["lan"]}}
        ),
    ),
    Case(
        "a member gets another address",
        network(),
        network(
            members={
                "a": {"networks": {"lan": {"addresses": ["10.67.0.77"]}}},
                "b": {"networks": ["lan"]},
            }
        ),
    ),
    Case(
        "a member leaves",
        network(),
        network(members={"a": {"networks": ["lan"]}, "b": {}}),
    ),
    Case("a network gets another MTU", network(), network(mtu=1400)),
    Case("members no longer talk", network(), network(isolate=True)),
    Case("members talk again", network(isolate=True), network()),
    Case("sources are shown", network(), network(masquerade=False)),
    Case("sources of one family are shown", network(), network(masquerade={"ipv6": False})),
    Case("a port is published", network(), publishing("8080:80")),
    Case("a port is published no more", publishing("8080:80"), network()),
    Case("another port is published", publishing("8080:80"), publishing("8081:80", "8082:80/udp")),
    Case(
        "a port is published at another address",
        publishing("8080:80"),
        publishing("192.0.2.1:8080:80"),
    ),
    Case(
        "a network with a gateway becomes internal",
        network(gateway="10.67.0.1"),
        network(gateway="10.67.0.1", internal=True),
    ),
    Case(
        "a network loses its gateway, and so its place",
        network(),
        network(gateway=False),
        (
            "al-a eth0",
            "al-b eth0",
        ),
    ),
    Case(
        "a network gets another gateway",
        network(gateway="10.67.0.1"),
        network(gateway="10.67.0.254"),
    ),
    Case(
        "a member's device is called otherwise",
        network(),
        network(
            members={"a": {"networks": {"lan": {"device": "lan0"}}}, "b": {"networks": ["lan"]}}
        ),
        (f"host {endpoint_ifname('alter', 'lan', 'a')}",),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_only_what_differs_is_changed(ground: Ground, tools: Any, case: Case) -> None:
    before = ground.apply(case.before).prospect
    numbers = ground.numbers(before)

    after = ground.apply(case.after).prospect

    now = ground.numbers(after)
    facts = ground.all_facts(after)
    again = ground.look(case.after)
    ground.destroy("alter")
    assert after.topology is not None
    alone = ground.alone(after.topology)
    assert tools.all_differences(alone, facts) == []
    assert again.changes == ()
    others = sorted(name for name in numbers.keys() & now.keys() if numbers[name] != now[name])
    assert others == sorted(case.anew)
    assert sorted(tools.said(after)) == sorted(CHANGES[case.name])
