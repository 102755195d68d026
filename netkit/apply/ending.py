"""How a transaction ends in the memory, and how signals end it early."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from types import FrameType

from netkit.errors import NetkitError


class Ending(Enum):
    """What the memory holds of a spec afterwards."""

    KEEP = "keep"
    """The spec as it was applied now."""
    FORGET = "forget"
    """Nothing."""
    LEAVE = "leave"
    """What it held before: this was the way back."""


class InterruptedByUserError(NetkitError):
    """The user, or the system, asked netkit to stop."""

    exit_code = 130
    code = "interrupted"


@contextmanager
def interruptible() -> Iterator[None]:
    """
    Turn SIGINT and SIGTERM into an error that is rolled back like any other.

    Meanwhile a second one stops netkit at once: the journal stays open.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, _first)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _first(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _second)
    name = signal.Signals(number).name
    raise InterruptedByUserError(f"stopped by {name}", hint="once more stops without going back")


def _second(number: int, frame: FrameType | None) -> None:
    os.write(2, b"netkit: stopped at once; go on with apply, or back with: netkit recover\n")
    os._exit(128 + number)
