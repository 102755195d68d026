"""From planned steps to jobs: one per namespace and phase, and the questions that come last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netkit.apply.growth import Growth, steps_of
from netkit.command.sysctl import SysctlWrite
from netkit.model.object import Netns
from netkit.plan.phase import Phase, Planned
from netkit.plan.world import device_of
from netkit.run.job import Answer, Ask, Job
from netkit.value import replace

INDEPENDENT = (Phase.NETNS, Phase.RELEASE)
LANES = 2
WORTH_SHARING = 16
Phases = Mapping[Phase, Mapping[Netns, Sequence[Planned]]]


def schedule(
    steps: Sequence[Planned], asks: Mapping[Netns, Ask], *, mounted: bool = True
) -> Iterator[tuple[Job, ...]]:
    """
    Give the jobs of each phase, in order; what is prepared is connected while the rest is prepared.

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
    questions = _Questions(asks, phases)
    growth = Growth()
    for phase, places in phases.items():
        if phase > Phase.CONNECT or Phase.REMOVE in phases:
            yield from growth.jobs()
            growth = Growth()
        jobs: list[Job] = []
        for netns, items in places.items():
            ask = questions.at(phase, netns)
            if phase is Phase.PREPARE:
                growth.prepare(Job(netns, steps_of(items), ask))
            elif phase is Phase.CONNECT:
                growth.connect(netns, items)
            elif phase in INDEPENDENT and ask is None and len(items) > WORTH_SHARING:
                jobs += _lanes(netns, items, alone=phase is Phase.NETNS and not mounted)
            else:
                jobs.append(Job(netns, steps_of(items), ask))
        if jobs:
            yield tuple(jobs)
    yield from growth.jobs()


class _Questions:
    """What to ask each namespace, and with the job of which phase."""

    def __init__(self, asks: Mapping[Netns, Ask], phases: Phases) -> None:
        self._asks = asks
        self._last = {netns: phase for phase, places in phases.items() for netns in places}
        self._early = {
            netns: _whole(asks[netns])
            for netns, items in phases.get(Phase.PREPARE, {}).items()
            if netns in asks and self._last[netns] >= Phase.CONFIGURE and _writes(items)
        }

    def at(self, phase: Phase, netns: Netns) -> Ask | None:
        """Give what is asked when a phase is done in a namespace; None where nothing is."""
        early = self._early.get(netns)
        if early is not None and phase is Phase.PREPARE:
            return Ask(netns, sysctls=early)
        if netns not in self._asks or not self._last[netns] == phase >= Phase.CONFIGURE:
            return None
        ask = self._asks[netns]
        if early is None:
            return ask
        left_out = {*early}
        return replace(ask, sysctls=tuple(name for name in ask.sysctls if name not in left_out))


def _lanes(netns: Netns, items: Sequence[Planned], *, alone: bool) -> Iterator[Job]:
    """Share steps that need not wait for each other, but for the first where it stands alone."""
    if alone:
        yield Job(netns, steps_of(items[:1]))
    for lane in range(LANES):
        yield Job(netns, steps_of(items[alone + lane :: LANES]), after=(0,) if alone else ())


def finished(early: Answer | None, last: Answer) -> Answer:
    """Give what a namespace said in all, where a part of it was read early."""
    if early is None:
        return last
    return replace(last, sysctls={**early.sysctls, **last.sysctls})


def _whole(ask: Ask) -> tuple[str, ...]:
    """Name the parameters that belong to no device."""
    return tuple(name for name in ask.sysctls if device_of(name) is None)


def _writes(items: Iterable[Planned]) -> bool:
    return any(isinstance(item.step, SysctlWrite) for item in items)
