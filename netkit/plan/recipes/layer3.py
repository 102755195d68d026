"""Addresses, routes, rules, neighbours and forwarding entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from netkit.command import addr, fdb, neigh, route, rule
from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.object import Object
from netkit.model.routing import DEFAULT_METRIC, EVERYTHING, MAIN_TABLE, Route, Rule
from netkit.model.setting import Sysctl
from netkit.plan.phase import Phase, Rank
from netkit.plan.recipes.verbs import Context, Line, change, create, delete


@create.register(Address)
def _(item: Address, context: Context) -> Iterator[Line]:
    command = addr.add(item.cidr, dev=item.ifname, nodad=_at_once(item, context))
    yield Phase.CONFIGURE, Rank.ADDRESS, command.within(item.netns), f"who {item.ifname} is"


def _at_once(item: Address, context: Context) -> bool:
    """
    Say whether an IPv6 address must be of use in the next line.

    Even where duplicates are not looked for, the kernel makes an address good some time after it
    was given, and until then refuses a route with that source.
    """
    names = (f"net/ipv6/conf/{where}/accept_dad" for where in ("default", item.ifname))
    return ":" in item.cidr and any(
        isinstance(found := context.desired.get(("sysctl", item.netns, name)), Sysctl)
        and found.value == "0"
        for name in names
    )


@delete.register(Address)
def _(item: Address, context: Context) -> Iterator[Line]:
    command = addr.delete(item.cidr, dev=item.ifname).within(item.netns)
    yield Phase.REMOVE, Rank.ADDRESS, command, f"{item.ifname} is that no longer"


@create.register(Route)
def _(item: Route, context: Context) -> Iterator[Line]:
    yield _routed(item, context, _purpose(item), anew=len(item.nexthops) <= 1)


@change.register(Route)
def _(after: Route, before: Object, context: Context) -> Iterator[Line]:
    assert isinstance(before, Route)
    if after.family == 6 and (len(before.nexthops) > 1 or before.type != after.type):
        yield from delete(before, context)
        yield _routed(after, context, "takes the place of what it was", anew=True)
    else:
        yield _routed(after, context, "takes the place of what it was", anew=False)


@delete.register(Route)
def _(item: Route, context: Context) -> Iterator[Line]:
    command = route.delete(item.to, **_told_apart(item)).within(item.netns)
    yield Phase.REMOVE, Rank.ROUTE, command, "a way that is no longer wanted"


def _routed(item: Route, context: Context, why: str, *, anew: bool) -> Line:
    build = route.add if anew else route.replace
    only = item.nexthops[0] if len(item.nexthops) == 1 else None
    hops = tuple(
        route.NextHop(via=hop.via, dev=hop.dev, weight=hop.weight) for hop in item.nexthops
    )
    command = build(
        item.to,
        **_told_apart(item),
        via=only.via if only else None,
        dev=only.dev if only else None,
        src=item.src,
        protocol=item.protocol if item.protocol != "boot" else None,
        nexthops=() if only else hops,
    )
    phase = Phase.RAISE if item.netns in context.raising else Phase.CONFIGURE
    return phase, Rank.ROUTE, command.within(item.netns), why


def _told_apart(item: Route) -> dict[str, Any]:
    """Say what tells a route from others to the same place."""
    return {
        "type": item.type if item.type != "unicast" else None,
        "tos": f"{item.tos:#x}" if item.tos else None,  # ip takes any number for hexadecimal
        "metric": None if item.metric == DEFAULT_METRIC[item.family] else item.metric,
        "table": None if item.table == MAIN_TABLE else item.table,
    }


def _purpose(item: Route) -> str:
    if item.type != "unicast":
        return f"what is for {item.to} ends here: {item.type}"
    if item.to == EVERYTHING[item.family]:
        return "the way to everything not said otherwise"
    return f"the way to {item.to}"


@create.register(Rule)
def _(item: Rule, context: Context) -> Iterator[Line]:
    phase = Phase.RAISE if item.netns in context.raising else Phase.CONFIGURE
    protocol = item.protocol if item.protocol != "boot" else None
    command = rule.add(item.priority, **_matching(item), protocol=protocol)
    where = f"in table {item.table}" if item.table is not None else f"nowhere: {item.action}"
    yield phase, Rank.RULE, command.within(item.netns), f"what matches is looked up {where}"


@change.register(Rule)
def _(after: Rule, before: Object, context: Context) -> Iterator[Line]:
    yield from delete(before, context)
    yield from create(after, context)


@delete.register(Rule)
def _(item: Rule, context: Context) -> Iterator[Line]:
    command = rule.delete(item.priority, **_matching(item)).within(item.netns)
    yield Phase.REMOVE, Rank.RULE, command, "no longer looked up that way"


def _matching(item: Rule) -> dict[str, Any]:
    """Say what a rule matches, and what then."""
    return {
        "from_": item.source,
        "to": item.destination,
        "iif": item.iif,
        "oif": item.oif,
        "fwmark": item.fwmark,
        "table": item.table,
        "action": None if item.action == "lookup" else item.action,
        "family": item.family,
    }


@create.register(Neighbor)
def _(item: Neighbor, context: Context) -> Iterator[Line]:
    protocol = None if item.protocol == "boot" else item.protocol
    if item.lladdr is None:
        command = neigh.add_proxy(item.address, dev=item.ifname, protocol=protocol)
        why = f"{item.ifname} answers for {item.address}"
    else:
        command = neigh.replace(
            item.address, dev=item.ifname, lladdr=item.lladdr, protocol=protocol
        )
        why = f"{item.address} is known without asking"
    yield Phase.CONFIGURE, Rank.NEIGHBOR, command.within(item.netns), why


@change.register(Neighbor)
def _(after: Neighbor, before: Object, context: Context) -> Iterator[Line]:
    yield from create(after, context)


@delete.register(Neighbor)
def _(item: Neighbor, context: Context) -> Iterator[Line]:
    build = neigh.delete_proxy if item.lladdr is None else neigh.delete
    command = build(item.address, dev=item.ifname).within(item.netns)
    yield Phase.REMOVE, Rank.NEIGHBOR, command, "asked for again, as any other"


@create.register(FdbEntry)
def _(item: FdbEntry, context: Context) -> Iterator[Line]:
    command = fdb.append(item.mac, dev=item.ifname, dst=item.dst).within(item.netns)
    everything = item.mac == "00:00:00:00:00:00"
    what = "what nobody knows" if everything else f"frames for {item.mac}"
    yield Phase.CONFIGURE, Rank.FDB, command, f"{what} goes to {item.dst}"


@delete.register(FdbEntry)
def _(item: FdbEntry, context: Context) -> Iterator[Line]:
    command = fdb.delete(item.mac, dev=item.ifname, dst=item.dst).within(item.netns)
    yield Phase.REMOVE, Rank.FDB, command, f"nothing goes to {item.dst} for it any more"
