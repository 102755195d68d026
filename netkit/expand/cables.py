"""veth pairs: those of ``links``, and those that tie an endpoint to its network's bridge."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.expand.dressing import addresses, at_once, shaping, silent
from netkit.expand.placement import Site, refinement
from netkit.model.link import Veth
from netkit.model.object import Netns, Object
from netkit.model.topology import UNSHAPED, Cable, IPInterface, Shaping, VrfDetail
from netkit.names import device_alias
from netkit.value import Value

MTU = 1500


class End(Value, frozen=True, kw_only=True):
    """
    One end of a cable, all that is said of it gathered.

    Args:
        sandbox: Whose end it is, by name; None for a bridge's side.
    """

    netns: Netns
    ifname: str
    alias: str
    mtu: int
    mac: str | None
    sandbox: str | None = None
    up: bool = True
    master: str | None = None
    isolated: bool = False
    hairpin: bool = False
    addresses: tuple[IPInterface, ...] = ()
    shaping: Shaping = UNSHAPED
    silent: bool = False


def pair(site: Site, one: End, other: End, origin: str) -> Iterator[Object]:
    """Say what two ends tied together are."""
    for end, far in ((one, other), (other, one)):
        yield Veth(
            netns=end.netns,
            ifname=end.ifname,
            mtu=end.mtu,
            mac=end.mac,
            up=end.up,
            master=end.master,
            isolated=end.isolated,
            hairpin=end.hairpin,
            alias=end.alias,
            group=site.group,
            peer_netns=far.netns,
            peer=far.ifname,
            origin=origin,
        )
        yield from addresses(end.netns, end.ifname, end.addresses, origin)
        yield from shaping(end.netns, end.ifname, end.shaping, origin)
        if end.silent:
            yield from silent(end.netns, end.ifname, origin)
        elif end.sandbox is not None:
            yield from at_once(end.netns, end.ifname, site.sandboxes.get(end.sandbox), origin)


def links(site: Site, cable: Cable) -> Iterator[Object]:
    """Say what an entry of ``links`` is."""
    one, other = (_end(site, cable, index) for index in (0, 1))
    yield from pair(site, one, other, cable.pointer)


def _end(site: Site, cable: Cable, index: int) -> End:
    end = cable.ends[index]
    sandbox = site.sandboxes.get(end.namespace)
    refined = refinement(sandbox, end.device)
    return End(
        netns=site.netns[end.namespace],
        ifname=end.device,
        alias=device_alias(site.spec, end.namespace, end.device),
        mtu=refined.mtu or cable.mtu or MTU,
        mac=refined.mac or end.mac,
        sandbox=end.namespace,
        up=cable.up if refined.up is None else refined.up,
        master=refined.master,
        addresses=(*end.addresses, *refined.addresses),
        shaping=refined.shaping or cable.shaping,
        silent=_is_switch_port(site, end.namespace, refined.master),
    )


def _is_switch_port(site: Site, namespace: str, master: str | None) -> bool:
    """A port of a VRF keeps its addresses; one of a bridge or a bond has none."""
    if master is None:
        return False
    return not isinstance(refinement(site.sandboxes.get(namespace), master).detail, VrfDetail)
