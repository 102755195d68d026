"""The thin verbs run exactly their lines, and tell answers and refusals as they are."""

from __future__ import annotations

import json

import pytest

from netkit.cli.thin.flows import flows
from netkit.cli.thin.hops import hops
from netkit.command.route import NextHop
from netkit.errors import UsageError
from tests.cli.conftest import Netkit, Tools

LINKS = [
    {"ifname": "lo", "flags": ["LOOPBACK", "UP"], "mtu": 65536, "link_type": "loopback"},
    {
        "ifname": "eth0", "flags": ["BROADCAST"], "mtu": 1500, "address": "02:00:00:00:00:01",
        "master": "br0", "link": "h1", "ifalias": "netkit:lab/con1/eth0",
        "linkinfo": {"info_kind": "veth"},
    },
    {
        "ifname": "vx0", "flags": ["NO-CARRIER", "UP"], "mtu": 1450, "address": "02:00:00:00:00:02",
        "linkinfo": {"info_kind": "vxlan", "info_data": {"id": 42}},
    },
]  # fmt: skip


def test_a_change_runs_its_line_and_says_nothing(netkit: Netkit, tools: Tools) -> None:
    said = netkit("link", "set", "eth0", "--mtu", "1400", "--up")

    assert (said.code, said.out, said.err) == (0, "", "")
    assert tools.log == ["ip -batch -", "  link set dev eth0 mtu 1400 up"]


def test_a_change_of_both_families_runs_both(netkit: Netkit, tools: Tools) -> None:
    netkit("fw", "drop", "--chain", "input", "--protocol", "icmp")

    assert tools.log == [
        "iptables -w -t filter -A INPUT -p icmp -j DROP",
        "ip6tables -w -t filter -A INPUT -p ipv6-icmp -j DROP",
    ]


def test_a_change_tells_machines_what_it_ran(netkit: Netkit, tools: Tools) -> None:
    said = netkit("link", "add-bridge", "br0", "--json")

    assert said.json["data"] == {"commands": ["ip link add name br0 type bridge"]}
    assert said.json["command"] == "link add-bridge"


def test_a_rehearsal_runs_nothing(netkit: Netkit, tools: Tools) -> None:
    said = netkit("link", "add-bridge", "br0", "--dry-run", "--json")

    assert said.json["data"]["dry_run"] is True
    assert tools.log == []


def test_a_refusal_is_told_in_the_tool_s_words(netkit: Netkit, tools: Tools) -> None:
    tools.refuses("ip", "RTNETLINK answers: File exists\nCommand failed -:1\n", 2)
    said = netkit("link", "add-bridge", "br0")

    assert said.code == 1
    assert "ip link add name br0 type bridge" in said.err
    assert "RTNETLINK answers: File exists" in said.err


def test_a_missing_tool_is_5_and_names_its_package(
    netkit: Netkit, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netkit.run.process._paths", {})
    monkeypatch.setattr("netkit.run.process.SYSTEM_PATH", "/nowhere")
    said = netkit("conntrack", "flush")

    assert said.code == 5
    assert "apt-get install conntrack" in said.err


def test_a_word_that_would_not_stay_one_is_2(netkit: Netkit, tools: Tools) -> None:
    for word in ("a b", "a\nlink delete b", "a#b", 'a"b'):
        assert netkit("link", "delete", word).code == 2
    assert tools.log == []


def test_an_answer_is_a_table(netkit: Netkit, tools: Tools) -> None:
    tools.says("ip", json.dumps(LINKS))

    assert netkit("link", "show").out.splitlines() == [
        "NAME  STATE  KIND      MTU    MAC                MASTER  DETAIL",
        "lo    up     loopback  65536  -                  -       -",
        "eth0  down   veth      1500   02:00:00:00:00:01  br0     peer h1, netkit:lab/con1/eth0",
        "vx0   up     vxlan     1450   02:00:00:00:00:02  -       no carrier, vni 42",
    ]


def test_an_answer_for_machines_is_the_tool_s_own(netkit: Netkit, tools: Tools) -> None:
    tools.says("ip", json.dumps(LINKS))

    assert netkit("link", "show", "--json").json["data"] == LINKS


def test_rules_of_both_families_are_told_apart(netkit: Netkit, tools: Tools) -> None:
    tools.says("iptables", "-P INPUT DROP\n")
    tools.says("ip6tables", "-P INPUT ACCEPT\n")

    assert netkit("fw", "list").out.splitlines() == [
        "# iptables -w -t filter -S",
        "-P INPUT DROP",
        "# ip6tables -w -t filter -S",
        "-P INPUT ACCEPT",
    ]
    assert netkit("fw", "list", "--family", "6").out == "-P INPUT ACCEPT\n"


# What a tool answers, and the row that a person sees of it.
ROWS = {
    "route show --family 4 --dev eth0": (
        {"dst": "10.9.0.0/16", "via": {"host": "fe80::1"}, "protocol": "boot", "tos": "0x10",
         "metrics": [{"mtu": 1400}], "flags": ["onlink", "linkdown"]},
        "10.9.0.0/16 fe80::1 eth0 - - main boot tos 0x10 mtu 1400 onlink linkdown",
    ),
    "rule show --family 6": (
        {"priority": 5, "not": None, "src": "all", "fwmark": "0x10", "fwmask": "0xff", "tos": "0x8",
         "ipproto": "tcp", "sport_start": 10, "sport_end": 20, "dport": 80, "goto": 7},
        "5 all - not fwmark 0x10/0xff tos 0x8 ipproto tcp sport 10-20 dport 80 goto 7",
    ),
    "neigh show eth9": ({"dst": "10.0.0.2", "state": ["FAILED"]}, "10.0.0.2 eth9 - FAILED"),
    "vxlan remotes vx0": (
        {"mac": "00:00:00:00:00:00", "dst": "192.0.2.2", "flags": ["self"], "state": "permanent"},
        "00:00:00:00:00:00 vx0 192.0.2.2 - - self permanent",
    ),
    "route show --family 4": (
        {"dst": "default", "gateway": "10.0.0.1", "dev": "eth0", "protocol": "boot"},
        "default 10.0.0.1 eth0 - - main boot -",
    ),
    "rule show --family 4": (
        {"priority": 100, "src": "10.1.0.0", "srclen": 24, "iif": "eth0", "table": "100"},
        "100 10.1.0.0/24 - iif eth0 lookup 100",
    ),
    "neigh show": (
        {"dst": "10.0.0.2", "dev": "eth0", "lladdr": "02:00:00:00:00:02", "state": ["STALE"]},
        "10.0.0.2 eth0 02:00:00:00:00:02 STALE",
    ),
    "addr show": (
        {"ifname": "eth0", "addr_info": [
            {"local": "fd00::1", "prefixlen": 64, "scope": "global", "tentative": True}]},
        "eth0 fd00::1/64 global tentative",
    ),
    "fdb show": (
        {"mac": "00:00:00:00:00:00", "ifname": "vx0", "dst": "192.0.2.2", "flags": ["self"],
         "state": "permanent"},
        "00:00:00:00:00:00 vx0 192.0.2.2 - - self permanent",
    ),
    "vlan show": (
        {"ifname": "eth1", "vlans": [{"vlan": 7, "vlanEnd": 9, "flags": ["PVID"]}]},
        "eth1 7-9 PVID",
    ),
    "bridge ports": (
        {"ifname": "eth1", "master": "br0", "state": "forwarding", "cost": 2, "priority": 32},
        "eth1 br0 forwarding 2 32",
    ),
    "ns list": ({"name": "con1", "id": 0}, "con1 0"),
    "tc show": (
        {"kind": "netem", "handle": "1:", "dev": "eth0", "root": True, "options":
            {"delay": {"delay": 0.02, "jitter": 0.002}, "loss-random": {"loss": 0.005}}},
        "eth0 netem 1: root delay 20ms jitter 2ms loss 0.5%",
    ),
    "tc show eth1": (
        {"kind": "tbf", "handle": "1:", "parent": "1:10", "options":
            {"rate": 1250000, "burst": 12500}},
        "eth1 tbf 1: 1:10 rate 10mbit burst 12500b",
    ),
    "tc show eth2": (
        {"kind": "tbf", "handle": "1:", "root": True, "options":
            {"rate": 1250000, "burst": "32Kb/1"}},
        "eth2 tbf 1: root rate 10mbit burst 32Kb",
    ),
}  # fmt: skip


@pytest.mark.parametrize("typed", ROWS)
def test_rows(netkit: Netkit, tools: Tools, typed: str) -> None:
    answer, row = ROWS[typed]
    for tool in ("ip", "bridge", "tc"):
        tools.says(tool, json.dumps([answer]))

    assert netkit(*typed.split()).out.splitlines()[1].split() == row.split()


def test_several_ways_are_several_rows(netkit: Netkit, tools: Tools) -> None:
    hops = [
        {"gateway": "10.0.0.1", "dev": "a", "weight": 2},
        {"via": {"host": "fd00::1"}, "dev": "b"},
    ]
    tools.says("ip", json.dumps([{"dst": "default", "nexthops": hops}]))
    rows = netkit("route", "show", "--family", "4").out.splitlines()[1:]

    assert [row.split()[:3] for row in rows] == [
        ["default", "10.0.0.1", "a"],
        ["fd00::1", "b", "-"],
    ]
    assert [row.split()[-2:] for row in rows] == [["weight", "2"], ["weight", "1"]]


def test_next_hops_are_read() -> None:
    assert hops(["via=10.0.0.1,dev=eth0,weight=2", "dev=ppp0"]) == (
        NextHop(via="10.0.0.1", dev="eth0", weight=2),
        NextHop(dev="ppp0"),
    )


@pytest.mark.parametrize("text", ["", "10.0.0.1", "via=", "gw=10.0.0.1", "via=10.0.0.1,weight=0"])
def test_a_next_hop_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        hops([text])


def test_connections_are_read() -> None:
    text = """<?xml version="1.0" encoding="utf-8"?>
<conntrack>
<flow><meta direction="original"><layer3 protonum="2" protoname="ipv4"><src>10.0.0.2</src>
<dst>198.51.100.1</dst></layer3><layer4 protonum="6" protoname="tcp"><sport>4000</sport>
<dport>80</dport></layer4></meta><meta direction="reply"><layer3 protonum="2" protoname="ipv4">
<src>198.51.100.1</src><dst>192.0.2.1</dst></layer3><layer4 protonum="6" protoname="tcp">
<sport>80</sport><dport>4000</dport></layer4></meta><meta direction="independent">
<state>ESTABLISHED</state><timeout>300</timeout><assured/></meta></flow>
</conntrack>"""

    assert flows(text) == [
        {
            "family": "ipv4",
            "protocol": "tcp",
            "state": "ESTABLISHED",
            "timeout": "300",
            "assured": True,
            "original": {"src": "10.0.0.2", "dst": "198.51.100.1", "sport": "4000", "dport": "80"},
            "reply": {"src": "198.51.100.1", "dst": "192.0.2.1", "sport": "80", "dport": "4000"},
        }
    ]
    assert flows("") == []


def test_a_namespace_that_is_not_there_is_named(netkit: Netkit, tools: Tools) -> None:
    said = netkit("link", "show", "--netns", "con2")

    assert said.code == 1
    assert said.err.splitlines() == [
        "error: there is no namespace con2",
        "hint: did you mean con1?",
    ]


def test_a_process_s_namespace_is_entered_by_its_path(netkit: Netkit) -> None:
    said = netkit("addr", "show", "--netns", "1", "--dry-run")

    assert said.out == "nsenter --net=/proc/1/ns/net ip -details -json address show\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["snat", "fd00::1", "--out", "!lo"],
         "ip6tables -w -t nat -A POSTROUTING '!' -o lo -j SNAT --to-source fd00::1"),
        (["dnat", "[fd00::5]:80", "--protocol", "tcp", "--port", "80,8000:8100"],
         "ip6tables -w -t nat -A PREROUTING -p tcp -m multiport --dports 80,8000:8100"
         " -j DNAT --to-destination '[fd00::5]:80'"),
        (["dnat", "fd00::5"], "ip6tables -w -t nat -A PREROUTING -j DNAT --to-destination fd00::5"),
        (["masquerade", "--source", "10.0.0.0/8", "--delete"],
         "iptables -w -t nat -D POSTROUTING -s 10.0.0.0/8 -j MASQUERADE"),
    ],
)  # fmt: skip
def test_nat(netkit: Netkit, words: list[str], line: str) -> None:
    assert netkit("nat", *words, "--dry-run").out == f"{line}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["nat", "masquerade", "--source", "10.0.0.0/8", "--destination", "fd00::/8"],
        ["nat", "dnat", "10.0.0.5:80", "--port", "80"],
        ["nat", "snat", "nowhere"],
        ["fw", "policy", "forward", "reject"],
        ["fw", "policy", "nowhere", "drop"],
        ["tc", "netem", "eth0"],
        ["tc", "rate", "eth0", "fast"],
        ["link", "set", "eth0"],
        ["sysctl", "read", "kernel/hostname"],
        ["sysctl", "write", "net/../kernel/hostname", "x"],
        ["rule", "add", "100"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_2(netkit: Netkit, tools: Tools, words: list[str]) -> None:
    said = netkit(*words)

    assert said.code == 2, said
    assert tools.log == []
