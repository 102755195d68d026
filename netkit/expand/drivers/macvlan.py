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

from netkit.expand.dressing import dressed, endpoint_fields
from netkit.expand.ground import ground, made
from netkit.expand.packets import Verdict
from netkit.expand.placement import Site, refinement
from netkit.model.link import Macvlan
from netkit.model.object import Object
from netkit.model.topology import Endpoint, Network, Sandbox


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
    below = ground(site, network)
    return {
        **endpoint_fields(site, network, sandbox, endpoint),
        "parent": below.ifname,
        "parent_netns": below.netns,
        "mode": network.mode,
    }


def verdicts(site: Site, network: Network) -> Iterable[Verdict]:
    """Nothing: frames pass by the host's packet filter."""
    return ()
