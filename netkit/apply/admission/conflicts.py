"""Names that somebody else has already: nothing of others' is taken but what is adopted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from netkit.apply.ownership.holder import where
from netkit.apply.ownership.marks import bearer
from netkit.errors import ConflictError, Problem
from netkit.facts.netns import RUN_NETNS, is_blocked
from netkit.model.firewall import Chain
from netkit.model.link import Link
from netkit.model.netns import Namespace
from netkit.model.object import Key, Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.routing import Route, Rule
from netkit.model.setting import File
from netkit.model.state import State

ADOPT = "choose other names (--name), or take over what is in the way: --adopt"
MOVE = "look what it is, and move it away"


def check_conflicts(seen: State, own: State, desired: State) -> None:
    """
    Refuse what would have to take something of somebody else's.

    Raises:
        ConflictError: Things of these names are there and are not the spec's.
    """
    found = [item for item in seen if item.key in desired and item.key not in own]
    taken = {item.netns for item in found if isinstance(item, Namespace)}
    blocked = [*_blocked(found, seen, desired)]
    said = [
        Problem(
            _pointer(item, desired), f"{_words(item)} exists, and is {_whose(item, seen)}", ADOPT
        )
        for item in found
        if not _is_unfit(item) and (isinstance(item, Namespace) or item.netns not in taken)
    ]
    if said or blocked:
        ways = dict.fromkeys(each.hint for each in (*said, *blocked))
        raise ConflictError.at(*said, *blocked, hint="; of the others: ".join(ways))


def _blocked(found: Iterable[Object], seen: State, desired: State) -> Iterator[Problem]:
    """Say what lies in the place of a namespace or a file, and is none: nobody could adopt it."""
    for item in found:
        if isinstance(item, File) and item.unfit:
            yield Problem(_pointer(item, desired), f"{item.path} {item.unfit}", MOVE)
    for item in desired.every(Namespace):
        if item.netns is not None and item.key not in seen and is_blocked(item.netns):
            what = f"{RUN_NETNS}{item.netns} exists, and is no namespace"
            yield Problem(item.origin, what, MOVE)


def _is_unfit(item: Object) -> bool:
    return isinstance(item, File) and item.unfit != ""


def left_behind(seen: State, desired: State, pending: Collection[Key]) -> Iterator[str]:
    """Say which empty files give way to namespaces: nothing shows whose they were."""
    for item in seen.every(Namespace):
        if item.stale and item.key in desired and item.key not in pending:
            yield (
                f"{RUN_NETNS}{item.netns}: an empty file, as ip netns leaves one behind,"
                " gives way to the namespace"
            )


def _pointer(item: Object, desired: State) -> str:
    wanted = desired.get(item.key)
    return wanted.origin if wanted is not None else ""


def _whose(item: Object, seen: State) -> str:
    owner = bearer(item, seen)
    return f"spec {owner}'s" if owner else "not netkit's"


def _words(item: Object) -> str:
    """Name something as a person would."""
    place = where(item.netns)
    match item:
        case Namespace():
            return f"namespace {item.netns}"
        case Link():
            return f"device {item.ifname} {place}"
        case OvsBridge() | OvsPort():
            return f"{item.KIND} {item.ifname}"
        case Route():
            return f"route {item.to} metric {item.metric} of table {item.table} {place}"
        case Rule():
            return f"rule {item.priority} {place}"
        case File():
            return item.path
        case Chain():
            return f"chain {item.name} of table {item.table} {place}"
    return f"{' '.join(map(str, item.key))} {place}"
