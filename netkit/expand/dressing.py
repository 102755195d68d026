"""What every device may carry, whoever brought it: names, addresses, shaping, and DAD's absence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from netkit.expand.placement import Site, is_made, refinement
from netkit.model.addressing import Address
from netkit.model.object import Netns, Object
from netkit.model.setting import Qdisc, Sysctl
from netkit.model.topology import Endpoint, IPInterface, Network, Sandbox, Shaping
from netkit.names import device_alias


def endpoint_fields(
    site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint
) -> dict[str, Any]:
    """Give the fields of a device that is an endpoint by itself, but for those of its kind."""
    assert endpoint.device is not None
    refined = refinement(sandbox, endpoint.device)
    return {
        "netns": site.netns[sandbox.name],
        "ifname": endpoint.device,
        "mtu": refined.mtu or endpoint.mtu or network.mtu,
        "up": refined.up is not False,
        "master": refined.master,
        "alias": device_alias(site.spec, sandbox.name, endpoint.device),
        "group": site.group,
        "origin": endpoint.pointer,
    }


def dressed(site: Site, sandbox: Sandbox, endpoint: Endpoint) -> Iterator[Object]:
    """Say what the device of an endpoint carries."""
    assert endpoint.device is not None
    netns, ifname = site.netns[sandbox.name], endpoint.device
    refined = refinement(sandbox, ifname)
    given = (*(endpoint.addresses or ()), *refined.addresses)
    yield from addresses(netns, ifname, given, endpoint.pointer)
    yield from shaping(netns, ifname, refined.shaping or endpoint.shaping, endpoint.pointer)
    yield from at_once(netns, ifname, sandbox, endpoint.pointer)


def addresses(
    netns: Netns, ifname: str, wanted: Iterable[IPInterface], origin: str
) -> Iterator[Object]:
    """Put addresses on a device."""
    for address in wanted:
        yield Address(netns=netns, ifname=ifname, cidr=str(address), origin=origin)


def shaping(netns: Netns, ifname: str, wanted: Shaping, origin: str) -> Iterator[Object]:
    """Say how packets leave a device; a rate alone is a token bucket, all else is netem."""
    if not wanted:
        return
    alone = not (wanted.delay or wanted.jitter or wanted.loss)
    yield Qdisc(
        netns=netns,
        ifname=ifname,
        kind="tbf" if alone else "netem",
        rate=_rounded(wanted.rate),
        delay=_rounded(wanted.delay),
        jitter=_rounded(wanted.jitter),
        loss=f"{wanted.loss:g}" if wanted.loss else "",
        origin=origin,
    )


def _rounded(value: int) -> int:
    """Round to what tc can hold and say again: whole bytes per second, ticks of 8 microseconds."""
    return max(8, round(value / 8) * 8) if value else 0


def at_once(netns: Netns, ifname: str, sandbox: Sandbox | None, origin: str) -> Iterator[Object]:
    """
    Let a device's addresses work at once where the namespace is not netkit's.

    There the default cannot be set, and while an address is tentative the first packet is lost.
    With DAD it is said of the device too: it may have been made while there was none. And others
    may have switched off IPv6 for what comes: Docker does.
    """
    if sandbox is not None and sandbox.netns is not None:
        name = f"net/ipv6/conf/{ifname}/disable_ipv6"
        yield Sysctl(netns=netns, name=name, value="0", origin=origin)
    if sandbox is not None and is_made(sandbox) != sandbox.dad:
        return
    name = f"net/ipv6/conf/{ifname}/accept_dad"
    value = "1" if sandbox is not None and sandbox.dad else "0"
    yield Sysctl(netns=netns, name=name, value=value, origin=origin)


def silent(netns: Netns, ifname: str, origin: str) -> Iterator[Object]:
    """Keep a switch's port from having a link-local address."""
    name = f"net/ipv6/conf/{ifname}/addr_gen_mode"
    yield Sysctl(netns=netns, name=name, value="1", origin=origin)
