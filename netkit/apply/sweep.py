"""Removing all that bears a mark of netkit's and that no applied spec wants."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from netkit.apply.admission.vacancy import residents
from netkit.apply.ownership.claims import Claimed, claimed
from netkit.apply.ownership.marks import marked
from netkit.apply.ownership.ownership import without_others
from netkit.apply.prospect import EVERYTHING, NO_ALLOTMENTS, Ending, Prospect
from netkit.apply.session import Session
from netkit.apply.values.former import Restored
from netkit.command.file import ETC_NETNS
from netkit.expand.namespaces import FORWARDING
from netkit.facts import netns, ovs
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope
from netkit.model.object import Object
from netkit.model.setting import Sysctl
from netkit.model.state import NOTHING, State
from netkit.names import group
from netkit.plan.lower import lower
from netkit.plan.plan import plan


class Unclaimed(Claimed, frozen=True):
    """
    A claim to all that bears a mark of netkit's.

    Args:
        wanted: But for what applied specs have.
    """

    wanted: State = NOTHING

    def own(self, seen: State, *, begun: State = NOTHING) -> State:
        """Keep of what was seen what is netkit's, and no applied spec's."""
        left = marked(seen).where(lambda item: item.key not in self.wanted)
        return without_others(left, NOTHING)


def leftovers(session: Session) -> Prospect:
    """Say what removing all that is netkit's and that no applied spec wants would do."""
    looked = _scope()
    seen = read(session.runner, looked)
    claims = Unclaimed(EVERYTHING, NOTHING, NOTHING, wanted=_wanted(session, seen))
    current = claims.own(seen)
    changes = plan(current, NOTHING)
    return Prospect(
        name=EVERYTHING,
        topology=None,
        document="",
        allotments=NO_ALLOTMENTS,
        claimed=claims,
        scope=looked,
        seen=seen,
        current=current,
        desired=NOTHING,
        changes=changes,
        steps=lower(changes, NOTHING, group=group(EVERYTHING)),
        restored=Restored(notes=tuple(_notes(session, seen))),
        ending=Ending.FORGET,
        residents=residents(seen, current, NOTHING),
    )


def _scope() -> Scope:
    names = netns.names()
    host = Look(None, rules6=True, families=(4, 6), sysctls=FORWARDING, ovs=ovs.is_there())
    looks = [host]
    looks += [Look(name, rules6=True, families=(4, 6)) for name in names]
    return Scope(looks=tuple(looks), files=tuple(_files()), daemons=True)


def _files() -> Iterator[str]:
    """Name the plain files below /etc/netns."""
    try:
        folders = sorted(os.listdir(ETC_NETNS))
    except FileNotFoundError:
        return
    for folder in folders:
        path = f"{ETC_NETNS}/{folder}"
        if stat.S_ISDIR(os.lstat(path).st_mode):
            for name in sorted(os.listdir(path)):
                if stat.S_ISREG(os.lstat(f"{path}/{name}").st_mode):
                    yield f"{path}/{name}"


def _wanted(session: Session, seen: State) -> State:
    """Give what applied specs, and such as were cut off, have."""
    names = {each.name for each in session.memory.specs()}
    names |= {each.spec for each in session.memory.intents()}
    found: list[Object] = []
    for name in sorted(names):
        found += claimed(session, name, NOTHING).own(seen)
    return State.of(found)


def _notes(session: Session, seen: State) -> Iterator[str]:
    if session.memory.former():
        return
    for item in seen.every(Sysctl):
        if item.netns is None and item.value == "1":
            yield f"{item.name} is 1, and what it was before netkit is not known: left as it is"
