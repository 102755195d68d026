"""What a transaction works with: the memory, and hands that hold its lock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from netkit.errors import MissingError
from netkit.run.runner import Runner
from netkit.run.system import SystemRunner
from netkit.state.lock import lock
from netkit.state.memory import Memory
from netkit.state.place import folder
from netkit.value import Value


class Session(Value, frozen=True):
    """
    One run of netkit.

    Args:
        memory: What it remembers of this host namespace.
        runner: The hands.
    """

    memory: Memory
    runner: Runner


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session that changes nothing, and so needs no lock."""
    memory = Memory(folder())
    try:
        yield Session(memory, SystemRunner())
    finally:
        memory.close()


@contextmanager
def writing(*, lock_timeout: float = 10.0, afresh: bool = False) -> Iterator[Session]:
    """
    Open a session that may change the system, alone.

    Args:
        lock_timeout: Seconds to wait for another netkit.
        afresh: Go on without what was remembered, where it cannot be read.

    Raises:
        MissingError: This user may not change networks.
        LockedError: Another netkit held the lock all the time.
    """
    if os.geteuid() != 0:
        raise MissingError(
            "changing the network needs root (CAP_NET_ADMIN and CAP_SYS_ADMIN)",
            hint="try sudo, or without: set XDG_RUNTIME_DIR to a directory of your own",
        )
    place = folder()
    with lock(place, timeout=lock_timeout) as held:
        memory = Memory(place, afresh=afresh)
        try:
            yield Session(memory, SystemRunner(keep=(held,)))
        finally:
            memory.close()
