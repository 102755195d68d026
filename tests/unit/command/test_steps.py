"""What is not a command of a tool: a kernel parameter, a file, a daemon, a question."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from netkit.command import daemon, dnsmasq, file, plugin, sysctl
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


def test_the_way_out_of_dots_is_the_key_itself() -> None:
    with pytest.raises(UsageError) as caught:
        sysctl.write("net.ipv4.tcp_rmem", 1)

    assert caught.value.hint == "write it with slashes: net/ipv4/tcp_rmem"


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


SERVE = dnsmasq.serve(
    "/etc/netns/nk-1", addresses=("10.1.0.1", "fd00::1"), local="lan", forward=False
)


def test_a_name_server_is_configured_by_its_words_alone() -> None:
    assert " ".join(SERVE) == (
        "dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file --user=nobody"
        " --log-facility=- --bind-interfaces --listen-address=10.1.0.1 --listen-address=fd00::1"
        " --no-hosts --hostsdir=/etc/netns/nk-1 --domain-needed --bogus-priv --no-negcache"
        " --local=/lan/ --no-resolv --address=/#/"
    )


@pytest.mark.parametrize(
    ("netns", "entered"),
    [
        (None, []),
        ("nk-2", ["ip", "netns", "exec", "nk-2"]),
        ("/proc/1/ns/net", ["nsenter", "--net=/proc/1/ns/net"]),
    ],
)
def test_a_daemon_prints_as_one_would_start_it(netns: str | None, entered: list[str]) -> None:
    step = daemon.start("netkit:t/lan/dns", *SERVE, ready="started").within(netns)
    words = shlex.split(str(step).removesuffix(" </dev/null >/dev/null 2>&1"))

    assert words[:3] == ["NETKIT_DAEMON=netkit:t/lan/dns", "setsid", "--fork"]
    assert words[3:] == [*entered, "sh", "-c", daemon.LOOP, "netkit:t/lan/dns", *SERVE]
    assert step.netns == netns
    assert step.tool == "dnsmasq"


def test_a_daemon_prints_as_one_would_end_it() -> None:
    step = daemon.stop("netkit:t/lan/dns")

    assert str(step) == """pkill --session "$(pgrep --oldest --full ' netkit:t/lan/dns ')\""""
    assert step.within("nk-2") == step
    assert step.netns is None


def test_the_shell_that_starts_it_again_is_a_script_without_fault() -> None:
    subprocess.run(["sh", "-n", "-c", daemon.LOOP], check=True)


@pytest.mark.parametrize("alias", ["", "lan", "netkit", "netkit:a b/c", "netkit:a/\n"])
def test_a_daemon_has_a_mark(alias: str) -> None:
    with pytest.raises(UsageError, match="not a mark"):
        daemon.start(alias, "true")
    with pytest.raises(UsageError, match="not a mark"):
        daemon.stop(alias)


@pytest.mark.parametrize("words", [(), ("",), ("a", "b\n")])
def test_a_daemon_is_a_program_and_its_words(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="not a program"):
        daemon.start("netkit:t/lan/dns", *words)


def test_a_question_to_a_plugin_prints_as_curl_puts_it() -> None:
    step = plugin.request_address(
        "x", "/run/docker/plugins/x.sock", pool_id="it's", address="10.1.0.2"
    )
    words = shlex.split(str(step))

    assert words == [
        *("curl", "--unix-socket", "/run/docker/plugins/x.sock", "--request", "POST"),
        *("--header", "Accept: application/vnd.docker.plugins.v1.2+json"),
        *("--header", "Content-Type: application/json"),
        *("--data", '{"PoolID": "it\'s", "Address": "10.1.0.2", "Options": {}}'),
        "http://plugin/IpamDriver.RequestAddress",
    ]
    assert step.netns is None
    assert step.within("a") == step


@pytest.mark.parametrize("socket", ["", "x.sock", "/run/\n"])
def test_a_plugin_listens_on_a_path(socket: str) -> None:
    with pytest.raises(UsageError, match="not the absolute path"):
        plugin.release_pool("x", socket, pool_id="1")
