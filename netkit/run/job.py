"""What the hands are given, and what they give back; values only."""

from __future__ import annotations

from collections.abc import Mapping

from netkit.command.command import Command
from netkit.command.step import Step
from netkit.model.object import Netns
from netkit.value import Value, field


class Ask(Value, frozen=True):
    """
    Questions to one namespace.

    Args:
        netns: Where.
        commands: Consecutive ones of the same tool and options become one process.
        sysctls: Names below /proc/sys, with slashes.
        devices: (device, question about it): asked last, and only while the device is there.
    """

    netns: Netns
    commands: tuple[Command, ...] = ()
    sysctls: tuple[str, ...] = ()
    devices: tuple[tuple[str, Command], ...] = ()


class Answer(Value, frozen=True):
    """
    What a namespace said.

    Args:
        netns: Where.
        texts: One per command: a line of JSON from ip, bridge and tc, the whole text from others.
        sysctls: Value by name, white space folded; names that do not exist are left out.
        missing: There is no such namespace; nothing else is filled then.
        devices: One line of JSON per device that was asked about and is there.
    """

    netns: Netns
    texts: tuple[str, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    missing: bool = False
    devices: tuple[str, ...] = ()


class Job(Value, frozen=True):
    """
    Steps for one namespace, done in order, and the questions that follow them.

    Args:
        netns: Where all of it happens.
        steps: Consecutive ones that one process can do become one batch.
        ask: Asked when the steps are done, in the same process where that is possible.
        after: Which of the jobs that it is given with must be done before it is begun: their
            places in the row, all before its own.
    """

    netns: Netns
    steps: tuple[Step, ...] = ()
    ask: Ask | None = None
    after: tuple[int, ...] = ()
