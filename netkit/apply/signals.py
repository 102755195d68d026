"""How signals end a transaction early."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from netkit.errors import InterruptedByUserError
from netkit.run import stop

Handler = Callable[[int, FrameType | None], None]


SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible() -> Iterator[None]:
    """
    Turn SIGHUP, SIGINT and SIGTERM into an error that is rolled back like any other.

    The error comes when nothing is under way. Meanwhile a second one stops netkit at once: the
    journal stays open. What was ignored when netkit was started, as nohup does, stays ignored.
    """
    before = {number: signal.getsignal(number) for number in SIGNALS}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    try:
        for number in heard:
            signal.signal(number, _first)
        yield
        stop.heed()
    finally:
        for number in heard:
            signal.signal(number, before[number])
        stop.forget()


def last_call() -> None:
    """
    Heed what was wished until now, and let later signals turn nothing back: it is done.

    Within ``interruptible``.

    Raises:
        InterruptedByUserError: A signal came while the last of it was done.
    """
    _replace(_first, _late)
    stop.heed()


def carry_on() -> None:
    """
    Let signals no longer turn anything back: it is on its way back already.

    Within ``interruptible``. One more still stops at once when it is the second.
    """
    _replace(_first, _late)
    stop.forget()


def _replace(handler: Handler, other: Handler) -> None:
    for number in SIGNALS:
        if signal.getsignal(number) is handler:
            signal.signal(number, other)


def _first(number: int, frame: FrameType | None) -> None:
    _replace(_first, _second)
    name = signal.Signals(number).name
    stop.wish(
        InterruptedByUserError(f"stopped by {name}", hint="once more stops without going back")
    )


def _late(number: int, frame: FrameType | None) -> None:
    _replace(_late, _second)
    os.write(2, b"netkit: coming to its end already; once more stops at once\n")


def _second(number: int, frame: FrameType | None) -> None:
    os.write(2, b"netkit: stopped at once; go on with apply, or back with: netkit recover\n")
    os._exit(128 + number)
