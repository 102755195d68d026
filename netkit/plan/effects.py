"""
What the kernel does by itself when something changes.

    a device goes             its addresses, routes, neighbours, FDB, queueing, sysctls, its veth
                              peer, devices stacked on it; its ports are released
    a device goes down        its IPv6 addresses, routes and neighbours of both families
    an MTU falls below 1280   IPv6 on the device
    an MTU falls              those of VLAN, macvlan and ipvlan devices on it
    a port comes, or alters   the bridge's MTU may become the least of its ports'
    a MAC address changes     permanent neighbours
    an IPv4 primary goes      its secondaries, unless promoted, and routes with that source
    a last IPv4 address goes  IPv4 routes and neighbours of the device
    an IPv6 address goes      routes with that source stay, without it
    a device is lent          what hangs on it at home
    forwarding changes        what single devices say of it, and accept_redirects
    a namespace goes          its devices with their peers, and VXLANs whose socket was there
    a namespace comes         ``lo``, down
    a veth end is made        its peer, as it is born
    a switch of Open vSwitch  comes and goes with its local port, and takes its ports along;
                              a port goes with its device, and the device with its port

Each row has a test on the real kernel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import singledispatch
from ipaddress import ip_interface

from netkit.model.addressing import Address, Neighbor
from netkit.model.daemon import Daemon
from netkit.model.link import Bridge, Internal, Ipvlan, Link, Loopback, Macvlan, Veth, Vlan
from netkit.model.netns import Namespace
from netkit.model.object import Key, Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.routing import Route
from netkit.model.setting import Attribute, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.plan.change import Change
from netkit.plan.world import World
from netkit.value import replace

Ground = Link | OvsBridge | OvsPort
IPV6_MIN_MTU = 1280
OVERRIDDEN = {
    "net/ipv4/ip_forward": "net/ipv4/conf/(.+/forwarding|all/accept_redirects)",
    "net/ipv6/conf/all/forwarding": "net/ipv6/conf/(?!all/).+/forwarding",
}
"""What the kernel sets when a parameter is set (ip-sysctl.rst)."""


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
    if change.before is not None:
        gone = tuple(lost(change.before, change.after, world))
    else:
        gone = tuple(_left_behind(change.after, world))
    for key in gone:
        world.drop(key)
    world.put(change.after)
    if change.before is None or isinstance(change.before, Namespace):
        for item in born(change.after, desired):
            world.put(item)
    followers = tuple(_followers(change, world))
    for item in followers:
        world.put(item)
    return bool(gone or followers)


def _remove(world: World, item: Object) -> bool:
    gone = {item.key, *taken_along(item, world)}
    fallen = [each for key in gone if isinstance(each := world.get(key), Link)]
    bereft = [port for link in fallen for port in released(link, world)]
    for left in (*bereft, *sourceless(item, world)):
        if left.key not in gone:
            world.put(left)
    for key in gone:
        world.drop(key)
    return len(gone) > 1


def _left_behind(item: Object, world: World) -> Iterator[Key]:
    """Name what a device that is lent has at home, and loses when it is moved."""
    if isinstance(item, Loan):
        for rider in world.on_device(item.home, item.home_ifname):
            if not isinstance(rider, Link):
                yield rider.key


def _followers(change: Change, world: World) -> Iterator[Link]:
    """Give the devices whose MTU follows that of one that was made or altered."""
    before, after = change.before, change.after
    if not isinstance(after, Link):
        return
    was = before if isinstance(before, Link) else None
    if was is None or was.mtu != after.mtu or was.master != after.master:
        for link in (after, was):
            if link is not None and (bridge := _bridge_of(link, world)) is not None:
                yield bridge
    if was is not None and after.mtu < was.mtu:
        for rider in world.on_device(after.netns, after.ifname):
            if isinstance(rider, Vlan | Macvlan | Ipvlan) and rider.mtu > after.mtu:
                yield replace(rider, mtu=after.mtu)


def _bridge_of(port: Link, world: World) -> Bridge | None:
    """
    Give the bridge of a port as its ports make it; None where that changes nothing.

    A bridge that was once told its MTU keeps it, which nothing shows: to say it again does no harm.
    """
    bridge = world.link(port.netns, port.master) if port.master is not None else None
    if not isinstance(bridge, Bridge) or bridge.mtu == port.mtu:
        return None
    ports = [
        each.mtu
        for each in world.on_device(bridge.netns, bridge.ifname)
        if isinstance(each, Link) and _is_port(each, bridge)
    ]
    least = min(ports, default=bridge.mtu)
    return replace(bridge, mtu=least) if least != bridge.mtu else None


@singledispatch
def taken_along(item: Object, world: World) -> Iterator[Key]:
    """Name what goes when ``item`` is removed, besides itself."""
    yield from ()


@taken_along.register(Link)
@taken_along.register(OvsBridge)
@taken_along.register(OvsPort)
def _(item: Ground, world: World) -> Iterator[Key]:
    seen = {item.key}
    stack: list[Ground] = [item]
    while stack:
        link = stack.pop()
        for rider in (*world.on_device(link.netns, link.ifname), *_port_of(link, world)):
            if rider.key in seen or (isinstance(link, Link) and _is_port(rider, link)):
                continue
            seen.add(rider.key)
            yield rider.key
            if isinstance(rider, Ground):
                stack.append(rider)


def _port_of(item: Ground, world: World) -> Iterator[Object]:
    """Give the port of Open vSwitch that goes with its device."""
    if isinstance(item, Internal):
        for kind in ("ovs-port", "ovs-bridge"):
            if (port := world.get((kind, None, item.port))) is not None:
                yield port


@taken_along.register(Namespace)
def _(item: Namespace, world: World) -> Iterator[Key]:
    for resident in (*world.in_netns(item.netns), *world.sockets_in(item.netns)):
        if isinstance(resident, Daemon):
            continue  # a process lives on in a namespace that has lost its name
        yield resident.key
        if isinstance(resident, Link):
            yield from taken_along(resident, world)


@taken_along.register(Address)
def _(item: Address, world: World) -> Iterator[Key]:
    gone = [item, *(() if _promotes(item, world) else _secondaries(item, world))]
    sources = {each.cidr.partition("/")[0] for each in gone}
    yield from (each.key for each in gone[1:])
    if ":" in item.cidr:
        return
    for resident in world.in_netns(item.netns):
        if isinstance(resident, Route) and resident.src in sources:
            yield resident.key
    riders = world.on_device(item.netns, item.ifname)
    if not any(
        isinstance(each, Address) and _family(each) == 4 for each in riders if each not in gone
    ):
        for rider in riders:
            stays = isinstance(rider, Route) and _has_other_ways(rider, item.ifname)
            if isinstance(rider, Route | Neighbor) and _family(rider) == 4 and not stays:
                yield rider.key


@taken_along.register(Qdisc)
def _(item: Qdisc, world: World) -> Iterator[Key]:
    if item.parent == "root":
        for rider in world.on_device(item.netns, item.ifname):
            if isinstance(rider, Qdisc) and rider.key != item.key:
                yield rider.key


def sourceless(item: Object, world: World) -> Iterator[Route]:
    """Give the routes that stay without their source when an address goes."""
    if not isinstance(item, Address) or ":" not in item.cidr:
        return
    source = item.cidr.partition("/")[0]
    for resident in world.in_netns(item.netns):
        if isinstance(resident, Route) and resident.src == source:
            yield replace(resident, src=None)


def _has_other_ways(route: Route, ifname: str) -> bool:
    """Say whether a route lives on without a device: its next hops of IPv4 are only marked dead."""
    return route.family == 4 and any(hop.dev != ifname for hop in route.nexthops)


def _family(item: Object) -> int | None:
    """Give the family of what belongs to one: 4 or 6."""
    match item:
        case Address(cidr=text) | Neighbor(address=text):
            return 6 if ":" in text else 4
        case Route(family=family):
            return family
        case Sysctl(name=name) if name.startswith("net/ipv6/conf/"):
            return 6
    return None


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


@lost.register(Link)
def _(before: Link, after: Object, world: World) -> Iterator[Key]:
    assert isinstance(after, Link)
    yield from _shaken(
        after,
        world,
        down=before.up and not after.up,
        small=before.mtu >= IPV6_MIN_MTU > after.mtu,
        renamed=before.mac != after.mac,
    )


@lost.register(Attribute)
def _(before: Attribute, after: Object, world: World) -> Iterator[Key]:
    assert isinstance(after, Attribute)
    yield from _shaken(
        after,
        world,
        down=after.name == "up" and after.value == "down",
        small=after.name == "mtu" and int(after.value) < IPV6_MIN_MTU,
        renamed=after.name == "mac",
    )


def _shaken(
    device: Link | Attribute, world: World, *, down: bool, small: bool, renamed: bool
) -> Iterator[Key]:
    """Name what a device loses when it goes down, cannot carry IPv6, or has another address."""
    if not (down or small or renamed):
        return
    for rider in world.on_device(device.netns, device.ifname):
        six = _family(rider) == 6
        match rider:
            case Address() if six and (down or small):
                yield rider.key
            case Route() if down or (small and six):
                if not _has_other_ways(rider, device.ifname):
                    yield rider.key
            case Neighbor() if down or (small and six) or (renamed and rider.lladdr is not None):
                yield rider.key
            case Sysctl() if small and six:
                yield rider.key


@lost.register(Sysctl)
def _(before: Sysctl, after: Object, world: World) -> Iterator[Key]:
    assert isinstance(after, Sysctl)
    pattern = OVERRIDDEN.get(after.name)
    if pattern is None:
        return
    for rider in world.in_netns(after.netns):
        if isinstance(rider, Sysctl) and re.fullmatch(pattern, rider.name):
            yield rider.key


@singledispatch
def born(item: Object, desired: State) -> Iterator[Object]:
    """Give what comes into being with ``item``."""
    yield from ()


@born.register(Namespace)
def _(item: Namespace, desired: State) -> Iterator[Object]:
    yield Loopback(netns=item.netns, up=False)


@born.register(OvsBridge)
def _(item: OvsBridge, desired: State) -> Iterator[Object]:
    yield Internal(ifname=item.ifname, port=item.ifname, mac=item.mac, mtu=item.mtu, up=False)


@born.register(Veth)
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
