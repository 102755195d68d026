"""
From what is and what must be to the very lines: each file in ``cases`` is one.

``always`` is in both States; ``plan`` is what is done, by phase, and why a device is made anew. A
device bears the group of the spec, 100, where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from netkit.model import addressing, daemon, firewall, home, link, netns, ovs, routing, setting
from netkit.model.link import Link, Loopback
from netkit.model.object import Object
from netkit.model.routing import NextHop
from netkit.model.state import State
from netkit.plan.change import Change
from netkit.plan.effects import enact
from netkit.plan.lower import CROWD, lower
from netkit.plan.plan import plan
from netkit.plan.world import World

GROUP = 100
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
KINDS: dict[str, type[Object]] = {
    name.lower(): kind
    for room in (addressing, daemon, firewall, home, link, netns, ovs, routing, setting)
    for name, kind in vars(room).items()
    if isinstance(kind, type) and issubclass(kind, Object)
}


def built(kind: type[Object], said: dict[str, Any]) -> Object:
    """Make an object as a case says it."""
    words = {
        name: tuple(value) if isinstance(value, list) else value for name, value in said.items()
    }
    if "nexthops" in words:
        words["nexthops"] = tuple(NextHop(**hop) for hop in words["nexthops"])
    if "rules" in words:
        words["rules"] = tuple(tuple(rule) for rule in words["rules"])
    if issubclass(kind, Link) and kind is not Loopback:
        words.setdefault("group", GROUP)
    make: Callable[..., Object] = kind
    return make(**words)


def state(case: dict[str, Any], name: str) -> State:
    return State.of(
        built(KINDS[kind], said)
        for part in ("always", name)
        for entry in case.get(part) or ()
        for kind, said in entry.items()
    )


def written(changes: tuple[Change, ...], desired: State) -> list[str]:
    """Write a plan down as the cases do."""
    lines = [
        f"# {' '.join(str(word) for word in change.key if word is not None)}: {change.reason}"
        for change in changes
        if change.reason
    ]
    phase = None
    for item in lower(changes, desired, group=GROUP):
        if item.phase != phase:
            phase = item.phase
            lines.append(f"[{phase.name.lower()}]")
        lines += str(item.step).splitlines()
    return lines


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_plan_reads_as_written(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    current, desired = state(case, "current"), state(case, "desired")

    changes = plan(current, desired)

    assert written(changes, desired) == (case.get("plan") or "").splitlines()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_plan_leads_where_it_should(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    current, desired = state(case, "current"), state(case, "desired")
    world = World(current)

    for change in plan(current, desired):
        enact(world, change, desired)

    assert dict(world.state().objects) == dict(desired.objects)
    assert plan(world.state(), desired) == ()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_step_has_a_reason(path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    current, desired = state(case, "current"), state(case, "desired")

    steps = lower(plan(current, desired), desired, group=GROUP)

    assert [str(item.step) for item in steps if not item.why] == []


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ({}, {"alias": "netkit:s/a/lo", "up": True}, "whose it is, and up"),
        ({"up": True}, {"up": False}, "down"),
        ({}, {"alias": "netkit:s/a/lo", "up": False}, "whose it is"),
    ],
)
def test_a_line_says_why_a_device_is_set(
    before: dict[str, Any], after: dict[str, Any], why: str
) -> None:
    was, shall = (built(Loopback, {"netns": "a", "up": False, **said}) for said in (before, after))
    steps = lower([Change(was, shall)], State.of(()), group=GROUP)

    assert [step.why for step in steps] == [why]


def test_a_new_device_that_stays_down_says_whose_it_is() -> None:
    device = built(KINDS["tuntap"], {"netns": "a", "ifname": "t0", "alias": "x", "up": False})
    steps = lower([Change(None, device)], State.of((device,)), group=GROUP)

    assert [step.why for step in steps][-1] == "whose it is, and its mtu"


@pytest.mark.parametrize(
    ("ports", "snoops", "words"),
    [
        (CROWD, True, []),
        (CROWD + 1, True, ["0", "up", "1"]),
        (CROWD + 1, False, ["0"]),
    ],
)
def test_a_crowded_bridge_learns_to_snoop_when_it_is_up(
    ports: int, snoops: bool, words: list[str]
) -> None:
    bridge = built(KINDS["bridge"], {"ifname": "br0", "mcast_snooping": snoops})
    taps = [built(KINDS["tuntap"], {"ifname": f"t{n}", "master": "br0"}) for n in range(ports)]
    desired = State.of((bridge, *taps))

    lines = [
        str(item.step)
        for item in lower(plan(State.of(()), desired), desired, group=GROUP)
        if "mcast_snooping" in str(item.step) or (words[1:] and "dev br0 up" in str(item.step))
    ]

    assert [line.split()[-1] for line in lines] == words
