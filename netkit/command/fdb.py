"""Forwarding databases, which MAC address is behind which port or VTEP: ``bridge fdb``."""

from __future__ import annotations

from netkit.command.command import Command, command, option
from netkit.command.word import Address
from netkit.errors import UsageError

STATES = frozenset({"permanent", "static", "dynamic"})
EVERYBODY = "00:00:00:00:00:00"  # a VXLAN device sends here what it would flood


def add(
    mac: str,
    *,
    dev: str,
    dst: Address | None = None,
    vni: int | None = None,
    port: int | None = None,
    via: str | None = None,
    vlan: int | None = None,
    master: bool = False,
    state: str = "permanent",
) -> Command:
    """
    Build the command that makes an address known.

    Equivalent to: ``bridge fdb add MAC dev DEV dst DST ... self permanent``

    Args:
        mac: MAC address; ``EVERYBODY`` for what has no entry (VXLAN).
        dev: The VXLAN device, or the port of a bridge.
        dst: The VTEP behind which it is (VXLAN).
        vni: Network identifier to send with; the device's when omitted.
        port: UDP port of that VTEP; the device's when omitted.
        via: Underlay device to send by.
        vlan: VLAN identifier, on a bridge that filters VLANs.
        master: The entry is the bridge's, not the device's own.
        state: ``permanent`` (never forgotten; on a bridge: its own address), ``static`` (never
            forgotten, on a bridge's port) or ``dynamic`` (ages).

    Raises:
        UsageError: An unknown state.

    Source: bridge(8), "bridge fdb"; ip-link(8), "VXLAN Type Support".
    """
    return command(
        "bridge", "fdb", "add", mac, "dev", dev, *option("dst", dst), *option("vni", vni),
        *option("port", port), *option("via", via), *option("vlan", vlan),
        "master" if master else "self", _state(state),
    )  # fmt: skip


def append(
    mac: str,
    *,
    dev: str,
    dst: Address | None = None,
    vni: int | None = None,
    port: int | None = None,
    via: str | None = None,
    vlan: int | None = None,
    master: bool = False,
    state: str = "permanent",
) -> Command:
    """
    Build the command that makes an address known behind one more VTEP.

    Only entries for all (``EVERYBODY``) and multicast addresses may have several.

    Equivalent to: ``bridge fdb append MAC dev DEV dst DST ... self permanent``

    Args:
        mac: MAC address; ``EVERYBODY`` for what has no entry (VXLAN).
        dev: The VXLAN device, or the port of a bridge.
        dst: The VTEP behind which it is (VXLAN).
        vni: Network identifier to send with; the device's when omitted.
        port: UDP port of that VTEP; the device's when omitted.
        via: Underlay device to send by.
        vlan: VLAN identifier, on a bridge that filters VLANs.
        master: The entry is the bridge's, not the device's own.
        state: ``permanent`` (never forgotten; on a bridge: its own address), ``static`` (never
            forgotten, on a bridge's port) or ``dynamic`` (ages).

    Raises:
        UsageError: An unknown state.

    Source: bridge(8), "bridge fdb"; ip-link(8), "VXLAN Type Support".
    """
    return command(
        "bridge", "fdb", "append", mac, "dev", dev, *option("dst", dst), *option("vni", vni),
        *option("port", port), *option("via", via), *option("vlan", vlan),
        "master" if master else "self", _state(state),
    )  # fmt: skip


def replace(
    mac: str,
    *,
    dev: str,
    dst: Address | None = None,
    vni: int | None = None,
    port: int | None = None,
    via: str | None = None,
    vlan: int | None = None,
    master: bool = False,
    state: str = "permanent",
) -> Command:
    """
    Build the command that makes an address known, or moves it.

    Equivalent to: ``bridge fdb replace MAC dev DEV dst DST ... self permanent``

    Args:
        mac: MAC address; ``EVERYBODY`` for what has no entry (VXLAN).
        dev: The VXLAN device, or the port of a bridge.
        dst: The VTEP behind which it is (VXLAN).
        vni: Network identifier to send with; the device's when omitted.
        port: UDP port of that VTEP; the device's when omitted.
        via: Underlay device to send by.
        vlan: VLAN identifier, on a bridge that filters VLANs.
        master: The entry is the bridge's, not the device's own.
        state: ``permanent`` (never forgotten; on a bridge: its own address), ``static`` (never
            forgotten, on a bridge's port) or ``dynamic`` (ages).

    Raises:
        UsageError: An unknown state.

    Source: bridge(8), "bridge fdb"; ip-link(8), "VXLAN Type Support".
    """
    return command(
        "bridge", "fdb", "replace", mac, "dev", dev, *option("dst", dst), *option("vni", vni),
        *option("port", port), *option("via", via), *option("vlan", vlan),
        "master" if master else "self", _state(state),
    )  # fmt: skip


def delete(
    mac: str,
    *,
    dev: str,
    dst: Address | None = None,
    vni: int | None = None,
    port: int | None = None,
    via: str | None = None,
    vlan: int | None = None,
    master: bool = False,
) -> Command:
    """
    Build the command that makes an address forgotten.

    Equivalent to: ``bridge fdb delete MAC dev DEV dst DST self``

    Args:
        mac: MAC address.
        dev: The VXLAN device, or the port of a bridge.
        dst: Behind which VTEP, where there may be several.
        vni: As it was made.
        port: As it was made.
        via: As it was made.
        vlan: As it was made.
        master: The entry is the bridge's, not the device's own.

    Source: bridge(8), "bridge fdb delete".
    """
    return command(
        "bridge", "fdb", "delete", mac, "dev", dev, *option("dst", dst), *option("vni", vni),
        *option("port", port), *option("via", via), *option("vlan", vlan),
        "master" if master else "self",
    )  # fmt: skip


def show(dev: str | None = None, *, br: str | None = None) -> Command:
    """
    Build the question for the entries of a device, of a bridge with its ports, or of all.

    Equivalent to: ``bridge -details -json fdb show dev DEV``

    Args:
        dev: A VXLAN device or a port.
        br: A bridge.

    Source: bridge(8), "bridge fdb show".
    """
    return command(
        "bridge", "fdb", "show", *option("br", br), *option("dev", dev),
        options=("-details", "-json"),
    )  # fmt: skip


def _state(state: str) -> str:
    if state not in STATES:
        raise UsageError(f"fdb state {state!r}", hint=f"one of {', '.join(sorted(STATES))}")
    return state
