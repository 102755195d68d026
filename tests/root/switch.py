"""
Open vSwitch for tests: its database and its program, on the host that ``bin/isolated`` gives.

They live in /run, which is that host's own, and end with it. The datapath is the program's own
where the kernel has no module. ``needed`` starts them, and skips a test where they are missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from netkit.command import ovs
from netkit.facts.ovs import QUESTION, SOCKET, datapath, is_there, parse
from netkit.model.ovs import OvsBridge
from netkit.model.topology import Topology
from tests.root.waiting import eventually

__all__ = ["datapath", "missing", "needed", "start", "stop", "take_away", "uses_switch"]

SCHEMA = Path("/usr/share/openvswitch/vswitch.ovsschema")
DAEMONS = ("ovsdb-server", "ovs-vswitchd")
RUN = Path(SOCKET).parent
SILENT = "-vconsole:off -vsyslog:off"
START = (
    f"ovsdb-tool create {RUN}/conf.db {SCHEMA}",
    f"ovsdb-server {RUN}/conf.db --remote=punix:{SOCKET} --pidfile --detach {SILENT}",
    "ovs-vsctl --no-wait init",
)
SWITCH = f"ovs-vswitchd --pidfile --detach {SILENT}"


def uses_switch(topology: Topology) -> bool:
    """Say whether a spec has a network of Open vSwitch."""
    return any(network.driver == "ovs" for network in topology.networks)


def missing() -> str:
    """Say what is missing for Open vSwitch to run; empty where all is there."""
    lacking = [tool for tool in DAEMONS if shutil.which(tool) is None]
    if lacking or not SCHEMA.exists():
        return f"{', '.join(lacking) or SCHEMA} is missing: apt-get install openvswitch-switch"
    return ""


def needed() -> None:
    """Start Open vSwitch, if it does not run; skip a test where it cannot."""
    if why := missing():
        pytest.skip(why)
    if Path(SOCKET).exists():
        return
    RUN.mkdir(parents=True, exist_ok=True)
    for line in START:
        _run(line)
    start()


def start() -> None:
    """Start the switch itself, whose database runs."""
    _run(SWITCH)


def stop() -> None:
    """End the switch itself, as a crash does, and leave its database running."""
    pid = int((RUN / "ovs-vswitchd.pid").read_text())
    os.kill(pid, 9)
    assert eventually(lambda: not Path(f"/proc/{pid}/exe").exists())


def take_away() -> None:
    """Remove by force every switch that bears a mark of netkit's."""
    if is_there():
        for found in parse(_run(str(QUESTION))):
            if isinstance(found, OvsBridge) and found.owner:
                _run(str(ovs.del_br(found.ifname)))


def _run(line: str) -> str:
    done = subprocess.run(line.split(), capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, f"{line}: {done.stderr}"
    return done.stdout
