"""Routes and policy rules."""

from __future__ import annotations

from netkit.model.object import Key, Object
from netkit.value import Value

MAIN_TABLE = 254
DEFAULT_METRIC = {4: 0, 6: 1024}
EVERYTHING = {4: "0.0.0.0/0", 6: "::/0"}
"""What a default route leads to, by family."""


class NextHop(Value, frozen=True, kw_only=True):
    """
    One way out.

    Args:
        dev: The device; None lets the kernel find it from ``via``.
        via: The gateway; None for what is on the link.
        weight: Share among several, 1 to 256.
    """

    dev: str | None = None
    via: str | None = None
    weight: int = 1


class Route(Object, frozen=True, kw_only=True):
    """
    A route.

    Args:
        family: 4 or 6.
        to: Prefix with its length; the default is ``0.0.0.0/0`` or ``::/0``.
        type: unicast, blackhole, unreachable, prohibit.
        table: 254 is ``main``.
        metric: 0 (IPv4) or 1024 (IPv6) when nothing is said.
        tos: 0 when nothing is said.
        nexthops: One or several; empty for the types that lead nowhere.
        src: Preferred source address.
        protocol: Who put it there: 200 where netkit is a guest, boot in its own namespaces.
    """

    family: int
    to: str
    type: str = "unicast"
    table: int = MAIN_TABLE
    metric: int = 0
    tos: int = 0
    nexthops: tuple[NextHop, ...] = ()
    src: str | None = None
    protocol: str = "boot"

    @property
    def key(self) -> Key:
        """Identify as the kernel does: table, family, prefix, metric, TOS."""
        return ("route", self.netns, self.family, self.table, self.to, self.metric, self.tos)


class Rule(Object, frozen=True, kw_only=True):
    """
    A policy rule (``ip rule``).

    Args:
        family: 4 or 6.
        priority: Lowest first; chosen by netkit when the spec is silent.
        source: Prefix (``from``), or None for all.
        destination: Prefix (``to``), or None for all.
        iif: Incoming device.
        oif: Outgoing device of local sockets.
        fwmark: ``MARK`` or ``MARK/MASK`` in hexadecimal, as ip prints it.
        table: The table to look in; None for the other actions.
        action: lookup, blackhole, unreachable, prohibit.
        protocol: Who put it there.
    """

    family: int
    priority: int
    source: str | None = None
    destination: str | None = None
    iif: str | None = None
    oif: str | None = None
    fwmark: str | None = None
    table: int | None = MAIN_TABLE
    action: str = "lookup"
    protocol: str = "boot"

    @property
    def key(self) -> Key:
        """Identify by all that it says: the kernel knows no other name for a rule."""
        return (
            "rule",
            self.netns,
            self.family,
            self.priority,
            self.source or "",
            self.destination or "",
            self.iif or "",
            self.oif or "",
            self.fwmark or "",
            self.table or 0,
            self.action,
        )
