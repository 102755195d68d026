"""What is not a command of a tool: a kernel parameter, a file."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from netkit.command import file, sysctl
from netkit.command.step import Step
from netkit.errors import UsageError


@pytest.mark.parametrize(
    ("netns", "typed"),
    [
        (None, "sysctl -w net/ipv4/ip_forward=1"),
        ("con1", "ip netns exec con1 sysctl -w net/ipv4/ip_forward=1"),
        ("/proc/1/ns/net", "nsenter --net=/proc/1/ns/net sysctl -w net/ipv4/ip_forward=1"),
    ],
)
def test_a_kernel_parameter_prints_as_one_would_set_it(netns: str | None, typed: str) -> None:
    step = sysctl.write("net/ipv4/ip_forward", 1).within(netns)

    assert str(step) == typed
    assert step.netns == netns
    assert shlex.split(str(step)) == list(step.argv)


def test_a_kernel_parameter_may_have_dots_in_its_device_and_several_numbers() -> None:
    step = sysctl.write("net/ipv4/conf/eth0.5/rp_filter", "1\t2 3")

    assert step.path == "/proc/sys/net/ipv4/conf/eth0.5/rp_filter"
    assert shlex.split(str(step))[-1] == "net/ipv4/conf/eth0.5/rp_filter=1\t2 3"


@pytest.mark.parametrize(
    "key",
    [
        *(
            "",
            "net",
            "net/",
            "net.ipv4.ip_forward",
            "kernel/panic",
            "net/../kernel/panic",
            "net//x",
        ),
        *("/net/ipv4/ip_forward", "net/ipv4/", "net/./x", "net/a b", "net/a\n", "net/a\\"),
    ],
)
def test_a_kernel_parameter_of_anything_else_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="not a kernel parameter"):
        sysctl.write(key, 1)


@pytest.mark.parametrize("value", ["", " ", "1\n2", "1\0", "\x1b"])
def test_a_kernel_parameter_takes_one_line(value: str) -> None:
    with pytest.raises(UsageError, match="not a value"):
        sysctl.write("net/ipv4/ip_forward", value)


CONTENTS = ["", "one line\n", "two\nlines\n", "no end", "%s \\n $(id) 'quoted' \"twice\" `x`\n"]


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_a_file_prints_as_a_line_that_writes_it(tmp_path: Path, content: str, mode: int) -> None:
    path = tmp_path / "a new directory" / "hosts"
    step = file.write(str(path), content, mode=mode)

    subprocess.run(["sh", "-c", f"umask 022; {step}"], check=True)

    assert path.read_text() == content
    assert path.stat().st_mode & 0o777 == mode


def test_a_file_prints_as_a_line_that_removes_it(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("")

    subprocess.run(["sh", "-c", str(file.remove(str(path)))], check=True)

    assert not path.exists()
    assert tmp_path.exists()


def test_a_namespace_s_directory_goes_with_its_last_file() -> None:
    step = file.remove("/etc/netns/con1/hosts")

    assert step.emptied == "/etc/netns/con1"
    assert str(step) == (
        "rm -f /etc/netns/con1/hosts && rmdir --ignore-fail-on-non-empty /etc/netns/con1"
    )


def test_a_file_is_the_same_in_every_network_namespace() -> None:
    steps: tuple[Step, ...] = (file.write("/etc/netns/a/hosts", "x"), file.remove("/a/b"))

    for step in steps:
        assert step.within("con1") == step
        assert step.netns is None


@pytest.mark.parametrize("path", ["", "a", "a/b", "/", "//a", "/a/../b", "/a/", "/a/./b", "/a\nb"])
def test_a_file_has_an_absolute_and_normal_path(path: str) -> None:
    with pytest.raises(UsageError, match="not the absolute path"):
        file.remove(path)


def test_a_file_holds_no_nul() -> None:
    with pytest.raises(UsageError, match="NUL"):
        file.write("/a", "a\0b")
