"""Devices: made in one line, marked and raised in another, deleted by the group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Any

from netkit.command import link, tuntap
from netkit.command.command import Command
from netkit.errors import NetkitError
from netkit.model.addressing import FdbEntry
from netkit.model.link import (
    Bond,
    Bridge,
    Dummy,
    Gre,
    Internal,
    Ipvlan,
    Link,
    Loopback,
    Macvlan,
    Tuntap,
    Veth,
    Vlan,
    Vrf,
    Vxlan,
    Wireguard,
)
from netkit.model.object import Netns, Object
from netkit.plan.change import differing
from netkit.plan.phase import Phase, Rank
from netkit.plan.recipes.verbs import Context, Line, change, create, delete

SET_IN_ONE_LINE = ("mtu", "mac", "master", "alias", "group", "up")
PORT = ("isolated", "hairpin")
SWITCH = ("stp", "vlan_filtering", "mcast_snooping")
BRIDGE_MTU = 1500
"""
What a bridge is made with: it follows its ports until it is told another one than it has, and to
say it in the creating line is not to tell it (br_mtu_auto_adjust in net/bridge/br_if.c).
"""
LAYER2 = 2
LAYER3 = 3


@create.register(Link)
def _(item: Link, context: Context) -> Iterator[Line]:
    phase, command, why = _born(item, context)
    yield phase, Rank.FIRST if isinstance(item, Bridge) else Rank.LINK, command, why
    if isinstance(item, Bridge) and item.mtu != BRIDGE_MTU:
        told = link.set(item.ifname, mtu=item.mtu).within(item.netns)
        yield phase, Rank.FIRST, told, "told its MTU, it keeps it, whatever ports come and go"
    yield from dressed(item, context)


@create.register(Loopback)
def _(item: Loopback, context: Context) -> Iterator[Line]:
    raise NetkitError(f"lo of {item.netns} comes with its namespace")


@singledispatch
def _born(item: Link, context: Context) -> tuple[Phase, Command, str]:
    """Give the one line that creates a device, where it is said, and why."""
    raise NetkitError(f"netkit does not make devices of kind {item.KIND or 'unknown'}")


@_born.register(Bridge)
def _(item: Bridge, context: Context) -> tuple[Phase, Command, str]:
    snoops = item.mcast_snooping and (item.netns, item.ifname) not in context.crowded
    command = link.add_bridge(
        item.ifname,
        group=item.group,
        mtu=BRIDGE_MTU,
        address=item.mac,
        stp=True if item.stp else None,
        vlan_filtering=True if item.vlan_filtering else None,
        mcast_snooping=None if snoops else False,
    )
    return Phase.CONNECT, command.within(item.netns), "a switch; it goes up after its ports"


@_born.register(Veth)
def _(item: Veth, context: Context) -> tuple[Phase, Command, str]:
    place = item.netns if item.master is not None else None
    far = context.desired.get(item.peer_key)
    if not isinstance(far, Veth):
        raise NetkitError(f"{item.ifname} of {item.netns or 'the host'} has no other end")
    command = link.add_veth(
        item.ifname,
        item.peer,
        netns=_target(item.netns, place),
        group=item.group,
        mtu=item.mtu,
        address=item.mac,
        master=item.master,
        peer_netns=_target(item.peer_netns, place),
        peer_group=item.group,
        peer_mtu=far.mtu,
        peer_address=far.mac,
    )
    where = item.peer_netns or "the host"
    why = f"a cable: its other end, {item.peer}, is in {where}"
    return Phase.CONNECT, command.within(place), why


@_born.register(Vxlan)
def _(item: Vxlan, context: Context) -> tuple[Phase, Command, str]:
    away = item.socket_netns != item.netns
    command = link.add_vxlan(
        item.ifname,
        vni=item.vni,
        local=item.local or _unspecified(item, context),
        multicast=item.remote,
        dev=item.underlay,
        dstport=item.dstport,
        learning=item.learning,
        ttl=item.ttl or None,
        netns=_target(item.netns, item.socket_netns),
        group=item.group,
        mtu=item.mtu,
        address=item.mac,
        master=None if away else item.master,
    )
    why = f"a tunnel's end: frames travel as UDP to port {item.dstport}, marked {item.vni}"
    return Phase.STACK, command.within(item.socket_netns), why


def _unspecified(item: Vxlan, context: Context) -> str | None:
    """Tell the kernel the family of a tunnel of which only the remotes are known."""
    if item.remote is None and any(
        (entry.netns, entry.ifname) == (item.netns, item.ifname) and ":" in entry.dst
        for entry in context.desired.every(FdbEntry)
    ):
        return "::"
    return None


@_born.register(Vlan)
def _(item: Vlan, context: Context) -> tuple[Phase, Command, str]:
    command = link.add_vlan(
        item.ifname,
        parent=item.parent,
        vid=item.vid,
        netns=_target(item.netns, item.parent_netns),
        group=item.group,
        mtu=item.mtu,
        address=item.mac,
        master=None if item.parent_netns != item.netns else item.master,
    )
    return (
        Phase.STACK,
        command.within(item.parent_netns),
        f"frames of {item.parent} tagged {item.vid}",
    )


@_born.register(Macvlan)
def _(item: Macvlan, context: Context) -> tuple[Phase, Command, str]:
    command = link.add_macvlan(
        item.ifname,
        parent=item.parent,
        mode=item.mode,
        netns=_target(item.netns, item.parent_netns),
        group=item.group,
        mtu=item.mtu,
        address=item.mac,
    )
    return Phase.STACK, command.within(item.parent_netns), f"another address on {item.parent}"


@_born.register(Ipvlan)
def _(item: Ipvlan, context: Context) -> tuple[Phase, Command, str]:
    command = link.add_ipvlan(
        item.ifname,
        parent=item.parent,
        mode=item.mode,
        netns=_target(item.netns, item.parent_netns),
        group=item.group,
        mtu=item.mtu,
    )
    return Phase.STACK, command.within(item.parent_netns), f"shares the address of {item.parent}"


@_born.register(Dummy)
def _(item: Dummy, context: Context) -> tuple[Phase, Command, str]:
    command = link.add_dummy(
        item.ifname, group=item.group, mtu=item.mtu, address=item.mac, master=item.master
    )
    return Phase.CONNECT, command.within(item.netns), "a device to hang addresses on"


@_born.register(Tuntap)
def _(item: Tuntap, context: Context) -> tuple[Phase, Command, str]:
    command = tuntap.add(item.ifname, mode=item.mode)
    return Phase.CONNECT, command.within(item.netns), "a device whose far side is a program"


@_born.register(Vrf)
def _(item: Vrf, context: Context) -> tuple[Phase, Command, str]:
    command = link.add_vrf(
        item.ifname, table=item.table, group=item.group, mtu=item.mtu, address=item.mac
    )
    return Phase.CONNECT, command.within(item.netns), f"its ports look routes up in {item.table}"


@_born.register(Gre)
def _(item: Gre, context: Context) -> tuple[Phase, Command, str]:
    if item.local is None or item.remote is None:
        raise NetkitError(f"{item.ifname} needs local and remote")
    command = link.add_gre(
        item.ifname,
        local=item.local,
        remote=item.remote,
        layer=LAYER2 if item.mode.endswith("tap") else LAYER3,
        key=item.tunnel_key,
        ttl=item.ttl or None,
        group=item.group,
        mtu=item.mtu,
        address=item.mac,
        master=item.master,
    )
    return Phase.STACK, command.within(item.netns), f"a tunnel to {item.remote}"


@_born.register(Wireguard)
def _(item: Wireguard, context: Context) -> tuple[Phase, Command, str]:
    command = link.add_wireguard(item.ifname, group=item.group, mtu=item.mtu)
    return Phase.CONNECT, command.within(item.netns), "a WireGuard device; wg sets its keys"


@_born.register(Bond)
def _(item: Bond, context: Context) -> tuple[Phase, Command, str]:
    command = link.add_bond(
        item.ifname,
        mode=item.mode,
        miimon=item.miimon or None,
        group=item.group,
        mtu=item.mtu,
        address=item.mac,
        master=item.master,
    )
    return Phase.CONNECT, command.within(item.netns), "several devices as one"


def _target(netns: Netns, place: Netns) -> str | None:
    """Name the namespace a device is born into, when that is not where the line is said."""
    if netns == place:
        return None
    if netns is None:
        raise NetkitError("a device of the host cannot be made from within a namespace")
    return netns


def dressed(item: Link, context: Context) -> Iterator[Line]:
    """Say what cannot be said in the line that creates a device: whose it is, and up."""
    late = (item.netns, item.ifname) in context.raised
    said: dict[str, Any] = {"alias": item.alias, "up": True if item.up and not late else None}
    if isinstance(item, Tuntap):
        said |= {"group": item.group, "mtu": item.mtu, "address": item.mac, "master": item.master}
    if isinstance(item, Bridge) and item.mtu == BRIDGE_MTU:
        said["mtu"] = item.mtu  # it may have taken the least of its ports'
    if (
        isinstance(item, Macvlan | Internal)
        or (isinstance(item, Vxlan) and item.socket_netns != item.netns)
        or (isinstance(item, Vlan) and item.parent_netns != item.netns)
    ):
        said["master"] = item.master
    if any(value is not None for value in said.values()):
        command = link.set(item.ifname, **said).within(item.netns)
        names = [name for name, value in said.items() if value is not None]
        yield Phase.CONFIGURE, Rank.LINK, command, _why(item, names)
    yield from _port(item, PORT if item.isolated or item.hairpin else ())
    if late and item.up:
        yield from _raised(item, context)


def _raised(item: Link, context: Context) -> Iterator[Line]:
    place = (item.netns, item.ifname)
    up = link.set_up(item.ifname).within(item.netns)
    yield Phase.RAISE, Rank.UP, up, "the switch goes up once, with all its ports in place"
    if isinstance(item, Bridge) and item.mcast_snooping and place in context.crowded:
        snoop = link.set_bridge(item.ifname, mcast_snooping=True).within(item.netns)
        yield (
            Phase.RAISE,
            Rank.UP,
            snoop,
            "with so many ports it learns to snoop when it is up, not before",
        )
    if place in context.addressed:
        look = link.show(item.ifname).within(item.netns)
        yield Phase.RAISE, Rank.SETTLE, look, "makes the kernel notice its carrier now, not in 1 s"


def _port(item: Link, altered: tuple[str, ...]) -> Iterator[Line]:
    said = {name: getattr(item, name) for name in PORT if name in altered}
    if said and item.master is not None:
        command = link.set_port(item.ifname, **said).within(item.netns)
        yield Phase.CONFIGURE, Rank.PORT, command, "how the switch treats this port"


@change.register(Link)
def _(after: Link, before: Object, context: Context) -> Iterator[Line]:
    altered = differing(before, after)
    said = {name: getattr(after, name) for name in SET_IN_ONE_LINE if name in altered}
    if said:
        command = link.set(
            after.ifname,
            mtu=said.get("mtu"),
            address=said.get("mac"),
            master=said.get("master"),
            nomaster="master" in said and said["master"] is None,
            alias=said.get("alias"),
            group=said.get("group"),
            up=said.get("up"),
        )
        yield Phase.CONFIGURE, Rank.LINK, command.within(after.netns), _why(after, said)
    yield from _port(after, altered)
    yield from _kind_specific(after, altered)


def _why(item: Link, names: Iterable[str]) -> str:
    words = {"alias": "whose it is", "group": "whose it is", "up": "up" if item.up else "down"}
    said = dict.fromkeys(words.get(name, f"its {name}") for name in names)
    return ", and ".join(said) if said else "as it is asked for"


def _kind_specific(after: Link, altered: tuple[str, ...]) -> Iterator[Line]:
    command: Command | None = None
    match after:
        case Bridge() if said := {name: getattr(after, name) for name in SWITCH if name in altered}:
            command = link.set_bridge(after.ifname, **said)
        case Vxlan() if {"local", "learning", "ttl"} & {*altered}:
            command = link.set_vxlan(
                after.ifname,
                vni=after.vni,
                local=after.local,
                learning=after.learning,
                ttl=after.ttl,
            )
    if command is not None:
        yield Phase.CONFIGURE, Rank.LINK, command.within(after.netns), "altered in place"


@delete.register(Link)
def _(item: Link, context: Context) -> Iterator[Line]:
    why = "it goes with all that hangs on it"
    yield Phase.REMOVE, Rank.LINK, link.delete(item.ifname).within(item.netns), why
