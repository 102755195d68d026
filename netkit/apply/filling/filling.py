"""What a spec leaves open, filled in on this host as it is now."""

from __future__ import annotations

from netkit.apply.filling.busy import busy
from netkit.apply.filling.doors import doors
from netkit.apply.filling.occupied import occupied
from netkit.apply.filling.parents import parent_mtus
from netkit.apply.filling.uplink import uplink_mtu
from netkit.apply.session import Session
from netkit.expand.fill import fill
from netkit.expand.ipam.allotments import Allotments
from netkit.model.topology import Topology


def fill_here(
    session: Session, topology: Topology, remembered: Allotments
) -> tuple[Topology, Allotments]:
    """
    Fill in a spec; the host is asked only for what is not remembered.

    Raises:
        NetkitError: A pool, a subnet or the ports of the host are exhausted.
    """
    return fill(
        topology,
        remembered,
        tuple(occupied(session, topology, remembered)),
        parent_mtus(session, topology),
        busy=busy(session, topology, remembered),
        uplink=uplink_mtu(session, topology, remembered),
        doors=doors(session, topology, remembered),
    )
