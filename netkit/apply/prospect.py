"""
What would happen: look, compare, plan. Nothing is changed here.

    memory ── what was applied ──▶ former State ─┐
    spec ──── fill, expand ──────▶ desired State ─┼─▶ look at all of it ─▶ own ─▶ plan ─▶ steps
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import ip_interface, ip_network

from netkit.apply.advertisements import accepting
from netkit.apply.former import Restored, defaults, restored
from netkit.apply.neighborhood import check_neighbors
from netkit.apply.ownership import check_conflicts, owned
from netkit.apply.session import Session
from netkit.errors import NetkitError
from netkit.expand.expand import expand
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.pools import needs_pool
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope, scope
from netkit.model.addressing import Address
from netkit.model.netns import Namespace
from netkit.model.routing import Route
from netkit.model.setting import Sysctl
from netkit.model.state import NOTHING, State
from netkit.model.topology import IPNetwork, Topology
from netkit.names import group
from netkit.plan.change import Change
from netkit.plan.lower import lower
from netkit.plan.phase import Planned
from netkit.plan.plan import plan
from netkit.spec import document
from netkit.spec import topology as checked
from netkit.state.memory import Stored
from netkit.value import Value


class Prospect(Value, frozen=True):
    """
    What would happen.

    Args:
        name: The spec.
        topology: With nothing left open; None when the spec goes.
        allotments: What was chosen for it.
        former: What it asked for when it was last applied.
        scope: What was looked at.
        current: What of it is there.
        desired: What must be.
        changes: The way from one to the other.
        steps: The same, to be typed.
        restored: What becomes of the host's values that it no longer says.
    """

    name: str
    topology: Topology | None
    allotments: Allotments
    former: State
    scope: Scope
    seen: State
    current: State
    desired: State
    changes: tuple[Change, ...]
    steps: tuple[Planned, ...]
    restored: Restored


def prospect(session: Session, topology: Topology) -> Prospect:
    """
    Say what applying a spec would do.

    Raises:
        NetkitError: It cannot be applied beside what is there.
    """
    stored = session.memory.spec(topology.name)
    remembered = Allotments.from_json(stored.allotments) if stored else Allotments()
    filled, allotments = fill(topology, remembered, tuple(_taken(session, topology, remembered)))
    desired = expand(filled)
    same = stored is not None and stored.document == words(filled)
    former = desired if same else _former(stored)
    return _prospect(session, topology.name, filled, allotments, desired, former)


def farewell(session: Session, name: str) -> Prospect:
    """
    Say what destroying a spec would do.

    Raises:
        NetkitError: No spec of this name is applied.
    """
    stored = session.memory.spec(name)
    if stored is None:
        known = ", ".join(each.name for each in session.memory.specs()) or "none"
        raise NetkitError(f"no spec called {name} is applied", hint=f"applied: {known}")
    return _prospect(session, name, None, Allotments(), NOTHING, _former(stored))


def _prospect(  # noqa: PLR0917 - it joins what the two ways in have found
    session: Session,
    name: str,
    topology: Topology | None,
    allotments: Allotments,
    desired: State,
    former: State,
) -> Prospect:
    looked = scope(desired, former)
    seen = read(session.runner, looked)
    own = owned(seen, name, desired, former)
    check_conflicts(seen, own, desired)
    check_neighbors(seen, own, desired)
    back = restored(session.memory, name, seen, desired)
    desired = desired.merged(
        (
            *accepting(session, name, seen, desired),
            *back.objects,
            *defaults(session.runner, _unsaid(former, desired)),
        )
    )
    current = _with_values(own, seen, desired)
    changes = plan(current, desired)
    steps = lower(changes, desired, group=group(name))
    return Prospect(
        name, topology, allotments, former, looked, seen, current, desired, changes, steps, back
    )


def _former(stored: Stored | None) -> State:
    """Say what a spec asked for when it was last applied."""
    if stored is None:
        return NOTHING
    remembered = Allotments.from_json(stored.allotments)
    return expand(fill(checked(json.loads(stored.document)), remembered)[0])


def words(topology: Topology) -> str:
    """Write a spec as the memory keeps it."""
    return json.dumps(document(topology))


def _with_values(own: State, seen: State, desired: State) -> State:
    """Add the values that are there and that only what is desired speaks of."""
    more = [found for item in desired if item.key not in own and (found := seen.get(item.key))]
    return own.merged(item for item in more if isinstance(item, Sysctl)) if more else own


def _unsaid(former: State, desired: State) -> Iterator[Sysctl]:
    """Name the parameters of namespaces that stay which the spec no longer says."""
    stays = {item.netns for item in desired.every(Namespace)}
    for item in former.every(Sysctl):
        if item.netns in stays and item.key not in desired:
            yield item


def _taken(session: Session, topology: Topology, remembered: Allotments) -> Iterator[IPNetwork]:
    """Name the subnets that no pool may overlap, when a pool is needed."""
    if all(not needs_pool(each) or each.name in remembered.pools for each in topology.networks):
        return
    for stored in session.memory.specs():
        if stored.name != topology.name:
            for cidrs in Allotments.from_json(stored.allotments).pools.values():
                yield from map(ip_network, cidrs)
            for network in json.loads(stored.document).get("networks", {}).values():
                yield from map(ip_network, network.get("subnets", ()))
    host = read(session.runner, Scope(looks=(Look(None),)))
    for address in host.every(Address):
        yield ip_interface(address.cidr).network
    for route in host.every(Route):
        if ip_network(route.to).prefixlen:
            yield ip_network(route.to)
