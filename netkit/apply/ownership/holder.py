"""Who holds something on the host, in words: a network of a spec, Docker, or the host itself."""

from __future__ import annotations

import re

from netkit.model.link import Bridge, Link
from netkit.model.object import Netns
from netkit.model.routing import Route
from netkit.model.state import State
from netkit.names import MARK, mark_owner

OTHERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"docker0|docker_gwbridge|br-[0-9a-f]{12}"), "Docker"),
    (re.compile(r"podman\d+"), "Podman"),
    (re.compile(r"virbr\d+"), "libvirt"),
)
"""How others name their bridges."""


def where(netns: Netns) -> str:
    """Say where something is."""
    return f"in namespace {netns}" if netns else "on the host"


def holder(seen: State, netns: Netns, ifname: str) -> str:
    """
    Say whose a device is.

    Returns:
        E.g. ``spec shop's network backend (nk-1d4d4c489624)``, ``Docker's docker0``, ``the host's
        eth0``.
    """
    link = seen.get(("link", netns, ifname))
    owner = mark_owner(link.alias) if isinstance(link, Link) else None
    if owner is not None:
        assert isinstance(link, Link)
        assert link.alias is not None
        what = link.alias.removeprefix(f"{MARK}{owner}/").rpartition("/")[0]
        network = f"'s network {what}" if isinstance(link, Bridge) and what else ""
        return f"spec {owner}{network} ({ifname})"
    if isinstance(link, Bridge):
        for pattern, name in OTHERS:
            if pattern.fullmatch(ifname):
                return f"{name}'s {ifname}"
    return f"the host's {ifname}" if netns is None else f"{ifname} in namespace {netns}"


def way(seen: State, route: Route) -> str:
    """Say whose a route's device is; of a route without one, what becomes of the packets."""
    for hop in route.nexthops:
        if hop.dev is not None:
            return holder(seen, route.netns, hop.dev)
    return f"the host ({route.type})"
