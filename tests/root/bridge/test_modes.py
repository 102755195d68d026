"""Routed networks, the user's own chain, ICC off, and the MTU of the uplink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from netkit.model.firewall import Chain
from netkit.plan.script import script

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground
    from tests.root.bridge.conftest import Talk

pytestmark = pytest.mark.root

HOST, OTHER = ("192.0.2.1", "2001:db8::1"), ("192.0.2.2", "2001:db8::2")
WEB = ("10.1.0.2", "fd00:1::2")


def spec(name: str = "mode", *, member: Any = None, **said: Any) -> dict[str, Any]:
    return {
        "name": name,
        "networks": {"lan": {"subnets": ["10.1.0.0/24", "fd00:1::/64"], **said}},
        "namespaces": {
            "web": {"networks": {"lan": {"publish": ["8080:80"], **(member or {})}}},
            "pc": {"networks": ["lan"]},
        },
    }


def test_each_family_is_masqueraded_or_routed_by_itself(uplink: Ground, talk: Talk) -> None:
    uplink.apply(spec(masquerade={"ipv6": False}))
    talk.serve("web", 80, 81)
    talk.serve("far", 90)
    direct = [("tcp", address, port) for address in WEB for port in (80, 81)]

    assert talk.ask("web", [("udp", OTHER[0], 90), ("udp", OTHER[1], 90)]) == [HOST[0], WEB[1]]
    assert talk.ask("far", direct) == ["TimeoutError", "TimeoutError", OTHER[1], "TimeoutError"]
    by_host = [("tcp", address, 8080) for address in HOST]
    assert talk.ask("far", by_host) == [OTHER[0], "ConnectionRefusedError"]
    assert [uplink.pings("far", address) for address in WEB] == [False, True]


def test_who_answers_by_another_network_is_reached_all_the_same(uplink: Ground, talk: Talk) -> None:
    said = spec()
    said["networks"]["out"] = {"subnets": ["10.2.0.0/24", "fd00:2::/64"]}
    said["namespaces"]["web"]["networks"]["out"] = {"priority": 7}
    uplink.undo("sysctl -qw net.ipv4.conf.all.rp_filter=0")
    uplink.sh("sysctl -qw net.ipv4.conf.all.rp_filter=1")
    uplink.apply(said)
    talk.serve("web", 80)

    seen = talk.ask("far", [("tcp", address, 8080) for address in HOST])

    assert seen == ["10.1.0.1", "fd00:1::1"]
    routes = uplink.sh("ip -n web route show default; ip -n web -6 route show default")
    assert routes.count("default") == 2
    assert "via 10.2.0.1" in routes
    assert "via fd00:2::1" in routes


def test_not_even_by_the_gateway_do_isolated_members_reach_each_other(uplink: Ground) -> None:
    uplink.apply(spec(isolate=True))
    uplink.sh("ip -n pc route add 10.1.0.2/32 via 10.1.0.1")
    uplink.sh("ip -n web route add 10.1.0.3/32 via 10.1.0.1")

    assert not uplink.pings("pc", "10.1.0.2")
    assert uplink.pings("pc", OTHER[0])


def test_the_rules_of_the_user_come_first_and_stay(uplink: Ground, talk: Talk, tools: Any) -> None:
    rule = "-s 192.0.2.2/32 -p tcp -m tcp --dport 80 -j DROP"
    uplink.undo("iptables -F NETKIT-USER; iptables -X NETKIT-USER")
    uplink.apply(spec())
    talk.serve("web", 80)
    uplink.sh(f"iptables -A NETKIT-USER {rule}")

    assert talk.ask("far", [("tcp", HOST[0], 8080)]) == ["TimeoutError"]
    assert uplink.apply(spec()).prospect.steps == ()
    uplink.apply(spec(isolate=True))
    assert rule in uplink.sh("iptables -S NETKIT-USER")
    for child in uplink.children:
        child.kill()
        child.wait()
    uplink.destroy("mode")
    assert rule in uplink.sh("iptables -S NETKIT-USER")
    assert "NETKIT-USER" not in uplink.sh("ip6tables -S")


@pytest.mark.parametrize("first", ["one", "two"])
def test_the_chain_of_the_user_goes_with_the_last_that_asks_it(ground: Ground, first: str) -> None:
    ways = {
        "one": {"name": "one", "networks": {"n": {}}, "namespaces": {"a": {"networks": ["n"]}}},
        "two": {"name": "two", "networks": {"n": {}}, "namespaces": {"b": {"networks": ["n"]}}},
    }
    for said in ways.values():
        ground.apply(said)

    ground.destroy(first)
    assert "-N NETKIT-USER" in ground.sh("iptables -S")
    ground.destroy("two" if first == "one" else "one")
    assert "NETKIT-USER" not in ground.sh("iptables -S")


@pytest.mark.parametrize(
    "flushed",
    [
        "iptables -t nat -F",
        "iptables -t raw -F; iptables -t raw -X",
        "iptables -F; iptables -X; ip6tables -F; ip6tables -X",
        "ip6tables -t nat -F PREROUTING; iptables -t nat -F OUTPUT",
        "sysctl -qw net.ipv4.conf.$BR.route_localnet=0",
        "bridge link set dev $PORT hairpin off",
    ],
)
def test_what_is_flushed_by_hand_is_put_back(uplink: Ground, tools: Any, flushed: str) -> None:
    found = uplink.apply(spec()).prospect
    facts = uplink.all_facts(found)
    bridge = uplink.json("ip -json link show type bridge")[0]["ifname"]
    port = uplink.sh("bridge link | grep 'hairpin on\\|nk-' | head -1").split()[1].split("@")[0]
    on = uplink.json("bridge -details -json link")
    port = next(each["ifname"] for each in on if each["hairpin"])
    uplink.sh(f"BR={bridge}; PORT={port}; {flushed}")
    assert tools.all_differences(facts, uplink.all_facts(found)) != []

    assert uplink.look(spec()).steps != ()
    uplink.apply(spec())

    assert tools.all_differences(facts, uplink.all_facts(found)) == []


def test_every_rule_is_explained(uplink: Ground) -> None:
    found = uplink.look(spec())

    told = script(found.steps, explain=True)

    assert "# what may pass, at once" in told
    assert "# by 127.0.0.1 a port of the host leads to a member" in told
    assert len(list(found.desired.every(Chain))) == 9


@pytest.mark.parametrize(
    ("there", "chosen"), [(1400, 1400), (9000, 1500), (1000, 1280), (None, 1500)]
)
def test_a_network_takes_the_size_of_the_uplink_and_keeps_it(
    uplink: Ground, there: int | None, chosen: int
) -> None:
    if there is not None:
        uplink.sh(f"ip link set dev up0 mtu {there}; ip route add default via 192.0.2.2")
        uplink.undo("ip route delete default")

    first = uplink.apply(spec()).prospect.topology
    assert first is not None
    assert {each.mtu for each in first.networks} == {chosen}
    assert uplink.json("ip -n web -json link show dev eth0")[0]["mtu"] == chosen
    uplink.sh("ip link set dev up0 mtu 1300")

    assert uplink.apply(spec()).prospect.steps == ()
    said = spec()
    said["networks"]["new"] = {}
    said["namespaces"]["pc"]["networks"].append("new")
    second = uplink.apply(said).prospect.topology
    assert second is not None
    assert [each.mtu for each in second.networks] == [chosen, 1300 if there else 1500]


def test_into_a_routed_network_a_rule_of_the_host_lets_all(uplink: Ground, talk: Talk) -> None:
    said = spec(masquerade=False)
    said["namespaces"]["host"] = {
        "firewall": {
            "rules": [{"chain": "forward", "destination": "10.1.0.0/24", "action": "accept"}]
        }
    }
    uplink.apply(said)
    talk.serve("web", 81)

    assert talk.ask("far", [("tcp", address, 81) for address in WEB]) == [OTHER[0], "TimeoutError"]


@pytest.mark.parametrize("size", [1400, 1500, 9000])
def test_a_network_keeps_its_size_when_its_last_member_leaves(uplink: Ground, size: int) -> None:
    said = spec()
    for network in said["networks"].values():
        network["mtu"] = size
    uplink.apply(said)
    for name in said["namespaces"]:
        said["namespaces"][name] = {}

    assert uplink.apply(said).prospect.steps
    assert uplink.apply(said).prospect.steps == ()
