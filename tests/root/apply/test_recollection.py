"""What was allotted is in the kernel too: it is read back when the memory of it is lost."""

from __future__ import annotations

import shutil

import pytest

from netkit.plan.script import script
from netkit.state.place import folder

from .conftest import Ground

pytestmark = pytest.mark.root

OPEN = {
    "name": "open",
    "networks": {"one": {}, "two": {"internal": True}, "six": {"subnets": ["fd00:5::/64"]}},
    "namespaces": {
        "open1": {"networks": ["one", "two", "six"]},
        "open2": {"networks": ["six", "one"]},
        "open3": {"networks": {"two": {"device": "lan"}}},
    },
}


GAP = {**OPEN, "namespaces": {"open0": {"networks": ["one", "six"]}, **OPEN["namespaces"]}}  # type: ignore[dict-item]
STAYS = "net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0"
"""What the host had is known from the memory alone, so the tests put it back themselves."""


def forget() -> None:
    shutil.rmtree(folder())


def test_without_a_memory_everything_keeps_its_pool_address_and_name(ground: Ground) -> None:
    ground.undo(f"sysctl -qw {STAYS}")
    ground.apply(GAP)  # what would be allotted anew differs from what is there
    ground.apply(OPEN)
    forget()

    assert ground.look(OPEN).changes == ()
    ground.apply(OPEN)


def test_what_a_script_built_is_known_for_what_it_is(ground: Ground) -> None:
    ground.undo(f"sysctl -qw {STAYS}")
    ground.sh(f"sh -e <<'END'\n{script(ground.look(OPEN).steps)}\nEND")

    assert ground.look(OPEN).changes == ()
    ground.apply(OPEN)


@pytest.mark.parametrize("driver", ["macvlan", "ovs"])
def test_so_does_who_is_on_a_parent_or_a_switch(ground: Ground, driver: str) -> None:
    ground.undo(f"sysctl -qw {STAYS}")
    networks = {"one": {"driver": driver}, "two": {"driver": driver, "subnets": ["10.7.0.0/24"]}}
    spec = {**OPEN, "networks": {**networks, "six": {"subnets": ["fd00:5::/64"]}}}
    before = {**spec, "namespaces": {"open0": {"networks": ["one", "two"]}, **OPEN["namespaces"]}}  # type: ignore[dict-item]
    ground.apply(before)
    ground.apply(spec)
    forget()

    assert ground.look(spec).changes == ()
    ground.apply(spec)


def test_ports_of_the_host_that_were_chosen_stay_too(ground: Ground) -> None:
    ground.undo(f"sysctl -qw {STAYS}")
    published = ["80", "127.0.0.1::22", "8000-8002/udp", "9090:80"]
    spec = {
        "name": "open",
        "networks": {"one": {"subnets": ["10.7.0.0/24", "fd00:7::/64"]}},
        "namespaces": {"open2": {"networks": {"one": {"publish": published}}}},
    }
    gap = {"open1": {"networks": {"one": {"publish": published[:3]}}}}
    ground.apply({**spec, "namespaces": {**gap, **spec["namespaces"]}})  # type: ignore[dict-item]
    ground.apply(spec)
    forget()

    assert ground.look(spec).changes == ()
    assert ground.look(spec).notes == ()
    ground.apply(spec)
