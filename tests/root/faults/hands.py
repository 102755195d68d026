"""Hands that fail, or let go for good, at a chosen step; otherwise they are netkit's own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from netkit.apply.prospect import Prospect
from netkit.apply.session import Session, writing
from netkit.command.step import Step
from netkit.errors import CommandError
from netkit.run.job import Answer, Job
from netkit.run.runner import Meanwhile, Runner
from netkit.state.memory import Memory

KILLED = 9
SAID = "RTNETLINK answers: the fault that a test wanted"
WRITES = ("open", "remember", "keep", "forget", "release", "done")


class Fault(NamedTuple):
    """
    What goes wrong.

    ``refused`` fails before the step happens; ``unheard`` after it happened; ``stranded`` as
    refused, and so does the first step of the way back; ``killed`` ends netkit after the step.
    Steps count from 1; killed at 0 is after the journal was written and before any step.
    """

    kind: str
    at: int


class Hands:
    """
    Those of ``runner``, but for one fault among the steps of a plan.

    Args:
        runner: The real ones.
        fault: What goes wrong.
        steps: Of the plan. What else is run is not counted.
    """

    def __init__(self, runner: Runner, fault: Fault, steps: Iterable[Step]) -> None:
        self.runner = runner
        self.fault = fault
        self.steps = {id(step) for step in steps}
        self.count = 0
        self.stranding = False

    def run(self, jobs: Sequence[Job], meanwhile: Meanwhile | None = None) -> tuple[Answer, ...]:
        if self.stranding and any(job.steps for job in jobs):
            self.stranding = False
            raise _refusal(next(job.steps[0] for job in jobs if job.steps))
        due = [step for job in jobs for step in job.steps if id(step) in self.steps]
        left = self.fault.at - self.count
        self.count += len(due)
        if not due or left > len(due) or left < 0:
            return self.runner.run(jobs, meanwhile)
        return self._fail(jobs, due, left)

    def _fail(self, jobs: Sequence[Job], due: list[Step], left: int) -> tuple[Answer, ...]:
        done = left - (self.fault.kind in {"refused", "stranded"})
        mixed = self.fault.kind == "unheard"
        self.runner.run(_alternating(jobs, done) if mixed else _first(jobs, done))
        self.steps = set()
        if self.fault.kind == "killed":
            os._exit(KILLED)
        self.stranding = self.fault.kind == "stranded"
        raise _refusal(due[left - 1])


def _refusal(step: Step) -> CommandError:
    error = CommandError(str(step), 2, SAID)
    error.step = step
    return error


def _first(jobs: Sequence[Job], count: int) -> list[Job]:
    """Cut jobs off after ``count`` steps, as if they were done one after another."""
    kept: list[Job] = []
    for job in jobs:
        if count > 0:
            kept.append(Job(job.netns, job.steps[:count], after=tuple(range(len(kept)))))
        count -= len(job.steps)
    return kept


def _alternating(jobs: Sequence[Job], count: int) -> list[Job]:
    """Cut jobs off after ``count`` steps, as if all went forward side by side, as far as may be."""
    had = [0] * len(jobs)
    while count > 0:
        due = [
            index
            for index, job in enumerate(jobs)
            if had[index] < len(job.steps)
            and all(had[each] == len(jobs[each].steps) for each in job.after)
        ]
        if not due:
            break
        for index in due[:count]:
            had[index] += 1
        count -= len(due)
    return [
        Job(job.netns, job.steps[:length], after=job.after)
        for job, length in zip(jobs, had, strict=True)
    ]


class MortalMemory(Memory):
    """
    A memory whose netkit is killed right after one of its writes.

    ``last`` is the name of the write; None lets it live.
    """

    last: str | None = None
    written: list[str]

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return self._fatal(name, found) if name in WRITES else found

    def _fatal(self, name: str, write: Callable[..., None]) -> Callable[..., None]:
        def do(*args: Any) -> None:
            write(*args)
            self.written.append(name)
            if self.last == name:
                os._exit(KILLED)

        return do


@contextmanager
def faulty(look: Callable[[Session], Prospect], fault: Fault) -> Iterator[tuple[Session, Prospect]]:
    """Plan with hands that work, and give a session whose hands have a fault."""
    with writing() as session:
        found = look(session)
        steps = [item.step for item in found.steps]
        yield Session(session.memory, Hands(session.runner, fault, steps)), found


@contextmanager
def mortal(
    look: Callable[[Session], Prospect], last: str | None
) -> Iterator[tuple[Session, Prospect]]:
    """Plan, and give a session whose memory is the last thing that netkit writes to."""
    with writing() as session:
        memory = MortalMemory(session.memory.folder)
        memory.written, memory.last = [], last
        try:
            yield Session(memory, session.runner), look(session)
        finally:
            memory.close()
