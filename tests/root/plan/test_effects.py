"""What the kernel does by itself: each row of ``plan.effects`` held against the kernel."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from netkit.facts.read import read
from netkit.facts.scope import Look, Scope, scope
from netkit.model.addressing import Address
from netkit.model.home import Belonging
from netkit.model.link import Link, Veth
from netkit.model.netns import Namespace
from netkit.model.object import Key, Object
from netkit.model.routing import Route
from netkit.model.setting import Loan
from netkit.model.state import State
from netkit.plan.change import Change
from netkit.plan.effects import enact
from netkit.plan.lower import lower
from netkit.plan.world import World
from netkit.run.job import Job
from netkit.run.system import SystemRunner
from netkit.value import replace
from tests.root.waiting import eventually

pytestmark = pytest.mark.root

A, B = "effects-a", "effects-b"
PROMOTE = "net/ipv4/conf/all/promote_secondaries"

GROUND = """
link set dev lo up
link add name br0 address 02:00:00:00:00:01 type bridge
link set dev br0 up
link add name eth0 type veth peer name eth0 netns effects-b
link set dev eth0 master br0 up
link add name cable type veth peer name far
link set dev cable up
link set dev far up
address add 10.0.0.1/24 dev br0
address add 10.0.1.1/24 dev cable
address add 10.0.1.2/24 dev cable
address add fd00:1::1/64 dev cable nodad
route add 10.9.0.0/16 via 10.0.1.9 dev cable
route add 10.8.0.0/16 dev cable src 10.0.1.1
route add 10.7.0.0/16 nexthop via 10.0.0.9 dev br0 nexthop via 10.0.1.9 dev cable
route add fd00:9::/64 via fd00:1::9 dev cable
neighbour add 10.0.1.8 lladdr 02:00:00:00:00:08 dev cable nud permanent
neighbour add fd00:1::8 lladdr 02:00:00:00:00:08 dev cable nud permanent
neighbour add proxy 10.0.1.77 dev cable
neighbour add proxy fd00:1::77 dev cable
link add name vx0 type vxlan id 7 dstport 4789 local 10.0.1.1 dev cable
link add name mac0 link cable type macvlan mode bridge
address add 10.0.2.1/24 dev mac0
"""


@pytest.fixture
def ground() -> Iterator[None]:
    for name in (A, B):
        subprocess.run(["ip", "netns", "add", name], check=True)
    inside = ["ip", "netns", "exec", A]
    subprocess.run([*inside, "sysctl", "-qw", f"{PROMOTE}=0"], check=True)
    default = "net/ipv4/conf/default/promote_secondaries=0"
    subprocess.run([*inside, "sysctl", "-qw", default], check=True)
    subprocess.run(["ip", "-n", A, "-batch", "-"], input=GROUND.encode(), check=True)
    fdb = ["append", "00:00:00:00:00:00", "dev", "vx0", "dst", "10.0.1.7"]
    subprocess.run(["bridge", "-n", A, "fdb", *fdb], check=True)
    shape = ["root", "handle", "1:", "tbf", "rate", "1mbit", "burst", "3200b", "latency", "50ms"]
    subprocess.run(["tc", "-n", A, "qdisc", "add", "dev", "cable", *shape], check=True)
    yield
    for name in (A, B):
        subprocess.run(["ip", "netns", "delete", name], check=False)


def look() -> State:
    sysctls = (PROMOTE, "net/ipv4/conf/cable/forwarding", "net/ipv6/conf/cable/forwarding")
    wide = tuple(Look(name, sysctls=sysctls, fdb=True, qdisc=True) for name in (A, B))
    first = read(SystemRunner(), Scope(looks=wide))
    claims = scope(State.of(_claimed(first)))
    return read(
        SystemRunner(),
        Scope(looks=wide, claims=claims.claims, devices=claims.devices),
    )


def _claimed(state: State) -> Iterator[Object]:
    """Name the far end of the one cable that lies in two namespaces."""
    for item in state.every(Veth):
        if item.ifname == "eth0":
            yield replace(item, peer="eth0", peer_netns=B if item.netns == A else A)


def link_of(state: State, ifname: str) -> Link:
    found = state.get(("link", A, ifname))
    assert isinstance(found, Link)
    return found


REMOVALS: dict[str, Key] = {
    "a device with all that hangs on it": ("link", A, "cable"),
    "a bridge, whose ports stay": ("link", A, "br0"),
    "one end of a cable between namespaces": ("link", A, "eth0"),
    "the first address of a prefix": ("address", A, "cable", "10.0.1.1/24"),
    "a later address of a prefix": ("address", A, "cable", "10.0.1.2/24"),
    "an IPv6 address": ("address", A, "cable", "fd00:1::1/64"),
    "a queueing discipline": ("qdisc", A, "cable", "root"),
    "a namespace with the far ends of its cables": ("netns", A),
}


@pytest.mark.usefixtures("ground")
@pytest.mark.parametrize("what", REMOVALS)
def test_what_goes_with_it(what: str) -> None:
    before = look()
    item = before.get(REMOVALS[what])
    assert item is not None

    compare(before, Change(item, None))


@pytest.mark.usefixtures("ground")
def test_a_promoted_address_takes_the_place_of_the_first() -> None:
    line = ["ip", "netns", "exec", A, "sysctl", "-qw", f"{PROMOTE}=1"]
    subprocess.run(line, check=True)
    before = look()

    compare(before, Change(before.get(("address", A, "cable", "10.0.1.1/24")), None))


@pytest.mark.usefixtures("ground")
def test_down_takes_ipv6_addresses_and_routes_of_both_families() -> None:
    before = look()
    cable = link_of(before, "cable")

    compare(before, Change(cable, replace(cable, up=False)))


@pytest.mark.usefixtures("ground")
def test_a_small_mtu_takes_ipv6() -> None:
    before = look()
    cable = link_of(before, "cable")

    compare(before, Change(cable, replace(cable, mtu=1200)))


@pytest.mark.usefixtures("ground")
def test_a_new_namespace_has_lo_down() -> None:
    subprocess.run(["ip", "netns", "delete", B], check=True)
    # It dies a little later, and takes the near ends along.
    assert eventually(lambda: ("link", A, "eth0") not in look().objects)
    before = look()

    compare(before, Change(None, Namespace(netns=B)))


@pytest.mark.usefixtures("ground")
def test_a_cable_is_born_with_its_far_end() -> None:
    near = Veth(netns=A, ifname="one", mac="02:00:00:00:00:01", peer="two", peer_netns=B, up=False)
    far = Veth(netns=B, ifname="two", mac="02:00:00:00:00:02", peer="one", peer_netns=A)
    before = look()
    world = World(before)
    enact(world, Change(None, near), State.of((near, far)))
    born = world.state()

    do(Change(None, near), State.of((near, far)))
    claims = scope(State.of((near, far)))
    wide = tuple(Look(name) for name in (A, B))
    found = read(SystemRunner(), Scope(looks=wide, claims=claims.claims))
    for key in (near.key, far.key):
        assert found.get(key) == born.get(key)


@pytest.mark.usefixtures("ground")
def test_a_device_that_is_lent_leaves_behind_what_hung_on_it() -> None:
    lines = "address add 10.3.0.1/24 dev far\nroute add 10.4.0.0/16 via 10.3.0.9 dev far\n"
    subprocess.run(["ip", "-n", A, "-batch", "-"], input=lines.encode(), check=True)
    loan = Loan(netns=B, ifname="lent", home=A, home_ifname="far")
    looked = scope(State.of([loan]))
    before = read(SystemRunner(), looked)
    assert [item.ifname for item in before.every(Belonging)] == ["far", "far"]
    world = World(before)
    enact(world, Change(None, loan), State.of([loan]))
    do(Change(None, loan), State.of([loan]))
    found = read(SystemRunner(), looked)

    for kind in (Belonging, Address, Route):
        assert world.state().every(kind) == found.every(kind)
    assert found.get(loan.key) == loan


def compare(before: State, change: Change) -> None:
    """Make a change in thought and in the kernel: both leave the same."""
    world = World(before)
    enact(world, change, before)
    thought = world.state()
    do(change, before)
    found = look()

    assert differences(thought, found) == []


def differences(thought: State, found: State) -> list[str]:
    keys = {key for key in (*thought.objects, *found.objects) if key[0] != "sysctl"}
    return sorted(
        f"{key}: thought {thought.get(key)}, found {found.get(key)}"
        for key in keys
        if thought.get(key) != found.get(key)
    )


def do(change: Change, desired: State) -> None:
    for item in lower((change,), desired, group=2):
        SystemRunner().run([Job(item.netns, (item.step,))])
    if isinstance(change.before, Namespace):
        wait_for_the_far_ends()


def wait_for_the_far_ends() -> None:
    """A namespace is torn down in the background."""
    line = ["ip", "-n", B, "-brief", "link", "show", "type", "veth"]
    assert eventually(lambda: not subprocess.run(line, check=True, capture_output=True).stdout)
