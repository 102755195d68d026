"""
How namespaces are prepared and connected, side by side: a cable waits for its two ends alone.

    prepare n1 ─┐
    prepare n2 ─┴▶ lay the cable from n1 to n2
    prepare n3 …

Setting parameters needs little of the lock of all devices, which cables need all the time. To add
namespaces needs it, too, and takes longer while cables are laid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netkit.command.step import Step
from netkit.model.link import Bridge, Veth
from netkit.model.object import Netns
from netkit.plan.phase import Planned
from netkit.run.job import Job
from netkit.value import replace

BATCH = 50
"""Cables laid by one process: few, so that the first are laid early."""


class Growth:
    """Jobs of the phases ``PREPARE`` and ``CONNECT``, told of in this order."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._prepared: dict[Netns, int] = {}
        self._laying: list[int] = []

    def prepare(self, job: Job) -> None:
        """Prepare a namespace."""
        self._prepared[job.netns] = self._put(job, ())

    def connect(self, netns: Netns, items: Sequence[Planned]) -> None:
        """Make devices, from within ``netns``."""
        before: set[int] = set()
        for batch in _batches(items):
            born = [_birthplaces(item) for item in batch]
            places = {netns, *(place for each in born for place in each)}
            if not all(born):
                places = {*self._prepared}
            needed = {self._prepared[each] for each in places if each in self._prepared}
            before = {self._put(Job(netns, steps_of(batch)), {*needed, *before})}
            self._laying += before

    def jobs(self) -> Iterator[tuple[Job, ...]]:
        """Give them in one row, if there are any; what a cable needs comes before it."""
        turn: dict[int, int] = {}
        for index in (*self._laying, *range(len(self._jobs))):
            self._line_up(index, turn)
        if turn:
            jobs = (self._jobs[index] for index in turn)
            yield tuple(replace(job, after=tuple(turn[each] for each in job.after)) for job in jobs)

    def _line_up(self, index: int, turn: dict[int, int]) -> None:
        if index not in turn:
            for each in self._jobs[index].after:
                self._line_up(each, turn)
            turn[index] = len(turn)

    def _put(self, job: Job, after: Iterable[int]) -> int:
        self._jobs.append(replace(job, after=tuple(sorted(after))))
        return len(self._jobs) - 1


def steps_of(items: Iterable[Planned]) -> tuple[Step, ...]:
    """Give what is done of what is planned."""
    return tuple([item.step for item in items])


def _batches(items: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _birthplaces(item: Planned) -> tuple[Netns, ...]:
    """Name the namespaces in which a step makes devices; none where that is not as plain."""
    match item.change.subject:
        case Veth() as end:
            return (end.netns, end.peer_netns)
        case Bridge() as switch:
            return (switch.netns,)
    return ()
