"""From a filled spec to the State that must be."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.expand.cables import links
from netkit.expand.devices import device
from netkit.expand.dressing import addresses, shaping
from netkit.expand.drivers.bridge import forwards
from netkit.expand.drivers.driver import driver
from netkit.expand.hosts import files
from netkit.expand.namespaces import FORWARDING, hidden, sandbox
from netkit.expand.packets import Verdict, chains, firewall, nat, policies
from netkit.expand.placement import Site
from netkit.expand.routes import neighbors, routes, rules
from netkit.model.object import Object
from netkit.model.setting import Sysctl
from netkit.model.state import State
from netkit.model.topology import Topology


def expand(topology: Topology) -> State:
    """
    Say what the kernel must contain for a spec to exist.

    Args:
        topology: With nothing left open: what ``fill`` gives.
    """
    site = Site.of(topology)
    return State.of((*_things(site), *chains(site, _verdicts(site)), *files(site)))


def _things(site: Site) -> Iterator[Object]:
    topology = site.topology
    if any(site.lies_hidden(each) for each in topology.networks):
        yield from hidden(site)
    for item in topology.namespaces:
        yield from sandbox(site, item)
    for network in topology.networks:
        yield from driver(network).network_state(site, network)
    for item in topology.namespaces:
        for endpoint in item.endpoints:
            network = site.networks[endpoint.network]
            yield from driver(network).endpoint_state(site, network, item, endpoint)
    for cable in topology.links:
        yield from links(site, cable)
    for item in topology.namespaces:
        for each in item.devices:
            yield from device(site, item, each)
        yield from _on_loopback(site, item.name)
        yield from routes(site, item)
        yield from rules(site, item)
        yield from neighbors(site, item)
        yield from policies(site, item)
    for family in sorted(forwards(site, topology.networks)):
        name = FORWARDING[0 if family == 4 else 1]
        yield Sysctl(name=name, value="1", origin="/networks")


def _on_loopback(site: Site, name: str) -> Iterator[Object]:
    """Put on ``lo`` what ``devices`` says of it."""
    for item in site.sandboxes[name].devices:
        if item.ifname == "lo":
            netns = site.netns[name]
            yield from addresses(netns, "lo", item.addresses, item.pointer)
            yield from shaping(netns, "lo", item.shaping, item.pointer)


def _verdicts(site: Site) -> Iterator[Verdict]:
    """Gather rules: what a spec says itself comes before what its networks need."""
    for item in site.topology.namespaces:
        yield from firewall(site, item)
        yield from nat(site, item)
    for network in site.topology.networks:
        yield from driver(network).verdicts(site, network)
