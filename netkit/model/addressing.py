"""Addresses, and what is known of neighbours: ARP, NDP and FDB entries."""

from __future__ import annotations

from netkit.model.object import Key, Object


class Address(Object, frozen=True, kw_only=True):
    """
    An address on a device.

    Args:
        ifname: The device.
        cidr: With its prefix length, e.g. ``10.1.0.2/24``.
    """

    ifname: str
    cidr: str

    @property
    def key(self) -> Key:
        """Identify by device, address and prefix length: the kernel keeps both lengths apart."""
        return ("address", self.netns, self.ifname, self.cidr)


class Neighbor(Object, frozen=True, kw_only=True):
    """
    A permanent ARP or NDP entry, or one that is answered for others.

    Args:
        ifname: The device.
        address: Whose.
        lladdr: Its MAC address; None for a proxy entry.
        protocol: Who put it there: 200 where netkit is a guest, boot where nobody says.
    """

    ifname: str
    address: str
    lladdr: str | None = None
    protocol: str = "boot"

    @property
    def key(self) -> Key:
        """Identify by device, address, and whether it is a proxy entry: these are two tables."""
        return ("neighbor", self.netns, self.ifname, self.address, self.lladdr is None)


class FdbEntry(Object, frozen=True, kw_only=True):
    """
    A permanent entry of a VXLAN device's forwarding database.

    Args:
        ifname: The VXLAN device.
        mac: Inner destination; all zero: where everything unknown goes.
        dst: Address of the remote tunnel endpoint.
    """

    ifname: str
    mac: str
    dst: str

    @property
    def key(self) -> Key:
        """Identify by all of it: one MAC address may have several destinations."""
        return ("fdb", self.netns, self.ifname, self.mac, self.dst)
