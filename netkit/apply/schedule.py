"""From planned steps to jobs: one per namespace and phase, and the questions that come last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from netkit.command.step import Step
from netkit.command.sysctl import SysctlWrite
from netkit.model.link import Bridge, Veth
from netkit.model.object import Netns
from netkit.plan.phase import Phase, Planned
from netkit.plan.world import device_of
from netkit.run.job import Answer, Ask, Job
from netkit.value import replace

INDEPENDENT = (Phase.NETNS, Phase.RELEASE)
LANES = 2
WORTH_SHARING = 16
COIL = 50
"""Cables laid by one process: few, so that the first are laid early, and not one each."""


def schedule(
    steps: Sequence[Planned], asks: Mapping[Netns, Ask], *, mounted: bool = True
) -> Iterator[tuple[Job, ...]]:
    """
    Give the jobs of each phase, in order; what is prepared may be connected while the rest is not.

    Args:
        steps: In the order of the plan.
        asks: What to ask each namespace when it is finished. It goes with its last job, so that
            the process which builds also answers; nothing after ``CONFIGURE`` reaches from one
            namespace into another, so those answers stand. Parameters of a whole namespace are read
            where they were written: the kernel finds a parameter the later, the more were made.
        mounted: Where namespaces are named is there already. Else the first that is added makes it,
            and two at once would make it twice.
    """
    phases: dict[Phase, dict[Netns, list[Planned]]] = {}
    for item in steps:
        phases.setdefault(item.phase, {}).setdefault(item.netns, []).append(item)
    last = {netns: phase for phase, places in phases.items() for netns in places}
    early = {
        netns: _whole(asks[netns])
        for netns, done in phases.get(Phase.PREPARE, {}).items()
        if netns in asks and last[netns] >= Phase.CONFIGURE and _writes(done)
    }
    if not mounted and Phase.NETNS in phases:
        places = phases[Phase.NETNS]
        netns, items = next(iter(places.items()))
        if len(items) > WORTH_SHARING:
            yield (Job(netns, (items.pop(0).step,)),)
    prepared: tuple[Job, ...] = ()
    for phase, places in phases.items():
        jobs: list[Job] = []
        for netns, items in places.items():
            ask = asks.get(netns) if last[netns] == phase >= Phase.CONFIGURE else None
            if phase is Phase.PREPARE and netns in early:
                ask = Ask(netns, sysctls=early[netns])
            elif ask is not None and netns in early:
                ask = replace(ask, sysctls=_but(ask.sysctls, early[netns]))
            lanes = _lanes(items) if phase in INDEPENDENT and ask is None else (items,)
            jobs += [Job(netns, _steps(lane), ask) for lane in lanes]
        if phase is Phase.PREPARE and Phase.CONNECT in phases and Phase.REMOVE not in phases:
            prepared = tuple(jobs)
        elif phase is Phase.CONNECT:
            yield (*prepared, *_connecting(prepared, places))
        else:
            yield tuple(jobs)


def _lanes(items: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    """Share what is worth sharing."""
    lanes = LANES if len(items) > WORTH_SHARING else 1
    return (items[lane::lanes] for lane in range(lanes))


def _connecting(
    prepared: Sequence[Job], places: Mapping[Netns, Sequence[Planned]]
) -> Iterator[Job]:
    """Connect what is prepared already while the rest is being prepared."""
    ready = {job.netns: index for index, job in enumerate(prepared)}
    everything = tuple(range(len(prepared)))
    count = len(prepared)
    for netns, items in places.items():
        before: tuple[int, ...] = ()
        for first in range(0, len(items), COIL):
            coil = items[first : first + COIL]
            born = [_birthplaces(item) for item in coil]
            after = everything
            if all(born):
                after = tuple(
                    sorted({ready[each] for each in (netns, *chain(*born)) if each in ready})
                )
            yield Job(netns, _steps(coil), after=(*after, *before))
            before = (count,)
            count += 1


def _birthplaces(item: Planned) -> tuple[Netns, ...]:
    """Name the namespaces in which a step makes devices; none where that is not as plain."""
    match item.change.subject:
        case Veth() as end:
            return (end.netns, end.peer_netns)
        case Bridge() as switch:
            return (switch.netns,)
    return ()


def _steps(items: Iterable[Planned]) -> tuple[Step, ...]:
    return tuple([item.step for item in items])


def finished(early: Answer | None, last: Answer) -> Answer:
    """Give what a namespace said in all, where a part of it was read early."""
    if early is None:
        return last
    return replace(last, sysctls={**early.sysctls, **last.sysctls})


def _whole(ask: Ask) -> tuple[str, ...]:
    """Name the parameters that belong to no device."""
    return tuple(name for name in ask.sysctls if device_of(name) is None)


def _but(names: tuple[str, ...], without: tuple[str, ...]) -> tuple[str, ...]:
    left_out = {*without}
    return tuple(name for name in names if name not in left_out)


def _writes(items: Iterable[Planned]) -> bool:
    return any(isinstance(item.step, SysctlWrite) for item in items)
