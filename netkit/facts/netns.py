"""Which namespaces there are by name, and which of them bear netkit's mark."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping

from netkit.command import link
from netkit.facts.document import Json, Said, question
from netkit.names import mark_owner
from netkit.run.enter import path_of
from netkit.run.job import Ask, Job
from netkit.run.runner import Runner


class Entry(Said, frozen=True):
    """``lo``, with its alias."""

    ifalias: str | None = None


QUESTION = question(link.show("lo"))
SAYS = Json("ip link show dev lo", Entry)

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


def inode(place: str) -> int | None:
    """Give the number that tells a namespace from all others there are; None when it is none."""
    try:
        found, own = os.stat(path_of(place)), os.stat("/proc/self/ns/net")
    except (OSError, ValueError):
        return None
    return found.st_ino if found.st_dev == own.st_dev else None


def read_marks(runner: Runner, of: Iterable[str]) -> Mapping[str, str]:
    """
    Ask namespaces for the mark on their ``lo``.

    Args:
        runner: The hands.
        of: Names; what has gone meanwhile is left out.

    Returns:
        Alias by name, of those alone that are netkit's: ``{"con1": "netkit:shop/con1"}``.
    """
    jobs = [Job(name, ask=Ask(name, (QUESTION.within(name),))) for name in of]
    marks = {}
    for answer in runner.run(jobs):
        alias = None if answer.missing or not answer.texts else alias_of(answer.texts[0])
        if answer.netns is not None and alias is not None and mark_owner(alias) is not None:
            marks[answer.netns] = alias
    return marks


def alias_of(said: str) -> str | None:
    """
    Read the alias out of the answer to ``QUESTION``.

    Raises:
        NetkitError: It is not what ip answers.
    """
    with SAYS:
        found = SAYS.entries(said)
        return found[0].ifalias if found else None
