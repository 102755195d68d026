"""
How a thread enters a namespace; only that thread moves, and its children inherit the place.

Source: setns(2), network_namespaces(7).
"""

from __future__ import annotations

import ctypes
import os

from netkit.errors import MissingError
from netkit.model.object import Netns

RUN_NETNS = "/run/netns"
CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def path_of(netns: str) -> str:
    """Give the file of a namespace: names live under /run/netns, paths stay as they are."""
    return netns if netns.startswith("/") else f"{RUN_NETNS}/{netns}"


def enter(netns: Netns) -> bool:
    """
    Move the calling thread into a namespace; None stays where the thread is.

    Returns:
        False when there is no such namespace, and the thread has not moved.

    Raises:
        MissingError: This user may not enter it.
    """
    if netns is None:
        return True
    try:
        number = os.open(path_of(netns), os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        if _libc.setns(number, CLONE_NEWNET) == 0:
            return True
        reason = os.strerror(ctypes.get_errno())
    finally:
        os.close(number)
    if ctypes.get_errno() == 1:
        raise MissingError(
            f"namespace {netns} cannot be entered: {reason}",
            hint="netkit needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN): try sudo",
        )
    return False
