"""
The rules of a bridge in the host: who may pass, whose source is hidden, which ports lead in.

Per network, in the spec's chain of FORWARD (BR is the bridge, C an endpoint that publishes):

    -i BR -o BR                 ACCEPT   the network's own; with isolate only what came by DNAT
    internal:    -i BR          DROP     nothing leaves
                 -o BR          DROP     nothing enters
    routed:      -i nk-+ -o BR  DROP     isolation of whatever spec; not of what answers to a DNAT
    -d C -o BR PORT             ACCEPT   what is published; masqueraded: of what came by DNAT
    -i BR -o nk-+ not by DNAT   DROP     isolation, towards others; a published port is for all
    -i BR -o docker0, br-+      RETURN   Docker says itself who enters its networks
    -i BR ! -o nk-+             ACCEPT   what leaves
    -o BR answers               ACCEPT
    routed:      -o BR icmp     ACCEPT   ping, and what a path has to say
    -o BR                       DROP     nobody enters unasked

In nat, where the family is masqueraded:

    PREROUTING, OUTPUT   PORT to LOCAL                  DNAT to C
    POSTROUTING          -s SUBNET ! -o BR              MASQUERADE   what leaves
                         -s SUBNET -o BR by DNAT        MASQUERADE   a sibling, or C itself
                         -s 127.0.0.0/8 -o BR           MASQUERADE   the host by 127.0.0.1
                         -d C -o BR PORT by DNAT        MASQUERADE   C answers by another network

For the host's 127.0.0.1 the bridge has route_localnet, so in raw what comes from it to or from
127.0.0.0/8 is dropped: it could reach what the host serves for itself only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from netkit.command import iptables
from netkit.expand.packets import Verdict
from netkit.expand.placement import Site
from netkit.expand.published import Opening, openings
from netkit.model.firewall import Words
from netkit.model.topology import IPNetwork, Network
from netkit.names import bridge_ifname, rule_comment

EVERY_BRIDGE = "nk-+"
OF_DOCKER = ("docker0", "br-+")
ANSWERS = ("RELATED", "ESTABLISHED")
BY_DNAT = "DNAT"
LOOPBACK = "127.0.0.0/8"
IPV6_LOOPBACK = "::1/128"


def verdicts(site: Site, network: Network) -> Iterator[Verdict]:
    """Say which packets the host passes on, whose source it hides, and which ports lead in."""
    if site.is_hidden(network):
        return
    published = tuple(openings(site, network))
    for family in sorted({subnet.version for subnet in network.subnets or ()}):
        leading = tuple(item for item in published if item.family == family)
        place = partial(Verdict, netns=None, family=family, origin=network.pointer)
        for words in _forward(site, network, family, leading):
            yield place(table="filter", hook="FORWARD", rule=words)
        if not network.internal and network.is_masqueraded(family):
            yield from _entrances(site, leading)
            for words in _sources(site, network, family, leading):
                yield place(table="nat", hook="POSTROUTING", rule=words)
    if by_loopback(published):
        place = partial(Verdict, netns=None, family=4, origin=network.pointer)
        for words in _guard(site, network):
            yield place(table="raw", hook="PREROUTING", rule=words)


def by_loopback(published: Iterable[Opening]) -> bool:
    """Say whether the host reaches one of these by 127.0.0.1."""
    return any(
        item.family == 4
        and item.host_ports is not None
        and (item.host_address is None or item.host_address.is_loopback)
        for item in published
    )


def _forward(
    site: Site, network: Network, family: int, published: Iterable[Opening]
) -> Iterator[Words]:
    own = bridge_ifname(site.spec, network.name)
    rule = partial(iptables.rule, family=family, comment=rule_comment(site.spec))
    routed = not network.is_masqueraded(family)
    if network.isolate:
        yield rule(jump="DROP", in_=own, out=own, state=f"!{BY_DNAT}")
    yield rule(jump="ACCEPT", in_=own, out=own)
    if network.internal:
        yield rule(jump="DROP", in_=own)
        yield rule(jump="DROP", out=own)
        return
    if routed:
        yield rule(jump="DROP", in_=EVERY_BRIDGE, out=own, state=f"!{BY_DNAT}")
    for item in published:
        yield rule(
            jump="ACCEPT",
            destination=str(item.address),
            out=own,
            protocol=item.protocol,
            dport=_span(item.ports),
            state=None if routed else BY_DNAT,
        )
    yield rule(jump="DROP", in_=own, out=EVERY_BRIDGE, state=f"!{BY_DNAT}")
    for name in OF_DOCKER:
        yield rule(jump="RETURN", in_=own, out=name)
    yield rule(jump="ACCEPT", in_=own, out=f"!{EVERY_BRIDGE}")
    yield rule(jump="ACCEPT", out=own, state=ANSWERS)
    if routed:
        yield rule(jump="ACCEPT", out=own, protocol="icmp")
    yield rule(jump="DROP", out=own)


def _entrances(site: Site, published: Iterable[Opening]) -> Iterator[Verdict]:
    """Lead ports of the host to endpoints: what comes in, and what the host itself sends."""
    for item in published:
        place = partial(Verdict, netns=None, family=item.family, table="nat", origin=item.origin)
        where = item.host_address
        if where is None or not where.is_loopback:  # which nothing that comes in has
            yield place(hook="PREROUTING", rule=_entrance(site, item))
        yield place(hook="OUTPUT", rule=_entrance(site, item))


def _entrance(site: Site, item: Opening) -> Words:
    assert item.host_ports is not None
    destination = None if item.host_address is None else str(item.host_address)
    if item.family == 6 and destination is None:
        destination = f"!{IPV6_LOOPBACK}"  # which leads nowhere: refused at once, as ever
    return iptables.rule(
        family=item.family,
        destination=destination,
        protocol=item.protocol,
        dport=_span(item.host_ports),
        dst_type="LOCAL",
        comment=rule_comment(site.spec),
        jump=iptables.dnat(item.address, port=_towards(item)),
    )


def _towards(item: Opening) -> str | None:
    """Give the ports of the endpoint; a range is shifted from where the host's begins."""
    assert item.host_ports is not None
    if item.ports == item.host_ports:
        return None
    first, last = item.ports
    return str(first) if first == last else f"{first}-{last}/{item.host_ports[0]}"


def _sources(
    site: Site, network: Network, family: int, published: tuple[Opening, ...]
) -> Iterator[Words]:
    own = bridge_ifname(site.spec, network.name)
    rule = partial(
        iptables.rule, family=family, comment=rule_comment(site.spec), jump=iptables.masquerade()
    )
    for subnet in _subnets(network, family):
        yield rule(source=str(subnet), out=f"!{own}")
        if published:
            yield rule(source=str(subnet), out=own, state=BY_DNAT)
    if family == 4 and by_loopback(published):
        yield rule(source=LOOPBACK, out=own)
    for item in published:
        if not item.answers:
            yield rule(
                destination=str(item.address),
                out=own,
                protocol=item.protocol,
                dport=_span(item.ports),
                state=BY_DNAT,
            )


def _subnets(network: Network, family: int) -> Iterator[IPNetwork]:
    return (subnet for subnet in network.subnets or () if subnet.version == family)


def _guard(site: Site, network: Network) -> Iterator[Words]:
    own = bridge_ifname(site.spec, network.name)
    rule = partial(iptables.rule, in_=own, comment=rule_comment(site.spec), jump="DROP")
    yield rule(destination=LOOPBACK)
    yield rule(source=LOOPBACK)


def _span(ports: tuple[int, int]) -> str:
    first, last = ports
    return str(first) if first == last else f"{first}:{last}"
