"""From planned steps to jobs: one per namespace and phase, and the questions that come last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netkit.command.step import Step
from netkit.command.sysctl import SysctlWrite
from netkit.model.object import Netns
from netkit.plan.phase import Phase, Planned
from netkit.plan.world import device_of
from netkit.run.job import Answer, Ask, Job
from netkit.value import replace

INDEPENDENT = (Phase.NETNS, Phase.RELEASE)
LANES = 2
WORTH_SHARING = 16


def schedule(
    steps: Sequence[Planned], asks: Mapping[Netns, Ask], *, mounted: bool = True
) -> Iterator[tuple[Job, ...]]:
    """
    Give the jobs of each phase, in order.

    Args:
        steps: In the order of the plan.
        asks: What to ask each namespace when it is finished. It goes with its last job, so that
            the process which builds also answers; nothing after ``CONFIGURE`` reaches from one
            namespace into another, so those answers stand. Parameters of a whole namespace are read
            where they were written: the kernel finds a parameter the later, the more were made.
        mounted: Where namespaces are named is there already. Else the first that is added makes it,
            and two at once would make it twice.
    """
    phases: dict[Phase, dict[Netns, list[Step]]] = {}
    for item in steps:
        phases.setdefault(item.phase, {}).setdefault(item.netns, []).append(item.step)
    last = {netns: phase for phase, places in phases.items() for netns in places}
    early = {
        netns: _whole(asks[netns])
        for netns, done in phases.get(Phase.PREPARE, {}).items()
        if netns in asks and last[netns] >= Phase.CONFIGURE and _writes(done)
    }
    for phase, places in phases.items():
        jobs: list[Job] = []
        for netns, done in places.items():
            finished = last[netns] == phase and phase >= Phase.CONFIGURE
            ask = asks.get(netns) if finished else None
            if phase is Phase.PREPARE and netns in early:
                ask = Ask(netns, sysctls=early[netns])
            elif ask is not None and netns in early:
                ask = replace(ask, sysctls=_but(ask.sysctls, early[netns]))
            if phase in INDEPENDENT and ask is None and len(done) > WORTH_SHARING:
                if phase is Phase.NETNS and not mounted:
                    yield (Job(netns, (done.pop(0),)),)
                jobs += [Job(netns, tuple(done[lane::LANES])) for lane in range(LANES)]
            else:
                jobs.append(Job(netns, tuple(done), ask))
        yield tuple(jobs)


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


def _writes(steps: Sequence[Step]) -> bool:
    return any(isinstance(step, SysctlWrite) for step in steps)
