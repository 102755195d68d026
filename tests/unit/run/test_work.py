"""In which order jobs are done, and what ends them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
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

    hands.run(jobs, lambda: where.append(threading.current_thread()))

    assert where == [threading.main_thread()]
    assert len(hands.noted) == len(jobs)


def test_what_fails_meanwhile_fails_the_whole() -> None:
    hands = Noting()

    def fail() -> None:
        raise NetkitError("meanwhile")

    with pytest.raises(NetkitError, match="meanwhile"):
        hands.run([job("a")] * 2, fail)
