"""Which ports of this host are free for what is published without one."""

from __future__ import annotations

from collections.abc import Iterator

from netkit.apply.recall.recall import read_again
from netkit.apply.session import Session
from netkit.expand.ipam.allotments import Allotments
from netkit.expand.ipam.ports import DOORS, Doors, unsaid
from netkit.model.topology import Topology
from netkit.spec.publish import write_publish


def doors(session: Session, topology: Topology, remembered: Allotments) -> Doors:
    """
    Give the range that the kernel takes ports from by itself, and who has which of it.

    The host is asked only where a port must be chosen.
    """
    if all(
        write_publish(item) in remembered.ports.get(seat, {}) for seat, item in unsaid(topology)
    ):
        return DOORS
    from netkit.facts import listening  # of few specs

    first, last = listening.own_range()
    taken = {(each.protocol, each.port) for each in listening.read()}
    return Doors(first, last, frozenset(taken.union(_published(session, topology.name))))


def _published(session: Session, spec: str) -> Iterator[tuple[str, int]]:
    """Give the ports that other specs publish."""
    for stored in session.memory.specs():
        if stored.name == spec or '"publish"' not in stored.document:
            continue
        chosen = Allotments.from_json(stored.allotments).ports
        for sandbox in read_again(stored.document).namespaces:
            for endpoint in sandbox.endpoints:
                found = chosen.get((endpoint.network, sandbox.name), {})
                for item in endpoint.publish:
                    said = item.host_ports or (found.get(write_publish(item), 0),) * 2
                    for more in range(item.ports[1] - item.ports[0] + 1):
                        yield item.protocol, said[0] + more
