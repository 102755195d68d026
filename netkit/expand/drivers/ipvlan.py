"""
The ipvlan driver: endpoints are further addresses behind the parent's MAC address.

    host                      sandbox
    eth0 ════════════════════ eth0      made in the host, in one line, and born in the sandbox

By mode: ``l2`` the gateway is somebody on the parent's LAN; ``l3`` and ``l3s`` the parent's
namespace routes, so the default route names the device alone (in l3s its packet filter sees it).
"""

from __future__ import annotations

from collections.abc import Iterator

from netkit.expand.dressing import dressed
from netkit.expand.drivers.macvlan import common, network_state, verdicts
from netkit.expand.placement import Site
from netkit.model.link import Ipvlan
from netkit.model.object import Object
from netkit.model.topology import Endpoint, Network, Sandbox

__all__ = ["endpoint_state", "network_state", "verdicts"]


def endpoint_state(
    site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint
) -> Iterator[Object]:
    """Say what ties a sandbox to the parent: one device."""
    yield Ipvlan(**common(site, network, sandbox, endpoint))
    yield from dressed(site, sandbox, endpoint)
