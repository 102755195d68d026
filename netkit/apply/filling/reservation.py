"""
What only a plugin can tell is reserved: asked for under the lock, noted at once, given back.

    plan, --dry-run   what was given stands; all else is a guess, shown as <allotted at apply>
    apply             asks, notes each answer in the memory, and looks again
    its end           gives back what the spec, as it is then kept, has no wish for; so a failure,
                      a way back and a destroy need nothing of their own
"""

from __future__ import annotations

from collections.abc import Iterable

from netkit.apply.filling.interview import (
    ACTIVATE,
    CAPABILITIES,
    SPACES,
    UNKNOWN,
    Handshake,
    give_back,
    greet,
    is_pool,
    question,
    request_address,
    request_pool,
)
from netkit.apply.recall.recall import read_again
from netkit.apply.session import Session
from netkit.command import plugin
from netkit.command.plugin import PluginCall
from netkit.errors import CommandError, NetkitError
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.pools import Holding
from netkit.expand.ipam.remote import POOL, Wish, guesses, leased, wishes
from netkit.facts.plugin import find
from netkit.model.lease import Lease
from netkit.model.topology import Topology
from netkit.spec import words
from netkit.value import Value


class Reserved(Value, frozen=True):
    """
    What plugins gave a spec, and what they are still to be asked for.

    Args:
        leases: The one.
        wanted: The other.
    """

    leases: tuple[Lease, ...]
    wanted: tuple[Wish, ...]

    def overlaid(self, allotments: Allotments) -> Allotments:
        """Lay what was given over what was allotted before."""
        return leased(allotments, self.leases)

    def guesses(self, filled: Topology) -> frozenset[str]:
        """Name what, in a spec with nothing left open, only stands for an answer."""
        return guesses(filled, self.wanted)

    def calls(self, topology: Topology) -> tuple[PluginCall, ...]:
        """
        Give the questions that apply will put, as far as they are known before.

        Raises:
            MissingError: There is no such plugin.
        """
        pool_ids = {lease.key[:4]: lease.pool_id for lease in self.leases if is_pool(lease)}
        hands = {wish.plugin: Handshake(find(wish.plugin)) for wish in self.wanted}
        found = [
            plugin.call(name, hand.socket, method)
            for name, hand in hands.items()
            for method in (ACTIVATE, CAPABILITIES, SPACES)
        ]
        for wish in self.wanted:
            pool_id = pool_ids.get(wish.pool, UNKNOWN)
            found.append(question(topology, wish, hands[wish.plugin], pool_id))
        return tuple(found)


def reserved(session: Session, topology: Topology) -> Reserved:
    """Say what plugins gave a spec, and what it still wishes for."""
    leases = session.memory.leases(topology.name)
    given = {lease.key for lease in leases}
    return Reserved(leases, tuple(wish for wish in wishes(topology) if wish.key not in given))


def reserve(session: Session, topology: Topology, busy: Iterable[Holding]) -> None:
    """
    Ask plugins for what a spec wishes and was not given yet; note each answer at once.

    Args:
        session: It holds the lock.
        topology: As written.
        busy: Subnets that none which a plugin chooses may overlap.

    Raises:
        MissingError: There is no such plugin.
        CommandError: A plugin refuses, or gives what cannot be.
    """
    found = reserved(session, topology)
    leases = [*found.leases]
    taken = [*busy, *_own(topology, leases)]
    hands: dict[str, Handshake] = {}
    for wish in found.wanted:
        if wish.plugin not in hands:
            hands[wish.plugin] = greet(session, wish.plugin)
        hand = hands[wish.plugin]
        if any(lease.key == wish.key for lease in leases):
            continue  # it came with the subnet
        try:
            if wish.holder == POOL:
                given = request_pool(session, topology, wish, hand=hand, taken=taken)
                subnet = words.read_subnet(given[0].cidr)
                taken.append(Holding(subnet, f"network {wish.network}"))
            else:
                given = (request_address(session, topology, wish, hand=hand, leases=leases),)
        except CommandError as error:
            error.pointer = wish.pointer
            raise
        for lease in given:
            session.memory.lease(topology.name, lease)
            leases.append(lease)


def _own(topology: Topology, leases: Iterable[Lease]) -> Iterable[Holding]:
    for network in topology.networks:
        for subnet in network.subnets or ():
            yield Holding(subnet, f"network {network.name}")
    for lease in leases:
        if is_pool(lease):
            yield Holding(words.read_subnet(lease.cidr), f"network {lease.key[0]}")


def settle(session: Session, name: str | None = None) -> tuple[str, ...]:
    """
    Give back what no applied spec has a wish for.

    Args:
        session: It holds the lock.
        name: The spec; None: every spec.

    Returns:
        What could not be given back, and why; it is tried again another time.
    """
    notes: list[str] = []
    for spec in [name] if name is not None else session.memory.leasing():
        stored = session.memory.spec(spec)
        wanted = {wish.key for wish in wishes(read_again(stored.document))} if stored else set()
        unwanted = [each for each in session.memory.leases(spec) if each.key not in wanted]
        for lease in sorted(unwanted, key=is_pool):  # subnets after what is in them
            try:
                give_back(session, spec, lease)
            except NetkitError as error:
                said = error.said if isinstance(error, CommandError) else str(error)
                notes.append(f"{lease.cidr} was not given back, and is tried again later: {said}")
    return tuple(notes)
