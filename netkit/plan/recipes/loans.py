"""Loans: a device that netkit did not make is moved in, and goes home again."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.command import link
from netkit.errors import NetkitError
from netkit.model.object import Object
from netkit.model.setting import Loan
from netkit.plan.phase import Phase, Rank
from netkit.plan.recipes.verbs import Context, Line, change, create, delete


@create.register(Loan)
def _(item: Loan, context: Context) -> Iterator[Line]:
    if item.netns is None:
        raise NetkitError("the host needs no device moved to it")
    command = link.set_netns(item.home_ifname, item.netns, name=item.ifname)
    why = "a device that netkit did not make, moved in; it goes home when the spec goes"
    yield Phase.CONNECT, Rank.LINK, command.within(item.home), why


@change.register(Loan)
def _(after: Loan, before: Object, context: Context) -> Iterator[Line]:
    if not isinstance(before, Loan) or after.netns is None:
        raise NetkitError("the host needs no device moved to it")
    why = "it is lent to another, or by another name"
    if before.netns != after.netns:
        command = link.move(before.ifname, netns=after.netns, name=after.ifname)
        yield Phase.CONNECT, Rank.LINK, command.within(before.netns), why
        return
    down, renamed = link.set(before.ifname, up=False), link.set(before.ifname, name=after.ifname)
    for command in (down, renamed):
        yield Phase.CONNECT, Rank.LINK, command.within(before.netns), why


@delete.register(Loan)
def _(item: Loan, context: Context) -> Iterator[Line]:
    was = dict(item.was)
    command = link.move(
        item.ifname,
        netns=item.home or context.home,
        name=item.home_ifname,
        mtu=int(was["mtu"]) if "mtu" in was else None,
        address=was.get("mac"),
    )
    yield Phase.REMOVE, Rank.LINK, command.within(item.netns), "the device goes home"
