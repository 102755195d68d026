"""
Open vSwitch's switches and ports: ``ovs-vsctl``.

A change is a transaction of its database, and the command waits until the switch has followed;
several joined by ``--`` are one.
"""

from __future__ import annotations

from collections.abc import Iterable

from netkit.command.command import Command, command
from netkit.command.word import word
from netkit.errors import UsageError
from netkit.names import OVS_OWNER

PATIENCE = ("--timeout=10",)
"""Without it the command waits for ever where the switch has ended."""

TABLES = (
    ("Bridge", ("name", "ports", "datapath_type", "other_config", "external_ids")),
    ("Port", ("_uuid", "name", "tag", "trunks", "protected", "external_ids")),
    ("Interface", ("name", "type", "mtu_request")),
)
"""Each with the columns that ``show`` asks for."""


def add_br(
    bridge: str,
    *,
    datapath: str = "system",
    mac: str | None = None,
    mtu: int | None = None,
    owner: str | None = None,
) -> Command:
    """
    Build the command that makes a switch, with its local port.

    Equivalent to: ``ovs-vsctl add-br BRIDGE -- set Bridge BRIDGE datapath_type=DATAPATH ...``

    Args:
        bridge: Its name, at most 15 bytes: a device bears it too.
        datapath: ``system`` is the kernel's; ``netdev`` runs in ovs-vswitchd and needs no module.
        mac: MAC address of the local port.
        mtu: Bytes, of the local port; else what its ports have, or 1500.
        owner: The mark, ``external_ids:netkit``, which Open vSwitch keeps and does not read.

    Source: ovs-vsctl(8), "Bridge Commands"; ovs-vswitchd.conf.db(5), "Bridge TABLE".
    """
    said = [
        *([f"datapath_type={word(datapath)}"] if datapath != "system" else []),
        *([f"other_config:hwaddr={word(mac)}"] if mac is not None else []),
        *_mark(owner),
    ]
    more = ("--", "set", "Bridge", word(bridge), *said) if said else ()
    if mtu is not None:
        more = (*more, "--", *_request(bridge, mtu))
    return command("ovs-vsctl", "add-br", word(bridge), *more, options=PATIENCE)


def set_br(bridge: str, *, mac: str | None = None, mtu: int | None = None) -> Command:
    """
    Build the command that alters the local port of a switch.

    Equivalent to: ``ovs-vsctl set Bridge BRIDGE other_config:hwaddr=MAC -- set Interface ...``

    Args:
        bridge: The switch.
        mac: See ``add_br``.
        mtu: See ``add_br``.

    Raises:
        UsageError: There is nothing to alter.

    Source: ovs-vswitchd.conf.db(5), "Bridge TABLE", "Interface TABLE".
    """
    parts: list[tuple[str, ...]] = []
    if mac is not None:
        parts.append(("set", "Bridge", word(bridge), f"other_config:hwaddr={word(mac)}"))
    if mtu is not None:
        parts.append(_request(bridge, mtu))
    if not parts:
        raise UsageError(f"nothing to alter of {bridge}", hint="mac, mtu")
    words = [each for part in parts for each in ("--", *part)]
    return command("ovs-vsctl", *words[1:], options=PATIENCE)


def del_br(bridge: str) -> Command:
    """
    Build the command that removes a switch with its ports, if it is there.

    Equivalent to: ``ovs-vsctl --if-exists del-br BRIDGE``

    Args:
        bridge: Its name.

    Source: ovs-vsctl(8), "Bridge Commands".
    """
    return command("ovs-vsctl", "--if-exists", "del-br", word(bridge), options=PATIENCE)


def add_port(
    bridge: str,
    port: str,
    *,
    tag: int | None = None,
    trunks: Iterable[int] = (),
    protected: bool = False,
    owner: str | None = None,
) -> Command:
    """
    Build the command that makes an internal port, whose device appears in the host.

    Equivalent to:
    ``ovs-vsctl add-port BRIDGE PORT tag=TAG -- set Interface PORT type=internal``

    Args:
        bridge: The switch.
        port: Name of the port and of its device, at most 15 bytes.
        tag: VLAN of an access port, 1 to 4094; with trunks, that of untagged frames.
        trunks: VLANs that are carried with their tags.
        protected: It talks to no other protected port.
        owner: The mark, ``external_ids:netkit``, which Open vSwitch keeps and does not read.

    Source: ovs-vsctl(8), "Port Commands"; ovs-vswitchd.conf.db(5), "Port TABLE", "Interface TABLE".
    """
    trunks = tuple(trunks)
    said = [
        *([f"tag={word(tag)}"] if tag is not None else []),
        *([f"trunks={_listed(trunks)}"] if trunks else []),
        *(["vlan_mode=native-untagged"] if tag is not None and trunks else []),
        *(["protected=true"] if protected else []),
        *_mark(owner),
    ]
    return command(
        "ovs-vsctl", "add-port", word(bridge), word(port), *said,
        "--", "set", "Interface", word(port), "type=internal",
        options=PATIENCE,
    )  # fmt: skip


def set_port(
    port: str, *, tag: int | None, trunks: Iterable[int] = (), protected: bool = False
) -> Command:
    """
    Build the command that says anew which frames a port carries.

    Equivalent to: ``ovs-vsctl set Port PORT tag=TAG trunks=[] vlan_mode=[] protected=false``

    Args:
        port: Its name.
        tag: See ``add_port``; None for no VLAN.
        trunks: See ``add_port``.
        protected: See ``add_port``.

    Source: ovs-vswitchd.conf.db(5), "Port TABLE".
    """
    trunks = tuple(trunks)
    return command(
        "ovs-vsctl", "set", "Port", word(port),
        f"tag={'[]' if tag is None else word(tag)}",
        f"trunks={_listed(trunks) or '[]'}",
        f"vlan_mode={'native-untagged' if tag is not None and trunks else '[]'}",
        f"protected={'true' if protected else 'false'}",
        options=PATIENCE,
    )  # fmt: skip


def del_port(port: str) -> Command:
    """
    Build the command that removes a port, if it is there, and its device, wherever that is.

    Equivalent to: ``ovs-vsctl --if-exists del-port PORT``

    Args:
        port: Its name.

    Source: ovs-vsctl(8), "Port Commands".
    """
    return command("ovs-vsctl", "--if-exists", "del-port", word(port), options=PATIENCE)


def version() -> Command:
    """
    Build the question whether the switch itself runs; its answer says which version.

    Equivalent to: ``ovs-appctl --timeout=5 --target=ovs-vswitchd version``

    Source: ovs-appctl(8).
    """
    return command("ovs-appctl", "version", options=("--timeout=5", "--target=ovs-vswitchd"))


def show() -> Command:
    """
    Build the question for all switches, ports and interfaces: a line of JSON for each table.

    Equivalent to: ``ovs-vsctl --format=json --columns=COLUMNS list Bridge -- ...``

    Source: ovs-vsctl(8), "Database Commands".
    """
    words = [
        word
        for table, columns in TABLES
        for word in ("--", f"--columns={_listed(columns)}", "list", table)
    ]
    return command("ovs-vsctl", *words[1:], options=(*PATIENCE, "--format=json"))


def _request(port: str, mtu: int) -> tuple[str, ...]:
    return ("set", "Interface", word(port), f"mtu_request={word(mtu)}")


def _mark(owner: str | None) -> list[str]:
    return [] if owner is None else [f"external_ids:{OVS_OWNER}={word(owner)}"]


def _listed(values: Iterable[object]) -> str:
    return ",".join(word(each) for each in values)
