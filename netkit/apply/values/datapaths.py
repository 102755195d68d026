"""Which datapath a switch of Open vSwitch has: the kernel's, or the program's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netkit.apply.admission.capability import require_switch
from netkit.errors import MissingError, Problem
from netkit.model.link import Internal
from netkit.model.ovs import OvsBridge
from netkit.model.state import State
from netkit.run.runner import Runner
from netkit.value import replace

LARGEST = 1500


def with_datapaths(
    runner: Runner, switches: Iterable[OvsBridge], own: State, desired: State
) -> Iterator[OvsBridge]:
    """
    Give the switches, each with the datapath it has, or the one that this machine has.

    Raises:
        MissingError: Open vSwitch does not run, or an MTU is too large for its own datapath.
    """
    from netkit.facts import ovs  # of few networks

    require_switch(runner)
    for switch in switches:
        found = own.get(switch.key)
        kept = found.datapath if isinstance(found, OvsBridge) else ovs.datapath()
        if kept == "netdev":
            _check_sizes(desired)
        yield replace(switch, datapath=kept)


def _check_sizes(desired: State) -> None:
    """Refuse what the program's own datapath cuts off: it knows no MTU of a device that moved."""
    for device in desired.every(Internal):
        if device.mtu > LARGEST:
            said = (
                f"an MTU of {device.mtu} needs the kernel's datapath of Open vSwitch;"
                f" the program's own carries {LARGEST} bytes to a port in a namespace"
            )
            raise MissingError.at(
                Problem(device.origin, said),
                hint="modprobe openvswitch, or a smaller mtu",
            )
