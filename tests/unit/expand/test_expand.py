"""What a spec means, exactly: the objects that must be in the kernel for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from netkit.expand.expand import expand
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.model.addressing import Address, FdbEntry
from netkit.model.daemon import Daemon
from netkit.model.firewall import Chain, Jump, Policy, UserChain
from netkit.model.link import Bridge, Link, Veth, Vxlan
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.routing import Route, Rule
from netkit.model.setting import Attribute, File, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.names import bridge_ifname, endpoint_ifname, hidden_netns
from netkit.spec import load_topology, topology

EXAMPLES = Path(__file__).parents[3] / "examples"
HIDDEN = hidden_netns("t")
BRIDGE, PORT = bridge_ifname("t", "lan"), endpoint_ifname("t", "lan", "a")


def state(**said: Any) -> State:
    return expand(fill(topology({"name": "t", **said}), Allotments())[0])


def lan(member: dict[str, Any] | None = None, **said: Any) -> State:
    """Give one network with two members; ``member`` is what the first says of itself."""
    return state(
        networks={"lan": {"subnets": ["10.1.0.0/24", "fd00:1::/64"], **said}},
        namespaces={"a": {"networks": {"lan": member or {}}}, "b": {"networks": ["lan"]}},
    )


def addresses(found: State, netns: Netns) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for item in found.every(Address):
        if item.netns == netns:
            given.setdefault(item.ifname, []).append(item.cidr)
    return given


def routes(found: State, netns: Netns) -> list[str]:
    return [
        " ".join(
            [item.to, *(f"via {hop.via} dev {hop.dev}" for hop in item.nexthops)]
            + ([f"src {item.src}"] if item.src else [])
        )
        for item in found.every(Route)
        if item.netns == netns
    ]


def words(found: State, netns: Netns, family: int, hook: str) -> list[str]:
    mark = "-m comment --comment netkit:t "
    return [
        " ".join(rule).replace(mark, "")
        for item in found.every(Chain)
        if (item.netns, item.family) == (netns, family) and f"-{hook}-" in item.name
        for rule in item.rules
    ]


def settings(found: State, netns: Netns) -> dict[str, str]:
    return {item.name: item.value for item in found.every(Sysctl) if item.netns == netns}


def hosts(found: State, path: str) -> list[str]:
    (text,) = [item.content for item in found.every(File) if item.path == path]
    return text.splitlines()


def one(items: Iterable[Object], **said: Any) -> Any:
    (found,) = [item for item in items if all(getattr(item, name) == said[name] for name in said)]
    return found


@pytest.mark.parametrize(
    ("said", "place", "on_bridge", "defaults"),
    [
        ({}, None, ["10.1.0.1/24", "fd00:1::1/64"], ["10.1.0.1", "fd00:1::1"]),
        ({"gateway": "10.1.0.9"}, None, ["10.1.0.9/24"], ["10.1.0.9"]),
        (
            {"gateway": ["10.1.0.9", "fd00:1::9"]},
            None,
            ["10.1.0.9/24", "fd00:1::9/64"],
            ["10.1.0.9", "fd00:1::9"],
        ),
        ({"gateway": False}, HIDDEN, [], []),
        ({"internal": True}, HIDDEN, [], []),
        ({"internal": True, "gateway": "10.1.0.1"}, None, ["10.1.0.1/24"], []),
        ({"internal": True, "gateway": False}, HIDDEN, [], []),
        ({"subnets": ["fd00:1::/64"]}, None, ["fd00:1::1/64"], ["fd00:1::1"]),
    ],
    ids=str,
)
def test_where_a_network_lies_and_where_it_leads(
    said: dict[str, Any], place: Netns, on_bridge: list[str], defaults: list[str]
) -> None:
    found = lan(**said)

    assert one(found.every(Bridge), ifname=BRIDGE).netns == place
    assert addresses(found, place).get(BRIDGE, []) == on_bridge
    assert [item.nexthops[0].via for item in found.every(Route) if item.netns == "a"] == defaults
    assert (("netns", HIDDEN) in found) == (place == HIDDEN)


def test_a_network_without_subnets_is_hidden_and_allots_nothing() -> None:
    found = lan({"addresses": ["10.9.0.1/24"]}, subnets=[])

    assert one(found.every(Bridge), ifname=BRIDGE).netns == HIDDEN
    assert addresses(found, "a") == {"eth0": ["10.9.0.1/24"]}
    assert addresses(found, "b") == {}


def test_a_member_that_holds_the_gateways_address_is_the_gateway() -> None:
    found = lan({"addresses": ["10.1.0.1", "fd00:1::1"]}, gateway=["10.1.0.1", "fd00:1::1"])

    assert one(found.every(Bridge), ifname=BRIDGE).netns == HIDDEN
    assert routes(found, "a") == []
    assert routes(found, "b") == ["0.0.0.0/0 via 10.1.0.1 dev eth0", "::/0 via fd00:1::1 dev eth0"]


def test_a_member_is_tied_by_a_cable_of_computed_names() -> None:
    found = lan()

    assert found.get(("link", None, PORT)) == Veth(
        ifname=PORT,
        mac=one(found.every(Veth), ifname=PORT).mac,
        master=BRIDGE,
        alias="netkit:t/a/eth0",
        group=one(found.every(Bridge), ifname=BRIDGE).group,
        peer_netns="a",
        peer="eth0",
    )
    assert one(found.every(Veth), netns="a", ifname="eth0").mac == "02:42:0a:01:00:02"


def test_ports_of_an_isolated_network_are_isolated_and_members_are_not() -> None:
    found = lan(isolate=True)

    assert {item.ifname for item in found.every(Link) if item.isolated} == {
        PORT,
        endpoint_ifname("t", "lan", "b"),
    }


def test_the_default_route_is_that_of_the_highest_priority_then_of_the_first() -> None:
    networks = {"x": {"subnets": ["10.1.0.0/24"]}, "y": {"subnets": ["10.2.0.0/24"]}}
    plain = state(networks=networks, namespaces={"a": {"networks": ["y", "x"]}})
    chosen = state(
        networks=networks,
        namespaces={"a": {"networks": {"y": {}, "x": {"priority": 5}}}},
    )

    assert routes(plain, "a") == ["0.0.0.0/0 via 10.2.0.1 dev eth0"]
    assert routes(chosen, "a") == ["0.0.0.0/0 via 10.1.0.1 dev eth1"]


def test_each_family_takes_its_default_where_there_is_one() -> None:
    found = state(
        networks={
            "six": {"subnets": ["fd00:1::/64"]},
            "in": {"subnets": ["10.3.0.0/24"], "internal": True},
            "four": {"subnets": ["10.2.0.0/24"]},
        },
        namespaces={"a": {"networks": ["six", "in", "four"]}},
    )

    assert routes(found, "a") == [
        "0.0.0.0/0 via 10.2.0.1 dev eth2",
        "::/0 via fd00:1::1 dev eth0",
    ]


def test_a_default_that_is_said_suppresses_that_of_its_family_only() -> None:
    found = state(
        networks={"lan": {"subnets": ["10.1.0.0/24", "fd00:1::/64"]}},
        namespaces={"a": {"networks": ["lan"], "routes": [{"to": "default", "via": "10.1.0.77"}]}},
    )

    assert routes(found, "a") == [
        "::/0 via fd00:1::1 dev eth0",
        "0.0.0.0/0 via 10.1.0.77 dev eth0",
    ]


def test_a_new_namespace_starts_as_a_host_that_forwards_nothing() -> None:
    assert settings(state(namespaces={"a": {}}), "a") == {
        "net/ipv4/ip_forward": "0",
        "net/ipv6/conf/all/forwarding": "0",
        "net/ipv4/conf/all/rp_filter": "0",
        "net/ipv4/conf/default/rp_filter": "0",
        "net/ipv4/conf/all/promote_secondaries": "1",
        "net/ipv6/conf/default/accept_dad": "0",
    }


def test_what_a_spec_says_of_parameters_stands() -> None:
    found = state(
        namespaces={
            "a": {
                "forwarding": {"ipv4": True},
                "dad": True,
                "sysctls": {"net/ipv4/conf/all/rp_filter": "2"},
            }
        }
    )

    said = settings(found, "a")
    assert said["net/ipv4/ip_forward"] == "1"
    assert said["net/ipv6/conf/all/forwarding"] == "0"
    assert said["net/ipv4/conf/all/rp_filter"] == "2"
    assert "net/ipv6/conf/default/accept_dad" not in said
    origins = {item.name: item.origin for item in found.every(Sysctl)}
    assert origins["net/ipv4/ip_forward"] == "/namespaces/a"
    assert origins["net/ipv4/conf/all/rp_filter"] == (
        "/namespaces/a/sysctls/net~1ipv4~1conf~1all~1rp_filter"
    )


def test_with_duplicate_detection_each_device_is_told() -> None:
    ends = {"links": [{"ends": ["a:eth0", "b:eth0"]}]}
    found = state(namespaces={"a": {"dad": True}, "b": {}}, **ends)

    name = "net/ipv6/conf/eth0/accept_dad"
    assert settings(found, "a")[name] == "1"
    assert name not in settings(found, "b")


def test_a_device_on_the_host_works_at_once_and_touches_nothing_else() -> None:
    found = state(namespaces={"a": {}}, links=[{"ends": ["host:x0", "a:eth0"]}])

    assert settings(found, None) == {"net/ipv6/conf/x0/accept_dad": "0"}


def test_a_bridge_on_the_host_needs_forwarding_of_its_families() -> None:
    four = lan(subnets=["10.1.0.0/24"])

    assert settings(lan(), None)["net/ipv6/conf/all/forwarding"] == "1"
    assert settings(four, None)["net/ipv4/ip_forward"] == "1"
    assert "net/ipv6/conf/all/forwarding" not in settings(four, None)
    assert "net/ipv4/ip_forward" not in settings(lan(gateway=False), None)


ASK_THE_USER = "-j NETKIT-USER"
DOCKER_DECIDES = [f"-i {BRIDGE} -o docker0 -j RETURN", f"-i {BRIDGE} -o br-+ -j RETURN"]
ANSWERS = f"-o {BRIDGE} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"


def test_what_the_host_passes_on_for_a_network() -> None:
    found = lan()

    assert words(found, None, 4, "FORWARD") == [
        ASK_THE_USER,
        f"-i {BRIDGE} -o {BRIDGE} -j ACCEPT",
        f"-i {BRIDGE} -o nk-+ -m conntrack ! --ctstate DNAT -j DROP",
        *DOCKER_DECIDES,
        f"-i {BRIDGE} ! -o nk-+ -j ACCEPT",
        ANSWERS,
        f"-o {BRIDGE} -j DROP",
    ]
    assert words(found, None, 4, "POSTROUTING") == [f"-s 10.1.0.0/24 ! -o {BRIDGE} -j MASQUERADE"]
    assert words(found, None, 6, "POSTROUTING") == [f"-s fd00:1::/64 ! -o {BRIDGE} -j MASQUERADE"]


def test_what_the_host_passes_on_for_an_internal_network() -> None:
    found = lan(internal=True, gateway="10.1.0.1")

    assert words(found, None, 4, "FORWARD") == [
        ASK_THE_USER,
        f"-i {BRIDGE} -o {BRIDGE} -j ACCEPT",
        f"-i {BRIDGE} -j DROP",
        f"-o {BRIDGE} -j DROP",
    ]
    assert words(found, None, 4, "POSTROUTING") == []


def test_in_an_isolated_network_not_even_a_route_by_the_host_leads_from_member_to_member() -> None:
    found = lan(isolate=True)

    assert words(found, None, 4, "FORWARD")[1:3] == [
        f"-i {BRIDGE} -o {BRIDGE} -m conntrack ! --ctstate DNAT -j DROP",
        f"-i {BRIDGE} -o {BRIDGE} -j ACCEPT",
    ]
    assert one(found.every(Veth), ifname=PORT).isolated


def test_into_a_routed_network_comes_ping_and_what_is_published() -> None:
    found = lan({"publish": ["8080:80"]}, masquerade={"ipv6": False})

    assert words(found, None, 6, "POSTROUTING") == []
    assert words(found, None, 6, "PREROUTING") == []
    assert words(found, None, 6, "FORWARD") == [
        ASK_THE_USER,
        f"-i {BRIDGE} -o {BRIDGE} -j ACCEPT",
        f"-i nk-+ -o {BRIDGE} -m conntrack ! --ctstate DNAT -j DROP",
        f"-d fd00:1::2/128 -o {BRIDGE} -p tcp -m tcp --dport 80 -j ACCEPT",
        f"-i {BRIDGE} -o nk-+ -m conntrack ! --ctstate DNAT -j DROP",
        *DOCKER_DECIDES,
        f"-i {BRIDGE} ! -o nk-+ -j ACCEPT",
        ANSWERS,
        f"-o {BRIDGE} -p ipv6-icmp -j ACCEPT",
        f"-o {BRIDGE} -j DROP",
    ]
    assert f"-o {BRIDGE} -j DROP" == words(found, None, 4, "FORWARD")[-1]
    assert words(found, None, 4, "PREROUTING") != []


def test_a_published_port_leads_in_and_shows_who_comes() -> None:
    found = lan({"publish": ["8080:80", "8000-8010:9000-9010/udp"]})
    to_web = "-p tcp -m tcp --dport 8080 -m addrtype --dst-type LOCAL"
    to_range = "-p udp -m udp --dport 8000:8010 -m addrtype --dst-type LOCAL"
    entrances = [
        f"{to_web} -j DNAT --to-destination 10.1.0.2:80",
        f"{to_range} -j DNAT --to-destination 10.1.0.2:9000-9010/8000",
    ]

    assert words(found, None, 4, "OUTPUT") == entrances
    assert words(found, None, 4, "PREROUTING") == [
        *entrances,
        f"-d 127.0.0.0/8 -i {BRIDGE} -j DROP",
        f"-s 127.0.0.0/8 -i {BRIDGE} -j DROP",
    ]
    assert words(found, None, 4, "POSTROUTING") == [
        f"-s 10.1.0.0/24 ! -o {BRIDGE} -j MASQUERADE",
        f"-s 10.1.0.0/24 -o {BRIDGE} -m conntrack --ctstate DNAT -j MASQUERADE",
        f"-s 127.0.0.0/8 -o {BRIDGE} -j MASQUERADE",
    ]
    assert words(found, None, 6, "OUTPUT") == [
        f"! -d ::1/128 {to_web} -j DNAT --to-destination [fd00:1::2]:80",
        f"! -d ::1/128 {to_range} -j DNAT --to-destination [fd00:1::2]:9000-9010/8000",
    ]
    assert words(found, None, 6, "POSTROUTING")[1:] == [
        f"-s fd00:1::/64 -o {BRIDGE} -m conntrack --ctstate DNAT -j MASQUERADE"
    ]
    assert words(found, None, 4, "FORWARD")[2:4] == [
        f"-d 10.1.0.2/32 -o {BRIDGE} -p tcp -m tcp --dport 80"
        " -m conntrack --ctstate DNAT -j ACCEPT",
        f"-d 10.1.0.2/32 -o {BRIDGE} -p udp -m udp --dport 9000:9010"
        " -m conntrack --ctstate DNAT -j ACCEPT",
    ]
    assert settings(found, None)[f"net/ipv4/conf/{BRIDGE}/route_localnet"] == "1"
    assert one(found.every(Veth), ifname=PORT).hairpin


def test_a_port_published_at_one_address_is_reached_there_only() -> None:
    found = lan({"publish": ["192.0.2.1:80:80", "127.0.0.1:81:81", "[2001:db8::1]:82:82"]})
    at_address = (
        "-d 192.0.2.1/32 -p tcp -m tcp --dport 80 -m addrtype --dst-type LOCAL"
        " -j DNAT --to-destination 10.1.0.2"
    )

    assert words(found, None, 4, "PREROUTING")[:-2] == [at_address]
    assert words(found, None, 4, "OUTPUT") == [
        at_address,
        "-d 127.0.0.1/32 -p tcp -m tcp --dport 81 -m addrtype --dst-type LOCAL"
        " -j DNAT --to-destination 10.1.0.2",
    ]
    assert words(found, None, 6, "PREROUTING") == words(found, None, 6, "OUTPUT")
    assert "-d 2001:db8::1/128" in words(found, None, 6, "OUTPUT")[0]


def test_without_a_way_by_127_0_0_1_none_is_opened() -> None:
    found = lan({"publish": ["192.0.2.1:80:80", "[::]:80:80"]})

    assert f"net/ipv4/conf/{BRIDGE}/route_localnet" not in settings(found, None)
    assert [item for item in found.every(Chain) if item.table == "raw"] == []


def test_who_answers_by_another_network_is_asked_by_the_gateway() -> None:
    found = state(
        networks={"lan": {"subnets": ["10.1.0.0/24"]}, "out": {"subnets": ["10.2.0.0/24"]}},
        namespaces={
            "a": {"networks": {"lan": {"publish": ["80:80"]}, "out": {"priority": 1}}},
        },
    )

    assert words(found, None, 4, "POSTROUTING")[3] == (
        f"-d 10.1.0.2/32 -o {BRIDGE} -p tcp -m tcp --dport 80"
        " -m conntrack --ctstate DNAT -j MASQUERADE"
    )


def test_the_chain_of_the_user_is_asked_first_on_the_host_alone() -> None:
    rules = {"firewall": {"rules": [{"chain": "forward", "action": "drop", "family": "ipv4"}]}}
    found = state(namespaces={"host": rules, "a": rules})

    assert words(found, None, 4, "FORWARD") == [ASK_THE_USER, "-j DROP"]
    assert words(found, "a", 4, "FORWARD") == ["-j DROP"]
    assert [(item.netns, item.family) for item in found.every(UserChain)] == [(None, 4)]


def test_a_hidden_network_needs_nothing_of_the_host() -> None:
    found = lan(gateway=False)

    assert [item for item in found if item.netns is None and not isinstance(item, File)] == []


def test_a_firewall_keeps_its_order_and_lets_neighbours_be_found() -> None:
    found = state(
        namespaces={
            "a": {
                "firewall": {
                    "policy": {"input": "drop", "forward": "drop", "output": "accept"},
                    "rules": [
                        {"chain": "input", "state": ["established"], "action": "accept"},
                        {
                            "chain": "input",
                            "protocol": "tcp",
                            "port": [80, "8000-8100"],
                            "action": "accept",
                        },
                        {
                            "chain": "input",
                            "source": "!10.0.0.0/8",
                            "protocol": "icmp",
                            "action": "reject",
                        },
                    ],
                }
            }
        }
    )

    assert words(found, "a", 4, "INPUT") == [
        "-m conntrack --ctstate ESTABLISHED -j ACCEPT",
        "-p tcp -m multiport --dports 80,8000:8100 -j ACCEPT",
        "! -s 10.0.0.0/8 -p icmp -j REJECT --reject-with icmp-port-unreachable",
    ]
    six = words(found, "a", 6, "INPUT")
    assert six[:5] == [
        f"-p ipv6-icmp -m icmp6 --icmpv6-type {kind} -j ACCEPT" for kind in range(133, 138)
    ]
    assert six[5:] == [
        "-m conntrack --ctstate ESTABLISHED -j ACCEPT",
        "-p tcp -m multiport --dports 80,8000:8100 -j ACCEPT",
    ]
    assert sorted((item.family, item.hook, item.policy) for item in found.every(Policy)) == [
        (family, hook, "DROP") for family in (4, 6) for hook in ("FORWARD", "INPUT")
    ]
    assert {item.first for item in found.every(Jump)} == {True}


def test_translations_keep_their_order() -> None:
    found = state(
        namespaces={
            "a": {
                "devices": {"wan": {"type": "tap"}, "lan": {"type": "tap"}},
                "nat": [
                    {"masquerade": {"source": "10.1.0.0/24", "out": "wan"}},
                    {"snat": {"source": "10.2.0.0/24", "out": "!lan", "to": "192.0.2.1"}},
                    {"dnat": {"protocol": "tcp", "port": 80, "in": "wan", "to": "10.1.0.5:8080"}},
                    {"dnat": {"protocol": "udp", "port": 53, "to": "[fd00::5]:5353"}},
                ],
            }
        }
    )

    assert words(found, "a", 4, "POSTROUTING") == [
        "-s 10.1.0.0/24 -o wan -j MASQUERADE",
        "-s 10.2.0.0/24 ! -o lan -j SNAT --to-source 192.0.2.1",
    ]
    assert words(found, "a", 4, "PREROUTING") == [
        "-i wan -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.1.0.5:8080"
    ]
    assert words(found, "a", 6, "PREROUTING") == [
        "-p udp -m udp --dport 53 -j DNAT --to-destination [fd00::5]:5353"
    ]


def test_names_are_those_of_all_members_of_all_networks() -> None:
    found = lan({"aliases": ["web"]})

    assert hosts(found, "/etc/netns/a/hosts") == [
        "# netkit:t",
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        "10.1.0.2\ta web a.lan web.lan",
        "fd00:1::2\ta web a.lan web.lan",
        "10.1.0.3\tb b.lan",
        "fd00:1::3\tb b.lan",
    ]


def words_of(found: State, network: str) -> dict[str, list[str]]:
    """Give the options of a network's name server, and what each is."""
    (daemon,) = [item for item in found.every(Daemon) if f"/{network}/" in item.alias]
    options: dict[str, list[str]] = {}
    for word in daemon.argv[1:]:
        name, _, value = word.partition("=")
        options.setdefault(name, []).append(value)
    return options


def test_a_name_server_is_on_the_gateways_and_the_members_are_told() -> None:
    found = lan({"aliases": ["web"]}, dns="server")
    (daemon,) = found.every(Daemon)
    bridge = one(found.every(Bridge)).ifname

    assert (daemon.netns, daemon.alias) == (None, "netkit:t/lan/dns")
    assert words_of(found, "lan")["--listen-address"] == ["10.1.0.1", "fd00:1::1"]
    assert words_of(found, "lan")["--hostsdir"] == [f"/etc/netns/{bridge}"]
    assert words_of(found, "lan")["--local"] == ["/lan/"]
    assert "--no-resolv" not in words_of(found, "lan")
    assert hosts(found, f"/etc/netns/{bridge}/hosts") == [
        "# netkit:t",
        "10.1.0.2\ta web a.lan web.lan",
        "fd00:1::2\ta web a.lan web.lan",
        "10.1.0.3\tb b.lan",
        "fd00:1::3\tb b.lan",
    ]
    assert hosts(found, "/etc/netns/a/resolv.conf") == [
        "# netkit:t",
        "nameserver 10.1.0.1",
        "nameserver fd00:1::1",
    ]


def test_a_name_server_of_a_hidden_network_is_with_its_bridge_and_asks_nobody() -> None:
    found = lan(dns="server", internal=True, subnets=["10.1.0.0/24"])
    (daemon,) = found.every(Daemon)

    assert daemon.netns == one(found.every(Bridge)).netns == HIDDEN
    assert words_of(found, "lan")["--address"] == ["/#/"]
    assert addresses(found, daemon.netns) == {one(found.every(Bridge)).ifname: ["10.1.0.1/24"]}
    assert words(found, None, 4, "FORWARD") == []


def test_a_name_server_leaves_the_gateway_to_a_member() -> None:
    said = {"subnets": ["10.1.0.0/24"], "gateway": "10.1.0.1", "dns": "server"}
    found = lan({"addresses": ["10.1.0.1"]}, **said)

    assert words_of(found, "lan")["--listen-address"] == ["10.1.0.2"]
    assert addresses(found, "b")["eth0"] == ["10.1.0.3/24"]


def test_a_name_server_where_one_says() -> None:
    found = lan(dns={"server": ["fd00:1::53"]})
    bridge = one(found.every(Bridge)).ifname

    assert words_of(found, "lan")["--listen-address"] == ["fd00:1::53"]
    assert addresses(found, None)[bridge] == ["10.1.0.1/24", "fd00:1::1/64", "fd00:1::53/64"]


def test_name_servers_that_know_the_world_come_first() -> None:
    found = state(
        networks={
            "in": {"subnets": ["10.1.0.0/24"], "internal": True, "dns": "server"},
            "out": {"subnets": ["10.2.0.0/24"], "dns": "server"},
        },
        namespaces={"a": {"networks": ["in", "out"]}},
    )

    assert hosts(found, "/etc/netns/a/resolv.conf")[1:] == [
        "nameserver 10.2.0.1",
        "nameserver 10.1.0.1",
    ]


@pytest.mark.parametrize("name", ["com", "dev", "de", "NET"])
def test_a_network_with_a_name_of_the_world_keeps_nobody_from_it(name: str) -> None:
    found = state(networks={name: {"dns": "server"}}, namespaces={"a": {"networks": [name]}})

    assert "--local" not in words_of(found, name)


def test_names_of_ones_own_and_of_the_spec() -> None:
    found = state(
        namespaces={
            "a": {
                "devices": {"lo": {"addresses": ["198.51.100.1/32"]}},
                "dns": {
                    "nameservers": ["10.9.0.53"],
                    "search": ["lab"],
                    "hosts": {"db": "10.9.0.5"},
                },
            },
            "b": {},
        },
        links=[{"ends": ["a:eth0", "b:eth0"], "subnet": "10.9.0.0/30"}],
    )

    assert hosts(found, "/etc/netns/a/hosts")[3:] == [
        "10.9.0.1\ta",
        "198.51.100.1\ta",
        "10.9.0.5\tdb",
    ]
    assert hosts(found, "/etc/netns/a/resolv.conf") == [
        "# netkit:t",
        "nameserver 10.9.0.53",
        "search lab",
    ]


UNDERLAY = {"ends": ["a:eth0", "b:eth0"], "subnet": ["10.9.0.0/30", "fd00:9::/126"]}


@pytest.mark.parametrize(
    ("said", "underlay", "mtu"),
    [
        ({"local": "10.9.0.1", "remotes": ["10.9.0.2"]}, "eth0", 1450),
        ({"local": "fd00:9::1", "remotes": ["fd00:9::2"]}, "eth0", 1430),
        ({"remotes": ["10.9.0.2"]}, "eth0", 1450),
        ({"underlay": "eth0", "group": "239.1.1.1"}, "eth0", 1450),
        ({"local": "10.9.0.1", "remotes": ["10.9.0.2"], "mtu": 1300}, "eth0", 1300),
    ],
    ids=str,
)
def test_a_tunnel_finds_its_ground_and_what_fits_through(
    said: dict[str, Any], underlay: str, mtu: int
) -> None:
    device = {"type": "vxlan", "vni": 5, **said}
    found = state(namespaces={"a": {"devices": {"vx0": device}}, "b": {}}, links=[UNDERLAY])

    (tunnel,) = found.every(Vxlan)
    assert (tunnel.underlay, tunnel.mtu, tunnel.socket_netns) == (underlay, mtu, "a")
    assert [item.dst for item in found.every(FdbEntry)] == said.get("remotes", [])


def test_a_tunnel_may_have_its_socket_elsewhere() -> None:
    device = {"type": "vxlan", "vni": 5, "underlay": "b:eth0", "local": "10.9.0.2"}
    found = state(
        namespaces={"a": {}, "b": {}, "c": {"devices": {"vx0": device}}}, links=[UNDERLAY]
    )

    (tunnel,) = found.every(Vxlan)
    assert (tunnel.netns, tunnel.socket_netns, tunnel.underlay) == ("c", "b", "eth0")


def test_a_rate_alone_is_a_bucket_and_anything_else_is_netem() -> None:
    cable = {"ends": ["a:eth0", "b:eth0"]}
    slow = state(namespaces={"a": {}, "b": {}}, links=[{**cable, "rate": "10mbit"}])
    far = state(
        namespaces={"a": {}, "b": {}},
        links=[{**cable, "rate": "10mbit", "delay": "20ms", "loss": "0.5%"}],
    )

    assert {(item.netns, item.kind, item.rate) for item in slow.every(Qdisc)} == {
        ("a", "tbf", 10_000_000),
        ("b", "tbf", 10_000_000),
    }
    assert {(item.kind, item.rate, item.delay, item.loss) for item in far.every(Qdisc)} == {
        ("netem", 10_000_000, 20_000, "0.5")
    }


def test_of_an_existing_device_only_what_is_said_is_spoken_of() -> None:
    found = state(
        namespaces={
            "host": {
                "devices": {"ext0": {"type": "existing", "mtu": 1400, "addresses": ["10.7.0.1/24"]}}
            }
        }
    )

    assert set(found) == {
        Attribute(ifname="ext0", name="mtu", value="1400"),
        Address(ifname="ext0", cidr="10.7.0.1/24"),
    }


def test_a_device_that_is_lent_is_moved_and_brought_up() -> None:
    found = state(namespaces={"a": {"devices": {"wan": {"type": "existing", "from": "host:ext0"}}}})

    assert found.every(Loan) == (Loan(netns="a", ifname="wan", home=None, home_ifname="ext0"),)
    assert found.every(Attribute) == (Attribute(netns="a", ifname="wan", name="up", value="up"),)


def test_a_sandbox_of_somebody_elses_is_not_made() -> None:
    found = state(
        networks={"lan": {"subnets": ["10.1.0.0/24"]}},
        namespaces={"a": {"netns": {"path": "/run/netns/other"}, "networks": ["lan"]}},
    )

    assert found.every(Namespace) == ()
    assert one(found.every(Veth), ifname="eth0").netns == "/run/netns/other"
    assert one(found.every(Route)).protocol == "200"
    assert found.every(File) == ()


def test_the_host_in_a_network_of_its_own_has_the_bridge_and_else_a_cable() -> None:
    def with_host(**said: Any) -> State:
        return state(
            networks={"lan": {"subnets": ["10.1.0.0/24"], **said}},
            namespaces={"host": {"networks": ["lan"]}, "a": {"networks": ["lan"]}},
        )

    assert [item.ifname for item in with_host().every(Veth) if item.netns is None] == [PORT]
    hidden = with_host(gateway=False)
    assert [item.ifname for item in hidden.every(Veth) if item.netns is None] == ["eth0"]
    assert routes(hidden, None) == []


def test_policy_rules_without_a_priority_come_in_document_order() -> None:
    found = state(
        namespaces={
            "a": {
                "rules": [
                    {"from": "10.1.0.0/24", "table": 10},
                    {"to": "10.2.0.0/24", "table": 11, "priority": 1001},
                    {"from": "10.3.0.0/24", "table": 12},
                ]
            }
        }
    )

    assert [(item.priority, item.table) for item in found.every(Rule)] == [
        (1000, 10),
        (1001, 11),
        (1002, 12),
    ]


def test_a_prefix_goes_before_kernel_names_only() -> None:
    found = state(
        prefix="x-", namespaces={"a": {"devices": {"lo": {"addresses": ["10.9.9.9/32"]}}}}
    )

    assert found.every(Namespace) == (Namespace(netns="x-a"),)
    assert hosts(found, "/etc/netns/x-a/hosts")[-1] == "10.9.9.9\ta"


def test_the_shop() -> None:
    found = expand(fill(load_topology(EXAMPLES / "shop.json"), Allotments())[0])
    hidden, front = hidden_netns("shop"), bridge_ifname("shop", "frontend")

    assert sorted(item.netns or "" for item in found.every(Namespace)) == [
        "con1",
        "con2",
        "con3",
        hidden,
    ]
    assert addresses(found, None) == {front: ["172.17.0.1/16"]}
    assert addresses(found, hidden) == {}
    assert {name: addresses(found, name) for name in ("con1", "con2", "con3")} == {
        "con1": {"eth0": ["10.1.0.2/24", "fd00:1::2/64"]},
        "con2": {"eth0": ["10.1.0.20/24", "fd00:1::3/64"], "eth1": ["172.17.0.2/16"]},
        "con3": {"eth0": ["172.17.0.3/16"]},
    }
    assert routes(found, "con1") == []
    assert routes(found, "con2") == ["0.0.0.0/0 via 172.17.0.1 dev eth1"]
    assert routes(found, "con3") == ["0.0.0.0/0 via 172.17.0.1 dev eth0"]
    assert hosts(found, "/etc/netns/con3/hosts")[3:] == [
        "172.17.0.2\tcon2 web con2.frontend web.frontend",
        "172.17.0.3\tcon3 con3.frontend",
    ]
