"""VLANs of bridges that filter them: ``bridge vlan``."""

from __future__ import annotations

from netkit.command.command import Command, command, flag, option


def add(
    dev: str, *, vid: int | str, pvid: bool = False, untagged: bool = False, self_: bool = False
) -> Command:
    """
    Build the command that lets a VLAN pass a port.

    Equivalent to: ``bridge vlan add dev DEV vid VID pvid untagged self``

    Args:
        dev: A port, or the bridge itself with ``self_``.
        vid: VLAN identifier, 1 to 4094, or a range ``A-B``.
        pvid: Untagged frames that come in belong to it.
        untagged: Its frames go out untagged.
        self_: The device is the bridge itself.

    Source: bridge(8), "bridge vlan".
    """
    return command(
        "bridge", "vlan", "add", "dev", dev, "vid", vid,
        *flag("pvid", pvid), *flag("untagged", untagged), *flag("self", self_),
    )  # fmt: skip


def delete(dev: str, *, vid: int | str, self_: bool = False) -> Command:
    """
    Build the command that no longer lets a VLAN pass a port.

    Equivalent to: ``bridge vlan delete dev DEV vid VID self``

    Args:
        dev: A port, or the bridge itself with ``self_``.
        vid: VLAN identifier, or a range ``A-B``.
        self_: The device is the bridge itself.

    Source: bridge(8), "bridge vlan".
    """
    return command("bridge", "vlan", "delete", "dev", dev, "vid", vid, *flag("self", self_))


def show(dev: str | None = None) -> Command:
    """
    Build the question for the VLANs of a port, or of all.

    Equivalent to: ``bridge -details -json vlan show dev DEV``

    Args:
        dev: Name of the port.

    Source: bridge(8), "bridge vlan show".
    """
    return command("bridge", "vlan", "show", *option("dev", dev), options=("-details", "-json"))
