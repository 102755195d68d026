"""``-p 80``: a free port of the host is chosen, told and kept, and leads to the member."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import pytest

from tests.root.apply.conftest import Ground
from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root


@pytest.fixture
def first() -> Iterator[int]:
    """Listen at the first port of the range; give its number."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        port = int(file.read().split()[0])
    with socket.create_server(("127.0.0.1", port)):
        yield port


def ports(netkit: Netkit, network: str = "lan") -> dict[str, list[str]]:
    (found,) = netkit("network", "inspect", network, "--json").json["data"]["networks"]
    return {each["namespace"]: each["publish"] for each in found["endpoints"]}


def leads(ground: Ground) -> dict[str, str]:
    """Say by the rules which port of the host leads where."""
    rules = ground.sh("iptables-save -t nat | grep -e '-A NK-OUTPUT.*DNAT'")
    found = re.findall(r"--dport (\S+) .*--to-destination (\S+)", rules)
    return dict(found)


def test_it_is_free_and_told_and_kept(ground: Ground, netkit: Netkit, first: int) -> None:
    netkit("network", "create", "lan", "--subnet", "10.95.0.0/24")

    said = netkit("namespace", "create", "one", "--network", "lan", "-p", "80")

    assert f"one: 80/tcp of network lan is published at port {first + 1}" in said.err
    assert ports(netkit) == {"one": [f"{first + 1}:80/tcp"]}
    assert netkit("namespace", "ls").out.split()[-1] == f"{first + 1}:80/tcp"
    assert leads(ground) == {f"{first + 1}": "10.95.0.2:80"}
    assert json.loads(netkit("export", "local").out)["namespaces"]["one"]["networks"] == {
        "lan": {"publish": ["80"]}
    }
    assert "nothing to do" in netkit("apply", "local").out
    assert netkit("status").code == 0


def test_others_move_nobody(ground: Ground, netkit: Netkit, first: int) -> None:
    netkit("network", "create", "lan", "--subnet", "10.95.0.0/24")
    netkit("network", "create", "other", "--subnet", "10.96.0.0/24")
    netkit("network", "create", "far", "--subnet", "10.97.0.0/24", "--spec", "second")
    netkit("namespace", "create", "one", "--network", "lan", "-p", "80")
    netkit("namespace", "create", "two", "--network", "other", "-p", "80", "-p", "53/udp")
    netkit("namespace", "create", "three", "--network", "far", "-p", "127.0.0.1::80")

    assert ports(netkit) == {"one": [f"{first + 1}:80/tcp"]}
    assert ports(netkit, "other") == {"two": [f"{first + 2}:80/tcp", f"{first}:53/udp"]}
    assert ports(netkit, "far") == {"three": [f"127.0.0.1:{first + 3}:80/tcp"]}
    clash = netkit("network", "connect", "other", "one", "-p", f"{first + 2}:22", code=1)
    assert f"port {first + 2} of the host leads to two in network other: 80/tcp" in clash.err

    netkit("network", "disconnect", "lan", "one")
    netkit("network", "connect", "other", "one", "-p", "80")
    assert ports(netkit, "other")["two"] == [f"{first + 2}:80/tcp", f"{first}:53/udp"]
    assert ports(netkit, "other")["one"] == [f"{first + 1}:80/tcp"]
    assert netkit("status").code == 0


def test_a_rehearsal_and_json_tell_it_too(netkit: Netkit, first: int) -> None:
    netkit("network", "create", "lan", "--subnet", "10.95.0.0/24")
    line = ["namespace", "create", "one", "--network", "lan", "-p", "80"]

    assert f"--dport {first + 1} " in netkit(*line, "--dry-run").out
    said = netkit(*line, "--json").json["data"]

    assert said["notes"] == [f"one: 80/tcp of network lan is published at port {first + 1}"]
