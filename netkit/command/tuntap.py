"""Devices whose other end is a program: ``ip tuntap``."""

from __future__ import annotations

from netkit.command.command import Command, command, flag, option
from netkit.errors import UsageError


def add(
    ifname: str,
    *,
    mode: str = "tap",
    user: int | str | None = None,
    group: int | str | None = None,
    multi_queue: bool = False,
) -> Command:
    """
    Build the command that creates a persistent tun or tap device.

    Equivalent to: ``ip tuntap add dev IFNAME mode MODE user USER group GROUP``

    Args:
        ifname: Device name, at most 15 bytes.
        mode: ``tap`` carries Ethernet frames, ``tun`` IP packets.
        user: Who may open it besides root: a name or a uid.
        group: The same for a group of users; not the device group.
        multi_queue: Let a program open it several times.

    Raises:
        UsageError: An unknown mode.

    Source: ip-tuntap(8); Documentation/networking/tuntap.rst.
    """
    return command(
        "ip", "tuntap", "add", "dev", ifname, "mode", _checked(mode),
        *option("user", user), *option("group", group), *flag("multi_queue", multi_queue),
    )  # fmt: skip


def delete(ifname: str, *, mode: str = "tap") -> Command:
    """
    Build the command that deletes a persistent tun or tap device.

    Equivalent to: ``ip tuntap delete dev IFNAME mode MODE``

    Args:
        ifname: Device name.
        mode: As it was created.

    Raises:
        UsageError: An unknown mode.

    Source: ip-tuntap(8).
    """
    return command("ip", "tuntap", "delete", "dev", ifname, "mode", _checked(mode))


def _checked(mode: str) -> str:
    if mode not in {"tap", "tun"}:
        raise UsageError(f"tuntap mode {mode!r}", hint="tap or tun")
    return mode
