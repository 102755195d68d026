"""
The planner: everything that changes a kernel is an answer of this one function.

Apply is ``plan(now, spec)``, destroy ``plan(now, nothing)``, rollback ``plan(now, before)``. It
simulates: each change is made in a World, with what the kernel takes along, and the next one is
found against what is left.

    1  devices that go, or must be made anew      from namespaces that stay
    2  what else goes                             addresses, routes, rules, entries, queueing
    3  what comes or alters                       in the order of ``RANK``
    4  namespaces that go                         with all that is in them
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from netkit.errors import NetkitError
from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.daemon import Daemon
from netkit.model.firewall import Chain, Jump, LooseRule, Policy, UserChain
from netkit.model.home import Belonging, HomeAddress, HomeRoute
from netkit.model.link import (
    Bond,
    Bridge,
    Gre,
    Ipvlan,
    Link,
    Loopback,
    Macvlan,
    Veth,
    Vlan,
    Vrf,
    Vxlan,
)
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.model.routing import Route, Rule
from netkit.model.setting import Attribute, File, Loan, Qdisc, Sysctl
from netkit.model.state import State
from netkit.plan.change import Change
from netkit.plan.effects import enact, is_near
from netkit.plan.world import World, hangs_on

STACKED = (Vlan, Macvlan, Ipvlan, Gre, Vxlan)
MASTERS = (Bridge, Bond, Vrf)
# Not deletable: who wants the former value says so as an object.
KEPT = (Sysctl, Attribute, Belonging)
REACHING = (Namespace, Link, Loan, Daemon)
ROUNDS = 4
Made = Link | OvsBridge | OvsPort
"""What is made anew where something of it cannot change."""

RANK: tuple[type[Object], ...] = (
    Namespace,
    File,
    UserChain,
    Chain,
    Jump,
    Policy,
    LooseRule,
    OvsBridge,
    OvsPort,
    Link,
    Loan,
    Sysctl,
    Attribute,
    HomeAddress,
    HomeRoute,
    Address,
    Route,
    Rule,
    Neighbor,
    FdbEntry,
    Qdisc,
    Daemon,
)
"""The order in which things come."""

GOES: tuple[type[Object], ...] = (
    Daemon,
    Address,
    Route,
    Rule,
    Neighbor,
    FdbEntry,
    Qdisc,
    Loan,
    Jump,
    LooseRule,
    Policy,
    Chain,
    UserChain,
    File,
)
"""The order in which things go, after the devices and before the namespaces."""


def plan(current: State, desired: State) -> tuple[Change, ...]:
    """
    Say what must change for ``current`` to become ``desired``, in an order that works.

    Returns:
        The changes; empty when there is nothing to do. A device made anew is two of them, a
        ``replace`` that removes it and a ``create``.
    """
    if settled(current, desired):
        return ()
    world = World(_concerned(current, desired))
    changes: list[Change] = []
    for _ in range(ROUNDS):
        changes += _removals(world, desired)
        arrivals, disturbed = _arrivals(world, desired)
        changes += arrivals
        if not disturbed:
            return tuple(changes)
    raise NetkitError(f"the plan does not settle: {changes[-1].verb} {changes[-1].key}")


def _concerned(current: State, desired: State) -> Iterator[Object]:
    """Leave out what goes with its namespace and reaches nowhere else."""
    dying = {item.netns for item in current.every(Namespace) if item.key not in desired}
    for item in current:
        if item.netns not in dying or isinstance(item, REACHING):
            yield item


def settled(current: State, desired: State) -> bool:
    """Say whether all that is desired is there, and nothing else that could be removed."""
    if current == desired:
        return True
    return all(current.get(key) == item for key, item in desired.objects.items()) and all(
        key in desired or isinstance(item, KEPT) for key, item in current.objects.items()
    )


def must_replace(before: Object, after: Object) -> str:
    """Say why a device cannot become another in place; empty when it can."""
    if not isinstance(before, Made) or not isinstance(after, Made):
        return ""
    if type(before) is not type(after):
        return f"it is a device of kind {before.KIND or 'other'}, not {after.KIND}"
    fixed = [name for name in after.FIXED if getattr(before, name) != getattr(after, name)]
    if "stale" in fixed:
        return "its device has gone"
    if fixed:
        return f"{', '.join(fixed)} cannot change while the device lives"
    return ""


def _removals(world: World, desired: State) -> list[Change]:
    unwanted: dict[type[Object], list[Object]] = defaultdict(list)
    links: list[Made] = []
    lent: list[Loan] = []
    leaving = {
        (loan.home, loan.home_ifname) for loan in desired.every(Loan) if world.get(loan.key) is None
    }
    for item in world.objects.values():
        if isinstance(item, Made):
            links.append(item)
        elif leaving and not leaving.isdisjoint(hangs_on(item)):
            continue  # it goes when the device is moved
        elif item.key not in desired:
            unwanted[type(item)].append(item)
        elif isinstance(item, Loan) and item != desired.get(item.key):
            lent.append(item)
    namespaces = unwanted[Namespace]
    dying = {item.netns for item in namespaces}
    changes = _links_that_go(world, desired, links, dying)
    # From a namespace that goes it would be gone itself, or at home.
    changes += [_made(world, Change(loan, desired.get(loan.key)), desired) for loan in lent]
    for item in [item for kind in GOES for item in unwanted[kind]]:
        stays = isinstance(item, Loan | Daemon)  # else it would go with the namespace
        if (item.netns not in dying or stays) and world.get(item.key) is not None:
            changes.append(_made(world, Change(item, None), desired))
    changes += [_made(world, Change(namespace, None), desired) for namespace in namespaces]
    return changes


def _links_that_go(
    world: World, desired: State, links: list[Made], dying: set[Netns]
) -> list[Change]:
    changes = []
    for link in sorted(links, key=_removal_order):
        going_along = link.netns in dying and not _holds_on(link, dying)
        if going_along or isinstance(link, Loopback) or world.get(link.key) is None:
            continue
        after = desired.get(link.key)
        if after is None:
            changes.append(_made(world, Change(link, None), desired))
        elif reason := must_replace(link, after):
            changes.append(_made(world, Change(link, None, reason), desired))
    return changes


def _holds_on(link: Made, dying: set[Netns]) -> bool:
    """
    Say whether a device lies on one of a namespace that stays.

    The kernel takes a namespace down in its own time, and until then that parent is not as before.
    """
    return isinstance(link, Vlan | Macvlan | Ipvlan) and link.parent_netns not in dying


def _removal_order(link: Made) -> tuple[bool, bool, bool, bool, bool, str, str]:
    """Take what takes others along first; of cables the end in the host, which never waits."""
    return (
        not isinstance(link, OvsBridge),
        not isinstance(link, OvsPort),
        isinstance(link, STACKED),
        isinstance(link, MASTERS),
        link.netns is not None,
        link.netns or "",
        link.ifname,
    )


def _arrivals(world: World, desired: State) -> tuple[list[Change], bool]:
    changes: list[Change] = []
    disturbed = False
    for item in sorted(desired, key=lambda item: _arrival_order(item, desired)):
        before = world.get(item.key)
        if before != item:
            change = Change(before, item)
            changes.append(change)
            disturbed |= enact(world, change, desired)
    return changes, disturbed


def _arrival_order(item: Object, desired: State) -> tuple[int, int]:
    """Masters before ports, near ends before far ones, stacked devices after what they lie on."""
    if not isinstance(item, Link):
        return (_RANK_OF[type(item)], 0)
    if isinstance(item, MASTERS):
        return (_LINK_RANK, 0)
    if isinstance(item, STACKED):
        return (_LINK_RANK, 3)
    if isinstance(item, Veth):
        far = desired.get(item.peer_key)
        return (_LINK_RANK, 1 if isinstance(far, Veth) and is_near(item, far) else 2)
    return (_LINK_RANK, 1)


def _made(world: World, change: Change, desired: State) -> Change:
    enact(world, change, desired)
    return change


_RANK_OF = {kind: rank for rank, kind in enumerate(RANK)}
_LINK_RANK = RANK.index(Link)
