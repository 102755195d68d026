"""
How namespaces come, side by side: each step as soon as what it needs is there.

    add n1 … n50 ─┬▶ prepare n1 ─┐
                  └▶ prepare n2 ─┴▶ lay the cable from n1 to n2
    add n51 …  ───▶ …
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from netkit.command.step import Step
from netkit.model.link import Bridge, Veth
from netkit.model.object import Netns
from netkit.plan.phase import Planned
from netkit.run.job import Job
from netkit.value import replace

COIL = 50
"""Namespaces added, or cables laid, by one process: few, so that the first are there early."""
WORTH_SHARING = 16


class Growth:
    """
    Jobs of the phases ``NETNS``, ``PREPARE`` and ``CONNECT``, told of in this order.

    Args:
        mounted: Where namespaces are named is there already. Else the first that is added makes it,
            and two at once would make it twice.
    """

    def __init__(self, *, mounted: bool) -> None:
        self._mounted = mounted
        self._jobs: list[Job] = []
        self._there: dict[Netns, int] = {}
        self._coils: list[int] = []

    def add(self, netns: Netns, items: Sequence[Planned]) -> None:
        """Add namespaces, from within ``netns``."""
        first: set[int] = set()
        if not self._mounted and len(items) > WORTH_SHARING:
            first = {self._add(netns, items[:1], ())}
            items = items[1:]
        for coil in _coils(items):
            self._add(netns, coil, first)

    def _add(self, netns: Netns, items: Sequence[Planned], first: Collection[int]) -> int:
        names = dict.fromkeys(item.change.subject.netns for item in items)
        index = self._put(Job(netns, steps_of(items)), {*first, *self._makers(names)})
        self._there.update(dict.fromkeys(names, index))
        return index

    def prepare(self, job: Job) -> None:
        """Prepare a namespace."""
        self._there[job.netns] = self._put(job, self._makers((job.netns,)))

    def connect(self, netns: Netns, items: Sequence[Planned]) -> None:
        """Make devices, from within ``netns``."""
        before: set[int] = set()
        everything = range(len(self._jobs))
        for coil in _coils(items):
            born = [_birthplaces(item) for item in coil]
            places = {netns, *(place for each in born for place in each)}
            needed = self._makers(places) if all(born) else everything
            before = {self._put(Job(netns, steps_of(coil)), {*needed, *before})}
            self._coils += before

    def jobs(self) -> Iterator[tuple[Job, ...]]:
        """Give them in one row, if there are any; what a cable needs comes before it."""
        turn: dict[int, int] = {}
        for index in (*self._coils, *range(len(self._jobs))):
            self._line_up(index, turn)
        if turn:
            jobs = (self._jobs[index] for index in turn)
            yield tuple(replace(job, after=tuple(turn[each] for each in job.after)) for job in jobs)

    def _line_up(self, index: int, turn: dict[int, int]) -> None:
        if index not in turn:
            for each in self._jobs[index].after:
                self._line_up(each, turn)
            turn[index] = len(turn)

    def _makers(self, places: Iterable[Netns]) -> set[int]:
        return {self._there[place] for place in places if place in self._there}

    def _put(self, job: Job, after: Iterable[int]) -> int:
        self._jobs.append(replace(job, after=tuple(sorted(after))))
        return len(self._jobs) - 1


def steps_of(items: Iterable[Planned]) -> tuple[Step, ...]:
    """Give what is done of what is planned."""
    return tuple([item.step for item in items])


def _coils(items: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    return (items[start : start + COIL] for start in range(0, len(items), COIL))


def _birthplaces(item: Planned) -> tuple[Netns, ...]:
    """Name the namespaces in which a step makes devices; none where that is not as plain."""
    match item.change.subject:
        case Veth() as end:
            return (end.netns, end.peer_netns)
        case Bridge() as switch:
            return (switch.netns,)
    return ()
