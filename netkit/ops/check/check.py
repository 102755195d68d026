"""
Check what a spec promises: its ``checks``, many at once.

    those that expect an answer ──▶ all passed? ──yes──▶ those that expect none
                                        └──no───▶ these are not run: silence proves nothing
                                                  in a network that does not work

An answer may take its time: it is tried again until ``within``. Silence is looked for once, for a
second, at all addresses at once; had it been tried longer, a network that is right would be slow.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from netkit.errors import NetkitError
from netkit.expand.placement import Site
from netkit.facts import address as addresses
from netkit.model.topology import Check, Topology
from netkit.ops.check.aim import Map
from netkit.ops.check.serve import Servers
from netkit.ops.check.trial import Bench, Trial
from netkit.ops.check.verdict import ERROR, SKIPPED, Verdict
from netkit.ops.inside import move
from netkit.run.enter import home
from netkit.run.job import Ask, Job
from netkit.run.runner import Runner
from netkit.run.system import SystemRunner

WORKERS = 64  # they wait most of the time, each for an answer of its own
NOT_RUN = "not run: a check that expects an answer did not pass"

OnResult = Callable[[Verdict], object]


def run_checks(
    topology: Topology,
    *,
    runner: Runner | None = None,
    on_result: OnResult | None = None,
    workers: int = WORKERS,
) -> tuple[Verdict, ...]:
    """
    Check a network against its spec.

    Args:
        topology: Filled (``expand.fill``), and applied.
        runner: What asks for the addresses of namespaces that netkit did not make.
        on_result: Called in the calling thread with each verdict, as they come.
        workers: Checks under way at a time.

    Returns:
        One verdict per check, in the order of the spec.
    """
    site = Site.of(topology)
    back = home()
    try:
        with Servers(back) as servers:
            chart = Map(site)
            families = _families(site, chart, topology.checks, runner or SystemRunner())
            bench = Bench(site, chart, servers, back, families)
            return _in_order(topology.checks, bench, on_result, workers)
    finally:
        os.close(back)


def _in_order(
    checks: Sequence[Check], bench: Bench, on_result: OnResult | None, workers: int
) -> tuple[Verdict, ...]:
    first = [index for index, check in enumerate(checks) if check.expect == "reachable"]
    later = [index for index, check in enumerate(checks) if check.expect != "reachable"]
    verdicts: dict[int, Verdict] = {}

    def note(index: int, verdict: Verdict) -> None:
        verdicts[index] = verdict
        if on_result is not None:
            on_result(verdict)

    _Crew(bench, checks, workers).work(first, note)
    if all(verdict.passed for verdict in verdicts.values()):
        _Crew(bench, checks, workers).work(later, note)
    else:
        for index in later:
            note(index, Verdict(check=checks[index], result=SKIPPED, detail=NOT_RUN))
    return tuple(verdicts[index] for index in range(len(checks)))


def _families(
    site: Site, chart: Map, checks: Sequence[Check], runner: Runner
) -> Mapping[str, frozenset[int]]:
    """Say of which families each source has addresses; of what netkit did not make, ask."""
    sources = tuple(dict.fromkeys(check.source for check in checks))
    known = {name: chart.families(name) for name in sources}
    asked = [name for name in sources if not site.is_own(name)]
    jobs = [
        Job(site.netns[name], ask=Ask(site.netns[name], (addresses.QUESTION,))) for name in asked
    ]
    for name, answer in zip(asked, runner.run(jobs) if jobs else (), strict=True):
        for text in answer.texts:
            found = addresses.parse(text, answer.netns)
            cidrs = {each.cidr for each in found if not each.cidr.startswith("fe80:")}
            known[name] |= {6 if ":" in cidr else 4 for cidr in cidrs}
    return known


class _Crew:
    """Threads that share checks; each goes from namespace to namespace."""

    def __init__(self, bench: Bench, checks: Sequence[Check], workers: int) -> None:
        self.bench = bench
        self.checks = checks
        self.workers = workers
        self.waiting: deque[int] = deque()
        self.done: queue.SimpleQueue[tuple[int, Verdict | BaseException]] = queue.SimpleQueue()

    def work(self, indices: Sequence[int], note: Callable[[int, Verdict], None]) -> None:
        self.waiting.extend(indices)
        for _ in range(min(self.workers, len(indices))):
            threading.Thread(target=self._drain, daemon=True).start()
        try:
            for _ in indices:
                index, verdict = self.done.get()
                if isinstance(verdict, BaseException):
                    raise verdict
                note(index, verdict)
        finally:
            self.waiting.clear()  # Ctrl-C: nothing more is begun

    def _drain(self) -> None:
        while True:
            try:
                index = self.waiting.popleft()
            except IndexError:
                return
            try:
                self.done.put((index, self._verdict(self.checks[index])))
            except BaseException as error:
                self.done.put((index, error))

    def _verdict(self, check: Check) -> Verdict:
        start = time.monotonic()
        trial = Trial(self.bench, check)
        try:
            move(self.bench.site.netns[check.source], self.bench.home)
            result, detail = trial.hold()
        except NetkitError as error:
            hint = f" ({error.hint})" if error.hint else ""
            result, detail = ERROR, f"{error.message}{hint}"
        return Verdict(
            check=check,
            result=result,
            detail=detail,
            seconds=time.monotonic() - start,
            tries=trial.tries,
        )
