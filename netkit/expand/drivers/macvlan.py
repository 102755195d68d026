"""
The macvlan driver: each endpoint is a second MAC address on the parent.

    host                      sandbox
    eth0 ════════════════════ eth0      made in the host, in one line, and born in the sandbox
                                        the gateway is somebody on the parent's LAN

What the members reach, by mode: ``bridge`` each other and all beyond the parent; ``private`` only
what is beyond it; ``vepa`` each other too, where a switch beyond sends frames back; ``passthru``
all beyond it, as the one member that has the parent's own MAC address. Never the host's own stack
by the parent (the kernel keeps the two apart).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from netkit.expand.dressing import addresses, at_once, shaping
from netkit.expand.ground import ground, made
from netkit.expand.packets import Verdict
from netkit.expand.placement import Site, refinement
from netkit.model.link import Macvlan
from netkit.model.object import Object
from netkit.model.topology import Endpoint, Network, Sandbox
from netkit.names import device_alias


def network_state(site: Site, network: Network) -> Iterable[Object]:
    """Say what netkit makes below the endpoints: often nothing."""
    return made(site, network)


def endpoint_state(
    site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint
) -> Iterator[Object]:
    """Say what ties a sandbox to the parent: one device."""
    yield Macvlan(**common(site, network, sandbox, endpoint), mac=_mac(network, sandbox, endpoint))
    yield from dressed(site, sandbox, endpoint)


def _mac(network: Network, sandbox: Sandbox, endpoint: Endpoint) -> str | None:
    if network.mode == "passthru":
        return None  # it is the parent's
    return refinement(sandbox, endpoint.device or "").mac or endpoint.mac


def common(site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint) -> dict[str, Any]:
    """Give what a macvlan and an ipvlan device have in common."""
    assert endpoint.device is not None
    refined = refinement(sandbox, endpoint.device)
    below = ground(site, network)
    return {
        "netns": site.netns[sandbox.name],
        "ifname": endpoint.device,
        "mtu": refined.mtu or endpoint.mtu or network.mtu,
        "up": refined.up is not False,
        "master": refined.master,
        "alias": device_alias(site.spec, sandbox.name, endpoint.device),
        "group": site.group,
        "parent": below.ifname,
        "parent_netns": below.netns,
        "mode": network.mode,
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


def verdicts(site: Site, network: Network) -> Iterable[Verdict]:
    """Nothing: frames pass by the host's packet filter."""
    return ()
