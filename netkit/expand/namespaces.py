"""What a namespace starts as: itself, its mark, ``lo``, and the kernel parameters of its stack."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.expand.placement import Site, is_made, refinement
from netkit.model.link import Loopback
from netkit.model.netns import Namespace
from netkit.model.object import Netns, Object
from netkit.model.setting import Sysctl
from netkit.model.topology import Sandbox
from netkit.names import namespace_alias
from netkit.spec.report import escape

LOOPBACK_MTU = 65536
FORWARDING = ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding")
START = (
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/all/promote_secondaries", "1"),
)
NO_DAD = ("net/ipv6/conf/default/accept_dad", "0")
NO_LINK_LOCAL = ("net/ipv6/conf/default/addr_gen_mode", "1")


def sandbox(site: Site, item: Sandbox) -> Iterator[Object]:
    """Say what a sandbox is before anything is put into it."""
    netns = site.netns[item.name]
    settings = dict(_forwarding(item))
    if is_made(item):
        yield Namespace(netns=netns, origin=item.pointer)
        yield _loopback(site, item, netns)
        settings |= dict(START)
        if not item.dad:
            settings |= [NO_DAD]
    said = dict(item.sysctls)
    for name, value in (settings | said).items():
        origin = f"{item.pointer}/sysctls/{escape(name)}" if name in said else item.pointer
        yield Sysctl(netns=netns, name=name, value=value, origin=origin)


def hidden(site: Site) -> Iterator[Object]:
    """Say what the namespace of the hidden bridges is."""
    netns = site.hidden
    yield Namespace(netns=netns, origin="/networks")
    yield Loopback(netns=netns, alias=namespace_alias(site.spec, netns), origin="/networks")
    for name, value in ((FORWARDING[0], "0"), (FORWARDING[1], "0"), *START, NO_LINK_LOCAL):
        yield Sysctl(netns=netns, name=name, value=value, origin="/networks")


def _forwarding(item: Sandbox) -> Iterator[tuple[str, str]]:
    """Off is said too: a new namespace inherits ip_forward from the host."""
    for name, wanted in zip(FORWARDING, item.forwarding, strict=True):
        if wanted is not None or is_made(item):
            yield name, "1" if wanted else "0"


def _loopback(site: Site, item: Sandbox, netns: Netns) -> Loopback:
    refined = refinement(item, "lo")
    return Loopback(
        netns=netns,
        alias=namespace_alias(site.spec, item.name),
        mtu=refined.mtu or LOOPBACK_MTU,
        up=refined.up is not False,
        origin=refined.pointer or item.pointer,
    )
