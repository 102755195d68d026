"""
Addresses of others that would go along.

When the first IPv4 address of a prefix goes from a device, the kernel removes the later ones of
that prefix too, whosever they are, unless promote_secondaries says that the next takes its place.
They are given back: whoever plans must know that they were there, and are to stay.

Source: kernel, Documentation/networking/ip-sysctl.rst, promote_secondaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_interface

from netkit.model.addressing import Address
from netkit.model.object import Netns
from netkit.model.setting import Loan
from netkit.model.state import State
from netkit.run.job import Ask, Job
from netkit.run.runner import Runner

Prefix = tuple[Netns, str, str]


def companions(runner: Runner, seen: State, own: State, desired: State) -> tuple[Address, ...]:
    """Give the addresses of others that go when the spec's own do."""
    leaving = {(loan.home, loan.home_ifname) for loan in desired.every(Loan)}
    going = {
        _prefix(item)
        for item in _ipv4(own)
        if item.key not in desired and (item.netns, item.ifname) not in leaving
    }
    if not going:
        return ()
    found = [item for item in _ipv4(seen) if item.key not in own and _prefix(item) in going]
    places = {(item.netns, item.ifname) for item in found}
    losing = {place for place in places if not _promotes(runner, *place)}
    return tuple(item for item in found if (item.netns, item.ifname) in losing)


def with_companions(seen: State, own: State, found: Iterable[Address]) -> State:
    """Lay them over what is the spec's own, in the order of the kernel: the first one counts."""
    keys = {item.key for item in found}
    if not keys:
        return own
    ordered = [own.get(item.key) or item for item in seen if item.key in own or item.key in keys]
    return State.of((*ordered, *(item for item in own if item.key not in seen)))


def _ipv4(state: State) -> Iterator[Address]:
    return (item for item in state.every(Address) if ":" not in item.cidr)


def _prefix(item: Address) -> Prefix:
    return (item.netns, item.ifname, str(ip_interface(item.cidr).network))


def _promotes(runner: Runner, netns: Netns, ifname: str) -> bool:
    names = tuple(f"net/ipv4/conf/{where}/promote_secondaries" for where in ("all", ifname))
    (answer,) = runner.run([Job(netns, ask=Ask(netns, sysctls=names))])
    return "1" in answer.sysctls.values()
