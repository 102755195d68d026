"""A spec takes another's place: what is left is what the second alone would have built."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from netkit.model.netns import Namespace
from netkit.spec import document, topology

if TYPE_CHECKING:
    from netkit.apply.prospect import Prospect
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

SMALL = (
    "firewall",
    "policy-routing",
    "router-chain",
    "shop",
    "switch",
    "two-lans",
    "vxlan",
    "vxlan-ipv6",
)
PAIRS = [
    pytest.param((first, second), id=f"{first}-then-{second}")
    for first, second in (
        *permutations(SMALL, 2),
        *permutations(("star-100", "shop"), 2),
        *permutations(("star-100", "switch"), 2),
        *permutations(("macvlan", "ovs", "shop"), 2),
    )
]
SPEC = "turn"  # the name that all examples are given here


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    """Keep what each example looks like when nothing was there before it."""
    return {}


def taken_down(ground: Ground, found: Prospect) -> dict[str, Any]:
    """Take down all facts, by the tools and by netkit's own eyes."""
    facts = ground.all_facts(found)
    own = sorted(str(item) for item in found.desired if item.netns or item.key[0] != "sysctl")
    return {"facts": facts, "own": own, "allotments": found.allotments}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_second_stands_as_if_it_were_alone(
    ground: Ground, tools: Any, alone: dict[str, Any], pair: tuple[str, str]
) -> None:
    first, second = pair
    if second not in alone:
        alone[second] = taken_down(ground, ground.apply(ground.example(second, as_=SPEC)).prospect)
        ground.destroy(SPEC)
    before = ground.apply(ground.example(first, as_=SPEC)).prospect
    stay = stayers(before, ground.look(ground.example(second, as_=SPEC)))
    inodes = tools.inodes()
    sleepers = {netns: ground.start("sleep", "1000", netns=netns) for netns in stay}

    after = ground.apply(ground.example(second, as_=SPEC)).prospect

    found = taken_down(ground, after)
    assert tools.all_differences(alone[second]["facts"], found["facts"]) == []
    assert found == alone[second]
    assert {netns: tools.inodes()[netns] for netns in stay} == {
        netns: inodes[netns] for netns in stay
    }
    assert [netns for netns, child in sleepers.items() if child.poll() is not None] == []
    assert ground.look(ground.example(second, as_=SPEC)).changes == ()
    assert ground.dead(tools.pairs(after)[:4]) == []


def stayers(before: Prospect, after: Prospect) -> list[str]:
    """Name the namespaces that are in both, but for the hidden ones."""
    one, other = (
        {item.netns for item in each.desired.every(Namespace)} for each in (before, after)
    )
    return sorted(netns for netns in one & other if netns and not netns.startswith("nk-"))


BASE: dict[str, Any] = {
    "name": "sticky",
    "prefix": "sticky-",
    "networks": {"lan": {"subnets": ["10.77.0.0/24", "fd00:77::/64"]}, "free": {}},
    "namespaces": {"b": {"networks": ["lan", "free"]}, "d": {"networks": ["free", "lan"]}},
}
GROWN: dict[str, Any] = {
    **BASE,
    "namespaces": {
        "a": {"networks": ["lan", "free"]},
        "b": {"networks": ["lan", "free"]},
        "c": {"networks": ["lan"]},
        "d": {"networks": ["free", "lan"]},
    },
}


def test_a_new_namespace_moves_nobody(ground: Ground, tools: Any) -> None:
    first = ground.apply(BASE).prospect
    facts = ground.all_facts(first)
    indexes = {ns: ground.ifindex(ns, "eth0") for ns in ("sticky-b", "sticky-d")}

    second = ground.apply(GROWN).prospect

    assert {ns: ground.ifindex(ns, "eth0") for ns in indexes} == indexes
    assert {change.before for change in second.changes if change.verb != "change"} == {None}
    now = ground.all_facts(second)
    for netns in indexes:
        assert tools.differences(facts[netns], now[netns]) == []


def test_with_the_same_allotments_the_way_there_leaves_nothing_behind(
    ground: Ground, tools: Any
) -> None:
    ground.apply(BASE)
    grown = ground.apply(GROWN).prospect
    back = ground.apply(BASE).prospect
    facts = ground.all_facts(back)
    assert grown.topology is not None
    assert back.topology is not None
    ground.destroy("sticky")

    rendered = topology(json.loads(json.dumps(document(back.topology))))

    assert tools.all_differences(facts, ground.alone(rendered)) == []
