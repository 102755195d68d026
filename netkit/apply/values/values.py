"""
The values that a spec does not say and that follow from it: former ones, defaults, companions.

    datapath     of a switch of Open vSwitch: the one it has, or the one that this machine has
    accepted     router advertisements that the host goes on accepting while it forwards
    restored     what the host had before, where the spec no longer says otherwise
    defaults     what a new namespace has, where the spec no longer says otherwise
    homecoming   what devices that are lent no longer had at home
    companions   what the kernel would take along of others, and gets back
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netkit.apply.ownership.claims import Claimed
from netkit.apply.session import Session
from netkit.apply.values.advertisements import accepting, redirected
from netkit.apply.values.companions import companions, with_companions
from netkit.apply.values.datapaths import with_datapaths
from netkit.apply.values.defaults import defaults
from netkit.apply.values.former import (
    Restored,
    is_asked_for,
    key_of,
    remembered_sysctls,
    restored,
    unsaid,
)
from netkit.apply.values.homes import homecoming, left_at_home
from netkit.expand.namespaces import FORWARDING
from netkit.model.addressing import Address
from netkit.model.home import Belonging
from netkit.model.netns import Namespace
from netkit.model.ovs import OvsBridge
from netkit.model.setting import Sysctl
from netkit.model.state import State
from netkit.plan.world import device_of
from netkit.run.job import Ask, Job
from netkit.state.memory import Former
from netkit.value import Value, replace

WITH_FORWARDING = ("/accept_ra", "/accept_redirects")
"""Values that netkit writes by itself where the host begins to forward."""
UNOWNED = (Sysctl, Address, Belonging)


class Completed(Value, frozen=True):
    """
    Both sides of a comparison, with the values that follow.

    Args:
        seen: All that is there.
        current: What of it is the spec's.
        desired: What must be.
        restored: What becomes of the host's values that it no longer says.
    """

    seen: State
    current: State
    desired: State
    restored: Restored


def complete(session: Session, claims: Claimed, seen: State, own: State) -> Completed:
    """
    Add to what a spec asks for the values that follow from it.

    Args:
        session: What is remembered, and the hands that look.
        claims: What the spec asks for, and asked for.
        seen: All that is there.
        own: What of it is the spec's.
    """
    name, desired = claims.name, claims.desired
    if switches := desired.every(OvsBridge):
        desired = desired.merged(with_datapaths(session.runner, switches, own, desired))
    rows = _concerned(session.memory.former(), claims)
    seen = seen.merged(_values(session, remembered_sysctls(rows, name), seen))
    accepted = accepting(session, seen, desired)
    back = restored(session.memory, name, seen, desired.merged(accepted), rows=rows)
    desired = desired.merged(back.objects) if back.objects else desired
    if lent_ones := tuple(unsaid(own, claims.former, desired)):
        desired = desired.merged(lent_ones)
    home = homecoming(session, claims, seen, own=own, desired=desired, rows=rows)
    desired, back = home.desired, replace(back, notes=(*back.notes, *home.notes))
    more = (
        *accepted,
        *redirected(session, seen, desired),
        *defaults(session.runner, _unsaid(claims.former, desired), desired),
    )
    if more:
        desired = desired.merged(more)
        seen = seen.merged(_values(session, [each.name for each in more if not each.netns], seen))
    along = companions(session.runner, seen, own, desired)
    desired = desired.merged(along) if along else desired
    current = with_values(with_companions(seen, own, along), seen, desired)
    if left := tuple(left_at_home(seen, own, desired)):
        current = current.merged(left)
    return Completed(seen, current, desired, back)


def _concerned(rows: Iterable[Former], claims: Claimed) -> tuple[Former, ...]:
    """Leave out values of the spec that an edit of another part of it does not touch."""
    if not claims.partial:
        return tuple(rows)
    forwards = any(("sysctl", None, name) in claims.former for name in FORWARDING)

    def is_concerned(row: Former) -> bool:
        key = key_of(row.place)
        along = forwards and str(key[-1]).endswith(WITH_FORWARDING)
        return row.spec != claims.name or is_asked_for(key, claims.former) or along

    return tuple(row for row in rows if is_concerned(row))


def with_values(own: State, seen: State, wanted: State) -> State:
    """
    Add what is there and only what is wanted speaks of.

    These are values, addresses of others, and what others' devices have at home.
    """
    more = [
        found
        for item in (each for kind in UNOWNED for each in wanted.every(kind))
        if item.key not in own and (found := seen.get(item.key)) is not None
    ]
    return own.merged(more) if more else own


def _values(session: Session, names: Iterable[str], seen: State) -> Iterator[Sysctl]:
    """Read parameters of the host that nobody looked at yet."""
    unread = tuple(name for name in names if ("sysctl", None, name) not in seen)
    for answer in session.runner.run([Job(None, ask=Ask(None, sysctls=unread))] if unread else []):
        for name, value in answer.sysctls.items():
            yield Sysctl(name=name, value=value)


def _unsaid(former: State, desired: State) -> Iterator[Sysctl]:
    """Name the parameters of namespaces and devices that stay which the spec no longer says."""
    stays = {item.netns for item in desired.every(Namespace)}
    for item in former.every(Sysctl):
        if item.key in desired:
            continue
        device = ("link", item.netns, device_of(item.name))
        own = device in former
        if device in desired if own else item.netns in stays:
            yield item
