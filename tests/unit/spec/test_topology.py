"""What a document becomes: the facts that the rooms above build on."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from netkit import spec
from netkit.model.topology import (
    BridgeDetail,
    Hop,
    Negatable,
    Sandbox,
    Shaping,
    StaticRoute,
    Topology,
)


def read(**sections: Any) -> Topology:
    return spec.topology({"name": "t", **sections})


def sandbox(topology: Topology, name: str) -> Sandbox:
    return next(item for item in topology.namespaces if item.name == name)


def pair(**keys: Any) -> Topology:
    return read(
        namespaces={"a": keys, "b": {}},
        links=[{"ends": ["a:eth0", "b:eth0"], "subnet": "10.0.0.0/24"}],
    )


def test_a_name_of_ones_own_takes_the_prefix_along() -> None:
    topology = spec.topology({"name": "t", "prefix": "x-", "namespaces": {"a": {}}}, name="lab2")

    assert (topology.name, topology.prefix) == ("lab2", "lab2-")


def test_subnets_unsaid_and_subnets_empty_are_two_things() -> None:
    topology = read(networks={"pool": {}, "flat": {"subnets": []}})

    assert topology.network("pool").subnets is None
    assert topology.network("flat").subnets == ()


def test_gateway_unsaid_false_and_named_are_three_things() -> None:
    subnets = ["10.0.0.0/24"]
    topology = read(
        networks={
            "first": {"subnets": subnets},
            "none": {"subnets": subnets, "gateway": False},
            "named": {"subnets": ["10.1.0.0/24"], "gateway": "10.1.0.9"},
        }
    )

    assert topology.network("first").gateways is None
    assert topology.network("none").gateways == ()
    assert topology.network("named").gateways == (ip_address("10.1.0.9"),)


def test_an_address_takes_the_prefix_length_of_its_subnet() -> None:
    topology = read(
        networks={"lan": {"subnets": ["10.0.0.0/20"]}},
        namespaces={"a": {"networks": {"lan": {"addresses": ["10.0.0.9"]}}}},
    )

    assert sandbox(topology, "a").endpoints[0].addresses == (ip_interface("10.0.0.9/20"),)


def test_ports_are_written_out_as_masters() -> None:
    topology = pair(devices={"br0": {"type": "bridge", "ports": ["eth0"]}})
    bridge, port = sandbox(topology, "a").devices

    assert bridge.detail == BridgeDetail(ports=("eth0",))
    assert (port.ifname, port.detail, port.master) == ("eth0", None, "br0")


def test_default_takes_the_family_of_its_next_hop() -> None:
    topology = pair(
        routes=[{"to": "default", "via": "10.0.0.2"}],
        devices={"eth0": {"addresses": ["fd00::1/64"]}},
    )
    hop = Hop(via=ip_address("10.0.0.2"))

    assert sandbox(topology, "a").routes == (StaticRoute(to=ip_network("0.0.0.0/0"), hops=(hop,)),)


def test_forwarding_is_told_for_each_family() -> None:
    topology = read(
        namespaces={"a": {"forwarding": True}, "b": {"forwarding": {"ipv6": False}}, "c": {}}
    )

    assert [item.forwarding for item in topology.namespaces] == [
        (True, True),
        (None, False),
        (None, None),
    ]


def test_families_of_a_rule_follow_its_addresses() -> None:
    rules = [
        {"masquerade": {}},
        {"masquerade": {"source": "!10.0.0.7"}},
        {"masquerade": {"family": "ipv6"}},
        {"dnat": {"protocol": "tcp", "port": "80-81", "to": "[fd00::1]:8080"}},
    ]
    nat = sandbox(pair(nat=rules), "a").nat

    assert [rule.families for rule in nat] == [(4, 6), (4,), (6,), (6,)]
    assert nat[1].source == Negatable(value="10.0.0.7/32", negated=True)
    assert (nat[3].ports, nat[3].to) == (((80, 81),), "[fd00::1]:8080")


def test_units_become_numbers() -> None:
    topology = read(
        namespaces={"a": {}, "b": {}},
        links=[
            {
                "ends": ["a:eth0", "b:eth0"],
                "rate": "10mbit",
                "delay": "20ms",
                "jitter": "1ms",
                "loss": "0.5%",
            }
        ],
    )

    assert topology.links[0].shaping == Shaping(
        rate=10_000_000, delay=20_000, jitter=1_000, loss=0.5
    )


def test_pointers_lead_to_what_was_written() -> None:
    topology = read(
        networks={"lan": {"subnets": ["10.0.0.0/24"]}},
        namespaces={
            "h[1-2]": {"networks": {"lan": {}}, "routes": [{"to": "::/0", "type": "blackhole"}]},
            "h2": {"networks": {"lan": {"mtu": 1400}}},
        },
    )
    first, second = topology.namespaces

    assert first.endpoints[0].pointer == "/namespaces/h[1-2]/networks/lan"
    assert second.endpoints[0].pointer == "/namespaces/h2/networks/lan"
    assert second.routes[0].pointer == "/namespaces/h[1-2]/routes/0"


def test_pointers_do_not_tell_two_topologies_apart() -> None:
    whole = read(networks={"n[1-2]": {}})
    single = read(networks={"n1": {}, "n2": {}})

    assert whole == single


def test_what_only_apply_will_know_is_not_refused() -> None:
    topology = read(
        networks={"pool": {}, "flat": {"subnets": []}},
        namespaces={
            "a": {"networks": ["pool"], "routes": [{"to": "10.9.0.0/16", "via": "172.17.0.5"}]},
            "host": {
                "routes": [{"to": "10.9.0.0/16", "via": "192.0.2.1", "dev": "ens3"}],
                "nat": [{"masquerade": {"out": "ens3"}}],
            },
            "blue": {
                "netns": {"name": "blue"},
                "routes": [{"to": "10.9.0.0/16", "via": "192.0.2.1"}],
            },
        },
    )

    assert len(topology.namespaces) == 3


def test_a_next_hop_may_be_on_a_link_by_another_route() -> None:
    topology = pair(
        routes=[
            {"to": "192.0.2.1/32", "dev": "eth0"},
            {"to": "10.9.0.0/16", "via": "192.0.2.1"},
        ]
    )

    assert len(sandbox(topology, "a").routes) == 2


def test_two_routing_domains_may_have_the_same_subnet() -> None:
    topology = read(
        namespaces={
            "a": {
                "devices": {
                    "red": {"type": "vrf", "table": 1, "ports": ["e0"]},
                    "blue": {"type": "vrf", "table": 2, "ports": ["e1"]},
                }
            },
            "b": {},
            "c": {},
        },
        links=[
            {"ends": ["a:e0", "b:e0"], "subnet": "10.0.0.0/24"},
            {"ends": ["a:e1", "c:e0"], "subnet": "10.0.0.0/24"},
        ],
    )

    assert len(topology.links) == 2
