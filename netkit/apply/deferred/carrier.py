"""
Cables that carry at once.

When the second end of a veth pair goes up, both have a carrier. The first end notices later, by
the kernel's linkwatch, and until then drops what it is given to send. Linkwatch hurries for a
device that lies on another, which it takes to be so where the two numbers of a device, its own and
its peer's, differ; in namespaces of their own they often do not, and then it takes up to a second.
A question to the device makes it notice now; also to the far end that a lent device left at home.

Source: kernel, net/core/link_watch.c, linkwatch_urgent_event(), and rtnl_getlink().
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from netkit.command import link
from netkit.facts.read import Devices
from netkit.model.link import Veth
from netkit.model.object import Netns
from netkit.model.setting import Loan
from netkit.model.state import State
from netkit.plan.change import Change
from netkit.run.job import Ask, Job
from netkit.run.runner import Runner


def notice(
    runner: Runner, changes: Iterable[Change], desired: State, world: Mapping[Netns, Devices]
) -> None:
    """
    See to it that every cable which a plan brought up carries packets from now on.

    Args:
        runner: The hands.
        changes: What was done.
        desired: What it led to.
        world: The devices of the namespaces that were looked at when they were finished.
    """
    changes = tuple(changes)
    wanted: dict[Netns, dict[str, None]] = defaultdict(dict)
    for netns, ends in _raised(changes, desired, world).items():
        wanted[netns].update(dict.fromkeys(_names(ends)))
    for netns, name in _left_behind(changes, world):
        wanted[netns][name] = None
    jobs = [
        Job(netns, ask=Ask(netns, tuple(link.show(name) for name in found)))
        for netns, found in wanted.items()
        if found
    ]
    if jobs:
        runner.run(jobs)


def _raised(
    changes: Iterable[Change], desired: State, world: Mapping[Netns, Devices]
) -> Mapping[Netns, Iterable[Veth]]:
    """Give both ends of cables of which an end was made or went up, where linkwatch takes time."""
    slow = {
        (netns, name)
        for netns, devices in world.items()
        for name, device in devices.items()
        if device.ifindex == device.base
    }
    places: dict[Netns, dict[str, Veth]] = defaultdict(dict)
    for change in changes:
        after = change.after
        if not isinstance(after, Veth) or not (change.before is None or "up" in change.altered()):
            continue
        for place in ((after.netns, after.ifname), (after.peer_netns, after.peer)):
            netns, name = place
            if place in slow or netns not in world:  # where nobody looked it may be any
                end = desired.get(("link", netns, name))
                if isinstance(end, Veth) and end.up:
                    places[netns][name] = end
    return {netns: ends.values() for netns, ends in places.items()}


def _left_behind(
    changes: Iterable[Change], world: Mapping[Netns, Devices]
) -> Iterator[tuple[Netns, str]]:
    """Name the far ends, at home, of devices that were lent: nobody else asks for them."""
    for change in changes:
        loan = change.after
        if isinstance(loan, Loan) and change.before is None:
            near = world.get(loan.netns, {}).get(loan.ifname)
            numbers = None if near is None else (near.base, near.ifindex)
            for name, far in world.get(loan.home, {}).items():
                if (far.ifindex, far.base) == numbers:
                    yield loan.home, name


def _names(ends: Iterable[Veth]) -> Iterator[str]:
    """Name ends, and after them the switches that wait for them."""
    masters: dict[str, None] = {}
    for end in ends:
        yield end.ifname
        if end.master is not None:
            masters[end.master] = None
    yield from masters
