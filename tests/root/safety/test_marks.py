"""Whatever netkit makes bears its mark, which plain tools show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netkit.names import group, hidden_netns
from tests.root.safety.conftest import said_by

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground
    from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

NAME = "marked"
SPEC: dict[str, Any] = {
    "name": NAME,
    "prefix": "mk-",
    "networks": {
        "lan": {"subnets": ["10.66.0.0/24"]},
        "quiet": {"subnets": ["10.66.1.0/24"], "gateway": False},
    },
    "namespaces": {
        "a": {
            "networks": ["lan", "quiet"],
            "devices": {
                "br0": {"type": "bridge"},
                "vx0": {"type": "vxlan", "vni": 5, "local": "10.66.2.1", "remotes": ["10.66.2.2"]},
                "mv0": {"type": "macvlan", "parent": "eth5"},
                "tap0": {"type": "tap"},
            },
            "firewall": {"rules": [{"chain": "input", "protocol": "udp", "action": "drop"}]},
            "nat": [{"masquerade": {"out": "eth5"}}],
        },
        "b": {"networks": ["lan", "quiet"], "dns": {"nameservers": ["10.66.0.1"]}},
        "host": {
            "routes": [{"to": "10.66.9.0/24", "via": "10.66.2.6"}],
            "rules": [{"from": "10.66.9.0/24", "table": 66}],
            "neighbors": [
                {"dev": "mk0", "address": "10.66.2.6", "lladdr": "02:00:00:00:00:66"},
            ],
            "devices": {"mkbr": {"type": "bridge"}},
        },
    },
    "links": [
        {"ends": ["a:eth5", "b:eth5"], "subnet": "10.66.2.0/30"},
        {"ends": ["host:mk0", "b:eth6"], "subnet": "10.66.2.4/30"},
    ],
}
PLACES = ("mk-a", "mk-b", hidden_netns(NAME))


@pytest.fixture
def built(netkit: Netkit, ground: Ground) -> Ground:
    netkit.apply(SPEC)
    return ground


def links(netns: str | None) -> list[Any]:
    words = ("ip", *(("-n", netns) if netns else ()), "-N", "-d", "-j", "link")
    return list(json.loads(said_by(*words)))


def test_every_device_bears_the_group_and_an_alias(built: Ground) -> None:
    made = [
        (place, each)
        for place in (None, *PLACES)
        for each in links(place)
        if each["ifname"] != "lo"
    ]

    assert len(made) > 14
    assert {int(each["group"], 0) for _, each in made} == {group(NAME)}
    aliases = [each["ifalias"] for _, each in made]
    assert [alias for alias in aliases if not alias.startswith(f"netkit:{NAME}/")] == []


def test_every_creating_line_sets_the_group_at_once(netkit: Netkit) -> None:
    lines = netkit("plan", netkit.file(SPEC), "--format", "sh").out.splitlines()
    making = [line for line in lines if " link add " in line]  # ip tuntap knows no group

    assert len(making) > 8
    assert [
        line for line in making if line.count(f"group {group(NAME)}") != 1 + (" peer " in line)
    ] == []


def test_lo_of_every_namespace_says_whose_it_is(built: Ground) -> None:
    marks = {
        place: each["ifalias"]
        for place in PLACES
        for each in links(place)
        if each["ifname"] == "lo"
    }

    assert marks == {
        "mk-a": f"netkit:{NAME}/a",
        "mk-b": f"netkit:{NAME}/b",
        hidden_netns(NAME): f"netkit:{NAME}/{hidden_netns(NAME)}",
    }


def test_routes_rules_and_neighbours_of_the_host_are_of_protocol_200(built: Ground) -> None:
    routes = json.loads(
        said_by("ip", "-N", "-j", "route", "show", "table", "all", "protocol", "200")
    )
    rules = json.loads(said_by("ip", "-N", "-d", "-j", "rule"))
    neighbors = json.loads(said_by("ip", "-N", "-d", "-j", "neighbour", "show", "dev", "mk0"))

    assert [each["dst"] for each in routes] == ["10.66.9.0/24"]
    assert [each["table"] for each in rules if each.get("protocol") == "200"] == ["66"]
    assert [each.get("protocol") for each in neighbors if each["dst"] == "10.66.2.6"] == ["200"]


@pytest.mark.parametrize("tool", ["iptables-save", "ip6tables-save"])
@pytest.mark.parametrize("netns", [None, "mk-a"])
def test_every_rule_of_netkits_says_whose_it_is(
    built: Ground, tool: str, netns: str | None
) -> None:
    lines = built.sh(f"{f'ip netns exec {netns}' if netns else ''} {tool}").splitlines()
    own = [line for line in lines if "NK-" in line]
    chains = [line[1:].split()[0] for line in own if line.startswith(":")]
    rules = [line for line in own if line.startswith("-A")]

    if tool == "iptables-save":
        assert rules != []
    assert [line for line in rules if f'--comment "netkit:{NAME}"' not in line] == []
    assert [name for name in chains if len(name) > 28 or not name.startswith("NK-")] == []


def test_every_file_begins_with_the_mark(built: Ground) -> None:
    files = [path for path in Path("/etc/netns").rglob("*") if path.is_file()]

    assert len(files) == 3
    assert {path.read_text().splitlines()[0] for path in files} == {f"# netkit:{NAME}"}


def test_what_a_script_built_is_destroyed_by_its_file(netkit: Netkit, ground: Ground) -> None:
    path = netkit.file(SPEC)
    script = netkit("plan", "--format", "sh", path).out
    assert "no spec called marked" in netkit("destroy", path, code=1).err
    ground.sh(script)

    assert netkit("diff", path).out == "marked: in order\n"
    assert netkit("destroy", "--dry-run", path).out
    said = netkit("destroy", path)

    assert " deleted" in said.out
    assert "ip_forward is 1, and what it was before netkit is not known: left" in said.err
    assert "no spec called marked" in netkit("destroy", path, code=1).err
    ground.sh("sysctl -w net/ipv4/ip_forward=0")  # as nobody but this test knows
