"""One writer at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from netkit.errors import LockedError, NetkitError
from netkit.state.place import check_own

PAUSE = 0.02


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
    """
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
        os.ftruncate(number, 0)
        os.pwrite(number, f"{os.getpid()}\n".encode(), 0)
        yield number
    finally:
        os.close(number)


def _wait(number: int, timeout: float) -> None:
    until = time.monotonic() + timeout
    while True:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise _locked(number, timeout) from None
        time.sleep(PAUSE)


def _locked(number: int, timeout: float) -> LockedError:
    holder = os.pread(number, 32, 0).decode(errors="replace").strip() or "unknown"
    if holder.isdigit() and not os.path.exists(f"/proc/{holder}"):
        return LockedError(
            f"netkit {holder} was ended, but a tool it started is still at work",
            hint="wait for it to end (ps -ef), then run the command again",
        )
    return LockedError(
        f"another netkit is at work: pid {holder} (waited {timeout:g} s)",
        hint="wait for it, or give --lock-timeout",
    )
