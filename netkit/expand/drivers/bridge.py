"""
The bridge driver.

    host                                          sandbox
    nk-<net> ─── nk-<endpoint> ═══════════════════ eth0      gateway on the bridge, NAT, FORWARD
    hidden
    nk-<net> ─── nk-<endpoint> ═══════════════════ eth0      no address of netkit's: out of reach

Rules of the host, per network with a bridge there, in the spec's chain of FORWARD:

    -i BR -o BR               ACCEPT     the network's own (bridged frames, with br_netfilter)
    internal:  -i BR          DROP       nothing leaves
               -o BR          DROP       nothing enters
    otherwise: -i BR -o nk-+  DROP       networks are isolated from each other, of whatever spec
               -i BR          ACCEPT     what leaves
               -o BR answers  ACCEPT
               -o BR          DROP       nobody enters unasked; without masquerade: ACCEPT
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from ipaddress import ip_interface

from netkit.command import iptables
from netkit.expand.cables import End, pair
from netkit.expand.dressing import addresses, at_once
from netkit.expand.packets import Verdict, comment
from netkit.expand.placement import Site, own_gateways, refinement
from netkit.model.firewall import Words
from netkit.model.link import Bridge
from netkit.model.object import Object
from netkit.model.topology import Endpoint, IPInterface, IPNetwork, Network, Sandbox
from netkit.names import HOST, bridge_ifname, device_alias, endpoint_ifname, mac_of

MTU = 1500
EVERY_BRIDGE = "nk-+"
ANSWERS = ("RELATED", "ESTABLISHED")


def network_state(site: Site, network: Network) -> Iterator[Object]:
    """Say what a network is: its bridge, and the gateway's addresses on it."""
    ifname = bridge_ifname(site.spec, network.name)
    netns = site.bridge_netns(network)
    yield Bridge(
        netns=netns,
        ifname=ifname,
        mtu=network.mtu or MTU,
        mac=mac_of(site.spec, network.name),
        alias=device_alias(site.spec, network.name, "bridge"),
        group=site.group,
        origin=network.pointer,
    )
    if netns is None:
        yield from at_once(netns, ifname, None, network.pointer)
        yield from addresses(netns, ifname, _own_addresses(site, network), network.pointer)


def _own_addresses(site: Site, network: Network) -> Iterator[IPInterface]:
    """Give what stands on the bridge: the gateways, and what the host asks for itself."""
    given = dict.fromkeys(own_gateways(network, site.held))
    host = site.sandboxes.get(HOST)
    for endpoint in host.endpoints if host else ():
        if endpoint.network == network.name:
            given |= dict.fromkeys(each.ip for each in endpoint.addresses or ())
    for address in given:
        for subnet in network.subnets or ():
            if address in subnet:
                yield ip_interface((address, subnet.prefixlen))


def endpoint_state(
    site: Site, network: Network, sandbox: Sandbox, endpoint: Endpoint
) -> Iterator[Object]:
    """Say what ties a sandbox to a bridge: a cable. The host in a network of its own has one."""
    netns = site.netns[sandbox.name]
    bridge_netns = site.bridge_netns(network)
    if sandbox.name == HOST and bridge_netns is None:
        return
    assert endpoint.device is not None
    refined = refinement(sandbox, endpoint.device)
    alias = device_alias(site.spec, sandbox.name, endpoint.device)
    mtu = network.mtu or MTU
    near = End(
        netns=bridge_netns,
        ifname=endpoint_ifname(site.spec, network.name, sandbox.name),
        alias=alias,
        mtu=mtu,
        mac=mac_of("port", site.spec, network.name, sandbox.name),
        master=bridge_ifname(site.spec, network.name),
        isolated=network.isolate,
        silent=bridge_netns is None,
    )
    far = End(
        netns=netns,
        ifname=endpoint.device,
        alias=alias,
        mtu=refined.mtu or endpoint.mtu or mtu,
        mac=refined.mac or endpoint.mac,
        sandbox=sandbox.name,
        up=refined.up is not False,
        master=refined.master,
        addresses=(*(endpoint.addresses or ()), *refined.addresses),
        shaping=refined.shaping or endpoint.shaping,
    )
    yield from pair(site, near, far, endpoint.pointer)


def verdicts(site: Site, network: Network) -> Iterator[Verdict]:
    """Say which packets the host passes on, and whose source it hides."""
    if site.is_hidden(network):
        return
    subnets = network.subnets or ()
    for family in sorted({subnet.version for subnet in subnets}):
        for rule in _forward(site, network, family):
            yield _verdict(network, family, "filter", "FORWARD", rule)
    if network.internal or not network.masquerade:
        return
    for subnet in subnets:
        yield _verdict(network, subnet.version, "nat", "POSTROUTING", _hide(site, network, subnet))


def _verdict(network: Network, family: int, table: str, hook: str, rule: Words) -> Verdict:  # noqa: PLR0917
    return Verdict(
        netns=None, family=family, table=table, hook=hook, rule=rule, origin=network.pointer
    )


def _forward(site: Site, network: Network, family: int) -> Iterator[Words]:
    own = bridge_ifname(site.spec, network.name)
    rule = partial(iptables.rule, family=family, comment=comment(site.spec))
    yield rule(jump="ACCEPT", in_=own, out=own)
    if network.internal:
        yield rule(jump="DROP", in_=own)
        yield rule(jump="DROP", out=own)
        return
    yield rule(jump="DROP", in_=own, out=EVERY_BRIDGE)
    yield rule(jump="ACCEPT", in_=own)
    yield rule(jump="ACCEPT", out=own, state=ANSWERS)
    if network.masquerade:
        yield rule(jump="DROP", out=own)
    else:
        yield rule(jump="DROP", in_=EVERY_BRIDGE, out=own)
        yield rule(jump="ACCEPT", out=own)


def _hide(site: Site, network: Network, subnet: IPNetwork) -> Words:
    return iptables.rule(
        family=subnet.version,
        source=str(subnet),
        out=f"!{bridge_ifname(site.spec, network.name)}",
        comment=comment(site.spec),
        jump=iptables.masquerade(),
    )


def forwards(site: Site, networks: Iterable[Network]) -> frozenset[int]:
    """Say for which families the host must pass packets on."""
    return frozenset(
        subnet.version
        for network in networks
        if network.driver == "bridge" and not network.internal and not site.is_hidden(network)
        for subnet in network.subnets or ()
    )
