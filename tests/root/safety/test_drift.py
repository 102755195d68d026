"""
What was altered by hand is found and mended, through the command line.

Each single kind of thing is altered in ``tests/root/apply/test_drift.py``; here is what goes
together: whole tables, namespaces, what was added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from netkit.apply.prospect import prospect
from netkit.apply.session import Session, reading
from netkit.names import bridge_ifname, hidden_netns
from netkit.spec import load_topology
from tests.root.apply.conftest import all_differences
from tests.root.safety.test_marks import NAME, SPEC
from tests.root.safety.test_ownership import FORWARDING

if TYPE_CHECKING:
    from tests.root.apply.conftest import AllFacts, Ground
    from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

HIDDEN = hidden_netns(NAME)
# What is done by hand, and some of what diff says of it.
BROKEN = {
    "every rule of the host is flushed": (
        "for t in filter nat raw; do iptables -t $t -F; iptables -t $t -X; done",
        "NK-",
    ),
    "every rule of a namespace is flushed": (
        "ip netns exec mk-a iptables -F; ip netns exec mk-a iptables -X",
        "NK-INPUT",
    ),
    "a namespace is deleted": ("ip netns delete mk-a", "namespace mk-a"),
    "two namespaces are deleted": ("ip netns delete mk-a; ip netns delete mk-b", "namespace mk-b"),
    "the hidden namespace is deleted": (f"ip netns delete {HIDDEN}", HIDDEN),
    "the bridge on the host is deleted": (
        f"ip link delete dev {bridge_ifname(NAME, 'lan')}",
        "lan",
    ),
    "every device of a namespace is deleted": (
        "for d in br0 vx0 mv0 tap0 eth0 eth1 eth5; do ip -n mk-a link delete dev $d; done",
        "tap0",
    ),
    "every device of a namespace is down": (
        "for d in lo br0 vx0 mv0 tap0 eth0 eth1 eth5; do ip -n mk-a link set dev $d down; done",
        "eth5",
    ),
    "every address of a namespace is flushed": ("ip -n mk-b address flush scope global", "10.66."),
    "every route of a namespace is flushed": (
        "ip -n mk-b route flush table main protocol boot",
        "route",
    ),
    "what the host got is taken away": (
        "ip route flush protocol 200; ip rule delete from 10.66.9.0/24;"
        "ip neighbour delete 10.66.2.6 dev mk0",
        "10.66.9.0/24",
    ),
    "every file is deleted": ("rm -r /etc/netns/mk-a /etc/netns/mk-b", "/etc/netns/mk-a/hosts"),
    "forwarding is switched off": ("sysctl -qw net.ipv4.ip_forward=0", "net/ipv4/ip_forward"),
    "a device is renamed": (
        "ip -n mk-a link set dev eth5 down; ip -n mk-a link set dev eth5 name odd5",
        "eth5",
    ),
    "a device is moved to another namespace": (
        "ip -n mk-a link set dev eth5 netns mk-b name odd5",
        "eth5",
    ),
}


@pytest.fixture
def built(netkit: Netkit, ground: Ground) -> str:
    """Build a network of all kinds; give its file."""
    ground.undo(FORWARDING)
    netkit.apply(SPEC)
    return netkit.file(SPEC)


def facts(ground: Ground) -> AllFacts:
    return ground.all_facts(ground.look(SPEC))


@pytest.mark.parametrize("case", BROKEN)
def test_it_is_found_and_mended(netkit: Netkit, ground: Ground, built: str, case: str) -> None:
    by_hand, named = BROKEN[case]
    before = facts(ground)
    ground.sh(by_hand)

    found = netkit("diff", built, code=3)
    status = netkit("status", code=3)
    netkit("apply", built)

    assert named in found.out
    assert "drifted" in status.out
    assert all_differences(before, facts(ground)) == []
    assert netkit("diff", built).out == f"{NAME}: in order\n"
    assert netkit("status").code == 0


EXTRA = """
ip -n mk-a link add name extra type veth peer name extra2
ip -n mk-a address add 10.99.9.1/24 dev extra
ip -n mk-a link set dev extra up
ip -n mk-b address add 10.99.8.1/32 dev lo
ip -n mk-b route add 10.99.7.0/24 dev eth5
ip -n mk-b rule add priority 77 from 10.99.7.0/24 table 77
ip -n mk-b neighbour add 10.66.2.9 lladdr 02:00:00:00:00:99 dev eth5
bridge -n mk-a fdb append 00:00:00:00:00:00 dev vx0 dst 10.66.2.9
ip netns exec mk-a iptables -A INPUT -p tcp --dport 99 -j DROP
"""
PARTS = ("extra", "10.99.8.1/32", "10.99.7.0/24", "77", "10.66.2.9", "--dport 99")


def test_what_was_added_is_shown_and_removed(netkit: Netkit, ground: Ground, built: str) -> None:
    before = facts(ground)
    ground.sh(EXTRA)

    found = netkit("diff", built, code=3).out
    netkit("apply", built)

    assert [part for part in PARTS if part not in found] == []
    assert all_differences(before, facts(ground)) == []


def test_what_was_added_is_left_when_that_is_asked_for(
    netkit: Netkit, ground: Ground, built: str
) -> None:
    ground.sh(EXTRA)
    before = facts(ground)

    assert netkit("diff", built, "--ignore-extra").out == f"{NAME}: in order\n"
    ground.sh("ip -n mk-b address delete 10.66.2.2/30 dev eth5")
    assert (
        netkit("diff", built, "--ignore-extra", code=3).out.splitlines()[-1] == f"{NAME}: 1 missing"
    )
    ground.sh("ip -n mk-a link set dev tap0 mtu 1400")
    netkit("apply", built, "--ignore-extra")

    # The route that somebody added went with the address, and is nobody's to mend.
    left = all_differences(before, facts(ground))
    assert [line for line in left if "10.99.7.0/24" not in line and "10.66.2.9" not in line] == []
    assert netkit("diff", built, "--ignore-extra").code == 0
    netkit("destroy", NAME, "--force")


class Counting:
    """Hands that count what they are asked."""

    def __init__(self, hands: Any) -> None:
        self.hands = hands
        self.count = 0

    def run(self, jobs: Any, meanwhile: Any = None) -> Any:
        self.count += 1
        return self.hands.run(jobs, meanwhile)


def looks(spec: str) -> int:
    with reading() as session:
        hands = Counting(session.runner)
        prospect(Session(session.memory, hands), load_topology(spec))
        return hands.count


def test_a_cable_of_somebody_elses_into_a_namespace_is_not_waited_for(
    ground: Ground, built: str
) -> None:
    before = looks(built)
    ground.sh("ip link add name up0 type veth peer name up1 netns mk-a")
    after = looks(built)
    ground.sh("ip link delete dev up0")

    assert after == before


def test_what_leaves_the_spec_goes_all_the_same(netkit: Netkit, ground: Ground, built: str) -> None:
    ground.sh(EXTRA)
    host: dict[str, Any] = {**SPEC["namespaces"]["host"], "routes": []}
    less = {**SPEC, "namespaces": {**SPEC["namespaces"], "host": host}}

    netkit.apply(less, "--ignore-extra")

    assert ground.sh("ip route show protocol 200") == ""
    assert "10.99.9.1/24" in ground.sh("ip -n mk-a address show dev extra")
    netkit("destroy", NAME, "--force")
