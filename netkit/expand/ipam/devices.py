"""Device names for endpoints that name none: the lowest free ``ethN`` of the namespace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

from netkit.expand.ipam.allotments import Seat
from netkit.model.topology import Sandbox, Topology

DEVICELESS = frozenset({"host", "null"})
"""The drivers whose members have no device of the network."""


def request_devices(
    topology: Topology, remembered: Mapping[Seat, str], busy: Mapping[str, Iterable[str]]
) -> dict[Seat, str]:
    """
    Choose a device name for each endpoint that left it open.

    Args:
        topology: The spec.
        remembered: What was chosen before; it stays while nobody else has the name.
        busy: Names that others have taken, by namespace.
    """
    cables = {name: {*found} for name, found in busy.items()}
    for cable in topology.links:
        for end in cable.ends:
            cables.setdefault(end.namespace, set()).add(end.device)
    chosen: dict[Seat, str] = {}
    bare = {each.name for each in topology.networks if each.driver in DEVICELESS}
    for sandbox in topology.namespaces:
        if any(endpoint.device is None for endpoint in sandbox.endpoints):
            _name_all(sandbox, cables.get(sandbox.name, set()), remembered, chosen)
    return {seat: ifname for seat, ifname in chosen.items() if seat[0] not in bare}


def _name_all(
    sandbox: Sandbox, busy: set[str], remembered: Mapping[Seat, str], chosen: dict[Seat, str]
) -> None:
    taken = busy | {item.device for item in sandbox.endpoints if item.device is not None}
    taken |= {device.ifname for device in sandbox.devices if device.detail is not None}
    nameless = [item.network for item in sandbox.endpoints if item.device is None]
    for network in nameless:
        held = remembered.get((network, sandbox.name))
        if held is not None and held not in taken:
            chosen[network, sandbox.name] = held
            taken.add(held)
    for network in nameless:
        if (network, sandbox.name) not in chosen:
            ifname = next(name for n in count() if (name := f"eth{n}") not in taken)
            chosen[network, sandbox.name] = ifname
            taken.add(ifname)
