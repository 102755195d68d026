from __future__ import annotations

import os

import pytest

from netkit.errors import AbsentError, CommandError, ExistsError, LackingError
from netkit.run.sayings import refusal


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("RTNETLINK answers: File exists", ExistsError),
        ("Error: ipv4: Address already assigned.", ExistsError),
        ('Cannot find device "eth9"', AbsentError),
        ("RTNETLINK answers: No such process", AbsentError),
        ('Error: argument "/proc/7/ns/net" is wrong: Invalid "netns" value', AbsentError),
        ("RTNETLINK answers: Operation not permitted", LackingError),
        ("Read-only file system", LackingError),
        ("Error: Unknown device type.", LackingError),
        ("Error: Specified qdisc kind is unknown.", LackingError),
        ("RTNETLINK answers: Invalid argument", CommandError),
        ("RTNETLINK answers: Operation not supported", CommandError),
    ],
)
def test_what_a_tool_says_becomes_the_error_that_names_it(
    said: str, kind: type[CommandError]
) -> None:
    error = refusal("ip link set dev eth9 up", 2, said)

    assert type(error) is kind
    assert str(error) == f"ip link set dev eth9 up\n  said: {said} (exit code 2)"


@pytest.mark.parametrize(("user", "way_out"), [(1000, "try sudo"), (0, "read-only")])
def test_who_may_not_is_told_what_would_help(
    user: int, way_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)

    assert way_out in refusal("ip link add", 2, "Operation not permitted").hint


@pytest.mark.parametrize(
    ("command", "said", "hint"),
    [
        (
            "ip -n a link add link v0 name v0.7 type vlan id 7",
            "Error: Unknown device type.",
            "this kernel has no vlan: load its module (modprobe 8021q)",
        ),
        (
            "tc -n a qdisc replace dev v0 root netem delay 20ms",
            "Error: Specified qdisc kind is unknown.",
            "this kernel has no netem: load its module (modprobe sch_netem)",
        ),
        ("ip link set dev v0 up", "Error: Unknown device type.", ""),
        *(
            (
                command,
                "RTNETLINK answers: Operation not supported",
                "this kernel has no vlan_filtering:"
                " take a kernel built with CONFIG_BRIDGE_VLAN_FILTERING",
            )
            for command in (
                "ip -n a link add name br1 type bridge vlan_filtering 1",
                "bridge -n a -details -json vlan show",
                "nsenter --net=/proc/4711/ns/net bridge vlan add dev eth1 vid 7",
            )
        ),
        (
            "sysctl -w net/ipv4/ip_forward=1",
            "Read-only file system",
            "it is mounted read-only, as /proc/sys is in many containers: mount it for writing",
        ),
    ],
)
def test_what_the_kernel_lacks_is_named_with_its_module(command: str, said: str, hint: str) -> None:
    error = refusal(command, 2, said)

    assert error.hint == hint
    assert error.exit_code == 5


@pytest.mark.parametrize("command", ["sysctl -w net/ipv4/x=1", "ip netns exec a sysctl net/ipv4/x"])
def test_a_setting_that_is_not_there_is_told_from_a_file(command: str) -> None:
    said = "cannot stat /proc/sys/net/ipv4/x: No such file or directory"

    assert "no such setting" in refusal(command, 255, said).hint
    assert refusal("ip netns delete sysctlx", 1, said).hint == ""


def test_the_place_in_the_spec_is_said_once_it_is_known() -> None:
    error = refusal("ip link add", 2, "no")
    error.pointer = "/links/0"

    assert str(error).endswith("\n  from: /links/0")
