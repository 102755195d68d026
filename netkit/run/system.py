"""
The real hands: a few jobs at a time, each in a thread that has entered the job's namespace.

A thread that moved never comes back: it ends with the call. Entering costs less than ``ip -n``,
and what the thread writes below /proc/sys is its namespace's.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress

from netkit.command.conntrack import Forget
from netkit.command.daemon import DaemonStart, DaemonStop
from netkit.command.file import FileRemove, FileWrite
from netkit.command.plugin import PluginCall
from netkit.command.step import Step
from netkit.command.sysctl import SysctlWrite
from netkit.errors import AbsentError, CommandError, MissingError, NetkitError
from netkit.model.object import Netns
from netkit.run.batch import Batch, batches
from netkit.run.enter import enter
from netkit.run.job import Answer, Ask, Job
from netkit.run.parameters import Parameters
from netkit.run.process import call
from netkit.run.procfs import Procfs
from netkit.run.runner import Meanwhile
from netkit.run.sayings import refusal
from netkit.run.work import Work

NOTHING_TO_FORGET = "0 flow entries have been deleted"
FAILED_LINE = r"Command failed -:(\d+)"


class SystemRunner:
    """
    Runs jobs on the machine itself.

    Args:
        keep: File descriptors that every child inherits, such as a lock's.
        limit: Seconds that one process may take.
        workers: Jobs done at a time.
    """

    def __init__(
        self, *, keep: Sequence[int] = (), limit: float = 60.0, workers: int | None = None
    ) -> None:
        self.keep = tuple(keep)
        self.limit = limit
        self.workers = workers or max(2, min(4, len(os.sched_getaffinity(0))))

    def run(self, jobs: Sequence[Job], meanwhile: Meanwhile | None = None) -> tuple[Answer, ...]:
        """Do jobs, several at a time; see ``Runner``."""
        work = Work(self.do, jobs)
        if meanwhile is None and len(jobs) == 1 and jobs[0].netns is None:
            work.drain()
        elif jobs:
            work.share(min(self.workers, len(jobs)), meanwhile)
        elif meanwhile is not None:
            meanwhile(())
        return work.answers()

    def do(self, job: Job, procfs: Procfs, *, moved: bool, home: int) -> Answer:
        """
        Do one job in the calling thread, which moves into its namespace.

        Args:
            job: What to do.
            procfs: The thread's.
            moved: The thread has been elsewhere, so even home must be entered.
            home: The namespace netkit runs in, open.
        """
        if (moved or job.netns is not None) and not enter(job.netns, home):
            if job.steps:
                raise _nowhere(job.steps[0], job.netns)
            return Answer(job.netns, missing=True)
        ask = job.ask or Ask(job.netns)
        texts: list[str] = []
        with Parameters(procfs) as parameters:
            for act in batches(job.steps, ask.commands):
                if isinstance(act, Batch):
                    texts += self._batch(act)
                elif isinstance(act, PluginCall):
                    texts.append(_asked(act))
                else:
                    perform(act, parameters, keep=self.keep)
            devices = self._devices(ask) if ask.devices else ()
            return Answer(job.netns, tuple(texts), parameters.read(ask.sysctls), devices=devices)

    def _devices(self, ask: Ask) -> tuple[str, ...]:
        """Ask about single devices; one that goes just now is asked about no more."""
        while True:
            there = [command for ifname, command in ask.devices if _is_there(ifname)]
            try:
                return tuple(text for act in batches((), there) for text in self._answered(act))
            except AbsentError:
                if len(there) == sum(_is_there(ifname) for ifname, _ in ask.devices):
                    raise

    def _answered(self, act: Step | Batch) -> list[str]:
        assert isinstance(act, Batch)
        return self._batch(act)

    def _batch(self, batch: Batch) -> list[str]:
        ended = call(batch.argv, input=batch.input, limit=self.limit, keep=self.keep)
        if ended.code != 0:
            raise _failure(batch, ended.code, ended.stderr, self.limit)
        if batch.asks == 0:
            return []
        if len(batch.steps) == 1 and batch.argv[-1] != "-":
            return [ended.stdout]
        lines = ended.stdout.splitlines()[-batch.asks :]
        if len(lines) != batch.asks:
            raise CommandError(
                str(batch.steps[-1]), 0, f"answered {len(lines)} of {batch.asks} questions"
            )
        return lines


def _is_there(ifname: str) -> bool:
    """Say whether the calling thread's namespace has a device of this name."""
    import socket  # of edits alone

    try:
        return socket.if_nametoindex(ifname) > 0
    except OSError:
        return False


def perform(step: Step, parameters: Parameters, *, keep: Sequence[int] = ()) -> None:
    """
    Do a step that is no command, in the calling thread's namespace.

    Args:
        step: What to do.
        parameters: Of that namespace.
        keep: File descriptors that a child inherits.

    Raises:
        CommandError: The system refused.
    """
    try:
        match step:
            case SysctlWrite():
                parameters.write(step.key, step.value)
            case FileWrite():
                _write(step)
            case FileRemove():
                _remove(step)
            case DaemonStart() | DaemonStop():
                _daemon(step)
            case Forget():
                _forget(step, keep)
            case _:
                raise NetkitError(f"nothing here can do: {step}")
    except OSError as error:
        refused = refusal(str(step), error.errno or 1, os.strerror(error.errno or 1))
        refused.step = step
        raise refused from error


def _asked(step: PluginCall) -> str:
    from netkit.run.plugin import ask  # of few networks

    return ask(step)


def _daemon(step: DaemonStart | DaemonStop) -> None:
    from netkit.run import daemon  # of few networks

    if isinstance(step, DaemonStart):
        daemon.start(step)
    else:
        daemon.stop(step)


def _forget(step: Forget, keep: Sequence[int]) -> None:
    with suppress(MissingError):
        ended = call((step.command.tool, *step.command.args), keep=keep)
        if ended.code and NOTHING_TO_FORGET not in ended.stderr:
            raise refusal(str(step), ended.code, ended.stderr)


def _write(step: FileWrite) -> None:
    """Write a file in place; a link in the last place is refused, not followed."""
    os.makedirs(os.path.dirname(step.path), mode=0o755, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with open(os.open(step.path, flags, step.mode), "wb") as file:
        for part in step.parts:
            file.write(part.encode())


def _remove(step: FileRemove) -> None:
    try:
        if stat.S_ISREG(os.lstat(step.path).st_mode):
            os.unlink(step.path)
        if step.emptied is not None and not os.listdir(step.emptied):
            os.rmdir(step.emptied)
    except FileNotFoundError:
        pass  # it is gone, which is what was asked for


def _failure(batch: Batch, code: int | None, said: str, limit: float) -> CommandError:
    """Map a failed process back to the step that failed."""
    found = re.search(FAILED_LINE, said)
    index = int(found[1]) - 1 if found else len(batch.steps) - 1
    step = batch.steps[min(index, len(batch.steps) - 1)]
    if code is None:
        said = f"it did not end within {limit:g} s, and was ended"
    words = "\n".join(line for line in said.splitlines() if not re.search(FAILED_LINE, line))
    error = refusal(str(step), code or 1, words)
    error.step = step
    return error


def _nowhere(step: Step, netns: Netns) -> CommandError:
    """Say that the namespace of a step is not there."""
    error = AbsentError(str(step), 1, f"there is no namespace {netns}")
    error.step = step
    return error
