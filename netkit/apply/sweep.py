"""
Finding what is netkit's by its marks alone, when no memory says whose it is.

    lo of a namespace    alias netkit:…          the namespace, and all that is in it
    a device             group 0x6e……            set with the device in one step
    a route, a rule      protocol 200; a neighbour as well
    a chain, a jump      NK-…; NETKIT-USER, where it is empty
    Open vSwitch's       external_ids:netkit
    a file               # netkit:… on its first line
    a program            netkit:… as the name of the shell that starts it again

Addresses and values that netkit put on devices of others bear no mark: only the memory knows them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from functools import singledispatch

from netkit.apply.admission.vacancy import residents
from netkit.apply.ending import Ending
from netkit.apply.ownership.claims import Claimed, claimed
from netkit.apply.ownership.ownership import MARK, OWNER, without_others
from netkit.apply.prospect import EVERYTHING, NO_ALLOTMENTS, Prospect
from netkit.apply.session import Session
from netkit.apply.values.former import FORWARDING, Restored
from netkit.command.file import ETC_NETNS
from netkit.facts import netns, ovs
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope
from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.daemon import Daemon
from netkit.model.firewall import Chain, Jump, UserChain
from netkit.model.link import Link, Loopback
from netkit.model.object import Netns, Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.routing import Route, Rule
from netkit.model.setting import File, Qdisc, Sysctl
from netkit.model.state import NOTHING, State
from netkit.names import ROUTE_PROTOCOL, alias_owner, group, is_owned_group
from netkit.plan.lower import lower
from netkit.plan.plan import plan
from netkit.value import Value

CHAIN_NAME = r"NK-[A-Z]+-[0-9a-f]{12}"


class Marks(Value, frozen=True):
    """
    Where marks were seen.

    Args:
        places: Namespaces that netkit made.
        devices: Devices that it made elsewhere.
    """

    places: frozenset[Netns]
    devices: frozenset[tuple[Netns, str]]


class Unclaimed(Claimed, frozen=True):
    """
    A claim to all that bears a mark of netkit's.

    Args:
        wanted: But for what applied specs have.
    """

    wanted: State = NOTHING

    def own(self, seen: State, *, begun: State = NOTHING) -> State:
        """Keep of what was seen what is netkit's, and no applied spec's."""
        left = _marked(seen).where(lambda item: item.key not in self.wanted)
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


def _marked(seen: State) -> State:
    places = frozenset(
        item.netns
        for item in seen.every(Loopback)
        if item.netns is not None and alias_owner(item.alias) is not None
    )
    devices = frozenset(
        (item.netns, item.ifname)
        for item in seen.every(Link)
        if is_owned_group(item.group) and (item.alias is None or alias_owner(item.alias))
    )
    marks = Marks(places, devices)
    return seen.where(lambda item: item.netns in marks.places or _is_marked(item, marks))


@singledispatch
def _is_marked(item: Object, marks: Marks) -> bool:
    """Say whether something outside netkit's namespaces bears its mark."""
    return False


@_is_marked.register(Link)
@_is_marked.register(Address)
@_is_marked.register(FdbEntry)
@_is_marked.register(Qdisc)
def _(item: Link | Address | FdbEntry | Qdisc, marks: Marks) -> bool:
    return (item.netns, item.ifname) in marks.devices


@_is_marked.register(Neighbor)
def _(item: Neighbor, marks: Marks) -> bool:
    return item.protocol == str(ROUTE_PROTOCOL) or (item.netns, item.ifname) in marks.devices


@_is_marked.register(Route)
@_is_marked.register(Rule)
def _(item: Route | Rule, marks: Marks) -> bool:
    return item.protocol == str(ROUTE_PROTOCOL)


@_is_marked.register(OvsBridge)
@_is_marked.register(OvsPort)
def _(item: OvsBridge | OvsPort, marks: Marks) -> bool:
    return item.owner != ""


@_is_marked.register(Chain)
def _(item: Chain, marks: Marks) -> bool:
    if not re.fullmatch(CHAIN_NAME, item.name):
        return False
    comments = [word.startswith(OWNER) for words in item.rules for word in words]
    return not item.rules or any(comments)


@_is_marked.register(Jump)
def _(item: Jump, marks: Marks) -> bool:
    return re.fullmatch(CHAIN_NAME, item.chain) is not None and item.comment.startswith(OWNER)


@_is_marked.register(File)
def _(item: File, marks: Marks) -> bool:
    return item.content.startswith(MARK)


@_is_marked.register(Daemon)
def _(item: Daemon, marks: Marks) -> bool:
    return True


def _notes(session: Session, seen: State) -> Iterator[str]:
    if session.memory.former():
        return
    for item in seen.every(Sysctl):
        if item.netns is None and item.value == "1":
            yield f"{item.name} is 1, and what it was before netkit is not known: left as it is"


@_is_marked.register
def _(item: UserChain, marks: Marks) -> bool:
    return True
