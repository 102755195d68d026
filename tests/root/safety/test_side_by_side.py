"""Specs live beside each other; what two of them cannot both have is said beforehand."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netkit.names import group
from tests.root.safety.conftest import unchanged
from tests.root.safety.test_ownership import FORWARDING

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground
    from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

Spec = dict[str, Any]


def lan(name: str, number: int) -> Spec:
    return {
        "name": name,
        "prefix": f"{name}-",
        "networks": {"lan": {"subnets": [f"10.80.{number}.0/24"]}},
        "namespaces": {"a": {"networks": ["lan"]}},
    }


def on_host(name: str, **said: Any) -> Spec:
    return {"name": name, "prefix": f"{name}-", "namespaces": {"a": {}, "host": said}}


def tunnel(name: str, vni: int, **said: Any) -> Spec:
    device = {
        "type": "vxlan",
        "vni": vni,
        "underlay": "host:eth7",
        "remotes": ["10.81.0.9"],
        **said,
    }
    return {"name": name, "prefix": f"{name}-", "namespaces": {"a": {"devices": {"vx0": device}}}}


def shared(name: str, *addresses: str) -> Spec:
    """Say something of a namespace, and a device in it, that neither spec made."""
    eth0 = {"type": "existing", "addresses": list(addresses)}
    theirs = {"netns": {"name": "shared"}, "devices": {"eth0": eth0}}
    return {"name": name, "prefix": f"{name}-", "namespaces": {"theirs": theirs}}


@pytest.fixture
def place(ground: Ground) -> Ground:
    """Give the host a device of its own, and a namespace that somebody else made."""
    ground.sh("ip netns add shared; ip link add name eth7 type veth peer name eth0 netns shared")
    ground.sh("ip address add 10.81.0.1/24 dev eth7; ip link set dev eth7 up")
    ground.sh("ip -n shared link set dev eth0 up")
    ground.undo("ip netns delete shared")
    ground.undo("ip link delete dev eth7")
    return ground


ROUTE = {"to": "10.82.0.0/24", "via": "10.81.0.2", "dev": "eth7"}
CLASHES: dict[str, tuple[Spec, Spec, str]] = {
    "a namespace": (
        lan("one", 1),
        {**lan("two", 2), "prefix": "one-"},
        "namespace one-a exists, and is spec one's",
    ),
    "a subnet on the host": (
        lan("one", 1),
        lan("two", 1),
        "subnet 10.80.1.0/24 overlaps 10.80.1.1/24 of spec one",
    ),
    "a route of the host": (
        on_host("one", routes=[ROUTE]),
        on_host("two", routes=[ROUTE]),
        "route 4 254 10.82.0.0/24 0 0 on the host is spec one's",
    ),
    "a rule of the host": (
        on_host("one", rules=[{"from": "10.82.0.0/24", "table": 7, "priority": 70}]),
        on_host("two", rules=[{"from": "10.82.0.0/24", "table": 7, "priority": 70}]),
        "rule 4 70 10.82.0.0/24 7 lookup on the host is spec one's",
    ),
    "an address on a device of the host": (
        on_host("one", devices={"eth7": {"type": "existing", "addresses": ["10.83.0.1/24"]}}),
        on_host("two", devices={"eth7": {"type": "existing", "addresses": ["10.83.0.1/24"]}}),
        "address eth7 10.83.0.1/24 on the host is spec one's",
    ),
    "an address in a shared sandbox": (
        shared("one", "10.84.0.1/24"),
        shared("two", "10.84.0.2/24", "10.84.0.1/24"),
        "address eth0 10.84.0.1/24 in namespace shared is spec one's",
    ),
    "an attribute of a device": (
        on_host("one", devices={"eth7": {"type": "existing", "mtu": 1400}}),
        on_host("two", devices={"eth7": {"type": "existing", "mtu": 1300}}),
        "attribute eth7 mtu on the host is spec one's",
    ),
    "a parameter of the host": (
        on_host("one", sysctls={"net/ipv4/ip_default_ttl": "50"}),
        on_host("two", sysctls={"net/ipv4/ip_default_ttl": "51"}),
        "sysctl net/ipv4/ip_default_ttl on the host is spec one's",
    ),
    "forwarding, switched off by one and needed by the other": (
        on_host("one", forwarding=False),
        lan("two", 2),
        "sysctl net/ipv4/ip_forward on the host is spec one's",
    ),
    "forwarding, needed by one and switched off by the other": (
        lan("one", 1),
        on_host("two", forwarding=False),
        "sysctl net/ipv4/ip_forward on the host is spec one's",
    ),
    "a VNI": (tunnel("one", 8), tunnel("two", 8), "VNI 8 on port 4789 is taken on the host by vx0"),
}
BESIDE: dict[str, tuple[Spec, Spec]] = {
    "another VNI": (tunnel("one", 8), tunnel("two", 9)),
    "the same VNI on another port": (tunnel("one", 8), tunnel("two", 8, dstport=4790)),
    "the same value for a parameter": (
        on_host("one", sysctls={"net/ipv4/ip_default_ttl": "50"}),
        on_host("two", sysctls={"net/ipv4/ip_default_ttl": "50"}),
    ),
    "the same attribute": (
        on_host("one", devices={"eth7": {"type": "existing", "mtu": 1400}}),
        on_host("two", devices={"eth7": {"type": "existing", "mtu": 1400}}),
    ),
    "other addresses of a device": (shared("one", "10.84.0.1/24"), shared("two", "10.84.0.2/24")),
    "two networks": (lan("one", 1), lan("two", 2)),
}


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("case", CLASHES)
def test_a_clash_is_found_before_anything_is_changed(netkit: Netkit, case: str) -> None:
    first, second, said = CLASHES[case]
    netkit.apply(first)

    with unchanged():
        refused = netkit.apply(second, code=1)

    assert said in refused.err
    assert "spec one" in refused.err
    assert netkit("diff", netkit.file(first)).code == 0


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("case", BESIDE)
@pytest.mark.parametrize("first", ["one", "two"])
def test_what_two_share_stays_until_the_last_has_gone(
    netkit: Netkit, seen: Any, case: str, first: str
) -> None:
    before = seen()
    one, two = BESIDE[case]
    netkit.apply(one)
    netkit.apply(two)
    assert netkit("status").code == 0
    last = {"one": two, "two": one}[first]

    netkit("destroy", first)

    assert netkit("diff", netkit.file(last)).code == 0
    assert netkit.apply(last).out.startswith(f"{last['name']}: nothing to do")
    netkit("destroy", last["name"])
    assert seen() == before


def test_a_vxlan_of_somebody_elses_is_in_the_way(netkit: Netkit, place: Ground) -> None:
    place.sh("ip link add name vx9 type vxlan id 8 dstport 4789 dev eth7 remote 10.81.0.9")
    place.undo("ip link delete dev vx9")

    with unchanged():
        said = netkit.apply(tunnel("one", 8), code=1)

    assert "VNI 8 on port 4789 is taken on the host by the host's vx9" in said.err


def test_two_names_of_one_group_are_told_apart_beforehand(netkit: Netkit, ground: Ground) -> None:
    seen: dict[int, str] = {}
    for number in count():
        name = f"s{number}"
        if group(name) in seen:
            break
        seen[group(name)] = name
    ground.undo(FORWARDING)
    netkit.apply(lan(seen[group(name)], 1))

    with unchanged():
        said = netkit.apply(lan(name, 2), code=1)

    assert f"the name {name} gives devices the same group" in said.err
    assert f"as spec {seen[group(name)]}" in said.err


CUT = """
import os, sys
from netkit.run.system import SystemRunner
original, left = SystemRunner.run, 1
def run(self, jobs, **words):
    global left
    left -= any(job.steps for job in jobs)
    return original(self, jobs, **words) if left >= 0 else os._exit(9)
SystemRunner.run = run
from netkit.cli.main import run as netkit
sys.exit(netkit(sys.argv[1:]))
"""


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("way", ["recover", "destroy"])
@pytest.mark.parametrize("stays", [False, True], ids=["alone", "beside-another"])
def test_what_others_left_to_one_that_was_cut_off_is_put_back_with_it(
    netkit: Netkit, seen: Any, way: str, stays: bool
) -> None:
    before = seen()
    if stays:
        netkit.apply(lan("three", 3))
    beside = seen()
    netkit.apply(lan("one", 1))
    words = (sys.executable, "-c", CUT, "apply", netkit.file(lan("two", 2)))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    assert subprocess.run(words, env=environment, check=False).returncode == 9
    assert "cut off" in netkit("status", code=3).out

    netkit("destroy", "one")
    netkit(way, "two")

    assert seen() == beside
    if stays:
        netkit("destroy", "three")
    assert seen() == before
