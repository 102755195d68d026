"""One writer at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from netkit.errors import LockedError, NetkitError, UsageError
from netkit.state.place import check_own

PAUSE = 0.02
GRACE = 0.5
"""Seconds that whoever holds the lock has to write its pid, when that of none alive is there."""


@contextmanager
def lock(folder: str | os.PathLike[str], *, timeout: float = 10.0) -> Iterator[int]:
    """
    Hold the lock of a memory.

    The lock belongs to the open file, so a child that inherited it keeps it when netkit dies.

    Args:
        folder: Of the memory.
        timeout: Seconds to wait for another holder.

    Yields:
        The locked file's descriptor, for planned children to inherit.

    Raises:
        LockedError: Another netkit, named by its pid, held it all the time.
        UsageError: Nobody can wait so long.
    """
    if not timeout >= 0:
        raise UsageError(f"{timeout:g} s is no time to wait for a lock", hint="0 s or more")
    path = os.path.join(folder, "lock")
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        number = os.open(path, flags, 0o600)
    except OSError as error:
        raise NetkitError(
            f"the lock {path} cannot be opened: {error.strerror}",
            hint="make the directory writable, or set NETKIT_STATE_DIR",
        ) from error
    try:
        check_own(path, os.fstat(number))
        _wait(number, timeout)
        _sign(number, path)
        try:
            yield number
        finally:
            os.ftruncate(number, 0)
    finally:
        os.close(number)


def _sign(number: int, path: str) -> None:
    """Write who holds the lock; where there is no room for that there is none for a journal."""
    try:
        os.ftruncate(number, 0)
        os.pwrite(number, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise NetkitError(
            f"the lock {path} cannot be written: {error.strerror}",
            hint="make room where it lies, or set NETKIT_STATE_DIR",
        ) from error


def _wait(number: int, timeout: float) -> None:
    until = time.monotonic() + timeout
    while not _taken(number):
        now = time.monotonic()
        holder = _holder(number)
        if now >= until and _lives(holder):
            raise LockedError(
                f"another netkit is at work: pid {holder} (waited {timeout:g} s)",
                hint="wait for it, or give --lock-timeout",
            )
        if now >= until + GRACE:
            raise LockedError(
                f"netkit {holder or '(pid unknown)'} was ended, but a tool it started is still"
                " at work",
                hint="wait for it to end (ps -ef), then run the command again",
            )
        time.sleep(PAUSE)


def _taken(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(number: int) -> str:
    return os.pread(number, 32, 0).decode(errors="replace").strip()


def _lives(holder: str) -> bool:
    return holder.isdigit() and os.path.exists(f"/proc/{holder}")
