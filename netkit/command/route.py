"""Routes: ``ip route``."""

from __future__ import annotations

from netkit.command.command import Command, command, flag, option
from netkit.command.word import Address, Prefix, is_ipv6, only, word
from netkit.errors import UsageError
from netkit.value import Value

TYPES = frozenset(
    {"unicast", "local", "broadcast", "multicast", "throw", "unreachable", "prohibit", "blackhole"}
)
DEFAULT = {4: "0.0.0.0/0", 6: "::/0"}


class NextHop(Value, frozen=True):
    """
    One of several ways a route may go.

    Args:
        via: The gateway; None for what is on the link.
        dev: The device; None lets the kernel find it from ``via``.
        weight: Share among the ways, 1 to 256.
    """

    via: Address | None = None
    dev: str | None = None
    weight: int = 1


def add(
    to: Prefix,
    *,
    type: str | None = None,
    tos: int | str | None = None,
    via: Address | None = None,
    dev: str | None = None,
    onlink: bool = False,
    src: Address | None = None,
    metric: int | None = None,
    table: int | str | None = None,
    protocol: int | str | None = None,
    scope: str | None = None,
    mtu: int | None = None,
    nexthops: tuple[NextHop, ...] = (),
) -> Command:
    """
    Build the command that makes a route.

    Equivalent to: ``ip route add TO via VIA dev DEV ...``

    Args:
        to: Prefix; ``default`` is of the family of ``via``, and IPv4 without one.
        type: ``unicast`` when omitted, ``blackhole``, ``unreachable``, ``prohibit``, ``throw``,
            ``local``, ``broadcast`` or ``multicast``.
        tos: Only for packets of this type of service.
        via: The gateway; one of IPv6 may serve an IPv4 route.
        dev: The device.
        onlink: Trust that the gateway is on the link, whatever the addresses say.
        src: Source address to prefer.
        metric: The lower goes first; 0 (IPv4) or 1024 (IPv6) when omitted.
        table: A number, or a name of rt_tables; ``main`` when omitted.
        protocol: Who made it: a number, or a name of rt_protos; ``boot`` when omitted.
        scope: How far it goes: ``global``, ``link`` or ``host``.
        mtu: Bytes, for this route alone.
        nexthops: Several ways, instead of ``via`` and ``dev``.

    Raises:
        UsageError: An unknown type, or ``nexthops`` beside ``via`` or ``dev``.

    Source: ip-route(8).
    """
    return command(
        "ip", "route", "add",
        *_route(
            to, type=type, tos=tos, via=via, dev=dev, onlink=onlink, src=src, metric=metric,
            table=table, protocol=protocol, scope=scope, mtu=mtu, nexthops=nexthops,
        ),
    )  # fmt: skip


def replace(
    to: Prefix,
    *,
    type: str | None = None,
    tos: int | str | None = None,
    via: Address | None = None,
    dev: str | None = None,
    onlink: bool = False,
    src: Address | None = None,
    metric: int | None = None,
    table: int | str | None = None,
    protocol: int | str | None = None,
    scope: str | None = None,
    mtu: int | None = None,
    nexthops: tuple[NextHop, ...] = (),
) -> Command:
    """
    Build the command that makes a route, or changes the one with the same key.

    The key is destination, tos, metric and table (IPv4: the first of those that match).

    Equivalent to: ``ip route replace TO via VIA dev DEV ...``

    Args:
        to: Prefix; ``default`` is of the family of ``via``, and IPv4 without one.
        type: ``unicast`` when omitted, ``blackhole``, ``unreachable``, ``prohibit``, ``throw``,
            ``local``, ``broadcast`` or ``multicast``.
        tos: Only for packets of this type of service.
        via: The gateway; one of IPv6 may serve an IPv4 route.
        dev: The device.
        onlink: Trust that the gateway is on the link, whatever the addresses say.
        src: Source address to prefer.
        metric: The lower goes first; 0 (IPv4) or 1024 (IPv6) when omitted.
        table: A number, or a name of rt_tables; ``main`` when omitted.
        protocol: Who made it: a number, or a name of rt_protos; ``boot`` when omitted.
        scope: How far it goes: ``global``, ``link`` or ``host``.
        mtu: Bytes, for this route alone.
        nexthops: Several ways, instead of ``via`` and ``dev``.

    Raises:
        UsageError: An unknown type, or ``nexthops`` beside ``via`` or ``dev``.

    Source: ip-route(8).
    """
    return command(
        "ip", "route", "replace",
        *_route(
            to, type=type, tos=tos, via=via, dev=dev, onlink=onlink, src=src, metric=metric,
            table=table, protocol=protocol, scope=scope, mtu=mtu, nexthops=nexthops,
        ),
    )  # fmt: skip


def append(
    to: Prefix,
    *,
    type: str | None = None,
    tos: int | str | None = None,
    via: Address | None = None,
    dev: str | None = None,
    onlink: bool = False,
    src: Address | None = None,
    metric: int | None = None,
    table: int | str | None = None,
    protocol: int | str | None = None,
    scope: str | None = None,
    mtu: int | None = None,
    nexthops: tuple[NextHop, ...] = (),
) -> Command:
    """
    Build the command that adds a route behind those with the same key.

    IPv6 makes several next hops of one route out of them.

    Equivalent to: ``ip route append TO via VIA dev DEV ...``

    Args:
        to: Prefix; ``default`` is of the family of ``via``, and IPv4 without one.
        type: ``unicast`` when omitted, ``blackhole``, ``unreachable``, ``prohibit``, ``throw``,
            ``local``, ``broadcast`` or ``multicast``.
        tos: Only for packets of this type of service.
        via: The gateway; one of IPv6 may serve an IPv4 route.
        dev: The device.
        onlink: Trust that the gateway is on the link, whatever the addresses say.
        src: Source address to prefer.
        metric: The lower goes first; 0 (IPv4) or 1024 (IPv6) when omitted.
        table: A number, or a name of rt_tables; ``main`` when omitted.
        protocol: Who made it: a number, or a name of rt_protos; ``boot`` when omitted.
        scope: How far it goes: ``global``, ``link`` or ``host``.
        mtu: Bytes, for this route alone.
        nexthops: Several ways, instead of ``via`` and ``dev``.

    Raises:
        UsageError: An unknown type, or ``nexthops`` beside ``via`` or ``dev``.

    Source: ip-route(8).
    """
    return command(
        "ip", "route", "append",
        *_route(
            to, type=type, tos=tos, via=via, dev=dev, onlink=onlink, src=src, metric=metric,
            table=table, protocol=protocol, scope=scope, mtu=mtu, nexthops=nexthops,
        ),
    )  # fmt: skip


def delete(
    to: Prefix,
    *,
    type: str | None = None,
    tos: int | str | None = None,
    via: Address | None = None,
    dev: str | None = None,
    onlink: bool = False,
    src: Address | None = None,
    metric: int | None = None,
    table: int | str | None = None,
    protocol: int | str | None = None,
    scope: str | None = None,
    mtu: int | None = None,
    nexthops: tuple[NextHop, ...] = (),
) -> Command:
    """
    Build the command that removes a route.

    The first that has all that is said goes; so say all that is known.

    Equivalent to: ``ip route delete TO via VIA dev DEV ...``

    Args:
        to: Prefix; ``default`` is of the family of ``via``, and IPv4 without one.
        type: ``unicast`` when omitted, ``blackhole``, ``unreachable``, ``prohibit``, ``throw``,
            ``local``, ``broadcast`` or ``multicast``.
        tos: Only for packets of this type of service.
        via: The gateway; one of IPv6 may serve an IPv4 route.
        dev: The device.
        onlink: Trust that the gateway is on the link, whatever the addresses say.
        src: Source address to prefer.
        metric: The lower goes first; 0 (IPv4) or 1024 (IPv6) when omitted.
        table: A number, or a name of rt_tables; ``main`` when omitted.
        protocol: Who made it: a number, or a name of rt_protos; ``boot`` when omitted.
        scope: How far it goes: ``global``, ``link`` or ``host``.
        mtu: Bytes, for this route alone.
        nexthops: Several ways, instead of ``via`` and ``dev``.

    Raises:
        UsageError: An unknown type, or ``nexthops`` beside ``via`` or ``dev``.

    Source: ip-route(8).
    """
    return command(
        "ip", "route", "delete",
        *_route(
            to, type=type, tos=tos, via=via, dev=dev, onlink=onlink, src=src, metric=metric,
            table=table, protocol=protocol, scope=scope, mtu=mtu, nexthops=nexthops,
        ),
    )  # fmt: skip


def get(
    address: Address,
    *,
    source: Address | None = None,
    iif: str | None = None,
    oif: str | None = None,
    mark: int | str | None = None,
) -> Command:
    """
    Build the question for the way a packet to an address would go.

    Equivalent to: ``ip -details -json route get ADDRESS from SOURCE iif IIF``

    Args:
        address: Destination.
        source: Source address; that of the answer when omitted.
        iif: As if it had come in by this device; sent from here when omitted.
        oif: Only out of this device.
        mark: Firewall mark of the packet.

    Source: ip-route(8), "ip route get".
    """
    return command(
        "ip", "route", "get", address, *option("from", source), *option("iif", iif),
        *option("oif", oif), *option("mark", mark),
        options=("-details", "-json"),
    )  # fmt: skip


def show(
    *, table: int | str | None = "all", dev: str | None = None, family: int | None = None
) -> Command:
    """
    Build the question for routes.

    Without a family ``table all`` answers for both, and any other table for IPv4 alone.

    Equivalent to: ``ip -details -json route show table TABLE dev DEV``

    Args:
        table: A number, a name of rt_tables, or ``all``; ``main`` for None.
        dev: Only those of a device.
        family: 4 or 6.

    Source: ip-route(8), "ip route show".
    """
    return command(
        "ip", "route", "show", *option("table", table), *option("dev", dev),
        options=("-details", "-json", *only(family)),
    )  # fmt: skip


def _route(
    to: Prefix,
    *,
    type: str | None,
    tos: int | str | None,
    via: Address | None,
    dev: str | None,
    onlink: bool,
    src: Address | None,
    metric: int | None,
    table: int | str | None,
    protocol: int | str | None,
    scope: str | None,
    mtu: int | None,
    nexthops: tuple[NextHop, ...],
) -> tuple[str, ...]:
    if type is not None and type not in TYPES:
        raise UsageError(f"route type {type!r}", hint=f"one of {', '.join(sorted(TYPES))}")
    if nexthops and (via is not None or dev is not None):
        raise UsageError(f"route to {to}: nexthops exclude via and dev")
    if to == "default":
        # Spelt out, it needs no -4 or -6 and may stand in a batch of both families.
        first = nexthops[0].via if nexthops else via
        to = DEFAULT[6 if first is not None and is_ipv6(first) else 4]
    ipv6 = is_ipv6(to)
    return (
        *flag(str(type), type is not None), word(to), *option("tos", tos),
        *_via(via, ipv6), *option("dev", dev), *flag("onlink", onlink), *option("src", src),
        *option("metric", metric), *option("table", table), *option("protocol", protocol),
        *option("scope", scope), *option("mtu", mtu),
        *(each for hop in nexthops for each in _nexthop(hop, ipv6)),
    )  # fmt: skip


def _via(via: Address | None, ipv6: bool) -> tuple[str, ...]:
    if via is None:
        return ()
    if is_ipv6(via) and not ipv6:
        return ("via", "inet6", word(via))
    return ("via", word(via))


def _nexthop(hop: NextHop, ipv6: bool) -> tuple[str, ...]:
    return (
        "nexthop", *_via(hop.via, ipv6), *option("dev", hop.dev), "weight", word(hop.weight)
    )  # fmt: skip
