"""A network's name server: what it answers, that it is current, and that it goes again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netkit.apply.session import writing
from netkit.apply.sweep import leftovers
from netkit.apply.transaction import carry_out
from netkit.errors import CommandError, MissingError
from netkit.run import process
from netkit.run.daemon import Running, running
from netkit.state.place import folder
from tests.root.apply.name import Answer, ask, ask_inside
from tests.root.waiting import eventually

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

NAME = "names"
GATEWAY = "10.79.0.1"


def spec(*members: str, **said: Any) -> dict[str, Any]:
    network = {"subnets": ["10.79.0.0/24", "fd00:79::/64"], "dns": "server", **said}
    return {
        "name": NAME,
        "networks": {"lan": network},
        "namespaces": {
            "a": {"networks": {"lan": {"aliases": ["www", "web.example"]}}},
            **{member: {"networks": ["lan"]} for member in members},
        },
    }


def shells() -> list[Running]:
    return [each for each in running() if each.words is not None]


def children() -> list[Running]:
    return [each for each in running() if each.words is None]


@contextmanager
def another(*words: str) -> Iterator[None]:
    """Run another dnsmasq, one of the host's own."""
    argv = ("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file", "--no-hosts")
    told = ("--no-resolv", "--log-facility=-")
    child = subprocess.Popen([*argv, *told, *words], stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr is not None
        assert any("started" in line for line in child.stderr)
        yield
    finally:
        child.kill()
        child.wait()


@contextmanager
def resolvers(text: str) -> Iterator[None]:
    """Let the host have these name servers; /etc is a copy here."""
    path = Path("/etc/resolv.conf")
    before = path.read_text() if path.exists() else ""
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)


def test_it_answers_for_names_aliases_and_addresses(ground: Ground) -> None:
    ground.apply(spec("b"))

    for name in ("a", "www", "web.example", "a.lan", "WWW"):
        assert ask_inside("b", GATEWAY, name) == Answer("NOERROR", ("10.79.0.2",))
        assert ask_inside("b", GATEWAY, name, "AAAA") == Answer("NOERROR", ("fd00:79::2",))
    assert ask_inside("b", "fd00:79::1", "a") == Answer("NOERROR", ("10.79.0.2",))
    assert ask_inside("b", GATEWAY, "3.0.79.10.in-addr.arpa", "PTR") == Answer("NOERROR", ("b",))
    reverse = ".".join(reversed("fd000079000000000000000000000002")) + ".ip6.arpa"
    assert ask_inside("b", GATEWAY, reverse, "PTR") == Answer("NOERROR", ("a",))
    assert ask_inside("b", GATEWAY, "c").status == "NXDOMAIN"
    assert ask_inside("b", GATEWAY, "c.lan").status == "NXDOMAIN"


def test_who_comes_and_goes_is_known_at_once_to_the_same_process(ground: Ground) -> None:
    ground.apply(spec("b"))
    before = list(running())
    inode = os.stat("/etc/netns/b/hosts").st_ino

    ground.apply(spec("b", "c"))
    assert eventually(lambda: ask(GATEWAY, "c").addresses == ("10.79.0.4",))
    assert os.stat("/etc/netns/b/hosts").st_ino == inode  # written in place
    assert "c.lan" in Path("/etc/netns/b/hosts").read_text()

    ground.apply(spec("c"))
    assert eventually(lambda: ask(GATEWAY, "b").status == "NXDOMAIN")
    assert ask(GATEWAY, "c.lan").addresses == ("10.79.0.4",)
    assert list(running()) == before


def test_its_members_are_told_of_it(ground: Ground) -> None:
    ground.apply(spec("b"))
    told = Path("/etc/netns/b/resolv.conf").read_text()

    assert told.splitlines()[1:] == ["nameserver 10.79.0.1", "nameserver fd00:79::1"]

    own = spec("b")
    own["namespaces"]["b"]["dns"] = {"nameservers": ["192.0.2.53"]}
    ground.apply(own)
    told = Path("/etc/netns/b/resolv.conf").read_text()

    assert told.splitlines()[1:] == ["nameserver 192.0.2.53"]


def test_what_it_does_not_know_it_asks_the_hosts_name_servers(ground: Ground) -> None:
    own = ("--bind-interfaces", "--listen-address=127.0.0.9", "--host-record=far.example,192.0.2.7")
    with another(*own), resolvers("nameserver 127.0.0.9\n"):
        ground.apply(spec("b"))

        assert ask_inside("b", GATEWAY, "far.example") == Answer("NOERROR", ("192.0.2.7",))
        assert ask_inside("b", GATEWAY, "a") == Answer("NOERROR", ("10.79.0.2",))


@pytest.mark.parametrize("said", [{"internal": True}, {"internal": True, "gateway": GATEWAY}])
def test_that_of_an_internal_network_asks_nobody(ground: Ground, said: dict[str, Any]) -> None:
    own = ("--bind-interfaces", "--listen-address=127.0.0.9", "--host-record=far.example,192.0.2.7")
    with another(*own), resolvers("nameserver 127.0.0.9\n"):
        ground.apply(spec("b", **{"subnets": ["10.79.0.0/24"], **said}))

        assert ask_inside("b", GATEWAY, "far.example").status == "NXDOMAIN"
        assert ask_inside("b", GATEWAY, "a", "AAAA") == Answer("NOERROR", ())
        assert ask_inside("b", GATEWAY, "a") == Answer("NOERROR", ("10.79.0.2",))


def test_where_a_member_is_the_gateway_it_has_an_address_of_its_own(ground: Ground) -> None:
    written = spec("b", gateway=["10.79.0.1", "fd00:79::1"])
    written["namespaces"]["b"]["networks"] = {"lan": {"addresses": ["10.79.0.1", "fd00:79::1"]}}
    first = ground.apply(written)

    assert ask_inside("a", "10.79.0.2", "b") == Answer("NOERROR", ("10.79.0.1",))
    assert ask_inside("a", "fd00:79::2", "b", "AAAA") == Answer("NOERROR", ("fd00:79::1",))
    assert first.prospect.topology is not None
    shutil.rmtree(folder())
    assert ground.apply(written).prospect.steps == ()


def test_a_sandbox_given_by_pid_asks_it(ground: Ground) -> None:
    with subprocess.Popen(["unshare", "--net", "sleep", "60"]) as child:
        try:
            assert eventually(
                lambda: os.readlink(f"/proc/{child.pid}/ns/net") != os.readlink("/proc/self/ns/net")
            )
            written = spec()
            written["namespaces"]["p"] = {"netns": {"pid": child.pid}, "networks": ["lan"]}
            ground.apply(written)

            assert ask_inside(f"/proc/{child.pid}/ns/net", GATEWAY, "a").addresses == ("10.79.0.2",)
            assert ask_inside("a", GATEWAY, "p").addresses == ("10.79.0.3",)
            ground.destroy(NAME)
        finally:
            child.kill()


def test_killed_it_is_there_again(ground: Ground) -> None:
    ground.apply(spec("b"))
    (shell,), (server,) = shells(), children()

    os.kill(server.pid, signal.SIGKILL)

    assert eventually(lambda: ask(GATEWAY, "b").addresses == ("10.79.0.3",))
    assert shells() == [shell]
    assert [each.pid for each in children()] != [server.pid]
    assert ground.apply(spec("b")).prospect.changes == ()


@pytest.mark.parametrize("ended", ["shell", "both", "asked"])
def test_what_is_not_as_it_should_be_is_found_and_mended(ground: Ground, ended: str) -> None:
    ground.apply(spec("b"))
    (shell,) = shells()
    match ended:
        case "shell":
            os.kill(shell.pid, signal.SIGKILL)
        case "both":
            os.killpg(shell.session, signal.SIGKILL)
        case "asked":
            os.killpg(shell.session, signal.SIGTERM)
    assert eventually(lambda: shell.pid not in [each.pid for each in running()])

    found = ground.look(spec("b"))
    assert [change.key[0] for change in found.changes] == ["daemon"]

    ground.apply(spec("b"))
    assert ask(GATEWAY, "b").addresses == ("10.79.0.3",)
    assert len(shells()) == len(children()) == 1
    assert ground.apply(spec("b")).prospect.changes == ()


def test_another_address_is_another_process(ground: Ground) -> None:
    ground.apply(spec("b"))
    ground.apply(spec("b", gateway="10.79.0.254", subnets=["10.79.0.0/24"]))

    assert ask("10.79.0.254", "b").addresses == ("10.79.0.3",)
    assert len(shells()) == len(children()) == 1

    ground.apply(spec("b", gateway=False, subnets=["10.79.0.0/24"]))

    assert ask_inside("a", GATEWAY, "b").addresses == ("10.79.0.3",)
    assert len(shells()) == len(children()) == 1

    without = spec("b")
    del without["networks"]["lan"]["dns"]
    ground.apply(without)

    assert list(running()) == []


def test_a_port_that_somebody_has_is_told_and_nothing_is_left(ground: Ground, tools: Any) -> None:
    with another("--listen-address=127.0.0.1", "--host-record=x,192.0.2.1"):
        before = tools.snapshot()

        with pytest.raises(CommandError) as caught:
            ground.apply(spec("b"))

        assert "Address already in use" in str(caught.value)
        assert "/networks/lan/dns" in str(caught.value)
        assert "another name server" in caught.value.hint
        assert tools.differences(before, tools.snapshot()) == []
    assert list(running()) == []


def test_without_dnsmasq_nothing_is_changed(
    ground: Ground, tools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tools.snapshot()
    monkeypatch.setattr(process, "_paths", {})
    monkeypatch.setattr(process, "_which", without_dnsmasq(process._which))

    with pytest.raises(MissingError) as caught:
        ground.apply(spec("b"))

    assert "dnsmasq" in str(caught.value)
    assert "dnsmasq-base" in caught.value.hint
    assert tools.differences(before, tools.snapshot()) == []


def without_dnsmasq(which: Callable[[str], str | None]) -> Callable[[str], str | None]:
    return lambda tool: None if tool == "dnsmasq" else which(tool)


def test_it_has_nothing_of_netkits(ground: Ground) -> None:
    ground.apply(spec("b"))

    for each in running():
        files = [os.readlink(path) for path in Path(f"/proc/{each.pid}/fd").iterdir()]
        assert not any("netkit" in file for file in files)
        assert os.getsid(each.pid) not in {os.getsid(0), os.getpid()}
        assert os.readlink(f"/proc/{each.pid}/cwd") == "/"


def test_with_the_memory_lost_it_is_found_by_its_mark(ground: Ground, tools: Any) -> None:
    before = tools.snapshot()
    ground.apply(spec("b", gateway=False))
    (shell,) = shells()
    shutil.rmtree(folder())

    with writing() as session:
        carry_out(session, leftovers(session))

    assert list(running()) == []
    assert tools.differences(before, tools.snapshot()) == []
    assert shell.alias == f"netkit:{NAME}/lan/dns"
