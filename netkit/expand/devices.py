"""The devices of ``devices`` that have a type of their own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from netkit.errors import NetkitError, Problem
from netkit.expand.dressing import addresses, at_once, shaping, silent
from netkit.expand.placement import Site, refinement
from netkit.expand.underlay import mtu_of, underlay
from netkit.model.addressing import FdbEntry
from netkit.model.link import (
    Bond,
    Bridge,
    Dummy,
    Gre,
    Ipvlan,
    Macvlan,
    Tuntap,
    Vlan,
    Vrf,
    Vxlan,
    Wireguard,
)
from netkit.model.object import Netns, Object
from netkit.model.setting import Attribute, Loan
from netkit.model.topology import (
    BondDetail,
    BridgeDetail,
    Detail,
    Device,
    DummyDetail,
    ExistingDetail,
    GreDetail,
    IpvlanDetail,
    MacvlanDetail,
    Sandbox,
    TuntapDetail,
    VlanDetail,
    VrfDetail,
    VxlanDetail,
    WireguardDetail,
)
from netkit.names import device_alias, mac_of
from netkit.value import Value

MTU = 1500
GRE_OVERHEAD = 24
ZERO_MAC = "00:00:00:00:00:00"
"""FDB: where everything unknown goes."""


class Spot(Value, frozen=True):
    """A device of a sandbox, and where that is."""

    site: Site
    sandbox: Sandbox
    device: Device

    @property
    def netns(self) -> Netns:
        """The kernel namespace."""
        return self.site.netns[self.sandbox.name]

    def common(self, *, mtu: int = MTU, mac: bool = True) -> dict[str, Any]:
        """Give what all kinds of devices share."""
        device = self.device
        generated = mac_of(self.site.spec, self.sandbox.name, device.ifname) if mac else None
        return {
            "netns": self.netns,
            "ifname": device.ifname,
            "mtu": device.mtu or mtu,
            "mac": device.mac or generated,
            "up": device.up is not False,
            "master": device.master,
            "alias": device_alias(self.site.spec, self.sandbox.name, device.ifname),
            "group": self.site.group,
            "origin": device.pointer,
        }


def _has_neighbors(detail: Detail) -> bool:
    """Say whether there is anybody to ask for duplicates; where not, the kernel asks never."""
    match detail:
        case TuntapDetail(mode="tun") | WireguardDetail() | GreDetail(tap=False):
            return False
    return True


def device(site: Site, sandbox: Sandbox, item: Device) -> Iterator[Object]:
    """Say what a typed device is, with all that it carries."""
    if item.detail is None:
        return
    spot = Spot(site, sandbox, item)
    if isinstance(item.detail, ExistingDetail):
        yield from _existing(spot, item.detail)
    else:
        yield from typed(item.detail, spot)
        if _has_neighbors(item.detail):
            yield from at_once(spot.netns, item.ifname, sandbox, item.pointer)
    if item.master is not None and not isinstance(
        refinement(sandbox, item.master).detail, VrfDetail
    ):
        yield from silent(spot.netns, item.ifname, item.pointer)
    yield from addresses(spot.netns, item.ifname, item.addresses, item.pointer)
    yield from shaping(spot.netns, item.ifname, item.shaping, item.pointer)


@singledispatch
def typed(detail: Any, spot: Spot) -> Iterator[Object]:
    """Say what a detail makes of a device."""
    raise NetkitError.at(Problem(spot.device.pointer, "netkit knows no such device type"))


@typed.register(BridgeDetail)
def _(detail: BridgeDetail, spot: Spot) -> Iterator[Object]:
    yield Bridge(
        **spot.common(mtu=_least(spot)),
        stp=detail.stp,
        vlan_filtering=detail.vlan_filtering,
        mcast_snooping=detail.mcast_snooping,
    )


def _least(spot: Spot) -> int:
    """Give the MTU a bridge takes by itself: the least of its ports'."""
    ports = [
        mtu_of(spot.site, spot.sandbox, each.ifname)
        for each in spot.sandbox.devices
        if each.master == spot.device.ifname
    ]
    return min(ports, default=MTU)


@typed.register(VxlanDetail)
def _(detail: VxlanDetail, spot: Spot) -> Iterator[Object]:
    below = underlay(spot.site, spot.sandbox, detail)
    yield Vxlan(
        **spot.common(mtu=below.mtu - below.overhead),
        vni=detail.vni,
        local=str(detail.local) if detail.local else None,
        remote=str(detail.group) if detail.group else None,
        dstport=detail.dstport,
        underlay=below.ifname,
        socket_netns=below.netns,
        learning=detail.learning,
        ttl=detail.ttl,
    )
    entries = [(ZERO_MAC, remote) for remote in detail.remotes]
    for mac, dst in (*entries, *detail.fdb):
        yield FdbEntry(
            netns=spot.netns,
            ifname=spot.device.ifname,
            mac=mac,
            dst=str(dst),
            origin=spot.device.pointer,
        )


@typed.register(VlanDetail)
def _(detail: VlanDetail, spot: Spot) -> Iterator[Object]:
    mtu = mtu_of(spot.site, spot.sandbox, detail.parent)
    yield Vlan(
        **spot.common(mtu=mtu), parent=detail.parent, parent_netns=spot.netns, vid=detail.vid
    )


@typed.register(MacvlanDetail)
def _(detail: MacvlanDetail, spot: Spot) -> Iterator[Object]:
    home = detail.parent_netns or spot.sandbox.name
    mtu = mtu_of(spot.site, spot.site.sandboxes.get(home), detail.parent)
    yield Macvlan(
        **spot.common(mtu=mtu, mac=detail.mode != "passthru"),
        parent=detail.parent,
        parent_netns=spot.site.netns[home],
        mode=detail.mode,
    )


@typed.register(IpvlanDetail)
def _(detail: IpvlanDetail, spot: Spot) -> Iterator[Object]:
    home = detail.parent_netns or spot.sandbox.name
    mtu = mtu_of(spot.site, spot.site.sandboxes.get(home), detail.parent)
    yield Ipvlan(
        **spot.common(mtu=mtu, mac=False),
        parent=detail.parent,
        parent_netns=spot.site.netns[home],
        mode=detail.mode,
    )


@typed.register(DummyDetail)
def _(detail: DummyDetail, spot: Spot) -> Iterator[Object]:
    yield Dummy(**spot.common())


@typed.register(TuntapDetail)
def _(detail: TuntapDetail, spot: Spot) -> Iterator[Object]:
    yield Tuntap(**spot.common(mac=detail.mode == "tap"), mode=detail.mode)


@typed.register(VrfDetail)
def _(detail: VrfDetail, spot: Spot) -> Iterator[Object]:
    yield Vrf(**spot.common(mtu=LOOPBACK_LIKE_MTU), table=detail.table)


LOOPBACK_LIKE_MTU = 65575
"""What the kernel gives a VRF: 64 KiB and the largest header."""


@typed.register(GreDetail)
def _(detail: GreDetail, spot: Spot) -> Iterator[Object]:
    six = detail.remote is not None and detail.remote.version == 6
    mode = ("ip6gre" if six else "gre") + ("tap" if detail.tap else "")
    yield Gre(
        **spot.common(mtu=MTU - GRE_OVERHEAD, mac=detail.tap),
        mode=mode,
        local=str(detail.local) if detail.local else None,
        remote=str(detail.remote) if detail.remote else None,
        tunnel_key=detail.tunnel_key,
        ttl=detail.ttl,
    )


@typed.register(WireguardDetail)
def _(detail: WireguardDetail, spot: Spot) -> Iterator[Object]:
    yield Wireguard(**spot.common(mtu=1420, mac=False))


@typed.register(BondDetail)
def _(detail: BondDetail, spot: Spot) -> Iterator[Object]:
    yield Bond(**spot.common(), mode=detail.mode, miimon=detail.miimon)


def _existing(spot: Spot, detail: ExistingDetail) -> Iterator[Object]:
    """Change of a device that netkit did not make only what the spec names."""
    item = spot.device
    up = item.up
    if detail.home is not None:
        home, ifname = detail.home
        yield Loan(
            netns=spot.netns,
            ifname=item.ifname,
            home=spot.site.netns[home],
            home_ifname=ifname,
            origin=item.pointer,
        )
        up = up is not False
    said = {
        "mtu": None if item.mtu is None else str(item.mtu),
        "mac": item.mac,
        "master": item.master,
        "up": None if up is None else ("up" if up else "down"),
    }
    for name, value in said.items():
        if value is not None:
            yield Attribute(
                netns=spot.netns, ifname=item.ifname, name=name, value=value, origin=item.pointer
            )
