"""A Docker container without a network becomes a member of netkit's, and ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from netkit.names import endpoint_ifname
from tests.root.apply.conftest import Ground
from tests.root.docker import Docker, docker
from tests.root.safety.conftest import Netkit
from tests.root.waiting import eventually

__all__ = ["docker"]

pytestmark = pytest.mark.root


def test_a_container_without_a_network(ground: Ground, netkit: Netkit, docker: Docker) -> None:
    netkit(*["network", "create", "web", "--subnet", "10.73.0.0/24", "--subnet", "fd00:73::/64"])
    netkit("namespace", "create", "con1", "--network", "web")
    docker.run("box", "--network", "none")
    pid = docker.pid("box")

    netkit("network", "connect", "web", "box", "--pid", str(pid), "--ip", "10.73.0.9")

    assert "eth0" in docker("exec", "box", "ip", "address")
    assert "bytes from 10.73.0.2" in docker("exec", "box", "ping", "-c", "1", "10.73.0.2")
    assert ground.pings("con1", "10.73.0.9")
    assert ground.pings("con1", "fd00:73::3")
    assert "10.73.0.9\tbox" in Path("/etc/netns/con1/hosts").read_text()
    assert netkit("status").code == 0
    (found,) = netkit("namespace", "inspect", "box", "--json").json["data"]["namespaces"]
    assert {each["pid"] for each in found["processes"]} >= {pid}

    docker("rm", "--force", "box")
    near = endpoint_ifname("local", "web", "box")
    assert eventually(lambda: near not in ground.sh("ip -brief link"))

    assert f"box (process {pid}) has ended" in netkit("status", code=3).err
    netkit("network", "disconnect", "web", "box")
    assert "box" not in Path("/etc/netns/con1/hosts").read_text()
    assert netkit("status").code == 0
