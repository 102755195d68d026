"""What a tunnel lies on: the device its outer packets leave by, and how much fits through it."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.expand.placement import Site, refinement
from netkit.model.object import Netns
from netkit.model.topology import VXLAN_OVERHEAD, IPAddress, IPInterface, Sandbox, VxlanDetail
from netkit.value import Value

MTU = 1500


class Underlay(Value, frozen=True):
    """
    A tunnel's ground.

    Args:
        netns: Where the tunnel's socket is.
        ifname: The device; None when only the kernel's routing can tell.
        mtu: The device's.
        overhead: Bytes that the outer headers take.
    """

    netns: Netns
    ifname: str | None
    mtu: int
    overhead: int


def underlay(site: Site, sandbox: Sandbox, detail: VxlanDetail) -> Underlay:
    """Find the device that a VXLAN's outer packets leave by: as said, by ``local``, by route."""
    place = detail.underlay_netns or sandbox.name
    ground = site.sandboxes.get(place)
    ifname = detail.underlay
    towards = detail.remotes[0] if detail.remotes else detail.group
    if ifname is None and detail.local is not None:
        ifname = holder_of(site, ground, detail.local)
    if ifname is None and towards is not None:
        ifname = way_to(site, ground, towards)
    family = next((each.version for each in (detail.local, towards) if each is not None), 4)
    mtu = mtu_of(site, ground, ifname) if ifname else MTU
    return Underlay(site.netns[place], ifname, mtu, VXLAN_OVERHEAD[family])


def devices_of(site: Site, sandbox: Sandbox) -> Iterator[tuple[str, tuple[IPInterface, ...]]]:
    """Give each device of a sandbox with its addresses, whoever brought it."""
    for endpoint in sandbox.endpoints:
        if endpoint.device is not None:
            yield endpoint.device, endpoint.addresses or ()
    for end, _ in site.ends.get(sandbox.name, ()):
        yield end.device, end.addresses
    for device in sandbox.devices:
        yield device.ifname, device.addresses


def holder_of(site: Site, sandbox: Sandbox | None, address: IPAddress) -> str | None:
    """Name the device of a sandbox that has an address."""
    if sandbox is None:
        return None
    for ifname, addresses in devices_of(site, sandbox):
        if any(each.ip == address for each in addresses):
            return ifname
    return None


def on_link(site: Site, sandbox: Sandbox, address: IPAddress) -> str | None:
    """Name the device of a sandbox whose subnet an address lies in; the longest prefix wins."""
    found = [
        (each.network.prefixlen, ifname)
        for ifname, addresses in devices_of(site, sandbox)
        for each in addresses
        if address in each.network
    ]
    return max(found)[1] if found else None


def way_to(site: Site, sandbox: Sandbox | None, address: IPAddress) -> str | None:
    """Name the device that packets to an address leave by, as the spec's own routes say."""
    if sandbox is None:
        return None
    if (direct := on_link(site, sandbox, address)) is not None:
        return direct
    routes = [item for item in sandbox.routes if item.hops and address in item.to]
    for route in sorted(routes, key=lambda item: -item.to.prefixlen):
        hop = route.hops[0]
        if hop.dev is not None:
            return hop.dev
        if hop.via is not None:
            return on_link(site, sandbox, hop.via)
    return None


def mtu_of(site: Site, sandbox: Sandbox | None, ifname: str) -> int:
    """Give the MTU of a device of a sandbox, however it came to be; 1500 when nothing says."""
    if sandbox is None:
        return MTU
    refined = refinement(sandbox, ifname)
    if refined.mtu is not None:
        return refined.mtu
    if isinstance(refined.detail, VxlanDetail):
        below = underlay(site, sandbox, refined.detail)
        return below.mtu - below.overhead
    for endpoint in sandbox.endpoints:
        if endpoint.device == ifname:
            return endpoint.mtu or site.networks[endpoint.network].mtu or MTU
    for end, cable in site.ends.get(sandbox.name, ()):
        if end.device == ifname:
            return cable.mtu or MTU
    return MTU
