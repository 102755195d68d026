"""
From steps to a state: run them, read what was done while the system works, make sure of it.

What is read of a namespace comes from the process that finished it; ``facts.read`` has the rest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from netkit.apply.deferred.carrier import notice
from netkit.apply.deferred.tentative import outwait
from netkit.apply.prospect import Prospect, now, own_of
from netkit.apply.schedule import finished, schedule
from netkit.apply.session import Session
from netkit.command.file import FileRemove, FileWrite
from netkit.errors import AbsentError, CommandError, Problem, VerifyError
from netkit.facts.read import Reading, asks
from netkit.facts.scope import freshened
from netkit.model.netns import Namespace
from netkit.model.object import Netns
from netkit.model.state import State
from netkit.names import group
from netkit.plan.change import Change
from netkit.plan.lower import lower
from netkit.plan.phase import Phase, Planned
from netkit.plan.plan import plan
from netkit.run.enter import RUN_NETNS, home_path
from netkit.run.job import Answer, Job

Progress = Callable[[int, int], None]


def reach(
    session: Session,
    prospect: Prospect,
    wanted: State,
    steps: Sequence[Planned],
    *,
    progress: Progress | None = None,
) -> Reading:
    """
    Run steps that lead to ``wanted``; give what was read of the namespaces that were finished.

    A namespace that was deleted dies a little later, and takes far ends along that were still seen
    when this was planned. What was to go and has gone by itself is no failure: look and plan again.

    Args:
        session: The hands.
        prospect: What was looked at.
        wanted: Where the steps lead.
        steps: In the order of the plan.
        progress: Told the number of steps done and of all.

    Raises:
        CommandError: A step failed; those before it are done.
    """
    left: int | None = None
    while True:
        try:
            return _run(session, prospect, steps, progress)
        except AbsentError as error:
            changes = plan(now(session, prospect, wanted), wanted)
            stuck = left is not None and len(changes) >= left
            if stuck or not _was_to_go(steps, error):
                raise
            left = len(changes)
            steps = lower(changes, wanted, group=group(prospect.name), home=home_path())


def verify(session: Session, prospect: Prospect, reading: Reading) -> None:
    """
    Look again, at what was not read meanwhile: it must be as desired.

    Raises:
        VerifyError: It differs; the first difference is named.
    """
    seen = reading.state(session.runner)
    if seen == prospect.desired:
        return  # nothing else is there, so whose it is does not matter
    left = plan(own_of(session, prospect, seen, prospect.desired), prospect.desired)
    if left:
        first = left[0]
        differing = ", ".join(first.altered())
        what = f"{first.verb} {' '.join(map(str, first.key))}"
        said = f"all commands went through, and still to do is: {what}"
        raise VerifyError.at(
            Problem(first.subject.origin, f"{said} ({differing})" if differing else said),
            hint="something else may be changing this network; run the command again",
        )


def awaken(session: Session, changes: Iterable[Change], reached: State, reading: Reading) -> None:
    """See to it that the first packet gets through."""
    outwait(session.runner, reached, reading.tentative)
    notice(session.runner, changes, reached, reading.world)


def _was_to_go(steps: Iterable[Planned], error: CommandError) -> bool:
    """Say whether what is absent is what a step was to remove."""
    return any(item.step == error.step and item.change.after is None for item in steps)


def _run(
    session: Session, prospect: Prospect, steps: Sequence[Planned], progress: Progress | None
) -> Reading:
    looked = freshened(prospect.scope, {item.netns for item in _made(steps)})
    asked = {look.netns: asks(look) for look in looked.looks}
    early: dict[Netns, Answer] = {}
    reading = Reading(looked)
    done = 0
    rounds = tuple(schedule(steps, asked, mounted=os.path.ismount(RUN_NETNS)))
    filing = sum(map(_files, chain.from_iterable(rounds)))

    def watch(ended: Sequence[Job]) -> None:
        """Read what is ready to be read, while the system works."""
        nonlocal done, filing
        done += sum(len(job.steps) for job in ended)
        filing -= sum(map(_files, ended))
        if progress is not None and ended:
            progress(done, len(steps))
        if not ended or not filing:
            reading.digest(filed=not filing)

    for jobs in rounds:
        said = session.runner.run(jobs, meanwhile=watch)
        for job, each in zip(jobs, said, strict=True):
            if job.ask is not None and job.ask.commands:
                reading.tell(finished(early.get(job.netns), each))
            elif job.ask is not None:
                early[job.netns] = each
    reading.digest()
    return reading


def _files(job: Job) -> bool:
    """Say whether a job writes or removes files."""
    return any(isinstance(step, FileWrite | FileRemove) for step in job.steps)


def _made(steps: Iterable[Planned]) -> Iterator[Namespace]:
    """Name the namespaces that steps make, where nothing was before."""
    for item in steps:
        made = item.change.after
        if item.phase is Phase.NETNS and item.change.before is None and isinstance(made, Namespace):
            yield made
