"""Neighbours, who has which MAC address on the link: ``ip neighbour``."""

from __future__ import annotations

from netkit.command.command import Command, command, flag, option
from netkit.command.word import Address


def add(
    address: Address,
    *,
    dev: str,
    lladdr: str,
    nud: str = "permanent",
    router: bool = False,
    protocol: int | str | None = None,
) -> Command:
    """
    Build the command that makes a neighbour known.

    Equivalent to: ``ip neighbour add ADDRESS lladdr MAC dev DEV nud permanent``

    Args:
        address: The neighbour's IP address.
        dev: Device name.
        lladdr: The neighbour's MAC address.
        nud: State: ``permanent``, ``noarp``, ``reachable`` or ``stale``.
        router: It is a router (IPv6).
        protocol: Who made it: a number, or a name of rt_protos.

    Source: ip-neighbour(8).
    """
    return _known("add", address, dev, lladdr, nud, *_rest(router, protocol))


def replace(
    address: Address,
    *,
    dev: str,
    lladdr: str,
    nud: str = "permanent",
    router: bool = False,
    protocol: int | str | None = None,
) -> Command:
    """
    Build the command that makes a neighbour known, or changes what is known of it.

    Equivalent to: ``ip neighbour replace ADDRESS lladdr MAC dev DEV nud permanent``

    Args:
        address: The neighbour's IP address.
        dev: Device name.
        lladdr: The neighbour's MAC address.
        nud: State: ``permanent``, ``noarp``, ``reachable`` or ``stale``.
        router: It is a router (IPv6).
        protocol: Who made it: a number, or a name of rt_protos.

    Source: ip-neighbour(8).
    """
    return _known("replace", address, dev, lladdr, nud, *_rest(router, protocol))


def delete(address: Address, *, dev: str) -> Command:
    """
    Build the command that makes a neighbour forgotten.

    Equivalent to: ``ip neighbour delete ADDRESS dev DEV``

    Args:
        address: The neighbour's IP address.
        dev: Device name.

    Source: ip-neighbour(8).
    """
    return command("ip", "neighbour", "delete", address, "dev", dev)


def add_proxy(address: Address, *, dev: str, protocol: int | str | None = None) -> Command:
    """
    Build the command that lets this namespace answer on a link for an address elsewhere.

    Equivalent to: ``ip neighbour add proxy ADDRESS dev DEV``

    Args:
        address: The address to answer for.
        dev: The device on which it is asked for; IPv6 needs proxy_ndp there.
        protocol: Who made it: a number, or a name of rt_protos.

    Source: ip-neighbour(8).
    """
    return command(
        "ip", "neighbour", "add", "proxy", address, "dev", dev, *option("protocol", protocol)
    )


def delete_proxy(address: Address, *, dev: str) -> Command:
    """
    Build the command that ends the answering for an address.

    Equivalent to: ``ip neighbour delete proxy ADDRESS dev DEV``

    Args:
        address: The address.
        dev: Device name.

    Source: ip-neighbour(8).
    """
    return command("ip", "neighbour", "delete", "proxy", address, "dev", dev)


def show(dev: str | None = None, *, nud: str | None = None, proxy: bool = False) -> Command:
    """
    Build the question for the neighbours of both families.

    Equivalent to: ``ip -details -json neighbour show dev DEV nud NUD``

    Args:
        dev: Only those of a device.
        nud: Only those in a state, or ``all``; all but ``noarp`` when omitted.
        proxy: Ask for the addresses that are answered for, instead.

    Source: ip-neighbour(8).
    """
    return command(
        "ip", "neighbour", "show", *flag("proxy", proxy), *option("dev", dev), *option("nud", nud),
        options=("-details", "-json"),
    )  # fmt: skip


def _known(verb: str, address: Address, dev: str, lladdr: str, *words: str) -> Command:
    return command(
        "ip", "neighbour", verb, address, "lladdr", lladdr, "dev", dev, "nud", *words
    )  # fmt: skip


def _rest(router: bool, protocol: int | str | None) -> tuple[str, ...]:
    return (*flag("router", router), *option("protocol", protocol))
