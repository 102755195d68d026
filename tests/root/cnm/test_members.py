"""Every network of every example takes one more member, while it runs, and gives it back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netkit.names import HOST
from netkit.spec import load_topology
from netkit.spec.written import entries
from tests.root import switch
from tests.root.apply.conftest import EXAMPLES, Ground, all_differences, snapshot
from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

NAMES = [
    path.stem
    for path in sorted(EXAMPLES.glob("*.json"))
    if any(
        each.get("driver", "bridge") not in {"host", "null", "remote"}
        for each in json.loads(path.read_text()).get("networks", {}).values()
    )
]
FEW = 6


@pytest.mark.parametrize("name", NAMES)
def test_one_more_comes_and_goes(ground: Ground, netkit: Netkit, name: str) -> None:
    topology = load_topology(EXAMPLES / f"{name}.json")
    if switch.uses_switch(topology):
        switch.needed()
    said = netkit("apply", str(EXAMPLES / f"{name}.json"), code=None)
    if said.code == 5:
        pytest.skip(said.err)
    assert said.code == 0, said.err
    netkit("namespace", "create", "one-more", "--spec", topology.name)
    assert netkit("status").code == 0
    places: list[str | None] = [
        topology.prefix + each.name
        for each in topology.namespaces
        if each.netns is None and each.name != HOST
    ]
    looked = [None, *places[:FEW], "one-more"]
    before = {netns: snapshot(netns) for netns in looked}

    for network in entries(json.loads(netkit("export").out)["networks"]):
        found = netkit("network", "connect", network, "one-more", code=None)
        assert found.code == 0, found.err
        assert netkit("status").code == 0, netkit("status", code=None).out
        assert "networks" in json.loads(netkit("export").out)["namespaces"]["one-more"]
        netkit("network", "disconnect", network, "one-more")
        after = {netns: snapshot(netns) for netns in looked}
        assert all_differences(before, after) == [], network
    netkit("namespace", "rm", "one-more")
    path = Path(netkit.folder) / "exported.json"
    path.write_text(netkit("export").out)
    assert "nothing to do" in netkit("apply", str(path)).out


def test_published_ports_of_others_stay(ground: Ground, netkit: Netkit) -> None:
    netkit(*["network", "create", "a", "--subnet", "10.81.0.0/24"])
    netkit(*["network", "create", "b", "--subnet", "10.82.0.0/24"])
    netkit(*["namespace", "create", "one", "--network", "a", "-p", "8081:80"])
    netkit("namespace", "create", "two")
    before = ground.sh("iptables-save | grep -v '^#' | sed 's/\\[.*\\]//'")

    netkit(*["network", "connect", "b", "two", "-p", "8082:80"])

    rules = ground.sh("iptables-save -t nat")
    assert "--dport 8081" in rules
    assert "--dport 8082" in rules
    assert netkit("status").code == 0
    clash = netkit(*["namespace", "create", "three", "--network", "a", "-p", "8081:80"], code=None)
    assert clash.code != 0
    netkit("network", "disconnect", "b", "two")
    assert ground.sh("iptables-save | grep -v '^#' | sed 's/\\[.*\\]//'") == before
