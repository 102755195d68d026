"""Which device an internal port of Open vSwitch is: the kernel does not say."""

from __future__ import annotations

import pytest

from netkit.facts.link import Device
from netkit.facts.ties import Claims, Ties
from netkit.model.link import Internal, Link, OtherLink, Tuntap
from netkit.model.object import Netns

CLAIM = Internal(netns="a", ifname="eth0", port="p1")
CLAIMS: Claims = {("a", "eth0"): (CLAIM,)}
PORTS = frozenset({"sw", "p1"})


def device(netns: Netns, ifname: str, *, mode: str = "tap", kind: str = "") -> Device:
    fields = {"netns": netns, "ifname": ifname}
    if kind:
        return Device(OtherLink, fields | {"kind": kind}, 7, None, False, "noop")
    return Device(Tuntap, fields | {"mode": mode}, 7, None, False, "noop")


def ties(*devices: Device, ports: frozenset[str] = PORTS) -> Ties:
    world: dict[Netns, dict[str, Device]] = {None: {}}
    for each in devices:
        world.setdefault(each.fields["netns"], {})[each.fields["ifname"]] = each
    return Ties(world, CLAIMS, ports)


def link(found: Ties, each: Device) -> Link:
    return found.link(each)


@pytest.mark.parametrize("kind", ["", "openvswitch"])
def test_who_claims_a_port_that_is_not_in_the_host_is_believed(kind: str) -> None:
    moved = device("a", "eth0", kind=kind)
    found = ties(moved)

    assert link(found, moved) == CLAIM
    assert not found.is_stale("p1")


def test_a_port_that_waits_in_the_host_is_nobody_elses() -> None:
    moved, waiting = device("a", "eth0"), device(None, "p1")
    found = ties(moved, waiting)

    assert type(link(found, moved)) is Tuntap  # what a switch left that was started anew
    assert link(found, waiting) == Internal(ifname="p1", port="p1")
    assert not found.is_stale("p1")


def test_without_its_device_a_port_is_stale() -> None:
    assert ties().is_stale("p1")
    assert ties(device("a", "eth0", mode="tun")).is_stale("p1")
    assert not ties().is_stale("somebody-elses")  # of which nothing is known


def test_a_device_is_no_port_where_the_switch_has_none_of_its_name() -> None:
    moved = device("a", "eth0")

    assert type(link(ties(moved, ports=frozenset({"sw"})), moved)) is Tuntap
    assert type(link(ties(moved, ports=frozenset()), moved)) is Tuntap


def test_a_device_of_another_kind_is_no_port() -> None:
    other = device("a", "eth0", kind="ifb")

    assert type(link(ties(other), other)) is OtherLink


def test_a_local_port_needs_no_claim() -> None:
    local = device(None, "sw")

    assert link(ties(local), local) == Internal(ifname="sw", port="sw")
