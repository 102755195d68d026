"""Every example: it works when apply returns, nothing is to do again, and it goes without trace."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netkit.plan.plan import plan
from netkit.plan.script import script

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

NAMES = sorted(path.stem for path in (Path(__file__).parents[3] / "examples").glob("*.json"))
every_example = pytest.mark.parametrize("name", NAMES)


@every_example
def test_the_first_packet_gets_through(ground: Ground, tools: Any, name: str) -> None:
    outcome = ground.apply(ground.example(name))

    assert ground.dead(tools.pairs(outcome.prospect)) == []


@every_example
def test_the_checks_name_pairs_to_try(ground: Ground, tools: Any, name: str) -> None:
    found = ground.look(ground.example(name))

    assert tools.pairs(found) != []


@every_example
def test_applied_again_there_is_nothing_to_do(ground: Ground, tools: Any, name: str) -> None:
    first = ground.apply(ground.example(name)).prospect
    facts = ground.all_facts(first)

    again = ground.apply(ground.example(name)).prospect

    assert first.steps != ()
    assert again.changes == ()
    assert again.steps == ()
    assert tools.all_differences(facts, ground.all_facts(again)) == []


@every_example
def test_destroyed_it_leaves_no_trace(ground: Ground, tools: Any, name: str) -> None:
    before = tools.snapshot()
    ground.apply(ground.example(name))
    built = tools.snapshot()

    ground.destroy(name)

    assert tools.differences(before, built) != []
    assert tools.differences(before, tools.snapshot()) == []
    assert tools.marks() == []


@every_example
def test_its_script_builds_the_same_network(
    ground: Ground, tools: Any, name: str, tmp_path: Path
) -> None:
    ground.undo("sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0")
    found = ground.look(ground.example(name))
    path = tmp_path / "build.sh"
    path.write_text(script(found.steps))

    subprocess.run(["sh", "-e", path], check=True, capture_output=True)

    assert found.topology is not None
    assert plan(ground.facts(found), found.desired) == ()
    assert ground.apply(found.topology).prospect.steps == ()
    assert ground.dead(tools.pairs(found)) == []


def bridged(name: str) -> dict[str, Any]:
    """Give a bridge on the host and one in a namespace, both with addresses of both families."""
    return {
        "name": name,
        "prefix": f"{name}-",
        "networks": {"lan": {"subnets": ["10.90.0.0/24", "fd00:90::/64"]}},
        "namespaces": {
            "a": {"networks": ["lan"]},
            "sw": {
                "devices": {
                    "br0": {
                        "type": "bridge",
                        "ports": ["p0"],
                        "addresses": ["10.91.0.1/24", "fd00:91::1/64"],
                    }
                }
            },
            "b": {},
        },
        "links": [
            {"ends": ["b:eth0", "sw:p0"], "addresses": [["10.91.0.2/24", "fd00:91::2/64"], []]}
        ],
    }


def test_a_new_bridge_answers_at_once(ground: Ground) -> None:
    targets = {"a": ("10.90.0.1", "fd00:90::1"), "b": ("10.91.0.1", "fd00:91::1")}
    for name in ("one", "two", "three"):  # one after another: the kernel notices carriers by turns
        ground.apply(bridged(name))
        silent = ground.dead(
            (f"{name}-{member}", address) for member in targets for address in targets[member][::-1]
        )
        assert silent == []
        ground.destroy(name)


def test_the_first_packet_out_of_a_network_gets_through(ground: Ground, tools: Any) -> None:
    spec = {
        "name": "out",
        "prefix": "out-",
        "networks": {"lan": {"subnets": ["10.92.0.0/24", "fd00:92::/64"]}},
        "namespaces": {"a": {"networks": ["lan"]}, "world": {}},
        "links": [
            {"ends": ["host:out0", "world:eth0"], "subnet": ["10.93.0.0/30", "fd00:93::/126"]}
        ],
    }
    for _ in range(3):
        ground.apply(spec)
        assert ground.dead([("out-a", "fd00:93::2"), ("out-a", "10.93.0.2")]) == []
        ground.destroy("out")
