"""What fails half-way is taken back: the host and the network are as they were before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from netkit.apply.prospect import farewell, prospect
from netkit.apply.session import writing
from netkit.apply.transaction import carry_out
from netkit.errors import CommandError
from netkit.spec import topology

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

Spec = dict[str, Any]


CABLE: Spec = {
    "name": "mine",
    "namespaces": {"mine-a": {}},
    "links": [{"ends": ["host:mine0", "mine-a:eth0"], "subnet": "10.71.0.0/30"}],
}


class Sabotage:
    """Hands that refuse a step: the first that contains a word."""

    def __init__(self, hands: Any, word: str) -> None:
        self.hands = hands
        self.word = word

    def run(self, jobs: Any, meanwhile: Any = None) -> Any:
        word, steps = self.word, [str(step) for job in jobs for step in job.steps]
        if word and any(word in step for step in steps):
            self.word = ""
            self.hands.run([_cut(job, word) for job in jobs])
            raise CommandError(next(step for step in steps if word in step), 2, "sabotage")
        return self.hands.run(jobs, meanwhile)


def _cut(job: Any, word: str) -> Any:
    done = []
    for step in job.steps:
        if word in str(step):
            break
        done.append(step)
    return type(job)(job.netns, tuple(done), None, job.after)


BEFORE: Spec = {
    "name": "fall",
    "prefix": "fall-",
    "networks": {"lan": {"subnets": ["10.81.0.0/24", "fd00:81::/64"]}},
    "namespaces": {"a": {"networks": ["lan"]}, "b": {"networks": ["lan"]}},
    "links": [{"ends": ["a:eth5", "b:eth5"], "subnet": "10.82.0.0/30", "rate": "10mbit"}],
}
AFTER: Spec = {
    "name": "fall",
    "prefix": "fall-",
    "networks": {
        "lan": {"subnets": ["10.81.0.0/24"], "mtu": 1400, "internal": True, "gateway": "10.81.0.1"},
        "far": {"gateway": False},
    },
    "namespaces": {
        "a": {
            "networks": ["lan", "far"],
            "forwarding": True,
            "routes": [{"to": "192.0.2.0/24", "via": "10.83.0.2"}],
            "firewall": {"policy": {"input": "drop"}, "rules": []},
        },
        "c": {"networks": ["far", "lan"]},
    },
    "links": [{"ends": ["a:eth5", "c:eth5"], "subnet": "10.83.0.0/30", "mtu": 1300}],
}
WORDS = (
    "netns add fall-c",
    "sysctl -w net/ipv4/ip_forward=1",
    "iptables-restore",
    "/etc/netns/fall-c/hosts",
    "link delete",
    "type veth",
    "up",
    "mtu 1400",
    "address add",
    "route add",
    "type bridge",
    "netns delete fall-b",
    "rm -f",
)


@pytest.mark.parametrize("word", WORDS)
def test_a_change_that_fails_is_taken_back(ground: Ground, tools: Any, word: str) -> None:
    first = ground.apply(BEFORE).prospect
    facts = ground.all_facts(first)
    inodes = tools.inodes()

    with writing() as session:
        broken = type(session)(session.memory, Sabotage(session.runner, word))
        found = prospect(broken, topology(AFTER))
        assert any(word in str(step.step) for step in found.steps)
        with pytest.raises(CommandError, match="sabotage") as caught:
            carry_out(broken, found)

    assert "everything is as it was before" in str(getattr(caught.value, "__notes__", ""))
    assert tools.all_differences(facts, ground.all_facts(first)) == []
    assert tools.inodes().keys() == inodes.keys()
    assert ground.look(BEFORE).changes == ()
    assert ground.apply(AFTER).prospect.steps != ()


@pytest.mark.parametrize("word", ["type veth", "address add", "link show", "iptables-restore"])
def test_a_first_apply_that_fails_leaves_nothing(ground: Ground, tools: Any, word: str) -> None:
    before = tools.snapshot()
    with writing() as session:
        broken = type(session)(session.memory, Sabotage(session.runner, word))
        found = prospect(broken, topology(BEFORE))
        with pytest.raises(CommandError, match="sabotage"):
            carry_out(broken, found)

    assert tools.differences(before, tools.snapshot()) == []
    assert tools.marks() == []


def test_a_destroy_that_fails_is_taken_back(ground: Ground, tools: Any) -> None:
    first = ground.apply(BEFORE).prospect
    facts = ground.all_facts(first)
    with writing() as session:
        broken = type(session)(session.memory, Sabotage(session.runner, "netns delete"))
        with pytest.raises(CommandError, match="sabotage"):
            carry_out(broken, farewell(broken, "fall"))

    assert tools.all_differences(facts, ground.all_facts(first)) == []
    assert ground.look(BEFORE).changes == ()


def test_who_takes_a_name_between_plan_and_apply_keeps_it(ground: Ground, tools: Any) -> None:
    ground.undo("ip link delete dev mine0")
    with writing() as session:
        found = prospect(session, topology(CABLE))
        ground.sh("ip link add name mine0 type bridge")
        before = tools.snapshot()
        with pytest.raises(CommandError):
            carry_out(session, found)

    assert tools.differences(before, tools.snapshot()) == []
