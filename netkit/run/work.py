"""Jobs shared by a few threads: who does which, when one may begin, and who is told of the end."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Protocol

from netkit.errors import NetkitError
from netkit.run import stop
from netkit.run.enter import home
from netkit.run.job import Answer, Job
from netkit.run.procfs import Procfs
from netkit.run.runner import Meanwhile

PAUSE = 0.01
"""Seconds until a caller is told of what is done; to wake it for each job would slow the hands."""


class Do(Protocol):
    """How one job is done."""

    def __call__(self, job: Job, procfs: Procfs, *, moved: bool, home: int) -> Answer:
        """Do one job in the calling thread; see ``SystemRunner.do``."""


class Work:
    """
    Jobs shared by a few threads; the first error stops the handing out.

    They are handed out in their order, each as soon as what it waits for is done.

    Args:
        do: How one is done; an error of it ends the handing out.
        jobs: All of them.
    """

    def __init__(self, do: Do, jobs: Sequence[Job]) -> None:
        self._do = do
        self._jobs = jobs
        self._done: list[Answer | None] = [None] * len(jobs)
        self._errors: list[BaseException] = []
        self._left = len(jobs)
        self._ready = [index for index, job in enumerate(jobs) if not job.after]
        self._waiting = {index: {*job.after} for index, job in enumerate(jobs) if job.after}
        self._followers: defaultdict[int, list[int]] = defaultdict(list)
        for index, awaited in self._waiting.items():
            assert max(awaited) < index, "a job waits for one that comes after it"
            for each in awaited:
                self._followers[each].append(index)
        self._ended: list[Job] = []
        self._hands = 0
        lock = threading.Lock()
        self._turn = threading.Condition(lock)
        self._rest = threading.Condition(lock)

    def drain(self, home: int = -1) -> None:
        """
        Do jobs in the calling thread, until none is left to be begun.

        Args:
            home: The namespace netkit runs in, open; not needed where no job is elsewhere.
        """
        with Procfs() as procfs:
            self._drain(procfs, home)

    def share(self, count: int, meanwhile: Meanwhile | None = None) -> None:
        """
        Do all jobs in threads of their own.

        Args:
            count: How many threads.
            meanwhile: Told by the calling thread what is done.
        """
        number = home()
        threads: list[threading.Thread] = []
        try:
            for _ in range(count):
                threads.append(self._begun(number))
            if meanwhile is not None:
                self._attend(meanwhile)
            for thread in threads:
                thread.join()
        except BaseException as error:  # Ctrl-C: what is under way is finished, nothing more
            self._fail(error)
            for thread in threads:
                thread.join()
            raise
        finally:
            os.close(number)

    def answers(self) -> tuple[Answer, ...]:
        """Give what was answered, in the order of the jobs, or raise the first error."""
        if self._errors:
            raise self._errors[0]
        return tuple(answer for answer in self._done if answer is not None)

    def _drain(self, procfs: Procfs, home: int) -> None:
        moved = False
        while (index := self._next()) is not None:
            job = self._jobs[index]
            try:
                stop.heed()
                self._done[index] = self._do(job, procfs, moved=moved, home=home)
            except BaseException as error:
                self._fail(error)
            moved |= job.netns is not None
            self._finish(index)

    def _next(self) -> int | None:
        with self._turn:
            while self._left and not self._ready and not self._errors:
                self._turn.wait()
            if not self._left or self._errors:
                return None
            self._left -= 1
            return heappop(self._ready)

    def _finish(self, index: int) -> None:
        with self._turn:
            for follower in self._followers.get(index, ()):
                self._waiting[follower].discard(index)
                if not self._waiting[follower]:
                    heappush(self._ready, follower)
            self._turn.notify_all()
            if self._done[index] is not None:
                self._ended.append(self._jobs[index])

    def _fail(self, error: BaseException) -> None:
        with self._turn:
            self._errors.append(error)
            self._turn.notify_all()

    def _begun(self, home: int) -> threading.Thread:
        thread = threading.Thread(target=self._lend_a_hand, args=(home,))
        with self._turn:
            self._hands += 1
        try:
            thread.start()
        except RuntimeError as error:
            raise NetkitError(
                f"a thread could not be started: {error}",
                hint="is there memory left, and room for processes (ulimit -u)?",
            ) from error
        return thread

    def _lend_a_hand(self, home: int) -> None:
        try:
            self.drain(home)
        except BaseException as error:
            self._fail(error)
        finally:
            with self._turn:
                self._hands -= 1
                if not self._hands:
                    self._rest.notify_all()

    def _attend(self, meanwhile: Meanwhile) -> None:
        """Tell the caller what is done, until nothing more is to come."""
        meanwhile(())
        told = 0
        at_work = True
        while at_work:
            with self._turn:
                if self._hands:
                    self._rest.wait(PAUSE)
                at_work = self._hands > 0
                ended = self._ended[told:]
            if ended:
                told += len(ended)
                meanwhile(ended)
