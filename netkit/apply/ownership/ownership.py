"""
Whose is what.

In a namespace that netkit made for a spec everything is the spec's, for netkit to keep as it
should be. Elsewhere only what carries the spec's mark is: the device group with the alias, routes
and rules of protocol 200, chains of its name. The rest is somebody else's and is not even shown to
the planner, which therefore cannot touch it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterator
from functools import singledispatch
from itertools import chain

from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.daemon import Daemon
from netkit.model.firewall import Chain, Jump, UserChain
from netkit.model.home import Belonging
from netkit.model.link import Link, Loopback, OtherLink
from netkit.model.netns import Namespace
from netkit.model.object import Key, Netns, Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.routing import Route, Rule
from netkit.model.setting import Attribute, File, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.names import (
    ROUTE_PROTOCOL,
    USER_CHAIN,
    chain_suffix,
    file_mark,
    group,
    is_owned_group,
    mark_owner,
    rule_comment,
)
from netkit.value import Value, replace


class Claim(Value, frozen=True):
    """
    What tells a spec's things from others'.

    Args:
        spec: Its name.
        named: Keys that the spec asks for, or asked for when it was last applied.
        pending: Keys that a transaction was about to make when it was cut off.
        lent: Where devices that netkit did not make are, while they are lent.
        places: The namespaces that netkit made for it.
        devices: Its devices elsewhere.
        guests: Devices of other specs in namespaces that netkit made for it.
    """

    spec: str
    named: Collection[Key]
    pending: Collection[Key]
    lent: frozenset[tuple[Netns, str]]
    places: frozenset[Netns]
    devices: frozenset[tuple[Netns, str]]
    guests: frozenset[tuple[Netns, str]]


def owned(seen: State, spec: str, *states: State, pending: Collection[Key] = ()) -> State:
    """
    Keep of what was seen what is the spec's own.

    Args:
        seen: Everything in the namespaces that were looked at.
        spec: Its name.
        states: What it asks for (first), and what it asked for.
        pending: What a transaction that was cut off was about to make: it may be there without
            its mark, which comes a moment later.
    """
    claim = _claim(seen, spec, states, pending)
    own = seen.where(lambda item: _is_own(item, claim))
    put = chain(own.every(Route), own.every(Rule), own.every(Neighbor))
    if any(_plainly(item, claim) is not item for item in put):
        own = State.of(_plainly(item, claim) for item in own)
    return without_others(own, states[0] if states else own)


def without_others(own: State, wanted: State) -> State:
    """
    Leave out the user's chain where it must stay: it has rules, or others lead into it too.

    Args:
        own: What is a spec's, and chains that it uses.
        wanted: Of what stays anyway.
    """
    kept = [
        item.key
        for item in own.every(UserChain)
        if item.key not in wanted
        and (item.rules or any(_chain_key(item, name) not in own for name in item.jumps))
    ]
    return own.where(lambda item: item.key not in kept) if kept else own


def without_idle(state: State) -> State:
    """Leave out the user's chain where none of these chains asks it: others did, at that time."""
    idle = [
        item.key
        for item in state.every(UserChain)
        if not any(_chain_key(item, name) in state for name in item.jumps)
    ]
    return state.where(lambda item: item.key not in idle) if idle else state


def left_to_the_user(seen: State, former: State, desired: State) -> Iterator[str]:
    """Say that the user's chain stays with its rules when a spec asks it no more."""
    for item in seen.every(UserChain):
        if item.rules and item.key in former and item.key not in desired:
            tool = "ip6tables" if item.family == 6 else "iptables"
            yield f"{tool} chain {USER_CHAIN} has rules of yours: it is left as it is"


def _chain_key(item: UserChain, name: str) -> Key:
    return Chain(family=item.family, table=item.table, name=name).key


def _plainly(item: Object, claim: Claim) -> Object:
    """Where everything is netkit's it does not matter who put a route there."""
    if (
        isinstance(item, Route | Rule | Neighbor)
        and item.protocol != "boot"
        and item.netns in claim.places
    ):
        return replace(item, protocol="boot")
    return item


def _claim(seen: State, spec: str, states: tuple[State, ...], pending: Collection[Key]) -> Claim:
    named = ChainMap(*[dict(state.objects) for state in states])
    lent = frozenset((item.netns, item.ifname) for state in states for item in state.every(Loan))
    places = frozenset(
        item.netns
        for item in seen.every(Loopback)
        if item.netns is not None
        and (
            mark_owner(item.alias) == spec
            or (item.alias is None and ("netns", item.netns) in pending)
        )
    )
    devices = frozenset(
        (item.netns, item.ifname) for item in seen.every(Link) if _is_marked(item, spec)
    )
    devices |= {(None, item.ifname) for item in seen.every(OvsBridge) if item.owner == spec}
    guests = frozenset(
        (item.netns, item.ifname)
        for item in seen.every(Link)
        if item.netns is not None and is_guest(item, spec)
    )
    return Claim(spec, named, pending, lent, places, devices, guests)


def is_guest(link: Link, spec: str) -> bool:
    """Say whether a device is another spec's."""
    owner = mark_owner(link.alias)
    return is_owned_group(link.group) and owner is not None and owner != spec


def _is_guests(item: Object, claim: Claim) -> bool:
    """Say whether something belongs to a device of another spec."""
    if isinstance(item, Link | Address | Neighbor | FdbEntry | Qdisc):
        return (item.netns, item.ifname) in claim.guests
    if isinstance(item, Route) and item.protocol == ROUTE_PROTOCOL:
        return any((item.netns, hop.dev) in claim.guests for hop in item.nexthops)
    return False


def _is_marked(link: Link, spec: str) -> bool:
    """A device bears the group from birth, and the alias from a moment later."""
    if link.group & ~1 != group(spec):
        return False
    return link.alias is None or mark_owner(link.alias) == spec


def _is_own(item: Object, claim: Claim) -> bool:
    if isinstance(item, Namespace) and item.stale:
        return item.key in claim.named
    if item.netns in claim.places:
        if claim.guests and _is_guests(item, claim):
            return False
        return not (isinstance(item, Link) and _is_foreign_device(item, claim))
    return _is_own_elsewhere(item, claim)


def _is_foreign_device(link: Link, claim: Claim) -> bool:
    """Say whether a device in one of netkit's namespaces came from outside: lent, or hardware."""
    if (link.netns, link.ifname) in claim.lent:
        return True
    return isinstance(link, OtherLink) and link.kind == ""


@singledispatch
def _is_own_elsewhere(item: Object, claim: Claim) -> bool:
    """Say whether something outside the spec's namespaces is the spec's."""
    return False


@_is_own_elsewhere.register(Link)
def _(item: Link, claim: Claim) -> bool:
    return (item.netns, item.ifname) in claim.devices


@_is_own_elsewhere.register(Address)
@_is_own_elsewhere.register(FdbEntry)
@_is_own_elsewhere.register(Qdisc)
def _(item: Address | FdbEntry | Qdisc, claim: Claim) -> bool:
    return (item.netns, item.ifname) in claim.devices or item.key in claim.named


@_is_own_elsewhere.register(Neighbor)
def _(item: Neighbor, claim: Claim) -> bool:
    if (item.netns, item.ifname) in claim.devices:
        return True
    return item.protocol == ROUTE_PROTOCOL and item.key in claim.named


@_is_own_elsewhere.register(Route)
@_is_own_elsewhere.register(Rule)
def _(item: Route | Rule, claim: Claim) -> bool:
    is_netkits = item.protocol == ROUTE_PROTOCOL and item.key in claim.named
    return is_netkits and not _is_guests(item, claim)


@_is_own_elsewhere.register(OvsBridge)
@_is_own_elsewhere.register(OvsPort)
def _(item: OvsBridge | OvsPort, claim: Claim) -> bool:
    return item.owner == claim.spec


@_is_own_elsewhere.register(Chain)
def _(item: Chain, claim: Claim) -> bool:
    if not item.name.endswith(chain_suffix(claim.spec)):
        return False
    return not item.rules or any(rule_comment(claim.spec) in words for words in item.rules)


@_is_own_elsewhere.register(Jump)
def _(item: Jump, claim: Claim) -> bool:
    return item.chain.endswith(chain_suffix(claim.spec))


@_is_own_elsewhere.register(Sysctl)
@_is_own_elsewhere.register(Attribute)
@_is_own_elsewhere.register(Loan)
@_is_own_elsewhere.register(UserChain)
@_is_own_elsewhere.register(Belonging)
def _(item: Sysctl | Attribute | Loan | UserChain | Belonging, claim: Claim) -> bool:
    return item.key in claim.named


@_is_own_elsewhere.register(File)
def _(item: File, claim: Claim) -> bool:
    if item.unfit:
        return False
    mark = file_mark(claim.spec)
    if item.key in claim.pending and mark.startswith(item.content):
        return True  # it was being written
    return item.content.startswith(mark)


@_is_own_elsewhere.register(Daemon)
def _(item: Daemon, claim: Claim) -> bool:
    return mark_owner(item.alias) == claim.spec


def adopted(seen: State, own: State, desired: State) -> Iterator[Object]:
    """
    Give what is somebody else's and has the name of something desired.

    A namespace is taken over with all that is in it; what is no file of text is not.
    """
    places = {item.netns for item in seen.every(Namespace) if item.key in desired}
    for item in seen:
        if isinstance(item, File) and item.unfit:
            continue
        if item.key not in own and (item.key in desired or item.netns in places):
            yield item
