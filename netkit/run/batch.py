"""
How a job becomes few processes: consecutive commands of one tool are one batch.

    ip link set …  ┐                    ┌ ip -details -json -batch -
    ip addr add …  ├ steps              │   link set …
    ip route add … ┘            ──▶     │   addr add …
    ip addr show   ┐ questions          │   route add …
    ip route show  ┘                    │   addr show          one line of JSON each
                                        └   route show table all
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netkit.command.command import BATCHED, JOINED, Command
from netkit.command.step import Step
from netkit.value import Value


class Batch(Value, frozen=True):
    """
    One process.

    Args:
        steps: What it does, in order.
        asks: How many of the last steps are questions.
    """

    steps: tuple[Command, ...]
    asks: int = 0

    @property
    def argv(self) -> tuple[str, ...]:
        """The words that start it, seen from inside its namespace."""
        last = self.steps[-1]
        if last.tool in BATCHED:
            return (last.tool, *last.options, "-batch", "-")
        if last.tool in JOINED:
            words = [word for step in self.steps for word in ("--", *step.args)]
            return (last.tool, *last.options, *words[1:])
        return (last.tool, *last.options, *last.args)

    @property
    def input(self) -> str:
        """What its standard input holds, complete: a cut line would be run all the same."""
        last = self.steps[-1]
        if last.tool in BATCHED:
            return "\n".join([step.line for step in self.steps]) + "\n"
        return last.input or ""


def batches(steps: Sequence[Step], questions: Sequence[Command] = ()) -> Iterator[Step | Batch]:
    """
    Cut ``steps``, then ``questions``, into what one process can do.

    Steps that are no commands come as they are. Questions join the last batch of the steps when
    it is of the same tool: options such as ``-json`` change nothing about what a verb does.
    """
    run: list[Command] = []
    asks = 0
    for index, step in enumerate((*steps, *questions)):
        asking = index >= len(steps)
        if not isinstance(step, Command):
            if run:
                yield Batch(tuple(run), asks)
            run, asks = [], 0
            yield step
            continue
        if run and not _joins(run[-1], step, first_question=asking and asks == 0):
            yield Batch(tuple(run), asks)
            run, asks = [], 0
        run.append(step)
        asks += asking
    if run:
        yield Batch(tuple(run), asks)


def _joins(last: Command, step: Command, *, first_question: bool) -> bool:
    if last.tool != step.tool or step.tool not in BATCHED | JOINED:
        return False
    return last.options == step.options or (first_question and not last.options)
