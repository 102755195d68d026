"""What each namespace holds once networks, links and devices have come together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netkit.model.topology import (
    BridgeDetail,
    CableEnd,
    Detail,
    Device,
    Endpoint,
    ExistingDetail,
    IPInterface,
    IPNetwork,
    Network,
    Sandbox,
    Topology,
)
from netkit.names import HOST

DEFAULT_MTU = 1500


class Held:
    """
    A device as the document tells it.

    Args:
        ifname: Its name in the namespace.
        origin: What brings it: a link, a network, the section devices, or the kernel (lo).
        pointer: Where that is said.
        mtu: None: not said.
        addresses: All that are named.
        subnets: What is on the link.
        allotted: Has addresses, or subnets, that only apply will know.

    ``device`` is what the section devices says of it, once that is laid over it.
    """

    def __init__(
        self,
        ifname: str,
        origin: str,
        pointer: str,
        *,
        mtu: int | None = None,
        addresses: Sequence[IPInterface] = (),
        subnets: Sequence[IPNetwork] = (),
        allotted: bool = False,
    ) -> None:
        self.ifname = ifname
        self.origin = origin
        self.pointer = pointer
        self.mtu = mtu
        self.addresses = list(addresses)
        self.subnets = list(subnets)
        self.allotted = allotted
        self.device: Device | None = None

    @property
    def detail(self) -> Detail | None:
        """Give what the type says, if there is one."""
        return self.device.detail if self.device else None

    @property
    def is_existing(self) -> bool:
        """Say whether netkit did not make it, so that much about it is unknown."""
        return isinstance(self.detail, ExistingDetail)


class Ground:
    """
    A namespace with all its devices.

    Args:
        sandbox: As the document says it; an empty one for a host that only links mention.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.devices: dict[str, Held] = {}
        self.clashes: list[tuple[Held, Held]] = []  # devices that two places bring

    @property
    def is_open(self) -> bool:
        """Say whether it holds devices and addresses that no document tells of."""
        return self.sandbox.name == HOST or self.sandbox.netns is not None

    @property
    def addresses(self) -> Iterator[IPInterface]:
        """Walk through all addresses that are named."""
        for held in self.devices.values():
            yield from held.addresses

    def bring(self, held: Held) -> None:
        """Put a device in, or note that its name is taken."""
        there = self.devices.setdefault(held.ifname, held)
        if there is not held:
            self.clashes.append((there, held))


def survey(topology: Topology) -> dict[str, Ground]:
    """Bring together what each namespace holds."""
    grounds = {sandbox.name: Ground(sandbox) for sandbox in topology.namespaces}
    grounds.setdefault(HOST, Ground(Sandbox(name=HOST)))
    networks = {network.name: network for network in topology.networks}
    for ground in grounds.values():
        ground.bring(Held("lo", "the kernel", ground.sandbox.pointer, mtu=65536))
        _bring_devices(ground)
    for cable in topology.links:
        for end in cable.ends:
            if end.namespace in grounds:
                grounds[end.namespace].bring(_held_end(end, cable.mtu, cable.pointer))
    for ground in grounds.values():
        _bring_endpoints(ground, networks)
        _refine(ground)
    return grounds


def _held_end(end: CableEnd, mtu: int | None, pointer: str) -> Held:
    subnets = [address.network for address in end.addresses]
    return Held(end.device, "a link", pointer, mtu=mtu, addresses=end.addresses, subnets=subnets)


def _bring_devices(ground: Ground) -> None:
    for device in ground.sandbox.devices:
        if device.detail is not None:
            ground.bring(Held(device.ifname, "the section devices", device.pointer))


def _bring_endpoints(ground: Ground, networks: dict[str, Network]) -> None:
    endpoints = ground.sandbox.endpoints
    for endpoint in endpoints:
        if endpoint.device is not None:
            ground.bring(_held_endpoint(endpoint, endpoint.device, networks[endpoint.network]))
    for endpoint in endpoints:
        network = networks[endpoint.network]
        if endpoint.device is None and network.driver not in {"host", "null"}:
            ground.bring(_held_endpoint(endpoint, _free(ground), network))


def _free(ground: Ground) -> str:
    """Name the lowest ``ethN`` that is not taken, as a first apply will."""
    number = 0
    while f"eth{number}" in ground.devices:
        number += 1
    return f"eth{number}"


def _held_endpoint(endpoint: Endpoint, ifname: str, network: Network) -> Held:
    named = list(endpoint.addresses or ())
    subnets = network.subnets
    on_link = list(subnets) if subnets else [address.network for address in named]
    return Held(
        ifname,
        f"the network {network.name}",
        endpoint.pointer,
        mtu=endpoint.mtu or network.mtu,
        addresses=named,
        subnets=on_link if endpoint.addresses != () else [],
        allotted=subnets is None or _allots(endpoint, subnets),
    )


def _allots(endpoint: Endpoint, subnets: tuple[IPNetwork, ...]) -> bool:
    if endpoint.addresses is None:
        return bool(subnets)
    if not endpoint.addresses:
        return False
    return any(all(address not in subnet for address in endpoint.addresses) for subnet in subnets)


def _refine(ground: Ground) -> None:
    """Lay what the section devices says over what it is said of."""
    for device in ground.sandbox.devices:
        held = ground.devices.get(device.ifname)
        if held is None:
            continue
        held.device = device
        held.addresses.extend(device.addresses)
        held.subnets.extend(address.network for address in device.addresses)
        held.mtu = device.mtu if device.mtu is not None else held.mtu


def mtu_of(held: Held) -> int | None:
    """Give a device's MTU where the document fixes it, spoken or not."""
    if held.mtu is not None:
        return held.mtu
    is_plain = held.detail is None or isinstance(held.detail, BridgeDetail)
    return DEFAULT_MTU if is_plain and not held.is_existing else None
