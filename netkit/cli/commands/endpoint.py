"""``netkit network connect`` and ``disconnect``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from netkit.cli.commands.edit import edit
from netkit.cli.typed.options import (
    ANY_SEAT,
    USUAL,
    ANetwork,
    ASandbox,
    Manner,
    Path,
    Pid,
    Seat,
    seated,
)
from netkit.cli.typed.parameter import Option
from netkit.cnm import edits
from netkit.cnm.applied import Documents, find, member, resident

Force = Annotated[
    bool, Option("--force", "-f", help="Also where the namespace is not there any more.")
]


def connect(
    network: ANetwork,
    namespace: ASandbox = None,
    *,
    pid: Pid = None,
    path: Path = None,
    seat: Seat = ANY_SEAT,
    manner: Manner = USUAL,
) -> None:
    """
    Give a namespace an interface in a network, while it runs.

    It gets an address, a route and names; its processes go on. A namespace that netkit did not make
    may be a member as well: only what netkit adds to it is netkit's.

    Examples:
        netkit network connect frontend con2
        netkit network connect frontend con2 --ip 10.2.0.9 --alias web --ifname lan0
        netkit network connect frontend box --pid 4711
        netkit network connect frontend box --path /run/docker/netns/4f0c1b2a3d4e
    """
    said = seated(seat)

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        place = find(known, network, "networks", spec=manner.spec)
        found = member(known, namespace, place.spec, pid=pid, path=path)
        document = known[place.spec]
        return {
            place.spec: edits.connect(document, place.name, found.name, said, netns=found.netns)
        }

    edit("network connect", change, manner)


def disconnect(
    network: ANetwork,
    namespace: ASandbox = None,
    *,
    pid: Pid = None,
    path: Path = None,
    force: Force = False,
    manner: Manner = USUAL,
) -> None:
    """
    Take a namespace out of a network, while it runs.

    One that has ended leaves as well. One that netkit did not make, and that was not there since
    the boot, leaves with --force: it may be about to start.

    Examples:
        netkit network disconnect frontend con2
        netkit network disconnect frontend vpn --force
        netkit network disconnect shop/frontend con2 --dry-run
    """

    def change(known: Documents) -> Mapping[str, Mapping[str, Any]]:
        place = find(known, network, "networks", spec=manner.spec)
        document = known[place.spec]
        name = resident(known, place, namespace, pid=pid, path=path)
        return {place.spec: edits.disconnect(document, place.name, name)}

    edit("network disconnect", change, manner, leaving=True, absent_too=force)
