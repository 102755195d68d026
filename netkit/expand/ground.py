"""
What networks lie on: a parent, a VLAN of it, or a ground of netkit's own.

    host                        sandbox         parent            eth0 ══ eth0
    eth0 ─── nk-<vlan> ════════ eth0            a VLAN of it      the 802.1Q device lies beside eth0
    hidden
    nk-<net> ═══════════════════ eth0           none              half a cable whose other half
       └──── nk-<far>                                             leads nowhere
"""

from __future__ import annotations

from collections.abc import Iterator

from netkit.expand.cables import End, pair
from netkit.expand.placement import Site
from netkit.model.link import Vlan
from netkit.model.object import Netns, Object
from netkit.model.topology import Network
from netkit.names import HOST, bridge_ifname, device_alias, endpoint_ifname, mac_of, vlan_ifname
from netkit.value import Value


class Ground(Value, frozen=True):
    """
    The device that the endpoints of a network lie on.

    Args:
        netns: Where it is.
        ifname: Its name.
    """

    netns: Netns
    ifname: str


def ground(site: Site, network: Network) -> Ground:
    """Say which device the endpoints of a macvlan or ipvlan network lie on."""
    if network.parent is None:
        return Ground(site.hidden, bridge_ifname(site.spec, network.name))
    home = network.parent_netns or HOST
    if network.vid is None:
        return Ground(site.netns[home], network.parent)
    return Ground(site.netns[home], vlan_ifname(site.spec, home, network.parent, network.vid))


def made(site: Site, network: Network) -> Iterator[Object]:
    """Say what of that netkit makes: an 802.1Q device, a cable that leads nowhere, or nothing."""
    if network.parent is None:
        yield from _cable(site, network)
    elif network.vid is not None:
        below = ground(site, network)
        yield tagged(site, network, netns=below.netns, ifname=below.ifname)


def tagged(
    site: Site, network: Network, *, netns: Netns, ifname: str, master: str | None = None
) -> Vlan:
    """Say what the 802.1Q device of a network is."""
    home = network.parent_netns or HOST
    assert network.parent is not None
    assert network.vid is not None
    return Vlan(
        netns=netns,
        ifname=ifname,
        mtu=_widest(site, network),
        mac=mac_of(site.spec, home, ifname),
        master=master,
        alias=device_alias(site.spec, network.name, "vlan"),
        group=site.group,
        parent=network.parent,
        parent_netns=site.netns[home],
        vid=network.vid,
        origin=network.pointer,
    )


def _widest(site: Site, network: Network) -> int:
    """Give the MTU that all networks on one VLAN of a parent fit in."""
    place = (network.parent_netns, network.parent, network.vid)
    return max(
        item.mtu or 0
        for item in site.topology.networks
        if (item.parent_netns, item.parent, item.vid) == place
    )


def _cable(site: Site, network: Network) -> Iterator[Object]:
    near, far = (
        End(
            netns=site.hidden,
            ifname=ifname,
            alias=device_alias(site.spec, network.name, "ground"),
            mtu=network.mtu or 0,
            mac=mac_of("ground", site.spec, ifname),
        )
        for ifname in (
            bridge_ifname(site.spec, network.name),
            endpoint_ifname(site.spec, network.name, HOST),
        )
    )
    yield from pair(site, near, far, network.pointer)
