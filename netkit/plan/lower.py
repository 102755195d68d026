"""From changes to steps, each in its phase and turn."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from netkit.command import link
from netkit.model.addressing import Address
from netkit.model.link import Bridge, Internal, Link
from netkit.model.object import Netns
from netkit.model.state import State
from netkit.plan.change import Change
from netkit.plan.phase import Phase, Planned, Rank
from netkit.plan.recipes import home, layer3, links, loans, settings, switches
from netkit.plan.recipes.firewall import is_firewall, restored
from netkit.plan.recipes.verbs import FIRST, Context, change, create, delete

REGISTERED = (home, layer3, links, loans, settings, switches)
CROWD = 64
"""
Ports above which a new bridge learns to snoop when it is up: when one that snoops goes up, the
kernel arms the timers of all ports once for each port (br_stp_enable_bridge() in net/bridge/
br_stp_if.c, br_port_state_selection()), which takes 1000 ports 0.1 s.
"""


def lower(
    changes: Sequence[Change], desired: State, *, group: int, home: str = FIRST
) -> tuple[Planned, ...]:
    """
    Turn changes into steps, in the order in which they are done.

    Args:
        changes: Of ``plan``, in its order.
        desired: What they lead to.
        group: The spec's device group; its odd neighbour gathers what is about to be deleted.
        home: How the host is named within other namespaces.
    """
    context = _context(changes, desired, home)
    walls: list[Change] = []
    planned: list[Planned] = []
    for each in changes:
        if is_firewall(each):
            walls.append(each)
        else:
            planned += _lines(each, context)
    planned += restored(walls)
    turn: dict[Netns, int] = {}
    for item in planned:
        turn.setdefault(item.step.netns, len(turn))
    planned.sort(key=lambda item: (item.phase, turn[item.step.netns], item.rank))
    return tuple(_by_the_group(planned, group))


def _context(changes: Sequence[Change], desired: State, home: str) -> Context:
    raised = frozenset(
        (item.netns, item.ifname)
        for each in changes
        if each.before is None and isinstance(item := each.after, Bridge) and item.up
    )
    return Context(
        desired=desired,
        home=home,
        raised=raised,
        crowded=frozenset(_crowded(desired) if raised else ()) & raised,
        raising=frozenset(netns for netns, _ in raised),
        addressed=frozenset(
            (item.netns, item.ifname) for item in desired if isinstance(item, Address)
        )
        if raised
        else frozenset(),
    )


def _crowded(desired: State) -> Iterator[tuple[Netns, str]]:
    ports = Counter((item.netns, item.master) for item in desired.every(Link) if item.master)
    return ((netns, master) for (netns, master), count in ports.items() if count > CROWD)


def _lines(each: Change, context: Context) -> Iterator[Planned]:
    if each.after is None:
        assert each.before is not None
        lines = delete(each.before, context)
    elif each.before is None:
        lines = create(each.after, context)
    else:
        lines = change(each.after, each.before, context)
    for phase, rank, step, why in lines:
        yield Planned(phase, rank, step, each, why)


def _by_the_group(planned: Iterable[Planned], group: int) -> Iterator[Planned]:
    """
    Let the devices that go from one namespace go together.

    One by one each costs 21 ms, since the kernel waits for all readers; a group waits once.
    """
    doomed: dict[Netns, list[Planned]] = defaultdict(list)
    for item in planned:
        if item.phase > Phase.REMOVE and doomed:
            yield from _gathered(doomed, group)
            doomed.clear()
        if item.phase == Phase.REMOVE and _deletes_device(item):
            doomed[item.netns].append(item)
        else:
            yield item
    yield from _gathered(doomed, group)


def _deletes_device(item: Planned) -> bool:
    before = item.change.before
    return (
        item.change.after is None and isinstance(before, Link) and not isinstance(before, Internal)
    )


def _gathered(doomed: dict[Netns, list[Planned]], group: int) -> Iterator[Planned]:
    for netns, items in doomed.items():
        if len(items) == 1:
            yield items[0]
            continue
        for item in items:
            before = item.change.before
            assert isinstance(before, Link)
            step = link.set_group(before.ifname, group + 1).within(netns)
            why = "they go together, since the kernel waits once for all"
            yield Planned(Phase.REMOVE, Rank.LINK, step, item.change, why)
        step = link.delete_group(group + 1).within(netns)
        yield Planned(Phase.REMOVE, Rank.UP, step, items[-1].change, items[-1].why)
