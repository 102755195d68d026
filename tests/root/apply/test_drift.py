"""What somebody altered by hand is found, and mended by changing only that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from netkit.names import bridge_ifname, chain, endpoint_ifname

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

NAME = "drift"
BRIDGE = bridge_ifname(NAME, "lan")
PORT = endpoint_ifname(NAME, "lan", "a")
FORWARD, INPUT = chain("FORWARD", NAME), chain("INPUT", NAME)
SPEC: dict[str, Any] = {
    "name": NAME,
    "prefix": "dr-",
    "networks": {"lan": {"subnets": ["10.68.0.0/24", "fd00:68::/64"], "isolate": True}},
    "namespaces": {
        "a": {
            "networks": {"lan": {"mtu": 1400}},
            "routes": [
                {"to": "192.0.2.0/24", "via": "10.69.0.2"},
                {"to": "2001:db8::/32", "via": "fd00:69::2", "metric": 50},
            ],
            "rules": [{"from": "10.69.0.1/32", "table": 100}],
            "neighbors": [{"dev": "eth1", "address": "10.69.0.3", "lladdr": "02:00:00:00:00:03"}],
            "sysctls": {"net/ipv4/ip_default_ttl": "32"},
            "firewall": {
                "policy": {"forward": "drop"},
                "rules": [{"chain": "input", "protocol": "tcp", "port": 22, "action": "drop"}],
            },
            "devices": {
                "vx0": {"type": "vxlan", "vni": 9, "local": "10.69.0.1", "remotes": ["10.69.0.2"]}
            },
        },
        "b": {"devices": {"br0": {"type": "bridge", "ports": ["p0"]}, "p0": {"type": "tap"}}},
    },
    "links": [
        {
            "ends": ["a:eth1", "b:eth1"],
            "subnet": ["10.69.0.0/29", "fd00:69::/125"],
            "rate": "10mbit",
        }
    ],
}

# What is done by hand, and all that is done about it.
CASES = {
    "an address is taken": (
        "ip -n dr-a address delete fd00:69::1/125 dev eth1",
        ["create address dr-a eth1 fd00:69::1/125"],
    ),
    "an address is given": (
        "ip -n dr-a address add 10.9.9.9/32 dev lo",
        ["delete address dr-a lo 10.9.9.9/32"],
    ),
    "a second address of a prefix is given": (
        "ip -n dr-a address add 10.69.0.5/29 dev eth1",
        ["delete address dr-a eth1 10.69.0.5/29"],
    ),
    "a route is taken": (
        "ip -n dr-a route delete 192.0.2.0/24",
        ["create route dr-a 4 254 192.0.2.0/24 0 0"],
    ),
    "the default route is taken": (
        "ip -n dr-b route show; ip -n dr-a route delete default",
        ["create route dr-a 4 254 0.0.0.0/0 0 0"],
    ),
    "a route is given": (
        "ip -n dr-a -6 route add blackhole 2001:db8:9::/48",
        ["delete route dr-a 6 254 2001:db8:9::/48 1024 0"],
    ),
    "a route leads elsewhere": (
        "ip -n dr-a route replace 192.0.2.0/24 via 10.69.0.4",
        ["change route dr-a 4 254 192.0.2.0/24 0 0 (nexthops)"],
    ),
    "a rule is taken": (
        "ip -n dr-a rule delete priority 1000",
        ["create rule dr-a 4 1000 10.69.0.1/32     100 lookup"],
    ),
    "a rule is given": (
        "ip -n dr-a rule add priority 77 from 10.1.1.1 table 9",
        ["delete rule dr-a 4 77 10.1.1.1/32     9 lookup"],
    ),
    "a neighbour is taken": (
        "ip -n dr-a neighbour delete 10.69.0.3 dev eth1",
        ["create neighbor dr-a eth1 10.69.0.3 False"],
    ),
    "a neighbour is given": (
        "ip -n dr-a neighbour add 10.69.0.4 lladdr 02:00:00:00:00:04 dev eth1",
        ["delete neighbor dr-a eth1 10.69.0.4 False"],
    ),
    "an MTU is altered": (
        "ip -n dr-a link set dev eth0 mtu 1300",
        ["change link dr-a eth0 (mtu)"],
    ),
    "a MAC address is altered": (
        "ip -n dr-a link set dev eth0 address 02:00:00:00:00:99",
        ["change link dr-a eth0 (mac)"],
    ),
    "an alias is altered": (
        f"ip link set dev {BRIDGE} alias netkit:{NAME}/lan/other",
        [f"change link None {BRIDGE} (alias)"],
    ),
    "a device goes down": (
        "ip -n dr-b link set dev br0 down",
        ["change link dr-b br0 (up)"],
    ),
    "a cable goes down": (
        "ip -n dr-b link set dev eth1 down",
        ["change link dr-b eth1 (up)", "create address dr-b eth1 fd00:69::2/125"],
    ),
    "a port leaves its bridge": (
        f"ip link set dev {PORT} nomaster",
        [f"change link None {PORT} (master, isolated)"],
    ),
    "a port is no longer isolated": (
        f"bridge link set dev {PORT} isolated off",
        [f"change link None {PORT} (isolated)"],
    ),
    "spanning tree is switched on": (
        "ip -n dr-b link set dev br0 type bridge stp_state 1",
        ["change link dr-b br0 (stp)"],
    ),
    "a switch snoops no more": (
        "ip -n dr-b link set dev br0 type bridge mcast_snooping 0",
        ["change link dr-b br0 (mcast_snooping)"],
    ),
    "a device is deleted": (
        "ip -n dr-a link delete dev vx0",
        ["create link dr-a vx0", "create fdb dr-a vx0 00:00:00:00:00:00 10.69.0.2"],
    ),
    "a device is added": (
        "ip -n dr-a link add name extra type bridge",
        ["delete link dr-a extra"],
    ),
    "a device is made anew with another number": (
        "ip -n dr-a link delete dev vx0;"
        "ip -n dr-a link add name vx0 type vxlan id 10 dev eth1 dstport 4789",
        [
            "replace link dr-a vx0",
            "create link dr-a vx0",
            "create fdb dr-a vx0 00:00:00:00:00:00 10.69.0.2",
        ],
    ),
    "a remote is taken": (
        "bridge -n dr-a fdb delete 00:00:00:00:00:00 dev vx0 dst 10.69.0.2",
        ["create fdb dr-a vx0 00:00:00:00:00:00 10.69.0.2"],
    ),
    "a remote is given": (
        "bridge -n dr-a fdb append 02:00:00:00:00:07 dev vx0 dst 10.69.0.4",
        ["delete fdb dr-a vx0 02:00:00:00:00:07 10.69.0.4"],
    ),
    "a rate is taken off": (
        "tc -n dr-a qdisc delete dev eth1 root",
        ["create qdisc dr-a eth1 root"],
    ),
    "a parameter is altered": (
        "ip netns exec dr-a sysctl -qw net.ipv4.ip_default_ttl=33",
        ["change sysctl dr-a net/ipv4/ip_default_ttl (value)"],
    ),
    "forwarding is switched on": (
        "ip netns exec dr-b sysctl -qw net.ipv4.ip_forward=1",
        ["change sysctl dr-b net/ipv4/ip_forward (value)"],
    ),
    "a rule of the firewall is taken": (
        f"ip netns exec dr-a iptables -F {INPUT}",
        [f"change chain dr-a 4 filter {INPUT} (rules)"],
    ),
    "a rule is put into a chain of netkit's": (
        f"iptables -I {FORWARD} -j ACCEPT",
        [f"change chain None 4 filter {FORWARD} (rules)"],
    ),
    "a jump is taken": (
        f"ip netns exec dr-a iptables -D INPUT -m comment --comment netkit:{NAME} -j {INPUT}",
        [f"create jump dr-a 4 filter INPUT {INPUT}"],
    ),
    "a rule is put before a jump": (
        "ip netns exec dr-a iptables -I INPUT -p tcp -j ACCEPT",
        [
            "delete loose-rule dr-a 4 filter INPUT ('-p', 'tcp', '-j', 'ACCEPT')",
            f"change jump dr-a 4 filter INPUT {INPUT} (first)",
        ],
    ),
    "a rule is put before a jump of the host": (
        "iptables -I FORWARD -p tcp -j ACCEPT",
        [f"change jump None 4 filter FORWARD {FORWARD} (first)"],
    ),
    "a policy is lifted": (
        "ip netns exec dr-a iptables -P FORWARD ACCEPT",
        ["create policy dr-a 4 filter FORWARD"],
    ),
    "a file is altered": (
        "echo '10.1.1.1 evil' >> /etc/netns/dr-a/hosts",
        ["change file None /etc/netns/dr-a/hosts (digest)"],
    ),
    "a file is deleted": (
        "rm /etc/netns/dr-a/hosts",
        ["create file None /etc/netns/dr-a/hosts"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_drift_is_found_and_only_that_is_mended(ground: Ground, tools: Any, case: str) -> None:
    by_hand, wanted = CASES[case]
    first = ground.apply(SPEC).prospect
    facts = ground.all_facts(first)
    numbers = ground.numbers(first)
    ground.sh(by_hand)

    found = ground.apply(SPEC).prospect

    assert tools.said(found) == wanted
    assert ground.look(SPEC).changes == ()
    ground.sh("iptables -D FORWARD -p tcp -j ACCEPT 2>/dev/null || true")  # it is not netkit's
    assert tools.all_differences(facts, ground.all_facts(found)) == []
    touched = {name for name in numbers if numbers[name] != ground.numbers(found).get(name)}
    assert touched <= {"dr-a vx0"}


def test_a_namespace_that_was_deleted_is_made_anew_and_no_other(ground: Ground, tools: Any) -> None:
    facts = ground.all_facts(ground.apply(SPEC).prospect)
    inodes = tools.inodes()
    ground.sh("ip netns delete dr-b")

    found = ground.apply(SPEC).prospect

    assert tools.all_differences(facts, ground.all_facts(found)) == []
    changed = {name for name, inode in tools.inodes().items() if inodes[name] != inode}
    assert changed <= {"dr-b"}  # the kernel may give it the number of the old one


def test_a_bridge_that_was_deleted_is_made_anew_and_its_ports_stay(
    ground: Ground, tools: Any
) -> None:
    first = ground.apply(SPEC).prospect
    facts = ground.all_facts(first)
    port = ground.ifindex(None, PORT)
    ground.sh(f"ip link delete dev {BRIDGE}")

    found = ground.apply(SPEC).prospect

    assert tools.all_differences(facts, ground.all_facts(found)) == []
    assert ground.ifindex(None, PORT) == port
    assert ground.dead([("dr-a", "10.68.0.1"), ("dr-a", "fd00:68::1")]) == []


def test_what_is_foreign_on_the_host_is_no_drift(ground: Ground) -> None:
    ground.apply(SPEC)
    ground.undo("ip netns delete foreign")
    ground.undo("ip link delete dev foreign0")
    ground.undo("iptables -D INPUT -p udp -j ACCEPT")
    ground.undo("rm -r /etc/netns/foreign")
    ground.sh(
        "ip netns add foreign; ip link add name foreign0 type veth peer name foreign1;"
        "ip link set dev foreign0 up; ip address add 10.99.0.1/24 dev foreign0;"
        "ip route add 10.98.0.0/24 dev foreign0; ip rule add priority 5 from 10.97.0.0/24 table 7;"
        "iptables -A INPUT -p udp -j ACCEPT;"
        "mkdir /etc/netns/foreign; echo x > /etc/netns/foreign/hosts"
    )
    ground.undo("ip rule delete priority 5")
    before = foreign(ground)

    assert ground.look(SPEC).changes == ()
    ground.destroy(NAME)
    assert foreign(ground) == before


def foreign(ground: Ground) -> list[str]:
    return [
        ground.sh(line)
        for line in (
            "ip -details address show dev foreign0",
            "ip route show dev foreign0",
            "ip rule",
            "ip netns list | grep foreign",
            "iptables -S INPUT",
            "cat /etc/netns/foreign/hosts",
        )
    ]
