"""
The largest packet that leaves the host: networks that say no MTU are given it.

Read once, when a network is new, and kept as an allotment: that the host has another uplink today
is no reason to change what stands.
"""

from __future__ import annotations

from netkit.apply.session import Session
from netkit.expand.fill import MTU, leaves_the_host
from netkit.expand.ipam.allotments import Allotments
from netkit.facts import uplink
from netkit.facts.read import read
from netkit.facts.scope import Look, Scope
from netkit.model.link import Link
from netkit.model.topology import Topology


def uplink_mtu(session: Session, topology: Topology, remembered: Allotments) -> int:
    """
    Give the least MTU of the devices of the host's default routes.

    Returns:
        1500 where there is none, or nobody needs to know.
    """
    new = [each for each in topology.networks if each.name not in remembered.mtus]
    if not any(leaves_the_host(each) for each in new):
        return MTU
    names = uplink.read()
    if not names:
        return MTU
    seen = read(session.runner, Scope(looks=(Look(None, brief=True),)))
    found = (seen.get(("link", None, name)) for name in names)
    return min((each.mtu for each in found if isinstance(each, Link)), default=MTU)
