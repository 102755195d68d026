"""What somebody types who comes from Docker, or in a hurry: the answer has the right word."""

from __future__ import annotations

import json

import pytest

from netkit.expand.ipam.allotments import Allotments
from netkit.state.memory import Memory, Stored
from netkit.state.place import folder
from tests.cli.conftest import Netkit

SHOP = {
    "name": "shop",
    "networks": {"front": {"subnets": ["10.1.0.0/24"]}},
    "namespaces": {"box": {"networks": ["front"]}},
}


@pytest.fixture(autouse=True)
def remembered(netkit: Netkit) -> None:
    memory = Memory(folder())
    memory.keep(Stored("shop", json.dumps(SHOP), Allotments().to_json()))
    memory.close()


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("network remove front", 2, "Did you mean 'rm'?"),
        ("network list", 2, "Did you mean 'ls'?"),
        ("network attach front box", 2, "Did you mean 'connect'?"),
        ("namespace delete box", 2, "Did you mean 'rm'?"),
        ("namespace show box", 2, "Did you mean 'inspect'?"),
        ("namespace attach box", 2, "No such command 'attach'\n"),
        ("network create shop/back", 2, "hint: netkit network create back --spec shop\n"),
        ("namespace create shop/two", 2, "hint: netkit namespace create two --spec shop\n"),
        ("network connect box front", 1, "hint: box is a namespace\n"),
        ("network inspect shop/box", 1, "hint: shop/box is a namespace\n"),
        ("namespace inspect front", 1, "hint: front is a network\n"),
        ("network rm frnt", 1, "hint: did you mean front?\n"),
        ("network rm zz", 1, "hint: there is front\n"),
        ("network connect front zz", 1, "; netkit namespace create zz makes it\n"),
        (
            "network create n -o com.docker.network.bridge.enable_ic=false",
            2,
            "did you mean com.docker.network.bridge.enable_icc? known: mtu, ",
        ),
        ("network create n -o com.docker.network.bridge.name=br0", 2, "hint: known: mtu, "),
    ],
)
def test_slips(netkit: Netkit, typed: str, code: int, said: str) -> None:
    found = netkit(*typed.split())

    assert found.code == code
    assert said in found.err
