"""Devices: who brings them, who masters them, what they stand on, how large their packets are."""

from __future__ import annotations

from netkit.model.topology import (
    BondDetail,
    BridgeDetail,
    Cable,
    Device,
    ExistingDetail,
    GreDetail,
    IpvlanDetail,
    MacvlanDetail,
    Shaping,
    Topology,
    TuntapDetail,
    VlanDetail,
    VrfDetail,
    WireguardDetail,
)
from netkit.names import HOST
from netkit.spec.check.networks import MOST_PORTS, check_mtu
from netkit.spec.check.survey import Ground, Held, mtu_of
from netkit.spec.report import Report, meant

MASTERS = BridgeDetail | VrfDetail | BondDetail | ExistingDetail
STACKED = VlanDetail | MacvlanDetail | IpvlanDetail


def check_devices(topology: Topology, grounds: dict[str, Ground], report: Report) -> None:
    """Check all devices of all namespaces."""
    for cable in topology.links:
        _check_ends(cable, grounds, report)
    for ground in grounds.values():
        for there, held in ground.clashes:
            if there.ifname == "lo":
                continue  # said better below
            report.add(
                held.pointer,
                f"{ground.sandbox.name}:{held.ifname} is there already, from {there.origin}",
                at_key=True,
            )
        for device in ground.sandbox.devices:
            _check_device(device, ground, grounds, report)
        _check_addresses(ground, report)
        _check_circles(ground, report)
    _check_twice(topology, grounds, report)


def _check_ends(cable: Cable, grounds: dict[str, Ground], report: Report) -> None:
    for index, end in enumerate(cable.ends):
        where = f"{cable.pointer}/ends/{index}"
        if end.namespace not in grounds:
            report.add(
                where,
                f"the end {end.namespace}:{end.device} dangles: "
                f"there is no namespace {end.namespace}",
                hint=meant(end.namespace, grounds),
            )
        elif end.device == "lo":
            report.add(where, "lo cannot be the end of a link")
        if any(address.version == 6 for address in end.addresses):
            check_mtu(cable.mtu, cable.pointer, report)
    macs = [end.mac for end in cable.ends if end.mac]
    if len(macs) > len(set(macs)):
        report.add(f"{cable.pointer}/macs", "both ends have the same MAC address")


def _check_device(
    device: Device, ground: Ground, grounds: dict[str, Ground], report: Report
) -> None:
    held = ground.devices.get(device.ifname)
    if held is None:
        _refuse_unknown(device, ground, report)
        return
    if device.ifname == "lo" and (device.detail or device.master or device.mac):
        report.add(device.pointer, "lo has addresses, mtu and up, nothing else", at_key=True)
    if isinstance(device.detail, ExistingDetail):
        _check_existing(device, device.detail, ground, grounds=grounds, report=report)
    if isinstance(device.detail, BridgeDetail) and len(device.detail.ports) > MOST_PORTS:
        report.add(
            f"{device.pointer}/ports",
            f"{len(device.detail.ports):,} ports: a bridge has at most {MOST_PORTS:,}",
        )
    if device.master is not None:
        _check_master(device, ground, report)
    if isinstance(device.detail, STACKED):
        _check_parent(device, device.detail, ground, grounds=grounds, report=report)
    if any(address.version == 6 for address in held.addresses):
        check_mtu(device.mtu, device.pointer, report)


def _refuse_unknown(device: Device, ground: Ground, report: Report) -> None:
    name = ground.sandbox.name
    if device.pointer.rpartition("/")[0].endswith("/ports"):
        report.add(
            device.pointer,
            f"there is no device {device.ifname} in {name}",
            hint=meant(device.ifname, ground.devices),
        )
        return
    report.add(
        device.pointer,
        f"{device.ifname} is no device of {name}: neither a link nor a network brings it",
        hint=meant(device.ifname, ground.devices) or "give it a type to have it made",
        at_key=True,
    )


def _check_existing(
    device: Device,
    detail: ExistingDetail,
    ground: Ground,
    *,
    grounds: dict[str, Ground],
    report: Report,
) -> None:
    if detail.home is None:
        if not ground.is_open:
            report.add(
                device.pointer,
                f"{ground.sandbox.name} is made by netkit, so no device exists in it before",
                hint='say where it comes from: "from": "host:eth1"',
                at_key=True,
            )
        return
    namespace, _ = detail.home
    if ground.sandbox.name == HOST:
        report.add(
            f"{device.pointer}/from",
            "a device is moved into a namespace, not into the host",
            at_key=True,
        )
    elif namespace not in grounds:
        report.add(
            f"{device.pointer}/from",
            f"there is no namespace {namespace}",
            hint=meant(namespace, grounds),
        )
    elif not grounds[namespace].is_open:
        report.add(
            f"{device.pointer}/from",
            f"{namespace} is made by netkit, so no device exists in it before",
        )


def _check_master(device: Device, ground: Ground, report: Report) -> None:
    master = ground.devices.get(device.master or "")
    by_port = device.detail is None and "/ports/" in device.pointer
    where = device.pointer if by_port else f"{device.pointer}/master"
    if master is None:
        if not ground.is_open:
            report.add(
                where,
                f"there is no device {device.master} in {ground.sandbox.name}",
                hint=meant(device.master or "", ground.devices),
            )
        else:
            report.add(where, f"{device.master} is not listed", hint='list it: "type": "existing"')
    elif not isinstance(master.detail, MASTERS):
        report.add(where, f"{master.ifname} has no ports: a master is a bridge, a vrf or a bond")
    elif isinstance(master.detail, BridgeDetail | BondDetail) and (why := _unfit(device)):
        report.add(where, f"{device.ifname} cannot be a port: {why}")


def _unfit(device: Device) -> str:
    if device.ifname == "lo":
        return "lo carries no frames"
    detail = device.detail
    if isinstance(detail, BridgeDetail):
        return "a bridge is no port of another"
    if isinstance(detail, WireguardDetail) or (isinstance(detail, GreDetail) and not detail.tap):
        return "it carries packets, not frames"
    if isinstance(detail, TuntapDetail) and detail.mode == "tun":
        return "it carries packets, not frames: take a tap"
    return ""


def _check_parent(
    device: Device,
    detail: VlanDetail | MacvlanDetail | IpvlanDetail,
    ground: Ground,
    *,
    grounds: dict[str, Ground],
    report: Report,
) -> None:
    where = f"{device.pointer}/parent"
    netns = None if isinstance(detail, VlanDetail) else detail.parent_netns
    below = ground if netns is None else grounds.get(netns)
    if below is None:
        report.add(where, f"there is no namespace {netns}", hint=meant(netns or "", grounds))
        return
    parent = below.devices.get(detail.parent)
    if parent is None:
        if not below.is_open and detail.parent:
            report.add(
                where,
                f"there is no device {detail.parent} in {below.sandbox.name}",
                hint=meant(detail.parent, below.devices),
            )
        return
    limit = mtu_of(parent)
    if device.mtu is not None and limit is not None and device.mtu > limit:
        report.add(
            f"{device.pointer}/mtu",
            f"an MTU of {device.mtu} is more than the {limit} of {parent.ifname} below",
        )


def _check_addresses(ground: Ground, report: Report) -> None:
    for held in ground.devices.values():
        seen = set()
        for address in held.addresses:
            if address in seen:
                report.add(
                    held.device.pointer if held.device else held.pointer,
                    f"{ground.sandbox.name}:{held.ifname} has {address} twice",
                )
            seen.add(address)


def _check_circles(ground: Ground, report: Report) -> None:
    """Refuse devices that stand on themselves, by way of masters and parents."""
    done: set[str] = set()
    for start in ground.devices:
        path: list[str] = []
        name: str | None = start
        while name is not None and name not in done and name not in path:
            path.append(name)
            name = _above(ground.devices.get(name))
        if name is not None and name in path:
            circle = " on ".join([*path[path.index(name) :], name])
            device = ground.devices[name].device
            report.add(
                device.pointer if device else "",
                f"devices stand on each other: {circle}",
                at_key=True,
            )
        done.update(path)


def _above(held: Held | None) -> str | None:
    if held is None or held.device is None:
        return None
    detail = held.device.detail
    if isinstance(detail, VlanDetail) or (
        isinstance(detail, MacvlanDetail | IpvlanDetail) and detail.parent_netns is None
    ):
        return detail.parent
    return held.device.master


def _check_twice(topology: Topology, grounds: dict[str, Ground], report: Report) -> None:
    """Refuse a key that a device's refinement says again."""
    for cable in topology.links:
        for index, end in enumerate(cable.ends):
            said: dict[str, object] = {
                "mtu": cable.mtu,
                "mac": end.mac,
                "up": None if cable.up else False,
            }
            if end.namespace in grounds:
                held = grounds[end.namespace].devices[end.device]
                other = cable.ends[1 - index]
                origin = f"the link to {other.namespace}:{other.device}"
                _compare(held, said, cable.shaping, origin=origin, report=report)
    for ground in grounds.values():
        endpoints = {endpoint.pointer: endpoint for endpoint in ground.sandbox.endpoints}
        for held in ground.devices.values():
            if endpoint := endpoints.get(held.pointer):
                own: dict[str, object] = {"mtu": endpoint.mtu, "mac": endpoint.mac}
                _compare(held, own, endpoint.shaping, origin=held.origin, report=report)


def _compare(
    held: Held, said: dict[str, object], shaping: Shaping, *, origin: str, report: Report
) -> None:
    device = held.device
    if device is None or device.detail is not None:
        return
    again = [
        key for key, value in said.items() if value is not None and getattr(device, key) is not None
    ]
    again += [
        key
        for key in ("rate", "delay", "jitter", "loss")
        if getattr(shaping, key) and getattr(device.shaping, key)
    ]
    for key in again:
        report.add(
            f"{device.pointer}/{key}",
            f"{key} of {device.ifname} is said by {origin} already: say it there or here",
            at_key=True,
        )
