"""
What hangs on a device of somebody else's at home, where it is lent from.

The kernel flushes it when the device is moved away. Netkit puts it back when the device comes home
and never removes it. It counts as there when the device has what its key says, however that came.
"""

from __future__ import annotations

from ipaddress import ip_interface
from typing import ClassVar

from netkit.model.object import Key, Object
from netkit.model.routing import DEFAULT_METRIC, MAIN_TABLE, NextHop


class Belonging(Object, frozen=True, kw_only=True):
    """
    Something that hangs on a device at home.

    Args:
        ifname: The device.
    """

    ifname: str


class HomeAddress(Belonging, frozen=True, kw_only=True):
    """
    A static address of a device at home.

    Args:
        cidr: With its prefix length; where there is a ``peer`` the length is that one's.
        peer: The other end of a point-to-point link, with the prefix length.
        broadcast: Broadcast address (IPv4); None where it has none.
        scope: ``link`` or ``host``; None for ``global``, and for IPv6, where it follows.
        label: Its name (IPv4), where that is not the device's.
        metric: Of the route to the prefix, where that was said.
        noprefixroute: There is no route to the prefix of the kernel's making.
        deprecated: It is not chosen for new connections.
        nodad: Nobody was asked whether it is a duplicate.
    """

    UNCOMPARED: ClassVar[frozenset[str]] = frozenset(
        {"origin", "broadcast", "scope", "label", "metric", "noprefixroute", "deprecated", "nodad"}
    )

    cidr: str
    peer: str | None = None
    broadcast: str | None = None
    scope: str | None = None
    label: str | None = None
    metric: int | None = None
    noprefixroute: bool = False
    deprecated: bool = False
    nodad: bool = False

    def __post_init__(self) -> None:
        """Hold that it is one: what is remembered is read back as this."""
        for text in (self.cidr, self.peer):
            if text is not None:
                ip_interface(text)

    @property
    def key(self) -> Key:
        """Identify by device, address, prefix length and peer."""
        return ("home-address", self.netns, self.ifname, self.cidr, self.peer or "")

    @property
    def address(self) -> str:
        """The address alone."""
        return self.cidr.partition("/")[0]


class HomeRoute(Belonging, frozen=True, kw_only=True):
    """
    A route by a device at home and no other, which somebody gave.

    Args:
        family: 4 or 6.
        to: Prefix with its length.
        table: 254 is ``main``.
        metric: 0 (IPv4) or 1024 (IPv6) when nothing was said.
        tos: 0 when nothing was said.
        nexthops: One or several, all by this device.
        src: Preferred source address.
        scope: Where it is not what follows from the next hop.
        mtu: Bytes, for this route alone.
        onlink: The gateway is trusted to be on the link.
        protocol: ``boot`` or ``static``.
    """

    UNCOMPARED: ClassVar[frozenset[str]] = frozenset(
        {"origin", "nexthops", "src", "scope", "mtu", "onlink", "protocol"}
    )

    family: int
    to: str
    table: int = MAIN_TABLE
    metric: int = 0
    tos: int = 0
    nexthops: tuple[NextHop, ...] = ()
    src: str | None = None
    scope: str | None = None
    mtu: int | None = None
    onlink: bool = False
    protocol: str = "boot"

    def __post_init__(self) -> None:
        """Hold that it is one: what is remembered is read back as this."""
        for text in (self.to, self.src, *self.gateways):
            if text is not None:
                ip_interface(text)
        if self.family not in DEFAULT_METRIC:
            raise ValueError(f"there is no IPv{self.family}")

    @property
    def key(self) -> Key:
        """Identify by device, and as the kernel does."""
        return ("home-route", self.netns, self.ifname, *self.place)

    @property
    def place(self) -> tuple[int, int, str, int, int]:
        """What only one route can have: family, table, prefix, metric, TOS."""
        return (self.family, self.table, self.to, self.metric, self.tos)

    @property
    def gateways(self) -> tuple[str, ...]:
        """Whom it leads to; empty for what is on the link."""
        return tuple(hop.via for hop in self.nexthops if hop.via is not None)
