"""Each builder of Open vSwitch gives exactly the words that one would type."""

from __future__ import annotations

import pytest

from netkit.command import ovs
from netkit.command.command import Command
from netkit.errors import UsageError
from netkit.run.batch import Batch, batches

MAC = "02:11:22:33:44:55"
CASES = {
    "a switch in the kernel": (ovs.add_br("br0"), "add-br br0"),
    "a switch in the program": (
        ovs.add_br("br0", datapath="netdev", mac=MAC, mtu=1400, owner="shop"),
        f"add-br br0 -- set Bridge br0 datapath_type=netdev other_config:hwaddr={MAC}"
        " external_ids:netkit=shop -- set Interface br0 mtu_request=1400",
    ),
    "a switch altered": (
        ovs.set_br("br0", mac=MAC, mtu=1400),
        f"set Bridge br0 other_config:hwaddr={MAC} -- set Interface br0 mtu_request=1400",
    ),
    "a switch that goes": (ovs.del_br("br0"), "--if-exists del-br br0"),
    "a port": (ovs.add_port("br0", "p0"), "add-port br0 p0 -- set Interface p0 type=internal"),
    "an access port": (
        ovs.add_port("br0", "p0", tag=10, protected=True, owner="shop"),
        "add-port br0 p0 tag=10 protected=true external_ids:netkit=shop"
        " -- set Interface p0 type=internal",
    ),
    "a trunk": (
        ovs.add_port("br0", "p0", trunks=(10, 20)),
        "add-port br0 p0 trunks=10,20 -- set Interface p0 type=internal",
    ),
    "a trunk with a VLAN of its own": (
        ovs.add_port("br0", "p0", tag=5, trunks=(10, 20)),
        "add-port br0 p0 tag=5 trunks=10,20 vlan_mode=native-untagged"
        " -- set Interface p0 type=internal",
    ),
    "a port of all VLANs again": (
        ovs.set_port("p0", tag=None),
        "set Port p0 tag=[] trunks=[] vlan_mode=[] protected=false",
    ),
    "a port of other VLANs": (
        ovs.set_port("p0", tag=5, trunks=(10,), protected=True),
        "set Port p0 tag=5 trunks=10 vlan_mode=native-untagged protected=true",
    ),
    "a port that goes": (ovs.del_port("p0"), "--if-exists del-port p0"),
}


@pytest.mark.parametrize(("command", "typed"), CASES.values(), ids=CASES)
def test_it_is_built_as_one_would_type_it(command: Command, typed: str) -> None:
    assert command.argv == ("ovs-vsctl", "--timeout=10", *typed.split())


def test_whether_the_switch_runs_is_asked_of_itself() -> None:
    assert str(ovs.version()) == "ovs-appctl --timeout=5 --target=ovs-vswitchd version"


@pytest.mark.parametrize("name", ["", "-x", "a b", "a'b", "a#b", "--"])
def test_an_odd_name_is_refused(name: str) -> None:
    for build in (ovs.add_br, ovs.del_br, ovs.del_port):
        with pytest.raises(UsageError):
            build(name)
    with pytest.raises(UsageError):
        ovs.add_port("br0", name)


def test_nothing_to_alter_is_an_error() -> None:
    with pytest.raises(UsageError):
        ovs.set_br("br0")


def test_several_in_a_row_are_one_transaction() -> None:
    steps = (ovs.add_br("br0"), ovs.add_port("br0", "p0"), ovs.del_port("p1"))
    (batch,) = batches(steps)

    assert isinstance(batch, Batch)
    assert batch.argv == (
        *("ovs-vsctl", "--timeout=10", "add-br", "br0"),
        *("--", "add-port", "br0", "p0", "--", "set", "Interface", "p0", "type=internal"),
        *("--", "--if-exists", "del-port", "p1"),
    )
    assert batch.input == ""


def test_a_question_is_a_process_of_its_own() -> None:
    first, second = batches((ovs.del_br("br0"),), (ovs.show(),))

    assert isinstance(first, Batch)
    assert isinstance(second, Batch)
    assert (first.asks, second.asks) == (0, 1)
