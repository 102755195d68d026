"""Whatever is there and whatever must be: the plan leads from the one to the other, and ends."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from netkit.model.addressing import Address, Neighbor
from netkit.model.link import Bridge, Link, Loopback, Veth, Vxlan
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.routing import NextHop, Route
from netkit.model.setting import Qdisc, Sysctl
from netkit.model.state import State
from netkit.plan.effects import enact
from netkit.plan.lower import lower
from netkit.plan.plan import KEPT, plan, settled
from netkit.plan.world import World

GROUP = 100
PLACES: tuple[Netns, ...] = (None, "a", "b")
CABLES: tuple[tuple[Netns, str, Netns, str], ...] = (
    (None, "v1", "a", "e0"),
    (None, "v1", "b", "e0"),
    ("a", "e0", "b", "e0"),
    ("a", "e1", "b", "e1"),
    (None, "v2", None, "v3"),
)
V4 = ("10.1.0.1/24", "10.1.0.2/24", "10.2.0.1/24")
V6 = ("fd00:1::1/64", "fd00:2::1/64")
yes: st.SearchStrategy[bool] = st.booleans()
mtus: st.SearchStrategy[int] = st.sampled_from((1000, 1400, 1500))
SETTINGS = ("net/ipv4/ip_forward", "net/ipv4/conf/all/accept_redirects")


def chance(draw: st.DrawFn) -> bool:
    return draw(yes)


@st.composite
def states(draw: st.DrawFn) -> State:
    """Draw what a kernel could hold: devices in places that are there, and what hangs on them."""
    places = [None, *draw(st.lists(st.sampled_from(PLACES[1:]), unique=True))]
    links = list(devices(draw, places))
    objects: list[Object] = [*links]
    for netns in places:
        if netns is not None:
            objects += [Namespace(netns=netns), Loopback(netns=netns, up=chance(draw))]
        for name in draw(st.lists(st.sampled_from(SETTINGS), unique=True)):
            objects.append(Sysctl(netns=netns, name=name, value=draw(st.sampled_from("01"))))
    for link in links:
        objects += riders(draw, link)
    return State.of(draw(st.permutations(objects)))


def devices(draw: st.DrawFn, places: list[Netns]) -> Iterator[Link]:
    taken: set[tuple[Netns, str]] = set()
    bridges = [netns for netns in places if chance(draw)]
    for netns in bridges:
        yield Bridge(netns=netns, ifname="br0", group=GROUP, mtu=draw(mtus), up=chance(draw))
    for one, name, other, far in draw(st.permutations(CABLES)):
        ends = {(one, name), (other, far)}
        if one in places and other in places and not ends & taken and chance(draw):
            taken |= ends
            for netns, ifname, peer_netns, peer in (
                (one, name, other, far),
                (other, far, one, name),
            ):
                yield Veth(
                    netns=netns,
                    ifname=ifname,
                    peer_netns=peer_netns,
                    peer=peer,
                    group=GROUP,
                    mtu=draw(mtus),
                    mac=draw(st.sampled_from(("02:00:00:00:00:01", "02:00:00:00:00:02"))),
                    up=chance(draw),
                    master="br0" if netns in bridges and chance(draw) else None,
                )
    for netns in places:
        if chance(draw):
            yield Vxlan(
                netns=netns,
                ifname="vx0",
                vni=draw(st.integers(1, 2)),
                group=GROUP,
                local=draw(st.sampled_from((None, "10.1.0.1", "10.1.0.2", "fd00::1"))),
                socket_netns=draw(st.sampled_from(places)) if netns else None,
            )


def riders(draw: st.DrawFn, link: Link) -> Iterator[Object]:
    netns, ifname = link.netns, link.ifname
    fours = draw(st.lists(st.sampled_from(V4), unique=True))
    sixes = draw(st.lists(st.sampled_from(V6), unique=True)) if link.mtu >= 1280 else []
    for cidr in (*fours, *sixes):
        yield Address(netns=netns, ifname=ifname, cidr=cidr)
    if chance(draw):
        yield Qdisc(netns=netns, ifname=ifname, kind="tbf", rate=draw(st.integers(1, 3)))
    if not link.up:
        return
    for family, cidrs, to in ((4, fours, "10.9.0.0/16"), (6, sixes, "fd09::/16")):
        if cidrs and chance(draw):
            source = draw(st.sampled_from((None, *cidrs)))
            yield Route(
                netns=netns,
                family=family,
                to=to,
                metric=draw(st.sampled_from((1024, 5))),
                nexthops=(NextHop(dev=ifname),),
                src=source.partition("/")[0] if source else None,
            )
        if cidrs and chance(draw):
            address = "10.1.0.77" if family == 4 else "fd00:1::77"
            lladdr = draw(st.sampled_from((None, "02:00:00:00:00:07")))
            yield Neighbor(netns=netns, ifname=ifname, address=address, lladdr=lladdr)


@settings(max_examples=80, deadline=None)
@given(current=states(), desired=states())
def test_the_changes_made_one_by_one_lead_to_what_is_desired(
    current: State, desired: State
) -> None:
    world = World(current)

    for change in plan(current, desired):
        enact(world, change, desired)

    left = {key: item for key, item in world.objects.items() if not isinstance(item, KEPT)}
    wanted = {item.key: item for item in desired if not isinstance(item, KEPT)}
    assert left == wanted
    assert [item for item in desired if world.get(item.key) != item] == []
    assert settled(world.state(), desired)


@settings(max_examples=30, deadline=None)
@given(state=states())
def test_where_nothing_differs_nothing_is_done(state: State) -> None:
    assert plan(state, state) == ()


@settings(max_examples=30, deadline=None)
@given(current=states(), desired=states())
def test_a_plan_can_be_typed_and_comes_in_order(current: State, desired: State) -> None:
    steps = lower(plan(current, desired), desired, group=GROUP)

    assert [item.phase for item in steps] == sorted(item.phase for item in steps)
    assert all(str(item.step) and item.why for item in steps)
