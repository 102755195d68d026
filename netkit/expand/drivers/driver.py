"""What every driver can say, and which there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from netkit.expand.drivers import bridge, host, ipvlan, macvlan, null, ovs, vlan
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


DRIVERS: Mapping[str, Driver] = {
    "bridge": bridge,
    "host": host,
    "ipvlan": ipvlan,
    "macvlan": macvlan,
    "null": null,
    "ovs": ovs,
    "vlan": vlan,
}
