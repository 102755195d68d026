"""
Switches and internal ports of Open vSwitch, as its database has them.

    {"headings": ["name", "tag", ...], "data": [["nk-1f0c9a7be2d4", 10, ...], ...]}

A value is itself, or ``["set", [...]]``, ``["map", [[key, value], ...]]``, ``["uuid", "..."]``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from netkit.command import ovs
from netkit.errors import CommandError, MissingError
from netkit.facts.document import NOTHING, OddError, Says, clipped
from netkit.model.ovs import OvsBridge, OvsPort
from netkit.names import OVS_OWNER

QUESTION = ovs.show()
SAYS = Says("ovs-vsctl list")
SOCKET = "/var/run/openvswitch/db.sock"
MODULE = "/sys/module/openvswitch"
MTU = 1500

Row = Mapping[str, Any]


def is_there() -> bool:
    """Say whether a database of Open vSwitch listens on this machine."""
    return os.path.exists(SOCKET)


def datapath() -> str:
    """Say which datapath this machine has: the kernel's, or the one in the program."""
    return "system" if os.path.isdir(MODULE) else "netdev"


def absent(error: CommandError) -> MissingError:
    """Turn a refusal of ``ovs-vsctl`` to connect into what it means."""
    return MissingError(
        f"Open vSwitch does not run: {error.said or error.command}",
        hint="start it: systemctl start openvswitch-switch",
    )


def parse(said: str) -> tuple[OvsBridge | OvsPort, ...]:
    """
    Read the answer to ``QUESTION``.

    Returns:
        All switches, then their internal ports but for the local ones.

    Raises:
        NetkitError: It is not what ovs-vsctl answers.
    """
    if said in NOTHING:
        return ()
    with SAYS:
        tables = [_rows(line) for line in said.splitlines()]
        if len(tables) != len(ovs.TABLES):
            raise OddError(f"{len(tables)} tables, not {len(ovs.TABLES)}")
        bridges, ports, interfaces = tables
        requests = {
            _text(row, "name"): _number(row, "mtu_request")
            for row in interfaces
            if _text(row, "type") == "internal"
        }
        found = [_bridge(row, requests) for row in bridges]
        of = {_plain(uuid): _text(row, "name") for row in bridges for uuid in _set(row, "ports")}
        return (*found, *_ports(ports, of, internal=requests.keys()))


def _bridge(row: Row, requests: Mapping[str, int | None]) -> OvsBridge:
    name = _text(row, "name")
    return OvsBridge(
        ifname=name,
        datapath=_text(row, "datapath_type") or "system",
        mac=_map(row, "other_config").get("hwaddr"),
        mtu=requests.get(name) or MTU,
        owner=_map(row, "external_ids").get(OVS_OWNER, ""),
    )


def _ports(rows: list[Row], of: Mapping[Any, str], internal: Collection[str]) -> Iterator[OvsPort]:
    for row in rows:
        name, bridge = _text(row, "name"), of.get(_plain(row.get("_uuid")), "")
        if name in internal and name != bridge:
            yield OvsPort(
                ifname=name,
                bridge=bridge,
                tag=_number(row, "tag"),
                trunks=tuple(sorted(_numbers(row, "trunks"))),
                isolated=row.get("protected") is True,
                owner=_map(row, "external_ids").get(OVS_OWNER, ""),
            )


def _rows(line: str) -> list[Row]:
    """Read a table."""
    try:
        table = json.loads(line)
        return [dict(zip(table["headings"], row, strict=True)) for row in table["data"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise OddError(f"{error}, in {clipped(line)}") from error


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    if not isinstance(value, str):
        raise _odd(row, column)
    return value


def _set(row: Row, column: str) -> list[Any]:
    """Read a set; one of a single value is written as the value."""
    value = row.get(column)
    if not isinstance(value, list) or value[:1] == ["uuid"]:
        return [value]
    if len(value) != 2 or value[0] != "set" or not isinstance(value[1], list):
        raise _odd(row, column)
    return value[1]


def _numbers(row: Row, column: str) -> list[int]:
    found = _set(row, column)
    if not all(type(number) is int for number in found):
        raise _odd(row, column)
    return found


def _number(row: Row, column: str) -> int | None:
    """Read a number that may be absent."""
    found = _numbers(row, column)
    return found[0] if found else None


def _plain(value: Any) -> Any:
    """Read a UUID; anything else stands for none."""
    found = value[1] if isinstance(value, list) and len(value) == 2 else None
    return found if isinstance(found, str) else None


def _map(row: Row, column: str) -> dict[str, str]:
    value = row.get(column)
    try:
        kind, pairs = value  # type: ignore[misc]
        if kind != "map":
            raise ValueError
        return {str(key): str(each) for key, each in pairs}
    except (TypeError, ValueError):
        raise _odd(row, column) from None


def _odd(row: Row, column: str) -> OddError:
    return OddError(f"{column} is {clipped(str(row.get(column)))}")
