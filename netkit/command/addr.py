"""Addresses of devices: ``ip address``."""

from __future__ import annotations

from netkit.command.command import Command, command, flag, option
from netkit.command.word import Address, Prefix, only


def add(
    cidr: Prefix,
    *,
    dev: str,
    peer: Prefix | None = None,
    broadcast: Address | None = None,
    scope: str | None = None,
    label: str | None = None,
    metric: int | None = None,
    valid_lft: int | str | None = None,
    preferred_lft: int | str | None = None,
    nodad: bool = False,
    noprefixroute: bool = False,
) -> Command:
    """
    Build the command that gives a device an address.

    Equivalent to: ``ip address add CIDR dev DEV ...``

    Args:
        cidr: Address with its prefix length; alone where ``peer`` has the length.
        dev: Device name.
        peer: The other end of a point-to-point link.
        broadcast: Broadcast address (IPv4), or ``+`` to derive it; none when omitted.
        scope: ``global`` when omitted, ``link`` or ``host``.
        label: Name for the address (IPv4), beginning with the device's.
        metric: Of the route to the prefix.
        valid_lft: Seconds, or ``forever``.
        preferred_lft: Seconds it is chosen for new connections, or ``forever``.
        nodad: Use an IPv6 address without looking for a duplicate first.
        noprefixroute: Make no route to the prefix.

    Source: ip-address(8).
    """
    return _give(
        "add", cidr, dev, *option("peer", peer), *option("broadcast", broadcast),
        *option("scope", scope), *option("label", label), *option("metric", metric),
        *option("valid_lft", valid_lft), *option("preferred_lft", preferred_lft),
        *flag("nodad", nodad), *flag("noprefixroute", noprefixroute),
    )  # fmt: skip


def replace(
    cidr: Prefix,
    *,
    dev: str,
    peer: Prefix | None = None,
    broadcast: Address | None = None,
    scope: str | None = None,
    label: str | None = None,
    metric: int | None = None,
    valid_lft: int | str | None = None,
    preferred_lft: int | str | None = None,
    nodad: bool = False,
    noprefixroute: bool = False,
) -> Command:
    """
    Build the command that gives a device an address, or changes the one it has.

    Equivalent to: ``ip address replace CIDR dev DEV ...``

    Args:
        cidr: Address with its prefix length; alone where ``peer`` has the length.
        dev: Device name.
        peer: The other end of a point-to-point link.
        broadcast: Broadcast address (IPv4), or ``+`` to derive it; none when omitted.
        scope: ``global`` when omitted, ``link`` or ``host``.
        label: Name for the address (IPv4), beginning with the device's.
        metric: Of the route to the prefix.
        valid_lft: Seconds, or ``forever``.
        preferred_lft: Seconds it is chosen for new connections, or ``forever``.
        nodad: Use an IPv6 address without looking for a duplicate first.
        noprefixroute: Make no route to the prefix.

    Source: ip-address(8).
    """
    return _give(
        "replace", cidr, dev, *option("peer", peer), *option("broadcast", broadcast),
        *option("scope", scope), *option("label", label), *option("metric", metric),
        *option("valid_lft", valid_lft), *option("preferred_lft", preferred_lft),
        *flag("nodad", nodad), *flag("noprefixroute", noprefixroute),
    )  # fmt: skip


def delete(cidr: Prefix, *, dev: str, peer: Prefix | None = None) -> Command:
    """
    Build the command that takes an address from a device.

    Equivalent to: ``ip address delete CIDR dev DEV``

    Args:
        cidr: Address with its prefix length: without, ``ip`` warns and takes what it finds.
        dev: Device name.
        peer: The other end, where it was given.

    Source: ip-address(8).
    """
    return _give("delete", cidr, dev, *option("peer", peer))


def flush(dev: str, *, family: int | None = None, scope: str | None = None) -> Command:
    """
    Build the command that takes all addresses, or some, from a device.

    Equivalent to: ``ip address flush dev DEV scope SCOPE``

    Args:
        dev: Device name.
        family: 4 or 6; both when omitted.
        scope: Only those of one scope.

    Source: ip-address(8).
    """
    return command(
        "ip", "address", "flush", "dev", dev, *option("scope", scope),
        options=only(family),
    )  # fmt: skip


def show(dev: str | None = None) -> Command:
    """
    Build the question for the addresses of a device, or of all.

    Equivalent to: ``ip -details -json address show dev DEV``

    Args:
        dev: Device name.

    Source: ip-address(8).
    """
    return command("ip", "address", "show", *option("dev", dev), options=("-details", "-json"))


def _give(verb: str, cidr: Prefix, dev: str, *words: str) -> Command:
    return command("ip", "address", verb, cidr, "dev", dev, *words)
