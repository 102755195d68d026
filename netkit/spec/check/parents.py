"""
Networks on a parent: what it is, who shares it, and what their members can have.

    macvlan   as many as one likes on one parent; in the mode passthru one, with one member
    ipvlan    the same, all of one mode; never beside a macvlan
    vlan      each tag of a parent once
"""

from __future__ import annotations

from collections.abc import Iterator

from netkit.model.topology import (
    Endpoint,
    IpvlanDetail,
    MacvlanDetail,
    Network,
    Sandbox,
    Topology,
    VlanDetail,
)
from netkit.names import HOST
from netkit.spec.check.networks import is_in_host, is_routed
from netkit.spec.check.survey import Ground, Held, mtu_of
from netkit.spec.report import Report, meant
from netkit.spec.sections.networks import ON_A_PARENT
from netkit.value import Value

Place = tuple[str, str]


class Rider(Value, frozen=True):
    """
    What lies on a device.

    Args:
        kind: macvlan, ipvlan or vlan.
        mode: Of a macvlan or an ipvlan; of a VLAN its tag.
        name: In words.
        pointer: Where it is said.
    """

    kind: str
    mode: str
    name: str
    pointer: str


def check_parents(topology: Topology, grounds: dict[str, Ground], report: Report) -> None:
    """Check networks that lie on a parent or are switches of Open vSwitch, and their members."""
    networks = {item.name: item for item in topology.networks if item.driver in ON_A_PARENT}
    switches = {item.name: item for item in topology.networks if item.driver == "ovs"}
    if not networks and not switches:
        return
    for network in networks.values():
        _check_parent(network, grounds, report)
    for network in switches.values():
        _check_name_server(network, topology, report)
    _check_circles(networks, topology, grounds, report)
    _check_riders(networks, topology, report)
    seated: dict[str, str] = {}
    for sandbox in topology.namespaces:
        for endpoint in sandbox.endpoints:
            found = networks.get(endpoint.network) or switches.get(endpoint.network)
            if found is not None:
                first = seated.setdefault(found.name, sandbox.name)
                _check_member(sandbox, endpoint, found, first=first, report=report)


def _check_name_server(network: Network, topology: Topology, report: Report) -> None:
    if network.dns is not None and not is_in_host(network, topology):
        said = f"{network.name} has no address of netkit's that a name server could have"
        report.add(f"{network.pointer}/dns", said, hint="leave gateway out", at_key=True)


def _check_parent(network: Network, grounds: dict[str, Ground], report: Report) -> None:
    where = f"{network.pointer}/parent"
    if is_routed(network) and network.gateways:
        report.add(
            f"{network.pointer}/gateway",
            f"an ipvlan network of the mode {network.mode} has no gateway: its members route by"
            " their device",
            at_key=True,
        )
    if network.parent is None:
        if network.mode in {"vepa", "passthru"}:
            said = f"the mode {network.mode} needs a parent: it leads to a switch beyond it"
            report.add(f"{network.pointer}/mode", said)
        return
    namespace = network.parent_netns or HOST
    ground = grounds.get(namespace)
    if ground is None:
        report.add(where, f"there is no namespace {namespace}", hint=meant(namespace, grounds))
        return
    parent = ground.devices.get(network.parent)
    if parent is None:
        if not ground.is_open:
            said = f"there is no device {network.parent} in {namespace}"
            report.add(where, said, hint=meant(network.parent, ground.devices))
        return
    _check_fitness(network, parent, report)


def _check_fitness(network: Network, parent: Held, report: Report) -> None:
    where = f"{network.pointer}/parent"
    if parent.ifname == "lo":
        report.add(where, "lo carries no frames")
    master = parent.device.master if parent.device else None
    if master is not None and network.vid is None:
        said = f"{parent.ifname} is a port of {master}: it cannot be the parent of a network too"
        report.add(where, said, hint=f"take {master}")
    limit = mtu_of(parent)
    if network.mtu is not None and limit is not None and network.mtu > limit:
        said = f"an MTU of {network.mtu} is more than the {limit} of {parent.ifname} below"
        report.add(f"{network.pointer}/mtu", said)


def _check_circles(
    networks: dict[str, Network],
    topology: Topology,
    grounds: dict[str, Ground],
    report: Report,
) -> None:
    """Refuse a network that lies, by whatever way, on a device of a member of its own."""
    brought = {
        endpoint.pointer: endpoint.network
        for sandbox in topology.namespaces
        for endpoint in sandbox.endpoints
    }
    for start in networks.values():
        seen: list[str] = []
        network: Network | None = start
        while network is not None and network.name not in seen:
            seen.append(network.name)
            ground = grounds.get(network.parent_netns or HOST)
            held = ground.devices.get(network.parent or "") if ground else None
            network = networks.get(brought.get(held.pointer, "")) if held else None
        if network is start:
            said = f"the network lies on itself: {' on '.join([*seen, start.name])}"
            report.add(f"{start.pointer}/parent", said)


def _check_riders(networks: dict[str, Network], topology: Topology, report: Report) -> None:
    """Refuse those that cannot share what they lie on."""
    riders: dict[tuple[Place, int | None], list[Rider]] = {}
    for place, vid, rider in (*_devices(topology), *_networks(networks)):
        before = riders.setdefault((place, vid), [])
        for other in before:
            if why := _clash(other, rider):
                where = f"{place[0]}:{place[1]}" + (f".{vid}" if vid is not None else "")
                report.add(rider.pointer, f"{rider.name} and {other.name} share {where}: {why}")
                break
        before.append(rider)


def _clash(one: Rider, other: Rider) -> str:
    kinds = {one.kind, other.kind}
    if kinds == {"macvlan", "ipvlan"}:
        return "a device carries macvlan or ipvlan, not both"
    if "vlan" in kinds:
        return "a tag of a device belongs to one"
    if "passthru" in {one.mode, other.mode}:
        return "passthru wants it alone"
    if kinds == {"ipvlan"} and one.mode != other.mode:
        return f"all ipvlan on a device have one mode, here {one.mode} and {other.mode}"
    return ""


def _networks(networks: dict[str, Network]) -> Iterator[tuple[Place, int | None, Rider]]:
    for item in networks.values():
        if item.parent is not None:
            place = (item.parent_netns or HOST, item.parent)
            name = f"the network {item.name}"
            yield (
                place,
                item.vid,
                Rider(item.driver, item.mode or str(item.vid), name, f"{item.pointer}/parent"),
            )


def _devices(topology: Topology) -> Iterator[tuple[Place, int | None, Rider]]:
    """Give what lies on others in the sections ``devices``."""
    for sandbox in topology.namespaces:
        for device in sandbox.devices:
            name = f"{sandbox.name}:{device.ifname}"
            where = f"{device.pointer}/parent"
            match device.detail:
                case MacvlanDetail(parent=parent, parent_netns=netns, mode=mode):
                    place = (netns or sandbox.name, parent)
                    yield place, None, Rider("macvlan", mode, name, where)
                case IpvlanDetail(parent=parent, parent_netns=netns, mode=mode):
                    place = (netns or sandbox.name, parent)
                    yield place, None, Rider("ipvlan", mode, name, where)
                case VlanDetail(parent=parent, vid=vid):
                    yield (sandbox.name, parent), vid, Rider("vlan", str(vid), name, where)


def _check_member(
    sandbox: Sandbox, endpoint: Endpoint, network: Network, *, first: str, report: Report
) -> None:
    if sandbox.name == HOST:
        said = f"host is no member of a network of the driver {network.driver}"
        report.add(endpoint.pointer, said)
    if network.mode == "passthru" and first != sandbox.name:
        said = f"a macvlan network of the mode passthru has one member, {first}"
        report.add(endpoint.pointer, said)
    if network.driver != "ipvlan" and network.mode != "passthru":
        return
    refined = next((each for each in sandbox.devices if each.ifname == endpoint.device), None)
    what = "passthru" if network.mode == "passthru" else "ipvlan"
    for said_of in (endpoint, refined):
        if said_of is not None and said_of.mac is not None:
            said = f"a member of {network.name} has the MAC address of its parent ({what})"
            report.add(f"{said_of.pointer}/mac", said, at_key=True)
