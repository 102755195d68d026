"""What ``network inspect`` tells of the room in a network."""

from __future__ import annotations

import json

from netkit.expand.ipam.allotments import Allotments
from netkit.state.memory import Memory, Stored
from netkit.state.place import folder
from tests.cli.conftest import Netkit

SPEC = {
    "name": "lab",
    "networks": {
        "lan": {
            "subnets": ["10.1.0.0/28", "fd00:1::/64"],
            "ipam": {"reserved": {"printer": "10.1.0.5", "phones": "10.1.0.8/30"}},
        },
        "leased": {"subnets": ["10.2.0.0/24"], "ipam": "somebody"},
    },
    "namespaces": {
        "a": {"networks": {"lan": {"addresses": ["10.1.0.2", "fd00:1::2"]}}},
        "b": {"networks": {"lan": {"addresses": ["10.1.0.3", "fd00:1::3"]}}},
    },
}


def remembered() -> None:
    memory = Memory(folder())
    gone = Allotments(released={("lan", "c"): ("10.1.0.4/28",)})
    memory.keep(Stored("lab", json.dumps(SPEC), gone.to_json()))
    memory.close()


def test_inspect_says_what_is_free(netkit: Netkit) -> None:
    remembered()

    assert netkit("network", "inspect", "lan").out.splitlines()[1:9] == [
        "  subnet     10.1.0.0/28, gateway 10.1.0.1",
        "  reserved   10.1.0.5 for printer",
        "  reserved   10.1.0.8/30 for phones",
        "  free       6 of 9: 10.1.0.4, 10.1.0.6 to 10.1.0.7, 10.1.0.12 to 10.1.0.14",
        "  next       10.1.0.6",
        "  subnet     fd00:1::/64, gateway fd00:1::1",
        "  free       all but 3: fd00:1::4 to fd00:1::ffff:ffff:ffff:ffff",
        "  next       fd00:1::4",
    ]


def test_inspect_as_json(netkit: Netkit) -> None:
    remembered()
    (found,) = netkit("network", "inspect", "lan", "--json").json["data"]["networks"]

    assert found["subnets"][0] == {
        "subnet": "10.1.0.0/28",
        "gateway": "10.1.0.1",
        "used": 3,
        "size": 14,
        "allottable": 9,
        "free": 6,
        "next": "10.1.0.6",
        "ranges": [
            ["10.1.0.4", "10.1.0.4"],
            ["10.1.0.6", "10.1.0.7"],
            ["10.1.0.12", "10.1.0.14"],
        ],
        "resting": 1,
        "reserved": [
            {"part": "10.1.0.5", "for": "printer"},
            {"part": "10.1.0.8/30", "for": "phones"},
        ],
    }


def test_what_only_a_plugin_knows_is_not_said(netkit: Netkit) -> None:
    remembered()
    (found,) = netkit("network", "inspect", "leased", "--json").json["data"]["networks"]

    assert "free" not in found["subnets"][0]
    assert "free" not in netkit("network", "inspect", "leased").out
