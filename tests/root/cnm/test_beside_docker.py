"""
The seed scenario by Docker and by netkit, at once on one host, and what one sees of each.

    con1 ── backend ── con2 ── frontend ── con3, port 80 published       before and after
                              connect                                    ``network connect``

All that a process in a sandbox sees is the same: devices, addresses, routes, names, who reaches
whom, and which source a published port shows of each kind of client.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.root.apply.conftest import Ground
from tests.root.docker import Docker, docker  # noqa: F401 - the fixture
from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

ROOT = Path(__file__).parents[3]
SANDBOXES = ("con1", "con2", "con3")
NETWORKS = ("backend", "frontend")
ELSEWHERE = "198.51.100.2"
ELSEWHERE_NETNS = "elsewhere"
HOST = "198.51.100.1"
SERVER = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
server = socket.create_server((sys.argv[1], int(sys.argv[2])), family=family)
print("ready", flush=True)
while True:
    client, peer = server.accept()
    client.sendall(peer[0].encode())
    client.close()
"""
CLIENT = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2) as client:
        print(client.recv(100).decode())
except OSError:
    print("no answer")
"""
CABLE = f"""
ip netns add {ELSEWHERE_NETNS}
ip link add name uplink type veth peer name eth0 netns {ELSEWHERE_NETNS}
ip address add {HOST}/24 dev uplink
ip link set dev uplink up
ip -n {ELSEWHERE_NETNS} address add {ELSEWHERE}/24 dev eth0
ip -n {ELSEWHERE_NETNS} link set dev eth0 up
"""
KNOWN = f"""
for name in {" ".join(SANDBOXES)}; do
    (LOOK_UP $name >&2 && echo $name) &
done
wait
"""
Facts = dict[str, Any]


def sh(*argv: str, code: int = 0) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == code, f"{' '.join(argv)}: {done.stdout}{done.stderr}"
    return done.stdout


class ByDocker:
    """The scenario, typed as Docker's users do."""

    port = "8081"
    block = "10.81"

    def __init__(self, daemon: Docker) -> None:
        self.daemon = daemon
        self.pids: dict[str, int] = {}

    def build(self) -> None:
        for number, name in enumerate(NETWORKS, 1):
            self.daemon("network", "create", "--subnet", f"{self.block}.{number}.0/24", name)
        self.daemon.run("con1", "--network", "backend")
        self.daemon.run("con2", "--network", "backend")
        self.daemon.run("con3", "--network", "frontend", "--publish", f"{self.port}:80")

    def connect(self) -> None:
        self.daemon("network", "connect", "frontend", "con2")

    def disconnect(self) -> None:
        self.daemon("network", "disconnect", "frontend", "con2")

    def netns(self, name: str) -> str:
        if name not in self.pids:
            self.pids[name] = self.daemon.pid(name)
        return f"/proc/{self.pids[name]}/ns/net"

    def known(self, sandbox: str) -> list[str]:
        """Say whose names lead somewhere, by the name server that Docker runs."""
        asked = KNOWN.replace("LOOK_UP", "nslookup")
        return self.daemon("exec", sandbox, "sh", "-c", asked).split()


class ByNetkit:
    """The same, typed as netkit's users do."""

    port = "8082"
    block = "10.82"

    def __init__(self, netkit: Netkit) -> None:
        self.netkit = netkit

    def build(self) -> None:
        for number, name in enumerate(NETWORKS, 1):
            self.netkit("network", "create", "--subnet", f"{self.block}.{number}.0/24", name)
        self.netkit("namespace", "create", "con1", "--network", "backend")
        self.netkit("namespace", "create", "con2", "--network", "backend")
        self.netkit(
            *("namespace", "create", "con3"),
            *("--network", "frontend", "--publish", f"{self.port}:80"),
        )

    def connect(self) -> None:
        self.netkit("network", "connect", "frontend", "con2")

    def disconnect(self) -> None:
        self.netkit("network", "disconnect", "frontend", "con2")

    def netns(self, name: str) -> str:
        return f"/run/netns/{name}"

    def known(self, sandbox: str) -> list[str]:
        """Say whose names lead somewhere, by the hosts file."""
        asked = KNOWN.replace("LOOK_UP", "getent -s files hosts")
        return sh("ip", "netns", "exec", sandbox, "sh", "-c", asked).split()


Side = ByDocker | ByNetkit


def inside(side: Side, sandbox: str, *argv: str, code: int = 0) -> str:
    return sh("nsenter", f"--net={side.netns(sandbox)}", "--", *argv, code=code)


def facts(side: Side) -> Facts:
    """Say what one sees in the sandboxes, with the block of addresses made the same."""
    found: Facts = {}
    where = {name: addresses(side, name) for name in SANDBOXES}
    for name in SANDBOXES:
        links = json.loads(inside(side, name, "ip", "-json", "-details", "address", "show"))
        for link in links:
            device = f"{name} {link['ifname']}"
            if link["ifname"] != "lo":
                kind = link.get("linkinfo", {}).get("info_kind")
                found[f"{device} is"] = f"{kind}, mtu {link['mtu']}, up {'UP' in link['flags']}"
                found[f"{device} mac"] = link["address"]
            for address in link["addr_info"]:
                if address["scope"] == "global":
                    found[f"{device} address"] = f"{address['local']}/{address['prefixlen']}"
        routes = json.loads(inside(side, name, "ip", "-json", "route", "show"))
        found[f"{name} routes"] = sorted(
            f"{route['dst']} via {route.get('gateway')} dev {route['dev']}" for route in routes
        )
        found[f"{name} knows"] = sorted(side.known(name))
        for other in SANDBOXES:
            if other != name:
                found[f"{name} reaches {other}"] = reaches(side, name, *where[other])
        found[f"{name} reaches elsewhere"] = reaches(side, name, ELSEWHERE)
    alike: Facts = json.loads(without_block(side, json.dumps(found)))
    return alike


def without_block(side: Side, text: str) -> str:
    """Make addresses, and the MAC addresses made of them, the same on both sides."""
    octet = int(side.block.partition(".")[2])
    return text.replace(f"{side.block}.", "10.X.").replace(f":0a:{octet:02x}:", ":0a:XX:")


def published(side: Side) -> Facts:
    """Say which source the server in con3 sees of each kind of client."""
    words = (
        "nsenter",
        f"--net={side.netns('con3')}",
        sys.executable,
        "-c",
        SERVER,
        "0.0.0.0",
        "80",
    )
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            seen = {
                "elsewhere": asked(f"--net=/run/netns/{ELSEWHERE_NETNS}", HOST, side.port),
                "the host, by its own address": asked("", HOST, side.port),
                "the host, by 127.0.0.1": asked("", "127.0.0.1", side.port),
                "con2, by the host's address": asked(
                    f"--net={side.netns('con2')}", HOST, side.port
                ),
                "con3 itself, by the host's address": asked(
                    f"--net={side.netns('con3')}", HOST, side.port
                ),
            }
        finally:
            server.kill()
    return {
        f"published, from {client}": without_block(side, source) for client, source in seen.items()
    }


def asked(netns: str, address: str, port: str) -> str:
    enter = ("nsenter", netns) if netns else ()
    return sh(*enter, sys.executable, "-c", CLIENT, address, port).strip()


def addresses(side: Side, sandbox: str) -> list[str]:
    links = json.loads(inside(side, sandbox, "ip", "-json", "-4", "address", "show"))
    return [a["local"] for link in links for a in link["addr_info"] if a["scope"] == "global"]


def reaches(side: Side, sandbox: str, *addresses: str) -> bool:
    """Ask all addresses at once; one answer is enough."""
    words = ("nsenter", f"--net={side.netns(sandbox)}", "ping", "-c1", "-W1")
    asked = [subprocess.Popen((*words, each), stdout=subprocess.DEVNULL) for each in addresses]
    return any([each.wait() == 0 for each in asked])


@pytest.fixture
def elsewhere(ground: Ground) -> None:
    """Give another host, on a cable to this one."""
    ground.undo(f"ip link delete dev uplink; ip netns delete {ELSEWHERE_NETNS}")
    ground.sh(CABLE)


def told(side: Side) -> dict[str, Facts]:
    """Play the scenario, and say what was to be seen at each stage."""
    side.build()
    before = facts(side)
    side.connect()
    connected = facts(side) | published(side)
    side.disconnect()
    return {"before": before, "connected": connected, "disconnected": facts(side)}


def test_the_same_is_seen_of_both(
    netkit: Netkit,
    elsewhere: None,
    docker: Docker,  # noqa: F811
) -> None:
    by_docker, by_netkit = told(ByDocker(docker)), told(ByNetkit(netkit))

    differences = {
        f"{stage}: {what}": (there.get(what), here.get(what))
        for stage, there in by_docker.items()
        for here in (by_netkit[stage],)
        for what in sorted({*there, *here})
        if there.get(what) != here.get(what)
    }
    assert differences == {}
    assert by_netkit["disconnected"] == by_netkit["before"]
    assert by_netkit["connected"]["con2 reaches con3"]
    assert not by_netkit["before"]["con2 reaches con3"]
    for stage in by_netkit.values():
        assert not stage["con1 reaches con3"]
        assert not stage["con3 reaches con1"]
