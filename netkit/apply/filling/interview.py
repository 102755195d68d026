"""
A talk with an IPAM plugin: what it is asked, and what of its answers can be.

Nothing that it says is believed: a subnet is of the family and, where one was asked for, the one
that was asked for; an address is in its subnet, nobody's yet, and one that a host can have.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from netkit.apply.session import Session
from netkit.command import plugin
from netkit.command.plugin import PluginCall
from netkit.errors import CommandError
from netkit.expand.ipam.pools import Holding
from netkit.expand.ipam.remote import GATEWAY, POOL, Wish
from netkit.facts.plugin import find
from netkit.model.lease import Lease
from netkit.model.subnet import edges
from netkit.model.topology import IPInterface, IPNetwork, Topology
from netkit.names import mac_of
from netkit.run.job import Job
from netkit.spec import words
from netkit.value import Value, replace

UNKNOWN = "<allotted at apply>"
IPAM = "IpamDriver"
ACTIVATE, CAPABILITIES = "Plugin.Activate", f"{IPAM}.GetCapabilities"
SPACES = f"{IPAM}.GetDefaultAddressSpaces"
REJECTED = " rejected"
"""In the name of who would have had what is no use: it is noted only to be given back."""
MOST_TRIED = 8
LONGEST_ID = 1024
LONGEST_SHOWN = 80

T = TypeVar("T")


class Handshake(Value, frozen=True):
    """
    What a plugin said of itself.

    Args:
        socket: Where it listens.
        space: Its address space for one machine.
        wants_mac: It allots by MAC address.
    """

    socket: str
    space: str = UNKNOWN
    wants_mac: bool = False


def greet(session: Session, name: str) -> Handshake:
    """
    Ask a plugin what it is.

    Raises:
        MissingError: There is none of this name.
        CommandError: It allots no addresses, or does not answer.
    """
    socket = find(name)
    first = plugin.call(name, socket, ACTIVATE)
    kinds = _told(session, first).get("Implements")
    if not isinstance(kinds, list) or IPAM not in kinds:
        raise _refused(first, f"it is no {IPAM}")
    try:
        able = _told(session, plugin.call(name, socket, CAPABILITIES))
    except CommandError:
        able = {}  # it has none to tell of
    spaces = plugin.call(name, socket, SPACES)
    space = _told(session, spaces).get("LocalDefaultAddressSpace", "")
    if not isinstance(space, str) or not _is_word(space):
        raise _refused(spaces, "it names no address space")
    return Handshake(socket, space, able.get("RequiresMACAddress") is True)


def question(topology: Topology, wish: Wish, hand: Handshake, pool_id: str) -> PluginCall:
    """Say how a plugin is asked for something."""
    if wish.holder == POOL:
        return plugin.request_pool(
            wish.plugin,
            hand.socket,
            space=hand.space,
            pool="" if wish.is_open else wish.slot,
            sub_pool=str(wish.part or ""),
            options=dict(topology.network(wish.network).ipam.options),
            ipv6=wish.family == 6,
        )
    options: dict[str, str] = {}
    if wish.holder == GATEWAY:
        options = dict(plugin.GATEWAY)
    elif hand.wants_mac:
        options = {plugin.MAC: _mac(topology, wish)}
    return plugin.request_address(
        wish.plugin,
        hand.socket,
        pool_id=pool_id,
        address=str(wish.address or ""),
        options=options,
    )


class Offer(Value, frozen=True):
    """
    A subnet that a plugin gave, before it is taken.

    Args:
        lease: It.
        gateway: What it gave the gateway with it, if anything.
        wrong: Why it is no use; empty when it is.
        again: It is somebody's, and another one may do.
    """

    lease: Lease
    gateway: Lease | None = None
    wrong: str = ""
    again: bool = False


def request_pool(
    session: Session, topology: Topology, wish: Wish, *, hand: Handshake, taken: Iterable[Holding]
) -> tuple[Lease, ...]:
    """
    Ask for a subnet, and once more where the one that the plugin chose is somebody's.

    Returns:
        It, and the gateway where the plugin names one with it.

    Raises:
        CommandError: It refuses, or gives what cannot be.
    """
    asked = question(topology, wish, hand, "")
    rejected: list[Lease] = []
    while (offer := _offer(session, asked, wish, taken)).wrong:
        # Held until another one was found, or the plugin would give the same again.
        rejected.append(_spare(offer.lease, f"{REJECTED} {len(rejected)}"))
        session.memory.lease(topology.name, rejected[-1])
        if not offer.again or len(rejected) == MOST_TRIED:
            raise _refused(asked, offer.wrong)
    for each in rejected:
        give_back(session, topology.name, each)
    return (offer.lease,) if offer.gateway is None else (offer.lease, offer.gateway)


def _offer(session: Session, asked: PluginCall, wish: Wish, taken: Iterable[Holding]) -> Offer:
    """Ask, and say what is wrong with what is answered."""
    answer = _told(session, asked)
    pool_id, subnet = answer.get("PoolID"), _read(words.read_subnet, answer.get("Pool"))
    if not isinstance(pool_id, str) or not pool_id or not _is_word(pool_id):
        raise _refused(asked, "it gives the subnet no PoolID")
    lease = Lease(wish.key, pool_id, str(subnet))
    if subnet is None:
        return Offer(lease, wrong=f"{_shown(answer.get('Pool'))} is no subnet")
    if subnet.version != wish.family:
        return Offer(lease, wrong=f"{subnet} is of the other family")
    if not wish.is_open and str(subnet) != wish.slot:
        return Offer(lease, wrong=f"{subnet} is not {wish.slot}, which was asked for")
    clash = next((each for each in taken if each.subnet.overlaps(subnet)), None)
    if wish.is_open and clash is not None:
        wrong = f"{subnet} overlaps {clash.subnet}: {clash.holder}"
        return Offer(lease, wrong=wrong, again=True)
    data = answer.get("Data")
    said = data.get(plugin.GATEWAY_WORD) if isinstance(data, dict) else None
    if said is None:
        return Offer(lease)
    address = _read(words.read_cidr, said)
    if address is None:
        return Offer(lease, wrong=f"{_shown(said)} is no gateway")
    gateway = Lease(replace(wish, holder=GATEWAY, part=None).key, pool_id, str(address))
    return Offer(lease, gateway, _objection(wish, subnet, address))


def request_address(
    session: Session, topology: Topology, wish: Wish, *, hand: Handshake, leases: Iterable[Lease]
) -> Lease:
    """
    Ask for an address, in a subnet that was given before.

    Raises:
        CommandError: It refuses, or gives what cannot be.
    """
    pool = next(each for each in leases if each.key[:4] == wish.pool)
    asked = question(topology, wish, hand, pool.pool_id)
    answer = _told(session, asked)
    found = _read(words.read_cidr, answer.get("Address"))
    if found is None:
        raise _refused(asked, f"{_shown(answer.get('Address'))} is no address with its prefix")
    if holder := _holder(topology, wish, leases, found):
        raise _refused(asked, f"{found.ip} is {holder}'s already")
    lease = Lease(wish.key, pool.pool_id, str(found))
    if wrong := _objection(wish, words.read_subnet(pool.cidr), found):
        session.memory.lease(topology.name, _spare(lease, wish.holder + REJECTED))
        raise _refused(asked, wrong)
    return lease


def _objection(wish: Wish, subnet: IPNetwork, found: IPInterface) -> str:
    if found.network != subnet:
        return f"{found} is not in {subnet}"
    if found.ip in edges(subnet):
        return f"{found} is an address that nobody can have"
    if wish.address is not None and found.ip != wish.address:
        return f"{found.ip} is not {wish.address}, which was asked for"
    return ""


def _holder(topology: Topology, wish: Wish, leases: Iterable[Lease], found: IPInterface) -> str:
    """Say who has an address of the network already; empty when nobody does."""
    for lease in leases:
        network, *_, holder, _ = lease.key
        if (network, lease.cidr) == (wish.network, str(found)) and holder != POOL:
            return holder
    if found.ip == wish.address:
        return ""
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            named = [each.ip for each in endpoint.addresses or ()]
            if endpoint.network == wish.network and found.ip in named:
                return sandbox.name
    for name, part in topology.network(wish.network).ipam.reserved:
        if found.ip in part:
            return name or "somebody"
    return ""


def give_back(session: Session, spec: str, lease: Lease) -> None:
    """
    Give back what a plugin gave, and forget it.

    Raises:
        MissingError: The plugin is not there any more.
        CommandError: It refuses.
    """
    name = lease.key[1]
    if is_pool(lease):
        _told(session, plugin.release_pool(name, find(name), pool_id=lease.pool_id))
    else:
        address = lease.cidr.partition("/")[0]
        _told(
            session,
            plugin.release_address(name, find(name), pool_id=lease.pool_id, address=address),
        )
    session.memory.unlease(spec, lease)


def is_pool(lease: Lease) -> bool:
    """Say whether it is a subnet, not an address in one."""
    holder = lease.key[3]
    return holder == POOL or holder.startswith(REJECTED)


def _spare(lease: Lease, holder: str) -> Lease:
    network, name, slot, *_ = lease.key
    return replace(lease, key=(network, name, slot, holder, ""))


def _mac(topology: Topology, wish: Wish) -> str:
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            if (endpoint.network, sandbox.name) == (wish.network, wish.holder) and endpoint.mac:
                return endpoint.mac
    return mac_of(topology.name, wish.network, wish.holder)


def _told(session: Session, call: PluginCall) -> dict[str, Any]:
    (answer,) = session.runner.run([Job(None, (call,))])
    found: dict[str, Any] = json.loads(answer.texts[0])
    return found


def _read(read: Callable[[str], T], said: object) -> T | None:
    try:
        return read(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _is_word(text: str) -> bool:
    return text.isprintable() and len(text) <= LONGEST_ID


def _shown(said: object) -> str:
    text = "".join(each if each.isprintable() else "?" for each in str(said or "nothing"))
    return text[:LONGEST_SHOWN]


def _refused(call: PluginCall, reason: str) -> CommandError:
    error = CommandError(
        str(call),
        1,
        f"plugin {call.plugin}: {call.method}: {reason}",
        hint=f"ask whoever runs the plugin {call.plugin}; it listens on {call.socket}",
    )
    error.step = call
    return error
