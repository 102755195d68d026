"""
What the kernel does by itself when something changes.

    a device goes             its addresses, routes, neighbours, FDB, queueing, sysctls, its veth
                              peer, devices stacked on it; its ports are released
    a device goes down        its IPv6 addresses, and routes of both families
    an MTU falls below 1280   IPv6 on the device
    an IPv4 primary goes      its secondaries, unless promoted, and routes with that source
    a namespace goes          its devices with their peers, and VXLANs whose socket was there
    a namespace comes         ``lo``, down
    a veth end is made        its peer, as it is born

Each row has a test on the real kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from ipaddress import ip_interface

from netkit.model.addressing import Address
from netkit.model.link import Link, Loopback, Veth
from netkit.model.netns import Namespace
from netkit.model.object import Key, Object
from netkit.model.routing import Route
from netkit.model.setting import Qdisc, Sysctl
from netkit.model.state import State
from netkit.plan.change import Change
from netkit.plan.world import World
from netkit.value import replace

IPV6_MIN_MTU = 1280


def enact(world: World, change: Change, desired: State) -> bool:
    """
    Make ``change`` in ``world``, with all that it takes along or brings.

    Args:
        world: It is altered.
        change: What is done.
        desired: What all this leads to: the far end of a cable is born as it says.

    Returns:
        Whether something else was lost by it.
    """
    if change.after is None:
        return _remove(world, change.subject)
    gone = () if change.before is None else tuple(lost(change.before, change.after, world))
    for key in gone:
        world.drop(key)
    world.put(change.after)
    if change.before is None or isinstance(change.before, Namespace):
        for item in born(change.after, desired):
            world.put(item)
    return bool(gone)


def _remove(world: World, item: Object) -> bool:
    gone = {item.key, *taken_along(item, world)}
    fallen = [each for key in gone if isinstance(each := world.get(key), Link)]
    for port in [port for link in fallen for port in released(link, world)]:
        if port.key not in gone:
            world.put(port)
    for key in gone:
        world.drop(key)
    return len(gone) > 1


@singledispatch
def taken_along(item: Object, world: World) -> Iterator[Key]:
    """Name what goes when ``item`` is removed, besides itself."""
    yield from ()


@taken_along.register
def _(item: Link, world: World) -> Iterator[Key]:
    seen = {item.key}
    stack: list[Link] = [item]
    while stack:
        link = stack.pop()
        for rider in world.on_device(link.netns, link.ifname):
            if rider.key in seen or _is_port(rider, link):
                continue
            seen.add(rider.key)
            yield rider.key
            if isinstance(rider, Link):
                stack.append(rider)


@taken_along.register
def _(item: Namespace, world: World) -> Iterator[Key]:
    for resident in (*world.in_netns(item.netns), *world.sockets_in(item.netns)):
        yield resident.key
        if isinstance(resident, Link):
            yield from taken_along(resident, world)


@taken_along.register
def _(item: Address, world: World) -> Iterator[Key]:
    gone = [item, *(() if _promotes(item, world) else _secondaries(item, world))]
    sources = {each.cidr.partition("/")[0] for each in gone}
    yield from (each.key for each in gone[1:])
    for resident in world.in_netns(item.netns):
        if isinstance(resident, Route) and resident.src in sources:
            yield resident.key


@taken_along.register
def _(item: Qdisc, world: World) -> Iterator[Key]:
    if item.parent == "root":
        for rider in world.on_device(item.netns, item.ifname):
            if isinstance(rider, Qdisc) and rider.key != item.key:
                yield rider.key


def _promotes(item: Address, world: World) -> bool:
    if ":" in item.cidr:
        return True
    names = (f"net/ipv4/conf/{where}/promote_secondaries" for where in (item.ifname, "all"))
    return any(
        isinstance(found := world.get(("sysctl", item.netns, name)), Sysctl) and found.value == "1"
        for name in names
    )


def _secondaries(item: Address, world: World) -> Iterator[Address]:
    """Name the addresses that came after ``item`` in the same prefix."""
    neighbours = [x for x in world.on_device(item.netns, item.ifname) if isinstance(x, Address)]
    if len(neighbours) == 1:
        return
    network = ip_interface(item.cidr).network
    later = False
    for other in tuple(world.objects.values()):
        if other.key == item.key:
            later = True
        elif (
            later
            and isinstance(other, Address)
            and (other.netns, other.ifname) == (item.netns, item.ifname)
            and ip_interface(other.cidr).network == network
        ):
            yield other


def released(master: Link, world: World) -> Iterator[Link]:
    """Give the ports of a device that goes, as they are without it."""
    for rider in world.on_device(master.netns, master.ifname):
        if isinstance(rider, Link) and _is_port(rider, master):
            yield replace(rider, master=None, isolated=False, hairpin=False)


def _is_port(item: Object, master: Link) -> bool:
    """Say whether ``item`` is a port of ``master``: a port outlives its bridge."""
    return isinstance(item, Link) and item.master == master.ifname and item.netns == master.netns


@singledispatch
def lost(before: Object, after: Object, world: World) -> Iterator[Key]:
    """Name what goes when ``before`` becomes ``after`` in place."""
    yield from ()


@lost.register
def _(before: Link, after: Object, world: World) -> Iterator[Key]:
    assert isinstance(after, Link)
    down = before.up and not after.up
    small = before.mtu >= IPV6_MIN_MTU > after.mtu
    if not (down or small):
        return
    for rider in world.on_device(after.netns, after.ifname):
        match rider:
            case Address(cidr=cidr) if ":" in cidr:
                yield rider.key
            case Route(family=family) if down or family == 6:
                yield rider.key
            case Sysctl(name=name) if small and name.startswith("net/ipv6/conf/"):
                yield rider.key


@singledispatch
def born(item: Object, desired: State) -> Iterator[Object]:
    """Give what comes into being with ``item``."""
    yield from ()


@born.register
def _(item: Namespace, desired: State) -> Iterator[Object]:
    yield Loopback(netns=item.netns, up=False)


@born.register
def _(item: Veth, desired: State) -> Iterator[Object]:
    far = desired.get(item.peer_key)
    if isinstance(far, Veth) and is_near(item, far):
        yield replace(
            far, up=False, master=None, isolated=False, hairpin=False, alias=None, group=item.group
        )


def is_near(item: Veth, far: Veth) -> bool:
    """
    Say whether a pair is made from this end.

    The host's end first, since a namespace cannot name the host; then the end with a master, which
    is named where it lies; then either, but always the same.
    """
    mine = (item.netns is not None, item.master is None, item.netns or "", item.ifname)
    its = (far.netns is not None, far.master is None, far.netns or "", far.ifname)
    return mine < its
