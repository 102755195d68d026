"""What every driver can say, and which there are."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Protocol, cast

from netkit.expand.drivers import bridge
from netkit.expand.packets import Verdict
from netkit.expand.placement import Site
from netkit.model.object import Object
from netkit.model.topology import Endpoint, Network, Sandbox


class Driver(Protocol):
    """A way to make a network; a module is one."""

    def network_state(self, site: Site, network: Network) -> Iterable[Object]:
        """Say what must exist for ``network`` to exist."""

    def endpoint_state(
        self, site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint
    ) -> Iterable[Object]:
        """Say what ties ``sandbox`` to ``network``."""

    def verdicts(self, site: Site, network: Network) -> Iterable[Verdict]:
        """Say which packets may pass between the network and everything else."""


def driver(network: Network) -> Driver:
    """Give the driver of a network; one that is rarely wanted is read only then."""
    if network.driver == "bridge":
        return bridge
    return cast("Driver", import_module(f"netkit.expand.drivers.{network.driver}"))
