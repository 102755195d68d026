"""
Where the memory lies: one folder per host namespace, good for one boot.

    /run/netkit/<inode of the host namespace>/state.db     0600, in folders of 0700
                                              lock
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from netkit.errors import MissingError, NetkitError

RUN = "/run/netkit"
BOOT_ID = "/proc/sys/kernel/random/boot_id"
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def folder() -> str:
    """
    Give the folder of this host namespace's memory, made when it is missing.

    ``NETKIT_STATE_DIR`` overrides it; without root it lies in ``XDG_RUNTIME_DIR``.

    Raises:
        MissingError: It cannot be made, or there is nowhere to.
        NetkitError: Somebody else could write in it.
    """
    chosen = os.environ.get("NETKIT_STATE_DIR")
    base = "" if chosen else _base()
    path = chosen or os.path.join(base, str(os.stat("/proc/self/ns/net").st_ino))
    for each in (base, path) if base else (path,):
        _check_folder(each)
    return path


def _check_folder(path: str) -> None:
    """Make a folder where it is missing, and refuse one that is not this user's alone."""
    try:
        _make(path)
        found = os.lstat(path)
    except OSError as error:
        raise MissingError(
            f"the state directory {path} cannot be used: {error.strerror}",
            hint="set NETKIT_STATE_DIR to a directory of your own",
        ) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise NetkitError(
            f"the state directory {path} is not a directory of this user's",
            hint="move it away, or set NETKIT_STATE_DIR",
        )
    if found.st_mode & OTHERS_MAY_WRITE:
        raise NetkitError(
            f"the state directory {path} can be written by others",
            hint=f"look at what is in it, then: chmod 700 {path}",
        )


def _make(path: str) -> None:
    """Make a folder, and those that it lies in, for this user alone."""
    above = os.path.dirname(path)
    if above and not os.path.isdir(above):
        _make(above)
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)


def check_own(path: str, found: os.stat_result) -> None:
    """
    Refuse a file of the memory that is not a file, or not this user's alone.

    Raises:
        NetkitError: Somebody else could have written it.
    """
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        raise NetkitError(
            f"{path} is not a file of this user's, and netkit makes no other",
            hint="move it away, or set NETKIT_STATE_DIR",
        )
    if found.st_mode & OTHERS_MAY_WRITE:
        raise NetkitError(
            f"{path} can be written by others",
            hint=f"look at what is in it, then: chmod 600 {path}",
        )


def _base() -> str:
    if os.geteuid() == 0:
        return RUN
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if not runtime:
        raise MissingError(
            "netkit has nowhere to keep its state: XDG_RUNTIME_DIR is not set",
            hint="run netkit as root, or without: set XDG_RUNTIME_DIR to a directory of your own",
        )
    return os.path.join(runtime, "netkit")


def boot_id() -> str:
    """Give the kernel's name for this boot: what is remembered from another one is void."""
    with open(BOOT_ID, encoding="ascii") as file:
        return file.read().strip()
