"""
How a thread enters a namespace; only that thread moves, and its children inherit the place.

Source: setns(2), network_namespaces(7).
"""

from __future__ import annotations

import ctypes
import errno
import os

from netkit.errors import MissingError
from netkit.model.object import Netns
from netkit.run.sayings import may_not

RUN_NETNS = "/run/netns"
CLONE_NEWNET = 0x40000000
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})

_libc = ctypes.CDLL(None, use_errno=True)


def path_of(netns: str) -> str:
    """Give the file of a namespace: names live under /run/netns, paths stay as they are."""
    return netns if netns.startswith("/") else f"{RUN_NETNS}/{netns}"


def home() -> int:
    """Open the namespace netkit runs in, the one of its first thread, which never moves."""
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def home_path() -> str:
    """Name the namespace netkit runs in for who is in another: as process 1's, or netkit's."""
    own, first = "/proc/self/ns/net", "/proc/1/ns/net"
    try:
        same = os.path.samefile(own, first)
    except OSError:
        same = False
    return first if same else f"/proc/{os.getpid()}/ns/net"


def enter(netns: Netns, home: int) -> bool:
    """
    Move the calling thread into a namespace.

    Args:
        netns: None is ``home``: a thread that has been elsewhere must go back.
        home: The namespace netkit runs in, open.

    Returns:
        False when there is no such namespace, and the thread has not moved.

    Raises:
        MissingError: This user may not enter it.
    """
    if netns is None:
        return _moved("host", home)
    try:
        number = os.open(path_of(netns), os.O_RDONLY | os.O_CLOEXEC)
    except ValueError:  # a NUL
        return False
    except OSError as error:
        if error.errno in ABSENT:
            return False
        raise MissingError(
            f"namespace {netns} cannot be opened: {error.strerror}", hint=may_not()
        ) from error
    try:
        return _moved(netns, number)
    finally:
        os.close(number)


def _moved(netns: str, number: int) -> bool:
    if _libc.setns(number, CLONE_NEWNET) == 0:
        return True
    code = ctypes.get_errno()
    if code == errno.EPERM:
        raise MissingError(
            f"namespace {netns} cannot be entered: {os.strerror(code)}",
            hint=may_not(),
        )
    return False  # a file, but not a namespace
