"""
What a command finds around it in a namespace: /etc and /sys of that namespace's own.

    /etc/netns/con1/hosts        bound over   /etc/hosts
    /etc/netns/con1/resolv.conf  bound over   /etc/resolv.conf
    a sysfs of this namespace    mounted on   /sys

As ``ip netns exec`` does it, in a mount namespace that ends with the command. Two things differ:
a file that /etc lacks appears all the same (there, the binding fails), and where no sysfs may be
mounted (in some containers) the old /sys stays.

Source: ip-netns(8); mount_namespaces(7); ``netns_switch`` in iproute2's lib/namespace.c.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Mapping

from netkit.errors import MissingError, NetkitError
from netkit.run.sayings import may_not

ETC = "/etc"
ETC_NETNS = "/etc/netns"

CLONE_NEWNS = 0x00020000
MS_RDONLY = 1
MS_BIND = 4096
MS_REC = 16384
MS_SLAVE = 1 << 19

_libc = ctypes.CDLL(None, use_errno=True)


def surround(name: str | None) -> None:
    """
    Give the calling thread a mount namespace with /etc and /sys of the namespace it has entered.

    Args:
        name: Whose files under /etc/netns are bound; None binds none.

    Raises:
        MissingError: This user may not.
        NetkitError: Something cannot be mounted.
    """
    if _libc.unshare(CLONE_NEWNS) != 0:
        raise MissingError(
            f"no mount namespace: {os.strerror(ctypes.get_errno())}",
            hint=may_not(),
        )
    # Nothing that is mounted here may be seen outside.
    _mount("none", "/", flags=MS_SLAVE | MS_REC)
    _mount_sys()
    folder = f"{ETC_NETNS}/{name}"
    files = _files(folder) if name not in {None, ".", ".."} else ()
    missing = tuple(each for each in files if not os.path.exists(f"{ETC}/{each}"))
    if missing:
        _rebuild_etc({each: os.path.isdir(f"{folder}/{each}") for each in missing})
    for each in files:
        _mount(f"{folder}/{each}", f"{ETC}/{each}", flags=MS_BIND | MS_REC)


def _files(folder: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir(folder)))
    except (FileNotFoundError, NotADirectoryError):
        return ()


def _mount_sys() -> None:
    for flags in (0, MS_RDONLY):  # over a read-only sysfs no writable one may be mounted
        try:
            return _mount("sysfs", "/sys", kind="sysfs", flags=flags)
        except NetkitError:
            code = ctypes.get_errno()
            if code == errno.EBUSY:
                return None  # it is this namespace's already
    return None


def _rebuild_etc(missing: Mapping[str, bool]) -> None:
    """
    Put a copy of /etc in its place whose entries are the old ones, and in which files can be made.

    A file cannot be bound where there is none, and making one in the machine's /etc would leave a
    trace.

    Args:
        missing: What is to be made; True for a folder.
    """
    old = os.open(ETC, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    below = f"/proc/thread-self/fd/{old}"  # /etc itself soon leads to the copy
    try:
        _mount("tmpfs", ETC, kind="tmpfs", data="mode=0755")
        for entry in os.scandir(below):
            here = f"{ETC}/{entry.name}"
            if entry.name in missing:
                continue  # a link that leads nowhere
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), here)
                continue
            _make(here, folder=entry.is_dir())
            _mount(entry.path, here, flags=MS_BIND | MS_REC)
    finally:
        os.close(old)
    for name, is_folder in missing.items():
        _make(f"{ETC}/{name}", folder=is_folder)


def _make(path: str, *, folder: bool) -> None:
    if folder:
        os.mkdir(path)
    else:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644))


def _mount(source: str, target: str, *, kind: str = "", flags: int = 0, data: str = "") -> None:
    words = [os.fsencode(each) if each else None for each in (source, target, kind, data)]
    done = _libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3])
    if done != 0:
        reason = os.strerror(ctypes.get_errno())
        raise NetkitError(f"{source} cannot be mounted on {target}: {reason}")
