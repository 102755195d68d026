"""A network on a parent that is not there is refused when it is made, not by its first member."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.root.apply.conftest import Ground
from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root


@pytest.fixture(autouse=True)
def uplink(ground: Ground) -> None:
    ground.undo("ip link delete up0")
    ground.sh("ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up")


@pytest.mark.parametrize("driver", ["macvlan", "ipvlan"])
@pytest.mark.parametrize("known", [True, False], ids=["one more", "the first"])
def test_nothing_is_kept_of_one_without_a_parent(
    netkit: Netkit, driver: str, *, known: bool
) -> None:
    if known:
        netkit("network", "create", "lan", "--subnet", "10.91.0.0/24")

    said = netkit("network", "create", "m", "-d", driver, "-o", "parent=pu0", code=5)

    assert "/networks/m/parent: there is no device pu0 on the host" in said.err
    assert "did you mean up0?" in said.err
    networks = netkit("network", "ls", "--json").json["data"]["networks"]
    assert [each["name"] for each in networks] == (["lan"] if known else [])


def test_a_tagged_name_of_docker_says_how_it_is_written(netkit: Netkit) -> None:
    said = netkit("network", "create", "m", "-d", "macvlan", "-o", "parent=up0.10", code=5)

    assert "VLAN 10 of up0 is parent up0 and vid 10" in said.err


def test_one_whose_parent_has_gone_hinders_no_other(ground: Ground, netkit: Netkit) -> None:
    netkit(*["network", "create", "m", "-d", "macvlan", "-o", "parent=up0"])
    netkit(*["network", "create", "n", "-d", "macvlan", "-o", "parent=up0"])
    ground.sh("ip link delete up0")

    netkit("network", "create", "lan", "--subnet", "10.91.0.0/24")
    netkit("namespace", "create", "one", "--network", "lan")
    netkit("network", "rm", "n")
    assert (
        "there is no device up0"
        in netkit("namespace", "create", "two", "--network", "m", code=5).err
    )
    assert "there is no device up0" in netkit("apply", "local", code=5).err

    netkit("network", "rm", "m")
    assert netkit("status").code == 0


def test_a_boot_without_it_builds_the_rest(ground: Ground, netkit: Netkit, specs: Path) -> None:
    netkit("network", "create", "lan", "--subnet", "10.91.0.0/24")
    netkit("namespace", "create", "one", "--network", "lan")
    netkit(*["network", "create", "m", "-d", "macvlan", "-o", "parent=up0"])
    specs.rename(specs.with_name("away"))
    netkit("destroy", "local")
    specs.with_name("away").rename(specs)
    ground.sh("ip link delete up0")

    netkit("up")

    assert "one" in json.loads(netkit("export", "local").out)["namespaces"]


def test_a_parent_of_the_spec_itself_counts(netkit: Netkit) -> None:
    spec = {
        "name": "own",
        "networks": {
            "m": {"driver": "macvlan", "parent": "wan9"},
            "n": {"driver": "macvlan", "parent": "box:wan"},
        },
        "namespaces": {"box": {}},
        "links": [{"ends": ["host:wan9", "box:wan"]}],
    }

    netkit.apply(spec)

    assert "nothing to do" in netkit.apply(spec).out
