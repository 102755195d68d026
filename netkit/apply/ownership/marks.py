"""
The marks that what is netkit's bears, and whose they are, when no memory says it.

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

import re
from collections.abc import Iterator
from functools import singledispatch

from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.daemon import Daemon
from netkit.model.firewall import Chain, Jump, UserChain
from netkit.model.link import Link, Loopback
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.routing import Route, Rule
from netkit.model.setting import File, Qdisc
from netkit.model.state import State
from netkit.names import ROUTE_PROTOCOL, is_owned_group, mark_owner
from netkit.value import Value

CHAIN_NAME = r"NK-[A-Z]+-[0-9a-f]{12}"
COMMENT = "# "
"""What a mark stands behind on the first line of a file."""


class Marks(Value, frozen=True):
    """
    Where marks were seen.

    Args:
        places: Namespaces that netkit made.
        devices: Devices that it made elsewhere.
    """

    places: frozenset[Netns]
    devices: frozenset[tuple[Netns, str]]


def marked(seen: State) -> State:
    """Keep of what was seen what bears a mark of netkit's, whosever, and what belongs to it."""
    places = frozenset(
        item.netns
        for item in seen.every(Loopback)
        if item.netns is not None and mark_owner(item.alias) is not None
    )
    devices = frozenset(
        (item.netns, item.ifname)
        for item in seen.every(Link)
        if is_owned_group(item.group) and (item.alias is None or mark_owner(item.alias))
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
    return item.protocol == ROUTE_PROTOCOL or (item.netns, item.ifname) in marks.devices


@_is_marked.register(Route)
@_is_marked.register(Rule)
def _(item: Route | Rule, marks: Marks) -> bool:
    return item.protocol == ROUTE_PROTOCOL


@_is_marked.register(OvsBridge)
@_is_marked.register(OvsPort)
def _(item: OvsBridge | OvsPort, marks: Marks) -> bool:
    return item.owner != ""


@_is_marked.register(Chain)
def _(item: Chain, marks: Marks) -> bool:
    if not re.fullmatch(CHAIN_NAME, item.name):
        return False
    return not item.rules or any(mark_owner(word) is not None for word in _words(item))


@_is_marked.register(Jump)
def _(item: Jump, marks: Marks) -> bool:
    return re.fullmatch(CHAIN_NAME, item.chain) is not None and mark_owner(item.comment) is not None


@_is_marked.register(File)
def _(item: File, marks: Marks) -> bool:
    return mark_owner(_first_line(item)) is not None


@_is_marked.register(Daemon)
def _(item: Daemon, marks: Marks) -> bool:
    return True


@_is_marked.register(UserChain)
def _(item: UserChain, marks: Marks) -> bool:
    return True


def bearer(item: Object, seen: State) -> str | None:
    """Say whose mark something bears: the spec's name; None for what bears none of its own."""
    match item:
        case Namespace():
            lo = seen.get(("link", item.netns, "lo"))
            return mark_owner(lo.alias) if isinstance(lo, Link) else None
        case Link():
            return mark_owner(item.alias) if is_owned_group(item.group) else None
        case OvsBridge() | OvsPort():
            return item.owner or None
        case Chain():
            return next(filter(None, map(mark_owner, _words(item))), None)
        case File():
            return mark_owner(_first_line(item))
    return None


def _words(item: Chain) -> Iterator[str]:
    return (word for words in item.rules for word in words)


def _first_line(item: File) -> str | None:
    first = item.content.partition("\n")[0]
    return first.removeprefix(COMMENT) if first.startswith(COMMENT) else None
