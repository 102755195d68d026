"""Open vSwitch: a switch and its ports are rows of a database, their devices the kernel's."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.command import link, ovs
from netkit.model.link import Internal
from netkit.model.object import Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.plan.change import differing
from netkit.plan.phase import Phase, Rank
from netkit.plan.recipes.links import dressed
from netkit.plan.recipes.verbs import Context, Line, change, create, delete


@create.register(OvsBridge)
def _(item: OvsBridge, context: Context) -> Iterator[Line]:
    command = ovs.add_br(
        item.ifname,
        datapath=item.datapath,
        mac=item.mac,
        mtu=item.mtu,
        owner=item.owner,
    )
    yield Phase.CONNECT, Rank.FIRST, command, "a switch of Open vSwitch, with its local port"


@change.register(OvsBridge)
def _(after: OvsBridge, before: Object, context: Context) -> Iterator[Line]:
    altered = differing(before, after)
    command = ovs.set_br(
        after.ifname,
        mac=after.mac if "mac" in altered else None,
        mtu=after.mtu if "mtu" in altered else None,
    )
    yield Phase.CONNECT, Rank.FIRST, command, "its local port, altered in place"


@delete.register(OvsBridge)
def _(item: OvsBridge, context: Context) -> Iterator[Line]:
    why = "it goes with all its ports, and their devices wherever they are"
    yield Phase.REMOVE, Rank.FIRST, ovs.del_br(item.ifname), why


@create.register(OvsPort)
def _(item: OvsPort, context: Context) -> Iterator[Line]:
    command = ovs.add_port(
        item.bridge,
        item.ifname,
        tag=item.tag,
        trunks=item.trunks,
        protected=item.isolated,
        owner=item.owner,
    )
    yield Phase.CONNECT, Rank.FIRST, command, "a port, whose device is born in the host"


@change.register(OvsPort)
def _(after: OvsPort, before: Object, context: Context) -> Iterator[Line]:
    command = ovs.set_port(
        after.ifname, tag=after.tag, trunks=after.trunks, protected=after.isolated
    )
    yield Phase.CONNECT, Rank.FIRST, command, "which frames the switch passes to and from it"


@delete.register(OvsPort)
def _(item: OvsPort, context: Context) -> Iterator[Line]:
    why = "its device goes with it, wherever that is"
    yield Phase.REMOVE, Rank.FIRST, ovs.del_port(item.ifname), why


@create.register(Internal)
def _(item: Internal, context: Context) -> Iterator[Line]:
    command = link.move(
        item.port,
        netns=item.netns,
        name=item.ifname,
        group=item.group,
        mtu=item.mtu,
        address=item.mac,
    )
    yield Phase.STACK, Rank.LINK, command, "the port's device moves into the sandbox"
    yield from dressed(item, context)


@delete.register(Internal)
def _(item: Internal, context: Context) -> Iterator[Line]:
    why = "the device goes with its port"
    yield Phase.REMOVE, Rank.FIRST, ovs.del_port(item.port), why
