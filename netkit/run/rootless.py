"""
A host of one's own, without root: a user, a network and a mount namespace that a process holds.

    netkit --rootless apply …
      1  no holder yet: start one     unshare --user --map-root-user --net --mount … sleep
      2  become netkit inside it      nsenter --target HOLDER --user --net --mount … netkit apply …

Inside, netkit is root of its own network: what follows is the same as anywhere. The memory lies in
the holder's own /run, and goes with it.

Source: user_namespaces(7), unshare(1), nsenter(1).
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from fcntl import LOCK_EX, flock
from pathlib import Path

from netkit.errors import MissingError
from netkit.run.enter import RUN_NETNS
from netkit.run.process import become, find, start

HELD = "NETKIT_HOLDER"
READY = "ready"
PLACE = "log in as this user, or set XDG_RUNTIME_DIR to a directory of your own"
ENDED = frozenset("ZX")  # proc(5): a zombie has no namespaces any more
# The copy of /etc is made so that /etc/netns can be there: ip netns exec looks for it.
HOLD = f"""
set -eu
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir /run/etc
cp -a /etc/. /run/etc 2>/dev/null || :
mount --bind /run/etc /etc
umount --lazy /run
mount -t tmpfs -o mode=0755 tmpfs /run
[ /var/run -ef /run ] || mount --bind /run /var/run
mkdir -p /run/netns /run/lock /etc/netns
mkdir -m 0700 /run/netkit
mount -t sysfs sysfs /sys 2>/dev/null || :
ip link set dev lo up
echo {READY}
exec >&- 2>&- <&-
exec sleep infinity
"""
# nsenter leaves the working directory behind with the mount namespace.
CHANGE = 'cd "$1" && shift && exec "$@"'


def is_inside() -> bool:
    """Say whether this process is in a holder's namespaces already."""
    return HELD in os.environ


def holder() -> int | None:
    """Give the pid of this user's holder; None when there is none."""
    if not can_hold():
        return None
    try:
        pid, _, started = _note().read_text().partition(" ")
        return int(pid) if _started(int(pid)) == started.strip() else None
    except (OSError, ValueError):
        return None


def enter(words: Sequence[str]) -> None:
    """
    Run netkit anew inside the holder's namespaces, in place of this process; does not return.

    Args:
        words: netkit's own, without the option that asked for this.

    Raises:
        MissingError: This kernel or its settings allow no such namespaces.
    """
    pid = holder() or _hold()
    environment = {**os.environ, HELD: str(pid)}
    environment.pop("NETKIT_STATE_DIR", None)  # it would not be the holder's
    become(
        (
            "nsenter", f"--target={pid}", "--preserve-credentials",
            "--user", "--net", "--mount", "--",
            "sh", "-c", CHANGE, "sh", os.getcwd(), sys.executable, "-I", _start(), *words,
        ),
        environment,
    )  # fmt: skip


def can_hold() -> bool:
    """Say whether there is a place to note a holder in: a login session's, or one that is set."""
    return bool(os.environ.get("XDG_RUNTIME_DIR")) or os.geteuid() == 0


def is_at_home() -> bool:
    """Say whether this process is still in the holder's own network, which ``exec`` leaves."""
    homes = (os.stat(f"/proc/{pid}/ns/net").st_ino for pid in (os.environ[HELD], "self"))
    return len(set(homes)) == 1


def things() -> set[str]:
    """Name the namespaces and the devices that are in the holder, but for its ``lo``."""
    names = {name for _, name in socket.if_nameindex()}
    return (names | set(os.listdir(RUN_NETNS))) - {"lo"}


def let_go() -> None:
    """End the holder that this process is inside of, and see it end: nothing is left in it."""
    with suppress(ProcessLookupError):  # another command has seen so as well
        ending = os.pidfd_open(int(os.environ[HELD]))
        signal.pidfd_send_signal(ending, signal.SIGKILL)
        select.select((ending,), (), ())


def _hold() -> int:
    """Start a holder; of several first commands at once, one does, and the others find it."""
    find("nsenter")
    path = _note()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        note = path.open("a")  # before there is a process that nobody would find
    except OSError as error:
        raise MissingError(
            f"netkit cannot keep the pid of its holder in {path}: {error.strerror}", hint=PLACE
        ) from error
    with note:
        flock(note, LOCK_EX)
        pid = holder()
        if pid is None:
            pid = _holding()
            note.truncate(0)
            note.write(f"{pid} {_started(pid)}\n")
    return pid


def _holding() -> int:
    user = ("--user", "--map-root-user")
    pid, said, complaint = start(
        ("unshare", *user, "--net", "--mount", "--propagation", "private", "sh", "-c", HOLD)
    )
    if said != READY:
        raise MissingError(
            f"no network of one's own can be made without root: {complaint or 'unshare failed'}",
            hint="allow user namespaces (sysctl kernel.unprivileged_userns_clone=1,"
            " user.max_user_namespaces), or run netkit as root",
        )
    return pid


def _note() -> Path:
    """Name the file that says which process holds."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if not can_hold():
        raise MissingError(
            "netkit cannot keep the pid of its holder: XDG_RUNTIME_DIR is not set", hint=PLACE
        )
    return Path(runtime or "/run") / "netkit" / "holder"


def _started(pid: int) -> str:
    """
    Give a process's start time in clock ticks, which tells it from a later one of its pid.

    Raises:
        ValueError: It has ended, and its parent has not asked for it yet.
    """
    state, *words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    if state in ENDED:
        raise ValueError(f"process {pid} has ended")
    return words[18]


def _start() -> str:
    return str(Path(__file__).parents[1] / "__main__.py")
