"""An edit asks and runs the same, however many networks it does not touch; counted, not timed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from netkit.apply.amendment import amended
from netkit.apply.session import Session, writing
from netkit.apply.transaction import carry_out
from netkit.cnm import edits
from netkit.cnm.applied import Documents, documents
from netkit.command.command import Command
from netkit.run.job import Answer, Job
from netkit.run.runner import Meanwhile
from netkit.run.system import SystemRunner
from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root


class Counting(SystemRunner):
    """Hands that note which lines they ran, and how long the answers were."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.said = 0

    def run(self, jobs: Sequence[Job], meanwhile: Meanwhile | None = None) -> tuple[Answer, ...]:
        answers = super().run(jobs, meanwhile)
        for job, answer in zip(jobs, answers, strict=True):
            asked = job.ask.commands if job.ask else ()
            steps = [
                *job.steps,
                *asked,
                *(each for _, each in (job.ask.devices if job.ask else ())),
            ]
            self.lines += [
                f"{job.netns} {' '.join(step.argv) if isinstance(step, Command) else step}"
                for step in steps
            ]
            self.lines += [f"{job.netns} {name}" for name in (job.ask.sysctls if job.ask else ())]
            self.said += sum(map(len, (*answer.texts, *answer.devices)))
        return answers


def many(count: int) -> dict[str, Any]:
    return {
        "name": "many",
        "networks": {f"n{i}": {"subnets": [f"10.60.{i}.0/24"]} for i in range(count)},
        "namespaces": {
            **{f"m{i}-{j}": {"networks": [f"n{i}"]} for i in range(count) for j in range(5)},
            "x": {},
        },
    }


def _connected(known: Documents) -> dict[str, Any]:
    return edits.connect(known["many"], "n1", "x", {})


def _disconnected(known: Documents) -> dict[str, Any]:
    return edits.disconnect(known["many"], "n1", "x")


def counted(ground: Ground, count: int) -> list[Counting]:
    """Apply, then connect and disconnect; give what was run and asked for each."""
    ground.apply(many(count))
    hands: list[Counting] = []
    for edit in (_connected, _disconnected):
        with writing() as session:
            runner = Counting()
            own = Session(session.memory, runner)
            outcome = carry_out(own, amended(own, edit(documents(own))))
            assert outcome.prospect.steps
        hands.append(runner)
    ground.destroy("many")
    return hands


def test_connect_does_not_grow_with_what_it_does_not_touch(ground: Ground) -> None:
    few, more = (counted(ground, count) for count in (5, 50))

    for one, other in zip(few, more, strict=True):
        assert one.lines
        assert sorted(one.lines) == sorted(other.lines)
        places = {line.split()[0] for line in other.lines}
        assert places == {"None", "x"}
        assert other.said < one.said + 4000  # routes of the host's bridges, and no devices
