"""
Programs that outlive netkit: started in a session of their own, found by their mark, ended.

They do not inherit netkit's lock. One that has lost the shell that would start it again is still
found, by the mark in its environment.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

from netkit.command.daemon import ENDED, MARK, SUPERVISOR, DaemonStart, DaemonStop
from netkit.errors import CommandError
from netkit.names import mark_owner
from netkit.run.process import SYSTEM_PATH, detach
from netkit.run.sayings import refusal
from netkit.value import Value

READY_WITHIN = 10.0
ENDED_WITHIN = 2.0
NOBODY = "nobody"
GONE = frozenset("ZX")  # proc(5): a zombie runs no more
MARKED = f"{MARK}=".encode()


class Running(Value, frozen=True):
    """
    A process of a daemon's.

    Args:
        pid: Its number.
        alias: The mark it bears.
        session: The number of its session's first process.
        words: The program and its words, of the shell that starts it; None of any other.
        place: Device and inode of its network namespace.
    """

    pid: int
    alias: str
    session: int
    words: tuple[str, ...] | None
    place: tuple[int, int]


def running() -> Iterator[Running]:
    """
    Find all daemons of netkit's, in whatever network namespace.

    Only processes of this user's, and of nobody's, which a name server becomes, are believed; and
    only those of this process and user namespace: a container's netkit has its own.

    Source: proc(5).
    """
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found = _found(int(name))
            except OSError:  # it has ended meanwhile, or is not for this user to look at
                continue
            if found is not None:
                yield found


def _found(pid: int) -> Running | None:
    if os.stat(f"/proc/{pid}").st_uid not in _believed():
        return None
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        words = tuple(each.decode(errors="replace") for each in file.read().split(b"\0")[:-1])
    if not words:
        return None
    rest = words[len(SUPERVISOR) :]
    supervises = words[: len(SUPERVISOR)] == SUPERVISOR and bool(rest)
    alias = rest[0] if supervises else _marked(pid)
    if alias is None or mark_owner(alias) is None or not _is_of_this_world(pid):
        return None
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        state, _, _, session, *_ = file.read().rpartition(")")[2].split()
    if state in GONE:
        return None
    home = os.stat(f"/proc/{pid}/ns/net")
    place = (home.st_dev, home.st_ino)
    return Running(pid, alias, int(session), rest[1:] if supervises else None, place)


@cache
def _believed() -> frozenset[int]:
    from pwd import getpwnam

    try:
        return frozenset({os.geteuid(), getpwnam(NOBODY).pw_uid})
    except KeyError:
        return frozenset({os.geteuid()})


def _is_of_this_world(pid: int) -> bool:
    return all(
        os.path.samefile(f"/proc/{pid}/ns/{kind}", f"/proc/self/ns/{kind}")
        for kind in ("pid", "user")
    )


def _marked(pid: int) -> str | None:
    with open(f"/proc/{pid}/environ", "rb") as file:
        for each in file.read().split(b"\0"):
            if each.startswith(MARKED):
                return each.removeprefix(MARKED).decode(errors="replace")
    return None


def start(step: DaemonStart) -> None:
    """
    Start a program in the calling thread's namespace, and wait until it says that it works.

    Raises:
        CommandError: It did not; it was ended, and its words are in the error.
    """
    environment = {"LC_ALL": "C", "PATH": SYSTEM_PATH, MARK: step.alias}
    _, said = detach(
        step.supervised,
        environment=environment,
        settled=lambda said: step.ready in said or ENDED in said,
        limit=READY_WITHIN,
    )
    if step.ready in said and ENDED not in said:
        return
    _end(step.alias)
    words = said.partition(ENDED)[0].strip()
    error = refusal(str(step), 1, words or f"it did not start within {READY_WITHIN:g} s")
    error.step = step
    raise error


def stop(step: DaemonStop) -> None:
    """
    End a program, and the shell that would start it again, and wait until they are gone.

    Raises:
        CommandError: They could not be ended.
    """
    if not _end(step.alias):
        error = CommandError(str(step), 1, "it did not end")
        error.step = step
        raise error


def _end(alias: str) -> bool:
    """End all processes of a mark, shells first; say whether none is left."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        watched = [pid for each in _mine(alias) if (pid := _signalled(each, number)) is not None]
        _wait(watched)
        if not any(True for _ in _mine(alias)):
            return True
    return False


def _mine(alias: str) -> list[Running]:
    found = [each for each in running() if each.alias == alias]
    return sorted(found, key=lambda each: (each.words is None, each.pid))


def _signalled(process: Running, number: int) -> int | None:
    """Send a signal to a process that is still the one that was found; give its pidfd."""
    try:
        watched = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return None
    try:
        if _found(process.pid) == process:
            signal.pidfd_send_signal(watched, number)
            return watched
    except OSError:
        pass  # it ended by itself
    os.close(watched)
    return None


def _wait(watched: list[int]) -> None:
    """Wait until processes have ended, for a while."""
    until = time.monotonic() + ENDED_WITHIN
    for each in watched:
        poll = select.poll()
        poll.register(each, select.POLLIN)
        poll.poll(max(0.0, until - time.monotonic()) * 1000)
        with suppress(ChildProcessError):  # it may have been this process that started it
            os.waitid(os.P_PIDFD, each, os.WEXITED | os.WNOHANG)
        os.close(each)
