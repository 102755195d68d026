"""What hung on a device at home: put back as it was, and never altered or removed."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.command import addr, route
from netkit.model.home import HomeAddress, HomeRoute
from netkit.model.routing import DEFAULT_METRIC, MAIN_TABLE
from netkit.plan.phase import Phase, Rank
from netkit.plan.recipes.verbs import Context, Line, create


@create.register(HomeAddress)
def _(item: HomeAddress, context: Context) -> Iterator[Line]:
    command = addr.add(
        item.cidr if item.peer is None else item.address,
        dev=item.ifname,
        peer=item.peer,
        broadcast=item.broadcast,
        scope=item.scope,
        label=item.label,
        metric=item.metric,
        valid_lft="forever" if item.deprecated else None,
        preferred_lft=0 if item.deprecated else None,
        nodad=item.nodad or _at_once(item, context),
        noprefixroute=item.noprefixroute,
    )
    why = "an address that the device had at home"
    yield Phase.CONFIGURE, Rank.ADDRESS, command.within(item.netns), why


def _at_once(item: HomeAddress, context: Context) -> bool:
    """Say whether a route has this source, which the kernel refuses until the address is good."""
    return ":" in item.cidr and any(
        way.netns == item.netns and way.src == item.address
        for way in context.desired.every(HomeRoute)
    )


@create.register(HomeRoute)
def _(item: HomeRoute, context: Context) -> Iterator[Line]:
    only = item.nexthops[0] if len(item.nexthops) == 1 else None
    command = route.add(
        item.to,
        tos=f"{item.tos:#x}" if item.tos else None,  # ip takes any number for hexadecimal
        via=only.via if only else None,
        dev=only.dev if only else None,
        onlink=item.onlink,
        src=item.src,
        metric=None if item.metric == DEFAULT_METRIC[item.family] else item.metric,
        table=None if item.table == MAIN_TABLE else item.table,
        protocol=None if item.protocol == "boot" else item.protocol,
        scope=item.scope,
        mtu=item.mtu,
        nexthops=()
        if only
        else tuple(
            route.NextHop(via=hop.via, dev=hop.dev, weight=hop.weight) for hop in item.nexthops
        ),
    )
    why = "a way that led out of the device at home"
    yield Phase.CONFIGURE, Rank.ROUTE, command.within(item.netns), why
