"""From planned steps to jobs: one per namespace and phase, and the questions that come last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from netkit.command.step import Step
from netkit.model.object import Netns
from netkit.plan.phase import Phase, Planned
from netkit.run.job import Ask, Job

INDEPENDENT = (Phase.NETNS, Phase.RELEASE)
WORTH_SHARING = 16


def schedule(
    steps: Sequence[Planned], asks: Mapping[Netns, Ask], *, lanes: int = 2
) -> Iterator[tuple[Job, ...]]:
    """
    Give the jobs of each phase, in order.

    Args:
        steps: In the order of the plan.
        asks: What to ask each namespace when it is finished. It goes with its last job, so that
            the process which builds also answers; nothing after ``CONFIGURE`` reaches from one
            namespace into another, so those answers stand.
        lanes: Into how many jobs a phase of independent steps may be cut.
    """
    phases: dict[Phase, dict[Netns, list[Step]]] = {}
    for item in steps:
        phases.setdefault(item.phase, {}).setdefault(item.netns, []).append(item.step)
    last = {netns: phase for phase, places in phases.items() for netns in places}
    for phase, places in phases.items():
        jobs: list[Job] = []
        for netns, done in places.items():
            finished = last[netns] == phase and phase >= Phase.CONFIGURE
            ask = asks.get(netns) if finished else None
            if phase in INDEPENDENT and ask is None and len(done) > WORTH_SHARING:
                jobs += [Job(netns, tuple(done[lane::lanes])) for lane in range(lanes)]
            else:
                jobs.append(Job(netns, tuple(done), ask))
        yield tuple(jobs)
