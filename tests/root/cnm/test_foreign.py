"""Namespaces that netkit did not make: by name, path and process; how their end is noticed."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from netkit.names import endpoint_ifname
from tests.root.apply.conftest import Ground, differences, snapshot
from tests.root.cnm.conftest import Start, end, is_sleeping
from tests.root.safety.conftest import Netkit
from tests.root.waiting import eventually

pytestmark = pytest.mark.root


@pytest.fixture
def web(netkit: Netkit) -> Netkit:
    """Build a network with one member."""
    netkit(*["network", "create", "web", "--subnet", "10.71.0.0/24", "--subnet", "fd00:71::/64"])
    netkit(*["namespace", "create", "con1", "--network", "web"])
    return netkit


def inside(pid: int, line: str) -> str:
    said = subprocess.run(
        ("nsenter", f"--net=/proc/{pid}/ns/net", *line.split()),
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout


def test_a_process_joins_and_leaves(ground: Ground, web: Netkit, box: Start) -> None:
    child = box()
    before = inside(child.pid, "ip -json address show")

    web("network", "connect", "web", "box", "--pid", str(child.pid))

    assert ground.pings("con1", "10.71.0.3")
    assert ground.pings("con1", "fd00:71::3")
    assert "10.71.0.3\tbox box.web" in Path("/etc/netns/con1/hosts").read_text()
    assert ground.pings(f"/proc/{child.pid}/ns/net", "10.71.0.2")
    assert "default via 10.71.0.1 dev eth0 proto 200" in inside(child.pid, "ip route")
    assert web("status").code == 0

    web("network", "disconnect", "web", "box")

    assert inside(child.pid, "ip -json address show") == before
    assert "box" not in Path("/etc/netns/con1/hosts").read_text()
    assert "box" not in web("export").out


def test_what_it_has_itself_is_not_touched(ground: Ground, web: Netkit, box: Start) -> None:
    child = box()
    ground.sh(f"ip link add name up0 type veth peer name eth0 netns /proc/{child.pid}/ns/net")
    ground.undo("ip link delete dev up0")
    for line in (
        "ip link set dev lo up",
        "ip link set dev eth0 up",
        "ip address add 192.0.2.2/24 dev eth0",
        "ip route add default via 192.0.2.1",
        "sysctl -qw net.ipv6.conf.default.disable_ipv6=1",
    ):
        inside(child.pid, line)
    routes = inside(child.pid, "ip route show default")

    said = web("network", "connect", "web", "box", "--pid", str(child.pid))

    assert "has a default route of its own" in said.err
    assert inside(child.pid, "ip route show default") == routes
    assert "192.0.2.2/24" in inside(child.pid, "ip address show dev eth0")
    assert "10.71.0.3/24" in inside(child.pid, "ip address show dev eth1")
    assert ground.pings("con1", "fd00:71::3")  # although it has no IPv6 of its own
    assert web("status").code == 0
    web("network", "disconnect", "web", str(child.pid))
    assert "eth1" not in inside(child.pid, "ip address")
    assert inside(child.pid, "ip route show default") == routes


def test_one_namespace_has_one_name(ground: Ground, web: Netkit, box: Start) -> None:
    child = box()
    pid, link = str(child.pid), f"/proc/{child.pid}/ns/net"
    web("network", "create", "back", "--subnet", "10.72.0.0/24")
    web("network", "connect", "web", "box", "--pid", pid)
    before = inside(child.pid, "ip -json address show")

    for words in (["other", "--pid", pid], ["other", "--path", link]):
        said = web("network", "connect", "back", *words, code=1)
        assert "this is box already" in said.err
    assert inside(child.pid, "ip -json address show") == before
    made = str(ground.start("sleep", "1000", netns="con1").pid)
    assert (
        "this is con1 already" in web("network", "connect", "back", "x", "--pid", made, code=1).err
    )
    own = str(os.getpid())
    assert (
        "this is host already" in web("network", "connect", "back", "x", "--pid", own, code=1).err
    )
    spec = {
        "name": "twice",
        "networks": {"lan": {}},
        "namespaces": {
            "a": {"netns": {"pid": child.pid}, "networks": ["lan"]},
            "b": {"netns": {"path": link}, "networks": ["lan"]},
        },
    }
    assert "/namespaces/b/netns: this is a already" in web.apply(spec, code=1).err

    web("network", "connect", "back", link)  # without a name it is who it is

    assert "10.72.0.2/24" in inside(child.pid, "ip address show dev eth1")
    web("network", "disconnect", "back", "--path", link)
    assert inside(child.pid, "ip -json address show") == before


def test_it_is_in_networks_of_two_specs(ground: Ground, web: Netkit, box: Start) -> None:
    child = box()
    pid = str(child.pid)
    web("network", "connect", "web", "box", "--pid", pid)
    web("network", "create", "two", "--spec", "other", "--subnet", "10.72.0.0/24")

    said = web("network", "connect", "two", "box", "--pid", pid)

    assert "has a default route of its own" in said.err
    assert inside(child.pid, "ip route show default").startswith("default via 10.71.0.1 dev eth0")
    assert "10.72.0.2/24" in inside(child.pid, "ip address show dev eth1")
    for _ in range(2):
        assert web("status").code == 0, web("status", code=None).out
        web("namespace", "create", "more", "--network", "two")
        web("namespace", "rm", "more")
    assert inside(child.pid, "ip route show default").startswith("default via 10.71.0.1 dev eth0")
    web("network", "disconnect", "two", "box")
    assert inside(child.pid, "ip route show default").startswith("default via 10.71.0.1 dev eth0")
    web("destroy", "other")


def test_it_is_called_by_its_name_in_the_spec(ground: Ground, web: Netkit, box: Start) -> None:
    child = box()
    web("network", "connect", "web", "box", "--pid", str(child.pid))
    own = os.stat(f"/proc/{child.pid}/ns/net").st_ino

    there = ("bin/netkit", "exec", "box", "stat", "-L", "-c", "%i", "/proc/self/ns/net")
    assert int(subprocess.run(there, capture_output=True, check=True).stdout) == own
    assert web("ping", "box", "con1", "-c", "1").code == 0

    end(child)
    assert gone(ground)
    said = subprocess.run(there, capture_output=True, text=True, check=False)
    assert said.returncode == 125
    assert "gone" in said.stderr


@pytest.mark.parametrize("way", ["name", "path"])
def test_a_name_and_a_file(ground: Ground, web: Netkit, way: str) -> None:
    ground.sh("ip netns add vpn")
    ground.undo("ip netns delete vpn")
    words = ["vpn"] if way == "name" else ["/run/netns/vpn"]

    web("network", "connect", "web", *words)

    assert ground.pings("con1", "10.71.0.3")
    assert Path("/etc/netns/vpn/hosts").exists() is (way == "name")
    web("network", "disconnect", "web", *words)
    assert not Path("/etc/netns/vpn/hosts").exists()
    assert "vpn" in ground.sh("ip netns list")
    web("network", "connect", "web", *words)
    web("destroy", "local")
    assert "vpn" in ground.sh("ip netns list")


def test_somebody_elses_hosts_file_stays(ground: Ground, web: Netkit) -> None:
    ground.sh("ip netns add vpn; mkdir -p /etc/netns/vpn; echo 192.0.2.1 me > /etc/netns/vpn/hosts")
    ground.undo("ip netns delete vpn; rm -r /etc/netns/vpn")

    said = web("network", "connect", "web", "vpn")

    assert "/etc/netns/vpn/hosts is somebody else's" in said.err
    assert Path("/etc/netns/vpn/hosts").read_text() == "192.0.2.1 me\n"
    assert web("status").code == 0


def gone(ground: Ground) -> bool:
    """Wait until the kernel has taken down what a process left."""
    near = endpoint_ifname("local", "web", "box")
    return eventually(lambda: near not in ground.sh("ip -brief link"))


@pytest.mark.parametrize("way", ["apply", "disconnect", "another edit"])
def test_its_end_is_noticed_and_cleaned_up(
    ground: Ground, web: Netkit, box: Start, way: str
) -> None:
    child = box()
    web("network", "connect", "web", "box", "--pid", str(child.pid))
    end(child)
    assert gone(ground)

    said = web("status", code=3)
    assert f"box (process {child.pid}) has ended" in said.err
    found = web("network", "inspect", "web", "--json").json["data"]["networks"][0]
    assert {each["namespace"]: each["ended"] for each in found["endpoints"]} == {
        "con1": False,
        "box": True,
    }
    assert "box (ended)" in web("network", "inspect", "web").out

    if way == "apply":
        path = web.folder / "local.json"
        path.write_text(web("export").out)
        assert "box (process" in web("apply", str(path)).err
    elif way == "disconnect":
        web("network", "disconnect", "web", "box")
    else:
        said = web("namespace", "create", "con2", "--network", "web")
        assert "box (process" in said.err

    assert "box" not in Path("/etc/netns/con1/hosts").read_text()
    assert web("status").code == 0
    if way == "another edit":  # a process that has ended does not return
        assert "box" not in web("export").out
        assert "box" not in web("namespace", "create", "con3").err
    again = box()
    if way != "apply":
        web("network", "connect", "web", "box", "--pid", str(again.pid))
        assert ground.pings("con1", "10.71.0.3")


def test_a_namespace_that_outlives_its_process_is_left_by_netkit(
    ground: Ground, web: Netkit, box: Start
) -> None:
    child = box()
    holder = ground.start("sleep", "1000", netns=f"/proc/{child.pid}/ns/net")
    assert eventually(lambda: is_sleeping(holder.pid))
    web("network", "connect", "web", "box", "--pid", str(child.pid))
    end(child)

    web("network", "disconnect", "web", "box")

    assert "eth0" not in inside(holder.pid, "ip -brief link")
    assert web("status").code == 0


def test_a_later_process_of_the_same_number_is_not_taken_for_it(
    ground: Ground, web: Netkit, box: Start
) -> None:
    child = box()
    web("network", "connect", "web", "box", "--pid", str(child.pid))
    end(child)
    assert gone(ground)
    other = _reborn(box, child.pid)
    before = inside(other.pid, "ip -json address show")

    assert "has ended" in web("status", code=3).err
    path = web.folder / "local.json"
    path.write_text(web("export").out)
    web("apply", str(path))
    web("network", "disconnect", "web", "box")

    assert inside(other.pid, "ip -json address show") == before
    web("network", "connect", "web", "box", "--pid", str(other.pid))
    assert ground.pings("con1", "10.71.0.3")


def _reborn(box: Start, pid: int) -> subprocess.Popen[bytes]:
    """Start a process that gets a number again."""
    for _ in range(50):
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
        child = box()
        if child.pid == pid:
            return child
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    pytest.skip("the kernel gives no process that number")


def test_a_namespace_of_another_spec_is_shared(ground: Ground, netkit: Netkit, web: Netkit) -> None:
    netkit("namespace", "rm", "con1")
    netkit("namespace", "create", "box", "--network", "web")
    netkit("apply", "examples/shop.json")
    before: dict[str, Any] = {"con3": snapshot("con3")}
    hosts = Path("/etc/netns/con3/hosts").read_text()

    said = netkit("network", "connect", "web", "shop/con3")

    assert "eth1" in ground.sh("ip -n con3 -brief link")
    assert ground.pings("box", "10.71.0.4")
    assert "somebody else's" in said.err  # names: those of shop stay
    assert netkit("status").code == 0, netkit("status", code=None).out
    assert netkit("apply", "examples/shop.json").out.startswith("shop: nothing to do")
    assert "device eth1 of spec local" in netkit("destroy", "shop", code=1).err

    said = netkit("network", "connect", "web", "shop/con2")
    assert "con2/hosts is somebody else's" in said.err
    assert "con3" not in said.err  # told when it came
    netkit("network", "disconnect", "web", "shop/con2")
    netkit("network", "disconnect", "web", "shop/con3")

    assert differences(before["con3"], snapshot("con3")) == []
    assert Path("/etc/netns/con3/hosts").read_text() == hosts


def test_all_that_are_not_there_are_named(ground: Ground, netkit: Netkit) -> None:
    absent = {"a": {"name": "nowhere"}, "b": {"path": "/run/no-such"}, "c": {"pid": 4194304}}
    spec = {"name": "met", "namespaces": {name: {"netns": at} for name, at in absent.items()}}
    said = netkit.apply(spec, code=5)

    assert [line.partition(": ")[0] for line in said.err.splitlines()[1:3]] == [
        "/namespaces/b/netns",
        "/namespaces/c/netns",
    ]
    assert "/namespaces/a/netns: there is no namespace nowhere" in said.err
