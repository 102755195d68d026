"""Which namespaces there are by name."""

from __future__ import annotations

import os
import re
import stat

from netkit.run.enter import path_of

RUN_NETNS = "/run/netns/"
MOUNTS = "/proc/self/mountinfo"
OCTAL = r"\\([0-7]{3})"


def parse(mounts: str) -> tuple[str, ...]:
    """
    Read names out of a mountinfo: a file under /run/netns is one only while a namespace is on it.

    Returns:
        In alphabetical order, e.g. ``("con1", "con2")``.

    Source: proc(5), "/proc/pid/mountinfo".
    """
    names = set()
    for line in mounts.splitlines():
        words = line.split(" ", 5)
        if len(words) > 4 and words[3].startswith("net:[") and words[4].startswith(RUN_NETNS):
            name = re.sub(OCTAL, lambda found: chr(int(found[1], 8)), words[4])
            names.add(name.removeprefix(RUN_NETNS))
    return tuple(sorted(name for name in names if "/" not in name))


def names(mounts: str = MOUNTS) -> tuple[str, ...]:
    """Give the names of all network namespaces under /run/netns, in alphabetical order."""
    with open(mounts, encoding="utf-8", errors="surrogateescape") as lines:
        return parse(lines.read())


def is_stale(name: str) -> bool:
    """Say whether a name is only the empty file that ``ip netns`` leaves when it is cut off."""
    if "/" in name:
        return False
    try:
        found = os.lstat(f"{RUN_NETNS}{name}")
    except (OSError, ValueError):  # not there, too long, or no file name at all
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == 0


def is_blocked(name: str) -> bool:
    """Say whether somebody's folder, link or file lies where a namespace would be named."""
    return os.path.lexists(f"{RUN_NETNS}{name}") and not is_stale(name)


def inode(place: str) -> int | None:
    """Give the number that tells a namespace from all others there are; None when it is none."""
    try:
        found, own = os.stat(path_of(place)), os.stat("/proc/self/ns/net")
    except (OSError, ValueError):
        return None
    return found.st_ino if found.st_dev == own.st_dev else None
