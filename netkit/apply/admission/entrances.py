"""
Published ports beside others: each leads to one place.

    another spec       its rules are seen, and bear its name
    a program          that listens at the port of the host: it would hear nothing any more

Only what comes anew is compared with programs: one that starts to listen at a port which leads
elsewhere has chosen that itself, and hears nobody but who uses the namespace's own loopback.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_interface

from netkit.apply.ownership.marks import bearer
from netkit.errors import ConflictError, Problem
from netkit.facts import listening
from netkit.facts.listening import Listener
from netkit.model.addressing import Address
from netkit.model.firewall import Chain
from netkit.model.state import State
from netkit.model.topology import Publish, Topology
from netkit.names import chain
from netkit.plan.change import Change
from netkit.plan.redirect import Redirect, redirects
from netkit.value import Value


class Entrances(Value, frozen=True):
    """
    What a spec publishes.

    Args:
        spec: Its name.
        topology: Where it says so, as far as that is known.
    """

    spec: str
    topology: Topology | None = None

    def check_others(self, seen: State, own: State, desired: State) -> None:
        """
        Refuse a published port that leads elsewhere by another spec's rules.

        Raises:
            ConflictError: It names the other spec.
        """
        others = [
            (item, bearer(each, seen) or "unknown")
            for each in seen.every(Chain)
            if each.netns is None and each.key not in own
            for item in redirects(each)
        ]
        said = {
            Problem(
                self._pointer(item),
                f"{item} leads to {other.to} by spec {owner}, not to {item.to}",
            )
            for chain in self._chains(desired)
            for item in redirects(chain)
            for other, owner in others
            if item.meets(other)
        }
        if said:
            hint = "one of the two specs must give way"
            raise ConflictError.at(*sorted(said, key=str), hint=hint)

    def check_programs(self, changes: Iterable[Change]) -> None:
        """
        Refuse to publish a port anew at which a program of the host listens.

        Raises:
            ConflictError: It names the program.
        """
        anew = tuple(self._anew(changes))
        if not anew:
            return
        found = listening.read()
        said = [
            Problem(
                self._pointer(item),
                f"at {item}, which is to lead to {item.to}, listens {_holder(each)}, and would"
                " hear nothing",
            )
            for item in anew
            for each in found
            if _takes(each, item)
        ]
        if said:
            raise ConflictError.at(
                *said,
                hint="stop it, publish another port of the host, or at an address it does not have",
            )

    def notes(
        self, seen: State, desired: State, changes: Iterable[Change] | None = None
    ) -> Iterator[str]:
        """
        Say which ports are published at an address that the host does not have.

        Args:
            seen: All that is there.
            desired: What the spec asks for.
            changes: Only what is published anew by these.
        """
        has = {
            ip_interface(item.cidr).ip
            for state in (seen, desired)
            for item in state.every(Address)
            if item.netns is None
        }
        published = (item for each in self._chains(desired) for item in redirects(each))
        for item in published if changes is None else self._anew(changes):
            where = item.address
            if where is not None and where not in has and not where.is_loopback:
                yield (
                    f"{self._pointer(item)}: the host has no address {where}:"
                    f" nobody reaches {item} until it has"
                )

    def _chains(self, state: State) -> Iterator[Chain]:
        """Give the chains that hold each published port once."""
        name = chain("OUTPUT", self.spec)
        for item in state.every(Chain):
            if item.netns is None and item.name == name:
                yield item

    def _anew(self, changes: Iterable[Change]) -> Iterator[Redirect]:
        for change in changes:
            if isinstance(change.after, Chain):
                before = change.before
                known = {*redirects(before)} if isinstance(before, Chain) else set()
                for each in self._chains(State.of((change.after,))):
                    yield from (item for item in redirects(each) if item not in known)

    def _pointer(self, item: Redirect) -> str:
        """Find where a spec says what a rule does."""
        for sandbox in self.topology.namespaces if self.topology else ():
            for endpoint in sandbox.endpoints:
                if any(each.ip == item.to for each in endpoint.addresses or ()):
                    for said in endpoint.publish:
                        if _says(said, item):
                            return said.pointer
        return "/namespaces"


def _takes(listener: Listener, item: Redirect) -> bool:
    first, last = item.ports
    return (
        listener.protocol == item.protocol
        and first <= listener.port <= last
        and listening.takes(listener, item.family)
        and (None in {listener.address, item.address} or listener.address == item.address)
    )


def _holder(listener: Listener) -> str:
    return listening.holder(listener.inode) or "a program"


def _says(said: Publish, item: Redirect) -> bool:
    return (said.protocol, said.host_ports) == (item.protocol, item.ports)
