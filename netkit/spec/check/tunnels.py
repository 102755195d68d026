"""Tunnels: what a vxlan or gre device stands on, and where its packets can go."""

from __future__ import annotations

from netkit.model.topology import (
    VXLAN_OVERHEAD,
    Device,
    GreDetail,
    IPAddress,
    Topology,
    VxlanDetail,
)
from netkit.names import HOST
from netkit.spec.check.survey import Ground, Held, mtu_of
from netkit.spec.report import Report, listed, meant


def check_tunnels(topology: Topology, grounds: dict[str, Ground], report: Report) -> None:
    """Check all tunnels."""
    sockets: dict[tuple[str, int, int], str] = {}
    for sandbox in topology.namespaces:
        ground = grounds[sandbox.name]
        for device in sandbox.devices:
            if isinstance(device.detail, GreDetail):
                _check_ends(device, device.detail, report)
            if isinstance(device.detail, VxlanDetail):
                _check_vxlan(device, device.detail, ground, grounds=grounds, report=report)
                _check_socket(device, device.detail, sandbox.name, sockets=sockets, report=report)


def _check_ends(device: Device, detail: GreDetail, report: Report) -> None:
    if detail.local and detail.remote and detail.local.version != detail.remote.version:
        report.add(
            f"{device.pointer}/remote", f"{detail.remote} is of another family than {detail.local}"
        )


def _check_socket(
    device: Device,
    detail: VxlanDetail,
    namespace: str,
    *,
    sockets: dict[tuple[str, int, int], str],
    report: Report,
) -> None:
    socket = (detail.underlay_netns or namespace, detail.vni, detail.dstport)
    own = f"{namespace}:{device.ifname}"
    other = sockets.setdefault(socket, own)
    if other != own:
        report.add(
            f"{device.pointer}/vni",
            f"VNI {detail.vni} on port {detail.dstport} is taken by {other}: once in {socket[0]}, "
            "where both sockets are",
        )


def _check_vxlan(
    device: Device,
    detail: VxlanDetail,
    ground: Ground,
    *,
    grounds: dict[str, Ground],
    report: Report,
) -> None:
    _check_targets(device, detail, report)
    below = ground if detail.underlay_netns is None else grounds.get(detail.underlay_netns)
    if below is None:
        report.add(
            f"{device.pointer}/underlay",
            f"there is no namespace {detail.underlay_netns}",
            hint=meant(detail.underlay_netns or "", grounds),
        )
        return
    if ground.sandbox.name == HOST and below is not ground:
        report.add(
            f"{device.pointer}/underlay",
            "a device of the host cannot have its socket in another namespace",
            hint="put the device into that namespace, or name a device of the host",
        )
    _check_local(device, detail, below, report)
    if detail.underlay is not None and detail.underlay not in below.devices and not below.is_open:
        report.add(
            f"{device.pointer}/underlay",
            f"there is no device {detail.underlay} in {below.sandbox.name}",
            hint=meant(detail.underlay, below.devices),
        )
    _check_mtu(device, detail, below, report)


def _check_targets(device: Device, detail: VxlanDetail, report: Report) -> None:
    if detail.group and detail.remotes:
        report.add(f"{device.pointer}/group", "remotes and group exclude each other", at_key=True)
    if detail.group and not detail.group.is_multicast:
        report.add(f"{device.pointer}/group", f"{detail.group} is not a multicast address")
    if detail.group and detail.underlay is None:
        report.add(
            f"{device.pointer}/group",
            "a multicast group needs underlay: the kernel must know the device",
        )
    for index, remote in enumerate(detail.remotes):
        where = f"{device.pointer}/remotes/{index}"
        if remote.is_multicast:
            report.add(where, f"{remote} is a multicast address: name it as group")
        elif remote == detail.local:
            report.add(where, f"{remote} is the tunnel's own local address")
        elif remote in detail.remotes[:index]:
            report.add(where, f"{remote} is there already")
    _check_families(device, detail, report)


def _check_families(device: Device, detail: VxlanDetail, report: Report) -> None:
    said: dict[str, list[IPAddress]] = {
        "local": [detail.local] if detail.local else [],
        "remotes": list(detail.remotes),
        "group": [detail.group] if detail.group else [],
        "fdb": [dst for _, dst in detail.fdb],
    }
    keys = [key for key, addresses in said.items() if addresses]
    if len({address.version for addresses in said.values() for address in addresses}) > 1:
        report.add(
            f"{device.pointer}/{keys[-1]}",
            f"the addresses of {listed(keys, last='and')} are of different families",
        )


def _check_local(device: Device, detail: VxlanDetail, below: Ground, report: Report) -> None:
    if detail.local is None or below.is_open:
        return
    if any(held.allotted or held.is_existing for held in below.devices.values()):
        return
    if all(address.ip != detail.local for address in below.addresses):
        report.add(f"{device.pointer}/local", f"{below.sandbox.name} has no address {detail.local}")


def _check_mtu(device: Device, detail: VxlanDetail, below: Ground, report: Report) -> None:
    target = detail.local or detail.group or next(iter(detail.remotes), None)
    held = _underlay(detail, below)
    limit = mtu_of(held) if held else None
    if device.mtu is None or limit is None or target is None or held is None:
        return
    most = limit - VXLAN_OVERHEAD[target.version]
    if device.mtu > most:
        report.add(
            f"{device.pointer}/mtu",
            f"an MTU of {device.mtu} is too large for the underlay {held.ifname} with {limit}: "
            f"at most {most}",
        )


def _underlay(detail: VxlanDetail, below: Ground) -> Held | None:
    if detail.underlay is not None:
        return below.devices.get(detail.underlay)
    holders = (
        held
        for held in below.devices.values()
        if any(address.ip == detail.local for address in held.addresses)
    )
    found = next(holders, None)
    if found is not None or not detail.remotes:
        return found
    near = (
        held
        for held in below.devices.values()
        if any(detail.remotes[0] in net for net in held.subnets)
    )
    return next(near, None)
