"""
The name server of a network: dnsmasq on the gateway address, or on one of its own.

    bridge in the host    in the host; what it does not know it asks the host's own name servers,
                          unless the network is internal
    hidden bridge         in the namespace of the hidden bridges, where there is nobody to ask
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface

from netkit.command import dnsmasq
from netkit.command.file import ETC_NETNS
from netkit.expand.dressing import addresses, at_once
from netkit.expand.placement import Site
from netkit.model.daemon import Daemon
from netkit.model.object import Object
from netkit.model.setting import File
from netkit.model.topology import IPAddress, Network, Sandbox
from netkit.names import bridge_ifname, device_alias, file_mark

COUNTRY = 2
WORLD = frozenset({"app", "biz", "com", "dev", "edu", "gov", "info", "int", "mil", "net", "org"})
"""Networks may be called so, and yet most of these names are not theirs."""


def server(site: Site, network: Network, members: str) -> Iterator[Object]:
    """
    Say what a name server is: its addresses on the bridge, what it knows, and the program.

    Args:
        site: Where things lie.
        network: One with a name server.
        members: The lines of its hosts file.
    """
    assert network.dns is not None
    origin = network.dns.pointer
    netns = site.bridge_netns(network)
    ifname = bridge_ifname(site.spec, network.name)
    listening = network.dns.addresses or ()
    yield from at_once(netns, ifname, None, network.pointer)
    yield from addresses(
        netns,
        ifname,
        (
            ip_interface((address, subnet.prefixlen))
            for address in listening
            for subnet in network.subnets or ()
            if address in subnet
        ),
        origin,
    )
    folder = f"{ETC_NETNS}/{ifname}"
    yield File(path=f"{folder}/hosts", parts=(file_mark(site.spec), members), origin=origin)
    yield Daemon(
        netns=netns,
        alias=device_alias(site.spec, network.name, "dns"),
        argv=dnsmasq.serve(
            folder,
            addresses=listening,
            local=None if _is_of_the_world(network.name) else network.name,
            forward=forwards(site, network),
        ),
        origin=origin,
    )


def forwards(site: Site, network: Network) -> bool:
    """Say whether a network's name server may ask others."""
    return not network.internal and not site.is_hidden(network)


def _is_of_the_world(name: str) -> bool:
    return len(name) == COUNTRY or name.lower() in WORLD


def servers(site: Site, sandbox: Sandbox) -> tuple[IPAddress, ...]:
    """Give the name servers of a sandbox's networks: first those that know more than the names."""
    having = [
        network
        for endpoint in sandbox.endpoints
        if (network := site.networks[endpoint.network]).dns is not None
    ]
    having.sort(key=lambda network: not forwards(site, network))
    return tuple(
        address
        for network in having
        if network.dns is not None
        for address in network.dns.addresses or ()
    )
