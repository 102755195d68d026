"""Whatever somebody writes into a spec or onto a command line, nothing else than meant happens."""

from __future__ import annotations

import json
import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netkit.names import bridge_ifname
from tests.root.apply.conftest import differences, snapshot
from tests.root.safety.conftest import unchanged
from tests.root.safety.test_ownership import FORWARDING, OTHER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.root.apply.conftest import Ground
    from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

Spec = dict[str, Any]
WORDS = (
    *("a b", "a\nlink delete dev lo", "a;touch touch-me-not", "$(touch touch-me-not)", "a#b"),
    *("`touch touch-me-not`", "-a", "--help", "a'b", 'a"b', "a\\", "..", "../../etc/x", "/etc/x"),
    *(
        "a/../../x",
        "a|b",
        "a>touch-me-not",
        "\x1b[2J",
        "%n",
        "a\0b",
        "\ud800",
        "é" * 40,
        "a" * 9999,
    ),
)
# Where a word goes: all of these are refused, or taken to the letter.
PLACES: dict[str, Any] = {
    "the name of a spec": lambda word: {"name": word},
    "the prefix": lambda word: {"prefix": word},
    "the name of a namespace": lambda word: {"namespaces": {word: {}}},
    "the name of a network": lambda word: {"networks": {word: {}}},
    "the name of a device": lambda word: {
        "namespaces": {"a": {"devices": {word: {"type": "bridge"}}}}
    },
    "an alias": lambda word: {
        "networks": {"n": {"subnets": ["10.90.0.0/24"]}},
        "namespaces": {"a": {"networks": {"n": {"aliases": [word]}}}},
    },
    "a name of the hosts file": lambda word: {
        "namespaces": {"a": {"dns": {"hosts": {word: "10.0.0.1"}}}}
    },
    "a search domain": lambda word: {"namespaces": {"a": {"dns": {"search": [word]}}}},
    "a parameter": lambda word: {"namespaces": {"a": {"sysctls": {word: "1"}}}},
    "a parameter below net": lambda word: {"namespaces": {"a": {"sysctls": {f"net/{word}": "1"}}}},
    "the value of a parameter": lambda word: {
        "namespaces": {"a": {"sysctls": {"net/ipv4/ip_default_ttl": word}}}
    },
    "the name of a foreign namespace": lambda word: {
        "namespaces": {"a": {"netns": {"name": word}}}
    },
    "the path of a foreign namespace": lambda word: {
        "namespaces": {"a": {"netns": {"path": f"/run/{word}"}}}
    },
    "a label": lambda word: {"namespaces": {"a": {"labels": {"why": word}}}},
    "the key of a label": lambda word: {"namespaces": {"a": {"labels": {word: "x"}}}},
    "the description": lambda word: {"description": word},
    "an address": lambda word: {"namespaces": {"a": {"devices": {"lo": {"addresses": [word]}}}}},
    "a delay": lambda word: {"links": [{"ends": ["a:x", "b:x"], "delay": word}]},
    "an end of a link": lambda word: {"links": [{"ends": [f"a:{word}", "b:x"]}]},
    "a device of a rule": lambda word: {
        "namespaces": {
            "a": {"firewall": {"rules": [{"chain": "input", "in": word, "action": "drop"}]}}
        }
    },
    "a key that is none": lambda word: {word: word},
}


def spec(more: Spec) -> Spec:
    base: Spec = {"name": "hostile", "prefix": "hs-", "namespaces": {"a": {}, "b": {}}}
    return base | more | {"namespaces": base["namespaces"] | more.get("namespaces", {})}


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in a folder in which nothing new may appear."""
    folder = tmp_path / "inside"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("place", PLACES)
def test_a_word_of_a_spec_is_refused_or_taken_to_the_letter(
    netkit: Netkit, ground: Ground, place: str, tmp_path: Path
) -> None:
    ground.undo(FORWARDING)
    path = tmp_path / "spec.json"
    before = snapshot()
    for word in WORDS:
        path.write_text(json.dumps(spec(PLACES[place](word))))
        said = netkit("apply", str(path), code=None)
        assert said.code in {0, 1, 2, 5}, said
        assert "\x1b" not in said.out + said.err
        if said.code == 0:
            assert netkit("diff", str(path)).code == 0
            netkit("destroy", str(path))
    assert differences(before, snapshot()) == []


TYPED = ("a b", "a>touch-me-not", "$(touch touch-me-not)", "-a", "..", "../../x", "/x", "\x1b[2J")
MAKING = (("ns", "add"), ("link", "add-bridge"))
COMMANDS = (
    *(("apply",), ("plan",), ("diff",), ("validate",), ("render",), ("destroy",), ("status",)),
    *(("recover",), ("check",), ("exec",), ("ping",), ("plan", "--format"), ("apply", "--name")),
    *(("ns", "delete"), ("link", "show"), ("addr", "show"), ("sysctl", "read")),
    *(*MAKING, ("link", "delete"), ("route", "show", "--netns"), ("fw", "show")),
    *(("addr", "show", "--netns"), ("ns", "pids"), ("neigh", "show"), ("nat", "show", "-n")),
)


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_word_of_a_command_line_is_refused_or_taken_to_the_letter(
    netkit: Netkit, command: tuple[str, ...]
) -> None:
    before = snapshot()
    for word in TYPED:
        said = netkit(*command, word, code=None)
        assert said.code in {0, 1, 2, 3, 5, 125, 126, 127}, said
        assert "\x1b" not in said.err
        if command in MAKING and said.code == 0:
            netkit(command[0], "delete", word)
    assert differences(before, snapshot()) == []


@pytest.mark.usefixtures("inside")
def test_a_spec_that_is_none_is_refused(netkit: Netkit, tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    deep = "[" * 100_000
    texts = (
        "",
        "\0",
        "[]",
        "null",
        "{",
        deep,
        '{"name": ' + "9" * 5000 + "}",
        "a: &a [*a]",
        "a: *b",
    )
    with unchanged():
        for text in (*texts, "!!python/object/apply:os.system ['touch touch-me-not']", "\ufeff{}"):
            for form in (path, path.with_suffix(".json")):
                form.write_text(text)
                assert netkit("apply", str(form), code=2).err != ""
        for other in ("/dev/null", "/etc", "/proc/self/mem", "/nowhere", ""):
            assert netkit("apply", other, code=2).err != ""


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Path]:
    """Give a file that looks important, and must not change."""
    path = tmp_path / "passwd"
    path.write_text("root:x:0:0\n")
    path.chmod(0o640)
    yield path
    assert path.read_text() == "root:x:0:0\n"
    assert path.stat().st_mode & 0o777 == 0o640


def linked_file(victim: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "hosts").symlink_to(victim)


def linked_to_nothing(victim: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "hosts").symlink_to(victim.with_name("not-there"))


def linked_folder(victim: Path, folder: Path) -> None:
    victim.with_name("hosts").symlink_to(victim)
    folder.symlink_to(victim.parent)


def linked_to_an_empty_folder(victim: Path, folder: Path) -> None:
    target = victim.with_name("elsewhere")
    target.mkdir()
    folder.symlink_to(target)


def folder_for_a_file(victim: Path, folder: Path) -> None:
    (folder / "hosts").mkdir(parents=True)


def fifo(victim: Path, folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / "hosts")


def file_for_a_folder(victim: Path, folder: Path) -> None:
    folder.write_text("")


def not_text(victim: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "hosts").write_bytes(b"\xff\xfe\0")


def endless(victim: Path, folder: Path) -> None:
    folder.mkdir()
    (folder / "hosts").write_bytes(b"x" * (2 << 20))


PLANTED = (
    linked_file,
    linked_to_nothing,
    linked_folder,
    linked_to_an_empty_folder,
    folder_for_a_file,
    fifo,
    file_for_a_folder,
    not_text,
    endless,
)
BY_NAME = pytest.mark.parametrize(
    "plant", PLANTED, ids=lambda plant: plant.__name__.replace("_", " ")
)


@BY_NAME
@pytest.mark.parametrize("words", [(), ("--adopt",)], ids=["refused", "even to adopt"])
def test_what_was_planted_below_etc_netns_is_refused(
    netkit: Netkit, victim: Path, plant: Any, words: tuple[str, ...]
) -> None:
    folder = Path("/etc/netns/ot-a")
    netkit.ground.undo("rm -rf /etc/netns/ot-a")
    netkit.ground.undo(FORWARDING)
    plant(victim, folder)

    with nullcontext() if plant is not_text else unchanged():  # it cannot be looked at
        said = netkit.apply(OTHER, *words, code=1)

    assert "/etc/netns/ot-a" in said.err
    assert list(victim.parent.glob("not-there")) == []
    assert [path for path in victim.parent.glob("elsewhere/*")] == []


@BY_NAME
def test_what_was_planted_afterwards_is_not_followed(
    netkit: Netkit, victim: Path, plant: Any
) -> None:
    folder = Path("/etc/netns/ot-a")
    netkit.ground.undo("rm -rf /etc/netns/ot-a")
    netkit.ground.undo(FORWARDING)
    netkit.apply(OTHER)
    netkit.ground.sh("rm -r /etc/netns/ot-a")
    plant(victim, folder)

    for words in (
        ("apply", netkit.file(OTHER)),
        ("destroy", "other"),
        ("destroy", "--all"),
        ("prune",),
    ):
        netkit(*words, code=None)

    assert list(victim.parent.glob("not-there")) == []
    assert [path for path in victim.parent.glob("elsewhere/*")] == []
    netkit.ground.sh("rm -rf /etc/netns/ot-a")
    netkit("destroy", "--all")


def test_names_of_others_reach_no_terminal_as_they_are(netkit: Netkit, ground: Ground) -> None:
    bridge = bridge_ifname("other", "lan")
    ground.undo(f"ip link delete dev {bridge}")
    ground.undo(FORWARDING)
    ground.sh(f"ip link add name {bridge} type bridge")
    ground.sh(
        f"ip link set dev {bridge} alias \"$(printf 'netkit:\\033[2Jevil/x')\" group 0x6e000002"
    )

    for words in (("apply", netkit.file(OTHER)), ("plan", netkit.file(OTHER)), ("status",)):
        said = netkit(*words, code=None)
        assert "\x1b" not in said.out + said.err
