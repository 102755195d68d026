"""
The seed scenario, typed: two networks, three sandboxes, and one that joins the other while it runs.

    backend ── con1, con2        frontend ── con3        and then: frontend ── con2
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from netkit.names import endpoint_ifname
from tests.root.apply.conftest import Ground
from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root


@pytest.fixture
def seed(netkit: Netkit) -> Netkit:
    """Build it, but for the connection."""
    netkit(*["network", "create", "backend", "--subnet", "10.1.0.0/24", "--internal"])
    netkit(*["network", "create", "frontend", "--subnet", "10.2.0.0/24", "--subnet", "fd00:2::/64"])
    netkit(*["namespace", "create", "con1", "--network", "backend"])
    netkit(*["namespace", "create", "con2", "--network", "backend"])
    netkit(*["namespace", "create", "con3", "--network", "frontend", "--alias", "web"])
    return netkit


def reach(ground: Ground) -> dict[str, list[str]]:
    """Say who reaches which address."""
    wanted = [
        (name, address)
        for name in ("con1", "con2", "con3")
        for address in ("10.1.0.2", "10.1.0.3", "10.2.0.2", "10.2.0.3", "fd00:2::2")
    ]
    dead = ground.dead(wanted)
    found: dict[str, list[str]] = {"con1": [], "con2": [], "con3": []}
    for name, address in wanted:
        if (name, address) not in dead:
            found[name].append(address)
    return found


def test_who_joins_reaches_and_is_reached(ground: Ground, seed: Netkit) -> None:
    before = {"con1": ["10.1.0.2", "10.1.0.3"], "con2": ["10.1.0.2", "10.1.0.3"]}
    assert reach(ground) == {**before, "con3": ["10.2.0.2", "fd00:2::2"]}
    inode = Path("/etc/netns/con2/hosts").stat().st_ino
    living = ground.start("sleep", "1000", netns="con2")

    seed("network", "connect", "frontend", "con2")

    assert living.poll() is None
    assert reach(ground) == {
        "con1": ["10.1.0.2", "10.1.0.3"],
        "con2": ["10.1.0.2", "10.1.0.3", "10.2.0.2", "10.2.0.3", "fd00:2::2"],
        "con3": ["10.2.0.2", "10.2.0.3", "fd00:2::2"],
    }
    (route,) = ground.json("ip -n con2 -json route show default")
    assert (route["gateway"], route["dev"]) == ("10.2.0.1", "eth1")
    hosts = Path("/etc/netns/con2/hosts")
    assert "10.2.0.2\tcon3 web con3.frontend" in hosts.read_text()
    assert hosts.stat().st_ino == inode  # in place: who has it open sees it
    assert "con2 con2.frontend" in Path("/etc/netns/con3/hosts").read_text()
    assert "frontend" not in Path("/etc/netns/con1/hosts").read_text()
    assert seed("status", "--json").json["data"]["specs"][0]["state"] == "in order"

    seed("network", "disconnect", "frontend", "con2")

    assert living.poll() is None
    assert reach(ground) == {**before, "con3": ["10.2.0.2", "fd00:2::2"]}
    assert "con2" not in Path("/etc/netns/con3/hosts").read_text()
    assert ground.json("ip -n con2 -json route show default") == []


def test_a_spec_of_a_file_is_edited_where_it_is(ground: Ground, netkit: Netkit) -> None:
    netkit("apply", "examples/shop.json")
    netkit("network", "connect", "frontend", "con1", "--ifname", "front")

    assert [each["ifname"] for each in ground.json("ip -n con1 -json link show dev front")]
    written = json.loads(netkit("export", "shop").out)
    assert written["namespaces"]["con1"]["networks"] == {
        "backend": {},
        "frontend": {"device": "front"},
    }
    assert "subnets" not in written["networks"]["frontend"]
    assert netkit("export", "--json").json["data"] == written
    path = netkit.folder / "exported.json"
    path.write_text(netkit("export").out)
    assert netkit("apply", str(path)).out.startswith("shop: nothing to do")
    assert ground.json("ip -n con3 -json address show dev eth0")


def test_addresses_stay_with_their_names(ground: Ground, seed: Netkit) -> None:
    def addresses() -> Any:
        found = seed("namespace", "ls", "--json").json["data"]["namespaces"]
        return {each["name"]: each["networks"][0]["addresses"] for each in found}

    before = addresses()
    seed("namespace", "create", "con0", "--network", "backend")
    seed("namespace", "rm", "con1")

    assert addresses() == {
        "con2": before["con2"],
        "con3": before["con3"],
        "con0": ["10.1.0.4/24"],
    }


@pytest.mark.parametrize(
    ("line", "code", "said", "hint"),
    [
        ("network connect frontend con3", 1, "con3 is in network frontend already", "disconnect"),
        ("network connect frontnd con3", 1, "no network frontnd", "did you mean frontend?"),
        ("network connect frontend con4", 1, "no namespace con4", "did you mean con"),
        ("network connect nope/frontend con1", 1, "no spec called nope", "local"),
        ("network disconnect frontend con1", 1, "con1 is not in network frontend", ""),
        ("network create frontend", 1, "has a network frontend already", "inspect"),
        ("network rm backend", 1, "backend has 2 endpoints: con1, con2", "--force"),
        ("network create x -o nope=1", 2, "netkit knows no such option", "known: mtu"),
        ("network create x --subnet 10.2.0.0/25", 2, "local: 1 problem", ""),
        ("network create x -d ether", 2, "1 problem", ""),
        ("namespace create con1", 1, "has a namespace con1 already", "inspect"),
        ("namespace rm con7", 1, "no namespace con7", ""),
        ("network connect frontend con1 --ip 10.9.0.1", 2, "1 problem", ""),
        ("network connect frontend con1 --ifname eth0", 1, "eth0 of con1 is its device", "inspect"),
        ("network connect frontend con1 --ip 10.2.0.2", 1, "10.2.0.2 is con3's", "inspect"),
        ("network prune", 0, "no network is without endpoints", ""),
        ("network connect frontend box --pid 4194999", 1, "no process 4194999", "ps"),
        ("namespace create x --ip 10.1.0.9", 2, "of one network", "one --network"),
    ],
)
def test_rules_are_held_with_a_way_out(  # noqa: PLR0917 - a table
    seed: Netkit, line: str, code: int, said: str, hint: str
) -> None:
    before = seed("export").out

    found = seed(*line.split(), code=code)

    assert said in found.err
    assert hint in found.err.partition("hint:")[2] or not hint
    assert seed("export").out == before
    assert seed("status").code == 0


def test_of_published_ports_is_told_where_and_once(ground: Ground, seed: Netkit) -> None:
    place = "/namespaces/p/networks/frontend/publish/0: "
    with socket.create_server(("0.0.0.0", 9502)):
        words = ("namespace", "create", "p", "--network", "frontend", "--publish")
        assert f"{place}at tcp port 9502" in seed(*words, "9502:80", code=1).err

    assert f"{place}the host has no address 192.0.2.9" in seed(*words, "192.0.2.9:80:80").err

    again = ("namespace", "create", "q", "--network", "frontend", "--publish", "81:80")
    assert "192.0.2.9" not in seed(*again).err


def test_a_network_with_endpoints_goes_by_force_and_says_so(ground: Ground, seed: Netkit) -> None:
    assert "disconnected" not in seed("network", "rm", "backend", "--force", "--dry-run").err

    said = seed("network", "rm", "backend", "--force", "--json").json["data"]["outcomes"][0]

    assert said["notes"] == ["con1, con2 disconnected from backend"]
    assert ground.json("ip -n con1 -json link show")[0]["ifname"] == "lo"
    assert len(ground.json("ip -n con1 -json link show")) == 1
    seed("namespace", "rm", "con1", "con2")
    assert seed("network", "ls", "--json").json["data"]["networks"][0]["name"] == "frontend"


def test_prune_asks_before(ground: Ground, seed: Netkit, monkeypatch: pytest.MonkeyPatch) -> None:
    seed("network", "create", "idle", "--internal", "--subnet", "10.3.0.0/24")

    said = seed("network", "prune", code=2)
    assert "idle would be removed" in said.err
    assert seed("network", "prune", "--dry-run").out
    assert "idle" in seed("network", "ls").out
    seed("network", "prune", "--force")
    assert [each["name"] for each in seed("network", "ls", "--json").json["data"]["networks"]] == [
        "backend",
        "frontend",
    ]


def test_render_fills_in_what_was_chosen(seed: Netkit) -> None:
    found = json.loads(seed("render", "local").out)
    assert found["namespaces"]["con3"]["networks"]["frontend"]["addresses"][0] == "10.2.0.2/24"


def test_a_namespace_with_processes_stays(ground: Ground, seed: Netkit) -> None:
    living = ground.start("sleep", "1000", netns="con1")
    said = seed("namespace", "rm", "con1", code=1)

    assert f"holds process {living.pid} (sleep)" in said.err
    assert "con1" in seed("namespace", "ls").out
    assert f"{living.pid} (sleep)" in seed("namespace", "rm", "con1", "--force").err
    assert "con1" not in seed("namespace", "ls").out


def test_what_is_added_by_hand_is_left_alone(ground: Ground, seed: Netkit) -> None:
    ground.sh("ip -n con2 address add 192.0.2.7/24 dev eth0")

    seed("network", "connect", "frontend", "con2")
    seed("network", "disconnect", "frontend", "con2")

    assert "192.0.2.7/24" in ground.sh("ip -n con2 address show dev eth0")


def test_a_rehearsal_prints_the_lines_and_runs_none(ground: Ground, seed: Netkit) -> None:
    before = seed("export").out
    said = seed("network", "connect", "frontend", "con2", "--dry-run")

    near = endpoint_ifname("local", "frontend", "con2")
    assert f"ip link add name {near}" in said.out
    assert "ip -n con2 route add 0.0.0.0/0 via 10.2.0.1 dev eth1" in said.out
    assert seed("export").out == before
    assert len(ground.json("ip -n con2 -json link show")) == 2


def test_a_member_of_a_host_network_is_the_host(ground: Ground, netkit: Netkit) -> None:
    assert "written down" in netkit("network", "create", "h", "--driver", "host").out

    netkit("namespace", "create", "y", "--network", "h")

    assert ground.sh("ip netns list") == ""
    there = ("bin/netkit", "exec", "y", "stat", "-L", "-c", "%i", "/proc/self/ns/net")
    found = subprocess.run(there, capture_output=True, check=True).stdout
    assert int(found) == os.stat("/proc/self/ns/net").st_ino
    (said,) = netkit("namespace", "inspect", "y", "--json").json["data"]["namespaces"]
    assert said["netns"] is None
    assert [each["device"] for each in said["networks"]] == [None]
    assert netkit("status").code == 0
    netkit("namespace", "rm", "y")


def test_inspect_says_what_docker_says(seed: Netkit) -> None:
    (found,) = seed("network", "inspect", "frontend", "--json").json["data"]["networks"]

    assert found["subnets"][0]["subnet"] == "10.2.0.0/24"
    assert found["subnets"][0]["gateway"] == "10.2.0.1"
    (endpoint,) = found["endpoints"]
    assert endpoint["namespace"] == "con3"
    assert endpoint["device"] == "eth0"
    assert endpoint["mac"] == "02:42:0a:02:00:02"
    assert endpoint["addresses"] == ["10.2.0.2/24", "fd00:2::2/64"]
    assert endpoint["aliases"] == ["web"]
    assert endpoint["publish"] == []
    text = seed("network", "inspect", "frontend").out
    assert "option     masquerade true" in text
    seed("network", "connect", "frontend", "con2", "--publish", "8080:80")
    (shown,) = seed("namespace", "inspect", "con2", "--json").json["data"]["namespaces"]
    assert [each["publish"] for each in shown["networks"]] == [[], ["8080:80/tcp"]]
    assert "8080:80/tcp" in seed("network", "inspect", "frontend").out
