"""The null driver: a sandbox with only ``lo``, which every namespace has anyway."""

from __future__ import annotations

from collections.abc import Iterable

from netkit.expand.packets import Verdict
from netkit.expand.placement import Site
from netkit.model.object import Object
from netkit.model.topology import Endpoint, Network, Sandbox


def network_state(site: Site, network: Network) -> Iterable[Object]:
    """Nothing: there is nobody to talk to."""
    return ()


def endpoint_state(
    site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint
) -> Iterable[Object]:
    """Nothing: ``lo`` comes with the namespace."""
    return ()


def verdicts(site: Site, network: Network) -> Iterable[Verdict]:
    """Nothing passes where nothing is."""
    return ()
