"""The seam: one method through which everything planned reaches the system."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from netkit.run.job import Answer, Job

Meanwhile = Callable[[Sequence[Job]], None]
"""
What the calling thread does while the system works.

It is told of jobs that are done, some at a time: of none when they are begun, and of each once.
"""


class Runner(Protocol):
    """The hands, as the other rooms see them."""

    def run(self, jobs: Sequence[Job], meanwhile: Meanwhile | None = None) -> tuple[Answer, ...]:
        """
        Do jobs, several at a time; the steps of one in order.

        Args:
            jobs: Begun in their order, but for those that wait for others (``after``).
            meanwhile: Called by the calling thread, and told what is done.

        Returns:
            One answer per job, in their order; empty where nothing was asked.

        Raises:
            CommandError: A step failed. Those under way were finished, no other was begun.
        """
