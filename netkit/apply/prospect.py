"""
What would happen: look, compare, plan. Nothing is changed here.

    memory ── what was applied, and what was cut off ──▶ former State ─┐
    spec ──── fill, expand ────────────────────────────▶ desired State ─┼─▶ look ─▶ own ─▶ plan
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_interface, ip_network
from typing import Any

from netkit.apply.advertisements import accepting, redirected
from netkit.apply.companions import companions, with_companions
from netkit.apply.ending import Ending
from netkit.apply.former import Restored, defaults, remembered_sysctls, restored
from netkit.apply.neighborhood import check_claims, check_name, check_neighbors
from netkit.apply.ownership import adopted, check_conflicts, owned
from netkit.apply.presence import check_presence
from netkit.apply.recollection import recollected
from netkit.apply.session import Session
from netkit.apply.settling import read_settled
from netkit.apply.vacancy import residents
from netkit.errors import NetkitError, SpecError
from netkit.expand.expand import expand
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.pools import needs_pool
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope, scope
from netkit.model import record
from netkit.model.addressing import Address, FdbEntry, Neighbor
from netkit.model.firewall import Chain, Jump, Policy
from netkit.model.netns import Namespace
from netkit.model.object import Key, Netns, Object
from netkit.model.routing import Route, Rule
from netkit.model.setting import Qdisc, Sysctl
from netkit.model.state import NOTHING, State
from netkit.model.topology import IPNetwork, Topology
from netkit.names import group
from netkit.plan.change import Change
from netkit.plan.lower import lower
from netkit.plan.phase import Planned
from netkit.plan.plan import plan
from netkit.run.job import Answer, Ask, Job
from netkit.spec import document
from netkit.spec import topology as checked
from netkit.state.memory import Intent
from netkit.value import Value, replace

FOREIGN_PLACES = ('"host"', '"host:', '"netns"')
"""What a spec as remembered holds when it speaks of places that it did not make."""
NO_ANSWERS: dict[str | None, Answer] = {}
UNLOOKED = (Route, Rule, Neighbor, FdbEntry, Qdisc, Sysctl, Chain, Jump, Policy)


class Claimed(Value, frozen=True):
    """
    What a spec has a claim to, before anyone looks.

    Args:
        name: The spec.
        desired: What it asks for.
        former: What it asked for when it was last applied, or was about to.
        pending: Keys that a transaction was about to make when it was cut off.
        intent: That transaction's journal.
        adopt: What has the name of something desired is taken over, whosever it is.
        ignore_extra: What somebody added by hand is left alone, even in the spec's namespaces.
    """

    name: str
    desired: State
    former: State
    pending: frozenset[Key] = frozenset()
    intent: Intent | None = None
    adopt: bool = False
    ignore_extra: bool = False

    def own(self, seen: State, *, begun: State = NOTHING) -> State:
        """
        Keep of what was seen what is the spec's.

        Args:
            seen: All that is there.
            begun: What is being made right now: it may be there without its mark.
        """
        pending = self.pending | frozenset(begun.objects)
        own = owned(seen, self.name, self.desired, self.former, begun, pending=pending)
        if self.adopt:
            own = own.merged(adopted(seen, own, self.desired))
        if self.ignore_extra:
            asked = (self.desired, self.former, begun)
            own = own.where(lambda item: any(item.key in state for state in asked))
        return own


class Prospect(Value, frozen=True):
    """
    What would happen.

    Args:
        name: The spec.
        topology: With nothing left open; None when the spec goes.
        allotments: What was chosen for it.
        claimed: What it has a claim to.
        scope: What was looked at.
        seen: All that is there.
        current: What of it is the spec's.
        desired: What must be.
        changes: The way from one to the other.
        steps: The same, to be typed.
        restored: What becomes of the host's values that it no longer says.
        ending: What the memory holds afterwards.
        residents: Who lives in namespaces that go: a line each.
    """

    name: str
    topology: Topology | None
    allotments: Allotments
    claimed: Claimed
    scope: Scope
    seen: State
    current: State
    desired: State
    changes: tuple[Change, ...]
    steps: tuple[Planned, ...]
    restored: Restored
    ending: Ending
    residents: tuple[str, ...] = ()


def prospect(
    session: Session, topology: Topology, *, adopt: bool = False, ignore_extra: bool = False
) -> Prospect:
    """
    Say what applying a spec would do.

    Args:
        session: What is remembered, and the hands that look.
        topology: The spec.
        adopt: Take over what has the name of something in the spec, whosever it is.
        ignore_extra: Leave alone what no spec said, even in the spec's namespaces.

    Raises:
        NetkitError: It cannot be applied beside what is there.
    """
    stored = session.memory.spec(topology.name)
    intent = session.memory.intent(topology.name)
    known = [each for each in (intent, stored) if each is not None]
    remembered = Allotments() if known else recollected(session, topology)
    for each in known:
        remembered = remembered.merged(Allotments.from_json(each.allotments))
    filled, allotments = fill(topology, remembered, tuple(_taken(session, topology, remembered)))
    desired = expand(filled)
    same = stored is not None and stored.document == words(filled)
    claims = claimed(session, topology.name, desired, desired if same else None)
    if adopt or ignore_extra:
        claims = replace(claims, adopt=adopt, ignore_extra=ignore_extra)
    check_claims(desired, lambda everyone: _others(session, topology.name, everyone))
    return _prospect(session, claims, Ending.KEEP, topology=filled, allotments=allotments)


def farewell(session: Session, name: str) -> Prospect:
    """
    Say what destroying a spec would do.

    Raises:
        NetkitError: No spec of this name is applied.
    """
    if session.memory.spec(name) is None and session.memory.intent(name) is None:
        known = ", ".join(each.name for each in session.memory.specs()) or "none"
        raise NetkitError(f"no spec called {name} is applied", hint=f"applied: {known}")
    return _prospect(session, claimed(session, name, NOTHING), Ending.FORGET)


def way_back(session: Session, name: str) -> Prospect:
    """
    Say what returns to the state before a transaction that was cut off.

    Raises:
        NetkitError: No transaction of this spec was cut off.
    """
    intent = session.memory.intent(name)
    if intent is None:
        raise NetkitError(
            f"no transaction of {name} was cut off: there is nothing to go back from",
            hint="netkit status shows what is applied",
        )
    return _prospect(session, claimed(session, name, _before(intent)), Ending.LEAVE)


def claimed(session: Session, name: str, desired: State, former: State | None = None) -> Claimed:
    """Gather what a spec has a claim to; ``former`` is given when it is known already."""
    if former is None:
        stored = session.memory.spec(name)
        former = _wanted(stored.document, stored.allotments) if stored else NOTHING
    intent = session.memory.intent(name)
    if intent is None:
        return Claimed(name, desired, former)
    begun = _before(intent)  # it may have been on its way back when it was cut off
    for text, allotments in (*intent.earlier, (intent.document, intent.allotments)):
        begun = begun.merged(_wanted(text, allotments) if text else NOTHING)
    return Claimed(name, desired, former.merged(begun), frozenset(begun.objects), intent)


def _prospect(
    session: Session,
    claims: Claimed,
    ending: Ending,
    *,
    topology: Topology | None = None,
    allotments: Allotments | None = None,
) -> Prospect:
    name, desired, former = claims.name, claims.desired, claims.former
    passing = frozenset(item.netns for item in former.every(Namespace) if item.key not in desired)
    looked = scope(desired, former, passing=passing)
    seen = read_settled(session.runner, looked, claims.own)
    own = claims.own(seen)
    own = own.merged(_unlooked(own, former, passing))
    if ending is Ending.KEEP:
        check_name(name, _names(session), seen)
    check_conflicts(seen, own, desired)
    check_neighbors(seen, own, desired)
    check_presence(seen, desired)
    seen = seen.merged(_values(session, remembered_sysctls(session.memory, name), seen))
    accepted = accepting(session, name, seen, desired)
    back = restored(session.memory, name, seen, desired.merged(accepted))
    desired = desired.merged(back.objects)
    more = (
        *accepted,
        *redirected(session, seen, desired),
        *defaults(session.runner, _unsaid(former, desired), desired),
    )
    if more or back.objects:
        desired = desired.merged(more)
        looked = scope(desired, former, passing=passing)
        seen = seen.merged(_values(session, [each.name for each in more if not each.netns], seen))
    along = companions(session.runner, seen, own, desired)
    desired = desired.merged(along) if along else desired
    current = _with_values(with_companions(seen, own, along), seen, desired)
    changes = plan(current, desired)
    return Prospect(
        name=name,
        topology=topology,
        allotments=allotments or Allotments(),
        claimed=claims,
        scope=looked,
        seen=seen,
        current=current,
        desired=desired,
        changes=changes,
        steps=lower(changes, desired, group=group(name)),
        restored=back,
        ending=ending,
        residents=residents(seen, current, desired),
    )


def _unlooked(own: State, former: State, passing: frozenset[Netns]) -> Iterator[Object]:
    """Take for granted what nobody looks at in namespaces that are to go: it is as it was made."""
    for item in former:
        if item.netns in passing and ("netns", item.netns) in own and isinstance(item, UNLOOKED):
            yield item


def now(
    session: Session,
    prospect: Prospect,
    wanted: State,
    answers: dict[str | None, Answer] = NO_ANSWERS,
) -> State:
    """Look again at all that a prospect looked at, and give what of it is the spec's."""
    seen = read(session.runner, prospect.scope, answers)
    desired = prospect.desired
    own = prospect.claimed.own(seen, begun=desired if wanted is desired else desired.merged(wanted))
    return _with_values(own, seen, wanted)


def words(topology: Topology) -> str:
    """Write a spec as the memory keeps it."""
    return json.dumps(document(topology))


def _names(session: Session) -> Iterator[str]:
    """Name the specs that are applied, or were about to be."""
    yield from (each.name for each in session.memory.specs())
    yield from (each.spec for each in session.memory.intents())


def _others(session: Session, name: str, everyone: bool) -> Mapping[str, State]:
    """
    Say what other specs want.

    Args:
        session: What is remembered.
        name: Of the spec that is not meant.
        everyone: Also of specs that stay in places of their own.
    """
    return {
        each.name: _wanted(each.document, each.allotments)
        for each in session.memory.specs()
        if each.name != name and (everyone or any(word in each.document for word in FOREIGN_PLACES))
    }


def _before(intent: Intent) -> State:
    try:
        return record.read(intent.before)
    except ValueError as error:
        raise NetkitError(
            f"the journal of {intent.spec} cannot be read: {error}",
            hint="netkit destroy --all removes what netkit made, by its marks",
        ) from error


def _wanted(text: str, allotments: Any) -> State:
    """Say what a remembered spec asks for."""
    return expand(fill(read_again(text), Allotments.from_json(allotments))[0])


def read_again(text: str) -> Topology:
    """
    Read a spec as the memory keeps it.

    Raises:
        NetkitError: It is none.
    """
    try:
        return checked(json.loads(text))
    except (ValueError, RecursionError, SpecError) as error:
        raise NetkitError(
            f"a remembered spec cannot be read: {error}",
            hint="netkit destroy --all removes what netkit made, by its marks",
        ) from error


def _with_values(own: State, seen: State, wanted: State) -> State:
    """Add what is there and only what is wanted speaks of: values, and addresses of others."""
    more = [
        found
        for item in (*wanted.every(Sysctl), *wanted.every(Address))
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
            for network in read_again(stored.document).networks:
                yield from network.subnets or ()
    host = read(session.runner, Scope(looks=(Look(None),)))
    for address in host.every(Address):
        yield ip_interface(address.cidr).network
    for route in host.every(Route):
        if ip_network(route.to).prefixlen:
            yield ip_network(route.to)
