"""Where things lie: in which kernel namespace a sandbox is, and on which side a bridge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from netkit.model.object import Netns
from netkit.model.topology import (
    Cable,
    CableEnd,
    Device,
    Endpoint,
    IPAddress,
    Network,
    Sandbox,
    Topology,
)
from netkit.names import HOST, group, hidden_netns
from netkit.value import Value

HAVE_GATEWAYS = frozenset({"bridge", "ovs"})
"""The drivers whose gateway is netkit's; with the others it is somebody on the parent's LAN."""

Holders = Mapping[tuple[str, IPAddress], str]
"""Which namespace an address of a network belongs to."""


def holders(topology: Topology) -> dict[tuple[str, IPAddress], str]:
    """Say who names which address of which network for itself; the host's do not count."""
    return {
        (endpoint.network, address.ip): sandbox.name
        for sandbox in topology.namespaces
        if sandbox.name != HOST
        for endpoint in sandbox.endpoints
        for address in endpoint.addresses or ()
    }


def own_gateways(network: Network, held: Holders) -> tuple[IPAddress, ...]:
    """Give the gateway addresses that netkit itself puts on the bridge; some have none there."""
    if network.driver not in HAVE_GATEWAYS:
        return ()
    return tuple(
        address for address in network.gateways or () if (network.name, address) not in held
    )


def is_routed(network: Network) -> bool:
    """Say whether members leave a network by their device alone: the parent's namespace routes."""
    return network.driver == "ipvlan" and network.mode != "l2"


def is_hidden(network: Network, held: Holders) -> bool:
    """Say whether a network's bridge is out of the host's reach: it needs no address there."""
    return not own_gateways(network, held)


def is_made(sandbox: Sandbox) -> bool:
    """Say whether netkit makes this namespace, and may then do in it as it likes."""
    return sandbox.netns is None and sandbox.name != HOST and not sandbox.shares_host


def kernel_netns(sandbox: Sandbox, prefix: str) -> Netns:
    """Name a sandbox as the kernel's tools know it."""
    if sandbox.name == HOST or sandbox.shares_host:
        return None
    if sandbox.netns is None:
        return prefix + sandbox.name
    if sandbox.netns.pid is not None:
        return f"/proc/{sandbox.netns.pid}/ns/net"
    return sandbox.netns.path or sandbox.netns.name


class Site(Value, frozen=True):
    """
    A filled spec, with what is asked of it again and again.

    Args:
        topology: With nothing left open.
        networks: By name.
        sandboxes: By name.
        netns: Kernel namespace by sandbox name.
        held: Whose an address is.
        ends: Which cables end in a sandbox.
        publishing: Which endpoints of a network publish ports.
    """

    topology: Topology
    networks: Mapping[str, Network]
    sandboxes: Mapping[str, Sandbox]
    netns: Mapping[str, Netns]
    held: Holders
    ends: Mapping[str, tuple[tuple[CableEnd, Cable], ...]]
    publishing: Mapping[str, tuple[tuple[Sandbox, Endpoint], ...]]

    @classmethod
    def of(cls, topology: Topology) -> Site:
        """Survey a filled spec."""
        sandboxes = {sandbox.name: sandbox for sandbox in topology.namespaces}
        netns = {name: kernel_netns(each, topology.prefix) for name, each in sandboxes.items()}
        return cls(
            topology,
            {network.name: network for network in topology.networks},
            sandboxes,
            {HOST: None, **netns},
            holders(topology),
            _ends(topology),
            _publishing(topology),
        )

    @property
    def spec(self) -> str:
        """The owner's name of all that is built."""
        return self.topology.name

    @property
    def group(self) -> int:
        """The device group that marks it."""
        return group(self.spec)

    @property
    def hidden(self) -> str:
        """The namespace of the bridges that no host needs to see."""
        return hidden_netns(self.spec)

    def is_hidden(self, network: Network) -> bool:
        """Say whether a network's bridge is out of the host's reach."""
        return is_hidden(network, self.held)

    def bridge_netns(self, network: Network) -> Netns:
        """Name the namespace a network's bridge lies in."""
        return self.hidden if self.is_hidden(network) else None

    def lies_hidden(self, network: Network) -> bool:
        """Say whether something of a network is in the hidden namespace."""
        match network.driver:
            case "bridge":
                return self.is_hidden(network)
            case "macvlan" | "ipvlan":
                return network.parent is None
            case driver:
                return driver == "vlan"

    def is_own(self, name: str) -> bool:
        """Say whether a sandbox is one that netkit makes."""
        return name in self.sandboxes and is_made(self.sandboxes[name])


def _ends(topology: Topology) -> dict[str, tuple[tuple[CableEnd, Cable], ...]]:
    found: dict[str, list[tuple[CableEnd, Cable]]] = defaultdict(list)
    for cable in topology.links:
        for end in cable.ends:
            found[end.namespace].append((end, cable))
    return {name: tuple(ends) for name, ends in found.items()}


def _publishing(topology: Topology) -> dict[str, tuple[tuple[Sandbox, Endpoint], ...]]:
    found: dict[str, list[tuple[Sandbox, Endpoint]]] = defaultdict(list)
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            if endpoint.publish:
                found[endpoint.network].append((sandbox, endpoint))
    return {name: tuple(endpoints) for name, endpoints in found.items()}


def refinement(sandbox: Sandbox | None, ifname: str) -> Device:
    """Give what ``devices`` says of a device that something else brings."""
    for device in sandbox.devices if sandbox else ():
        if device.ifname == ifname:
            return device
    return Device(ifname=ifname)
