"""Which processes are in which namespace."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping

from netkit.model.object import Netns
from netkit.run.enter import path_of
from netkit.value import Value

ENDED = frozenset("ZXx")


class Process(Value, frozen=True):
    """A process: its pid and its name."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.pid} ({self.name})"


def read(places: Iterable[str]) -> Mapping[Netns, tuple[Process, ...]]:
    """
    Look who is in namespaces.

    Args:
        places: Names or paths.

    Returns:
        The processes of each namespace that holds some, by pid. One that ends meanwhile, or that
        this user may not look at, is left out.

    Source: proc(5), "/proc/pid/ns"; as ``ip netns pids`` does, for all at once.
    """
    by_inode: dict[tuple[int, int], str] = {}
    for place in places:
        try:
            found = os.stat(path_of(place))
        except OSError:
            continue
        by_inode[found.st_dev, found.st_ino] = place
    inside: dict[Netns, list[Process]] = defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdigit() and (home := _home(name, by_inode)) is not None:
            inside[home].append(Process(int(name), _name(name)))
    return {place: tuple(sorted(them, key=lambda each: each.pid)) for place, them in inside.items()}


def started(pid: int) -> int | None:
    """
    Give a process's start time in clock ticks, which tells it from a later one of its pid.

    Returns:
        None when it has ended, even if its parent has not asked for it yet.

    Source: proc(5), "/proc/pid/stat", fields 3 and 22.
    """
    try:
        with open(f"/proc/{pid}/stat", errors="replace") as stat:
            state, *words = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in ENDED else int(words[18])


def _home(pid: str, by_inode: Mapping[tuple[int, int], str]) -> str | None:
    try:
        found = os.stat(f"/proc/{pid}/ns/net")
    except OSError:
        return None
    return by_inode.get((found.st_dev, found.st_ino))


def _name(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/comm", errors="replace") as comm:
            return comm.read().strip()
    except OSError:
        return "?"
