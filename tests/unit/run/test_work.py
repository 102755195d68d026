"""In which order jobs are done, and what ends them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from netkit.command.command import Command
from netkit.errors import NetkitError
from netkit.run.job import Answer, Job
from netkit.run.system import SystemRunner


class Noting(SystemRunner):
    """
    Hands that only note what they were given, one at a time unless told otherwise.

    A job of ``until`` takes until another one was begun; ``fails`` fails.
    """

    def __init__(
        self, *, workers: int = 1, fails: str = "", until: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(workers=workers)
        self.fails = fails
        self.until = until or {}
        self.noted: list[str] = []
        self.begun = threading.Condition()

    def do(self, job: Job, *_: Any, **__: Any) -> Answer:
        word = job.steps[0].args[0] if isinstance(job.steps[0], Command) else ""
        with self.begun:
            self.noted.append(word)
            self.begun.notify_all()
            other = self.until.get(word, word)
            assert self.begun.wait_for(lambda: other in self.noted, timeout=10)
        if word == self.fails:
            raise NetkitError(word)
        return Answer(job.netns, (word,))


def job(word: str, *after: int) -> Job:
    return Job(None, (Command("true", (word,)),), after=after)


def test_jobs_are_done_in_their_order() -> None:
    hands = Noting()

    answers = hands.run([job("a"), job("b"), job("c")])

    assert hands.noted == ["a", "b", "c"]
    assert [each.texts for each in answers] == [("a",), ("b",), ("c",)]


def test_one_that_waited_is_next_in_its_turn() -> None:
    hands = Noting(workers=2, until={"a": "c", "c": "b"})

    answers = hands.run([job("a"), job("b", 0), job("c"), job("d"), job("e")])

    assert hands.noted[:3] == ["a", "c", "b"]
    assert [each.texts[0] for each in answers] == list("abcde")


def test_many_hands_wait_as_well() -> None:
    for _ in range(20):
        hands = Noting(workers=4)
        hands.run([job("a"), job("b", 0), job("c", 1), job("d", 2), job("e", 0, 3)])

        assert hands.noted == list("abcde")


@pytest.mark.parametrize("workers", [1, 3])
def test_what_waits_for_one_that_fails_is_not_begun(workers: int) -> None:
    hands = Noting(workers=workers, fails="b")

    with pytest.raises(NetkitError, match="b"):
        hands.run([job("a"), job("b", 0), job("c", 1), job("d", 2)])
    assert hands.noted == ["a", "b"]


def test_nobody_waits_for_one_that_comes_later() -> None:
    with pytest.raises(AssertionError):
        Noting().run([job("a", 1), job("b")])


@pytest.mark.parametrize("jobs", [[], [job("a")], [job("a"), job("b", 0)]])
def test_meanwhile_the_caller_does_something_else(jobs: list[Job]) -> None:
    where = []
    hands = Noting(workers=2)

    hands.run(jobs, lambda ended: where.append((threading.current_thread(), tuple(ended))))

    assert where[0] == (threading.main_thread(), ())
    assert len(hands.noted) == len(jobs)


def test_what_fails_meanwhile_fails_the_whole() -> None:
    hands = Noting()

    def fail(ended: Sequence[Job]) -> None:
        raise NetkitError("meanwhile")

    with pytest.raises(NetkitError, match="meanwhile"):
        hands.run([job("a")] * 2, fail)


def test_the_caller_is_told_of_each_job_once() -> None:
    told: list[Job] = []
    jobs = [job(str(number)) for number in range(100)]

    Noting(workers=2).run(jobs, told.extend)

    assert sorted(told, key=jobs.index) == jobs


def test_the_caller_is_told_while_there_is_more_to_do() -> None:
    hands = Noting(until={"last": "told"})
    told: list[Job] = []

    def heed(ended: Sequence[Job]) -> None:
        told.extend(ended)
        if len(told) == 3:
            with hands.begun:
                hands.noted.append("told")
                hands.begun.notify_all()

    hands.run([*(job(str(number)) for number in range(3)), job("last")], heed)

    assert len(told) == 4


def test_what_fails_is_not_told_as_done() -> None:
    told: list[Job] = []

    with pytest.raises(NetkitError, match="b"):
        Noting(fails="b").run([job("a"), job("b"), job("c")], told.extend)

    assert told == [job("a")]


@pytest.mark.parametrize("room", [0, 1])
def test_where_no_thread_can_be_started_none_stays_at_work(
    monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    hands = Noting(workers=3)
    start = threading.Thread.start
    begun: list[threading.Thread] = []

    def refuse(thread: threading.Thread) -> None:
        if len(begun) == room:
            raise RuntimeError("can't start new thread")
        begun.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(NetkitError, match="could not be started"):
        hands.run([job(str(number)) for number in range(100)])

    assert not any(thread.is_alive() for thread in begun)
