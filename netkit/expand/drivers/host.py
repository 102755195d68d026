"""The host driver: the sandbox is the stack of the host itself, so there is nothing to make."""

from __future__ import annotations

from collections.abc import Iterable

from netkit.expand.packets import Verdict
from netkit.expand.placement import Site
from netkit.model.object import Object
from netkit.model.topology import Endpoint, Network, Sandbox


def network_state(site: Site, network: Network) -> Iterable[Object]:
    """Nothing: the host has its networks already."""
    return ()


def endpoint_state(
    site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint
) -> Iterable[Object]:
    """Nothing: who shares the stack shares its devices."""
    return ()


def verdicts(site: Site, network: Network) -> Iterable[Verdict]:
    """Nothing: the host decides for itself."""
    return ()
