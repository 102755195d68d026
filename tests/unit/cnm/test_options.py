"""Docker's options in, words of the spec out; what they come to is a sound spec."""

from __future__ import annotations

from typing import Any

import pytest

from netkit.cnm import options
from netkit.errors import UsageError
from netkit.spec import topology


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {}),
        ({"subnets": ["10.1.0.0/24"]}, {"subnets": ["10.1.0.0/24"]}),
        ({"gateways": ["none"]}, {"gateway": False}),
        (
            {"subnets": ["10.1.0.0/24"], "gateways": ["10.1.0.9"], "ranges": ["10.1.0.64/26"]},
            {"subnets": ["10.1.0.0/24"], "gateway": "10.1.0.9", "range": "10.1.0.64/26"},
        ),
        (
            {"subnets": ["10.1.0.0/24"], "reserved": ["printer=10.1.0.5"]},
            {"subnets": ["10.1.0.0/24"], "ipam": {"reserved": {"printer": "10.1.0.5"}}},
        ),
        (  # as Docker has it: a subnet of which no gateway is named has its first address
            {
                "subnets": ["10.1.0.0/24", "10.2.0.0/24", "fd00:1::/64"],
                "gateways": ["10.2.0.9"],
            },
            {
                "subnets": ["10.1.0.0/24", "10.2.0.0/24", "fd00:1::/64"],
                "gateway": ["10.2.0.9", "10.1.0.1", "fd00:1::1"],
            },
        ),
        (
            {
                "subnets": ["10.1.0.0/24", "fd00:1::/64"],
                "gateways": ["10.1.0.9"],
                "internal": True,
            },
            {
                "subnets": ["10.1.0.0/24", "fd00:1::/64"],
                "gateway": "10.1.0.9",
                "internal": True,
            },
        ),
        ({"internal": True, "ipv6": True}, {"internal": True, "ipv6": True}),
        ({"labels": ["team=web", "seen"]}, {"labels": {"team": "web", "seen": ""}}),
        ({"options": ["com.docker.network.driver.mtu=1400"]}, {"mtu": 1400}),
        ({"options": ["com.docker.network.bridge.enable_icc=false"]}, {"isolate": True}),
        (
            {"options": ["com.docker.network.bridge.enable_ip_masquerade=false"]},
            {"masquerade": False},
        ),
        (
            {
                "options": [
                    "com.docker.network.bridge.gateway_mode_ipv4=routed",
                    "com.docker.network.bridge.gateway_mode_ipv6=nat",
                ]
            },
            {"masquerade": {"ipv4": False, "ipv6": True}},
        ),
        (
            {"driver": "macvlan", "options": ["parent=eth0", "macvlan_mode=private"]},
            {"driver": "macvlan", "parent": "eth0", "mode": "private"},
        ),
        (
            {"driver": "vlan", "options": ["parent=eth0", "vid=7"]},
            {"driver": "vlan", "parent": "eth0", "vid": 7},
        ),
    ],
)
def test_network(said: dict[str, Any], expected: dict[str, Any]) -> None:
    entry = options.network(**{"driver": "bridge", **said})

    assert entry == {"driver": "bridge", **expected}
    topology({"name": "x", "networks": {"n": entry}})


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {}),
        ({"ip": "10.1.0.7"}, {"addresses": ["10.1.0.7"]}),
        (
            {"mac": "02:00:00:00:00:07", "device": "lan0", "aliases": ["a"], "priority": 0},
            {"mac": "02:00:00:00:00:07", "device": "lan0", "aliases": ["a"], "priority": 0},
        ),
        ({"publish": ["8080:80"]}, {"publish": ["8080:80"]}),
        (
            {"options": ["com.docker.network.endpoint.ifname=lan1", "rate=10mbit"]},
            {"device": "lan1", "rate": "10mbit"},
        ),
    ],
)
def test_endpoint(said: dict[str, Any], expected: dict[str, Any]) -> None:
    entry = options.endpoint(**said)

    assert entry == expected
    topology(
        {
            "name": "x",
            "networks": {"n": {"subnets": ["10.1.0.0/24"]}},
            "namespaces": {"a": {"networks": {"n": entry}}},
        }
    )


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ({"options": ["nope=1"]}, "netkit knows no such option", "known: mtu"),
        ({"options": ["parnet=x"]}, "netkit knows no such option", "did you mean parent?"),
        ({"options": ["mtu"]}, "KEY=VALUE", ""),
        ({"options": ["mtu=big"]}, "not a number", ""),
        ({"options": ["com.docker.network.bridge.enable_icc=maybe"]}, "true or false", ""),
        ({"options": ["com.docker.network.bridge.gateway_mode_ipv4=x"]}, "nat or routed", ""),
        ({"reserved": ["a=10.1.0.5", "10.1.0.6"]}, "all NAME=ADDRESS", ""),
    ],
)
def test_what_nobody_knows_is_refused(said: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        options.network(driver="bridge", **said)

    assert hint in caught.value.hint


@pytest.mark.parametrize(("option", "wrong"), [("ip", "fd00::7"), ("ip6", "10.1.0.7")])
def test_an_address_is_of_its_options_family(option: str, wrong: str) -> None:
    with pytest.raises(UsageError, match=f"--{option} {wrong}: not an IPv") as caught:
        options.endpoint(**{option: wrong})  # type: ignore[arg-type] # of one of the two

    assert wrong in caught.value.hint
