"""
/proc/sys for a thread that visits many namespaces.

The kernel keeps what was looked up in /proc/sys/net in one hash chain for all namespaces, and walks
along it for each name: at a thousand namespaces that takes longer than all else that is done in
one. A further instance of procfs has chains of its own. It is mounted nowhere, so nobody sees it,
and it goes when it is closed.

Source: fsopen(2), fsmount(2); kernel, fs/proc/proc_sysctl.c, proc_sys_compare().
"""

from __future__ import annotations

import ctypes
import os
from types import TracebackType
from typing import Self

SYS = "/proc/sys"
FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
MANY = 32
"""Visits with one instance: its chains are short, and to make one costs as much as a visit."""

FSOPEN, FSCONFIG, FSMOUNT = 430, 431, 432  # of all architectures but alpha
CLOEXEC = 1
CREATE = 6  # FSCONFIG_CMD_CREATE

_libc = ctypes.CDLL(None, use_errno=True)


class Procfs:
    """The instance that a thread uses: first the usual one, then one of its own after another."""

    def __init__(self) -> None:
        self._visits = 0
        self._may = True
        self._root: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def root(self) -> int:
        """Give the folder /proc/sys, open, for a visit to one more namespace."""
        due = self._may and self._visits % MANY == 0
        if self._root is None or due:
            self._close()
            own = _mounted() if self._visits else None
            self._may = own is not None or not self._visits
            self._root = os.open(SYS, FOLDER) if own is None else own
        self._visits += 1
        return self._root

    def _close(self) -> None:
        if self._root is not None:
            os.close(self._root)
            self._root = None


def _mounted() -> int | None:
    """Mount procfs nowhere, and open its folder sys; None where that may not be."""
    context = _libc.syscall(FSOPEN, b"proc", CLOEXEC)
    if context < 0:  # an old kernel, or no root
        return None
    try:
        if _libc.syscall(FSCONFIG, context, CREATE, None, None, 0) < 0:
            return None
        mounted = _libc.syscall(FSMOUNT, context, CLOEXEC, 0)
    finally:
        os.close(context)
    if mounted < 0:
        return None
    try:
        return os.open("sys", FOLDER, dir_fd=mounted)
    except OSError:
        return None
    finally:
        os.close(mounted)
