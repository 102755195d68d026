"""Open vSwitch: what its database holds of a switch. It belongs to the host, which runs it."""

from __future__ import annotations

from typing import ClassVar

from netkit.model.object import Key, Object


class OvsBridge(Object, frozen=True, kw_only=True):
    """
    A switch of Open vSwitch; with it comes a device of its name, its local port.

    Args:
        ifname: Its name, and its local port's.
        datapath: netdev (in the program) or system (in the kernel).
        mac: Of the local port.
        mtu: Of the local port; left alone, Open vSwitch would choose one again and again.
        owner: The spec that it belongs to; empty for somebody else's.
        stale: Its local port has gone.
    """

    KIND: ClassVar[str] = "ovs bridge"
    FIXED: ClassVar[tuple[str, ...]] = ("datapath", "stale")

    ifname: str
    datapath: str = ""
    mac: str | None = None
    mtu: int = 1500
    owner: str = ""
    stale: bool = False

    @property
    def key(self) -> Key:
        """Identify by name."""
        return ("ovs-bridge", None, self.ifname)


class OvsPort(Object, frozen=True, kw_only=True):
    """
    An internal port; the device of its name is born in the host, and moves to where it is wanted.

    Args:
        ifname: Its name.
        bridge: The switch.
        tag: The VLAN of an access port; with trunks, that of untagged frames.
        trunks: The VLANs that are carried with their tags; empty without a tag: all.
        isolated: It talks only to ports that are not isolated.
        owner: The spec that it belongs to; empty for somebody else's.
        stale: Its device has gone, with the namespace that it was in.
    """

    KIND: ClassVar[str] = "ovs port"
    FIXED: ClassVar[tuple[str, ...]] = ("bridge", "stale")

    ifname: str
    bridge: str
    tag: int | None = None
    trunks: tuple[int, ...] = ()
    isolated: bool = False
    owner: str = ""
    stale: bool = False

    @property
    def key(self) -> Key:
        """Identify by name."""
        return ("ovs-port", None, self.ifname)
