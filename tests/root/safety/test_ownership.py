"""All of netkit's goes when that is asked for, whatever became of its memory; nothing else does."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netkit.names import bridge_ifname, chain
from tests.root.apply.conftest import differences, marks
from tests.root.safety.conftest import unchanged
from tests.root.safety.test_marks import SPEC

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground
    from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

OTHER: dict[str, Any] = {
    "name": "other",
    "prefix": "ot-",
    "networks": {"lan": {"subnets": ["10.67.0.0/24"]}},
    "namespaces": {"a": {"networks": ["lan"]}, "b": {"networks": ["lan"]}},
}
FORWARDING = "sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0"


def lost(state: Path) -> None:
    for path in state.iterdir():
        path.unlink()


def gone(state: Path) -> None:
    lost(state)
    state.rmdir()


def emptied(state: Path) -> None:
    (state / "state.db").write_bytes(b"")


def corrupt(state: Path) -> None:
    (state / "state.db").write_bytes(os.urandom(20000))


def cut_short(state: Path) -> None:
    os.truncate(state / "state.db", 5000)


def written(statement: str, *values: object) -> Callable[[Path], None]:
    def write(state: Path) -> None:
        with sqlite3.connect(state / "state.db") as database:
            database.execute(statement, values)
        database.close()

    return write


def journal(state: Path) -> None:
    """Write a journal of nonsense, of whatever columns one has."""
    with sqlite3.connect(state / "state.db") as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(intents)")]
        marks = ", ".join("?" for _ in columns)
        values = [SPEC["name"] if name == "spec" else "{" for name in columns]
        database.execute(f"INSERT INTO intents VALUES ({marks})", values)
    database.close()


DAMAGES: dict[str, Callable[[Path], None]] = {
    "lost": lost,
    "lost with its folder": gone,
    "empty": emptied,
    "corrupt": corrupt,
    "cut short": cut_short,
    "from a newer version": written("UPDATE meta SET value = '99' WHERE name = 'version'"),
    "without its rows": written("DELETE FROM specs"),
    "of documents that are none": written("UPDATE specs SET document = 'no JSON'"),
    "of documents that say something else": written("UPDATE specs SET document = '[1, {}]'"),
    "of hostile allotments": written('UPDATE specs SET allotments = \'{"pools": {"x": ["a b"]}}\''),
    "of hostile former values": written(
        "INSERT OR REPLACE INTO former VALUES (?, ?, 'x', 'y')",
        '["sysctl", null, "../../etc/passwd"]',
        SPEC["name"],
    ),
    "of a journal that is none": journal,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_destroy_all_removes_what_is_netkits_and_nothing_else(
    netkit: Netkit, foreign_host: Any, state: Path, damage: str
) -> None:
    ground = netkit.ground
    ground.undo(FORWARDING)
    before, theirs = foreign_host(), marks()
    netkit.apply(SPEC)
    netkit.apply(OTHER)
    DAMAGES[damage](state)

    said = netkit("destroy", "--all")

    assert marks() == theirs
    ground.sh(FORWARDING)
    assert differences(before, foreign_host()) == []
    assert " deleted (" in said.out


def test_prune_removes_what_no_stored_spec_wants(
    netkit: Netkit, ground: Ground, foreign_host: Any, state: Path
) -> None:
    ground.undo(FORWARDING)
    netkit.apply(OTHER)
    before = foreign_host()
    netkit.apply(SPEC)
    written("DELETE FROM specs WHERE name = ?", SPEC["name"])(state)
    shown = netkit("prune", "--dry-run").out

    netkit("prune")

    assert f"netns delete {SPEC['prefix']}a" in shown
    assert differences(before, foreign_host()) == []
    assert netkit("diff", netkit.file(OTHER)).code == 0
    assert netkit("prune").out.startswith("left over: nothing to do")


def test_what_cannot_be_read_is_said_and_changes_nothing(
    netkit: Netkit, ground: Ground, state: Path
) -> None:
    ground.undo(FORWARDING)
    netkit.apply(OTHER)
    corrupt(state)

    with unchanged():
        for words in (("apply", netkit.file(OTHER)), ("status",), ("destroy", "other")):
            said = netkit(*words, code=1)
            assert "state.db cannot be used" in said.err
            assert "netkit destroy --all" in said.err
    netkit("destroy", "--all")


FIRST: dict[str, Any] = {
    "name": "mine",
    "prefix": "mi-",
    "networks": {"lan": {"subnets": ["10.71.0.0/24"]}},
    "namespaces": {
        "a": {"networks": ["lan"]},
        "host": {
            "devices": {"eth7": {"type": "existing", "addresses": ["10.72.0.1/24"]}},
            "routes": [{"to": "10.73.0.0/24", "dev": "eth7"}],
            "rules": [{"from": "10.73.0.0/24", "table": 73, "priority": 730}],
            "neighbors": [
                {"dev": "eth7", "address": "10.72.0.9", "lladdr": "02:00:00:00:00:09"},
            ],
        },
    },
    "links": [{"ends": ["host:up0", "a:up0"]}],
}
CHAIN = chain("FORWARD", "mine")
BRIDGE = bridge_ifname("mine", "lan")
# How it is put there by hand, how it is taken away, and how netkit names it.
IN_THE_WAY = {
    "a namespace": ("ip netns add mi-a", "ip netns delete mi-a", "namespace mi-a"),
    "a device": (
        "ip link add name up0 type bridge",
        "ip link delete dev up0",
        "device up0 on the host",
    ),
    "the bridge of a network": (
        f"ip link add name {BRIDGE} type bridge",
        f"ip link delete dev {BRIDGE}",
        f"device {BRIDGE} on the host",
    ),
    "a route": (
        "ip route add 10.73.0.0/24 dev eth7 protocol static",
        "ip route delete 10.73.0.0/24",
        "route 10.73.0.0/24",
    ),
    "a rule": (
        "ip rule add priority 730 from 10.73.0.0/24 table 73",
        "ip rule delete priority 730",
        "rule 730",
    ),
    "a chain": (
        f"iptables -N {CHAIN}; iptables -A {CHAIN} -j RETURN",
        f"iptables -F {CHAIN}; iptables -X {CHAIN}",
        f"chain {CHAIN} of table filter",
    ),
    "a file": (
        "mkdir -p /etc/netns/mi-a; echo '1.2.3.4 x' > /etc/netns/mi-a/hosts",
        "rm -r /etc/netns/mi-a",
        "/etc/netns/mi-a/hosts",
    ),
    "a file of another spec's": (
        "mkdir -p /etc/netns/mi-a; echo '# netkit:theirs' > /etc/netns/mi-a/hosts",
        "rm -r /etc/netns/mi-a",
        "/etc/netns/mi-a/hosts exists, and is spec theirs's",
    ),
}


@pytest.fixture
def eth7(ground: Ground) -> None:
    """Give the host a device of its own."""
    ground.sh("ip link add name eth7 type veth peer name eth8; ip link set dev eth7 up")
    ground.sh("ip link set dev eth8 up")
    ground.undo("ip link delete dev eth7")
    ground.undo(FORWARDING)


@pytest.mark.usefixtures("eth7")
@pytest.mark.parametrize("case", IN_THE_WAY)
def test_what_is_somebody_elses_is_named_and_adopted_only_when_asked(
    netkit: Netkit, ground: Ground, case: str
) -> None:
    put, take, called = IN_THE_WAY[case]
    ground.undo(take)
    ground.sh(put)
    path = netkit.file(FIRST)
    with unchanged():
        refused = netkit("apply", path, code=1)
        shown = netkit("apply", path, "--adopt", "--dry-run")

    netkit("apply", path, "--adopt")

    assert called in refused.err
    assert "exists, and is " in refused.err
    assert shown.out.count("\n") > 10
    assert netkit("diff", path).code == 0
    netkit("destroy", "mine")
    assert marks() == []
    assert case.startswith("a file") or ground_has(ground, put) == ""


def ground_has(ground: Ground, put: str) -> str:
    """Find what was adopted, and so went with the spec."""
    names = (" mi-a", "up0", BRIDGE, "10.73.0.0/24", CHAIN)
    there = ground.sh("ip netns; ip -o link; ip route; ip rule; iptables -S")
    return " ".join(name for name in names if name in put and name.strip() in there)


def test_the_plan_of_an_adoption_is_shown_by_plan_too(netkit: Netkit, ground: Ground) -> None:
    ground.undo("ip netns delete ot-a")
    ground.undo(FORWARDING)
    ground.sh("ip netns add ot-a; ip -n ot-a link add name theirs type bridge")

    refused = netkit("plan", netkit.file(OTHER), code=1)
    shown = netkit("plan", netkit.file(OTHER), "--adopt", "--steps").out

    assert "namespace ot-a exists, and is not netkit's" in refused.err
    assert "theirs" in shown


BLOCKS = {
    "a file": "echo theirs > /run/netns/mi-a",
    "a folder": "mkdir /run/netns/mi-a",
    "a link": "ln -s /etc/hosts /run/netns/mi-a",
}


@pytest.mark.usefixtures("eth7")
@pytest.mark.parametrize("case", BLOCKS)
def test_what_is_no_namespace_in_the_place_of_one_is_named_before_anything_is_changed(
    netkit: Netkit, ground: Ground, case: str
) -> None:
    ground.sh("mkdir -p /run/netns")
    ground.undo("rm -r /run/netns/mi-a")
    ground.sh(BLOCKS[case])
    before = ground.sh("ls -l /run/netns")

    with unchanged():
        for words in ((), ("--adopt",)):
            said = netkit("apply", netkit.file(FIRST), *words, code=1)
            assert "/namespaces/a: /run/netns/mi-a exists, and is no namespace" in said.err

    assert ground.sh("ls -l /run/netns") == before


def test_an_empty_file_that_gives_way_to_a_namespace_is_told(
    netkit: Netkit, ground: Ground
) -> None:
    ground.undo(FORWARDING)
    ground.sh("mkdir -p /run/netns; touch /run/netns/ot-a")
    path = netkit.file(OTHER)
    note = "note: /run/netns/ot-a: an empty file"

    for words in (("plan", path), ("apply", "--dry-run", path)):
        assert note in netkit(*words).err
    assert note in netkit("diff", path, code=3).err
    assert note in netkit("apply", path).err
    assert note not in netkit("apply", path).err
    netkit("destroy", "other")


UNFIT = {
    "no text": "printf '\\377' > /etc/netns/ot-a/hosts",
    "a link": "ln -s /etc/passwd /etc/netns/ot-a/hosts",
    "a folder": "mkdir /etc/netns/ot-a/hosts",
}


@pytest.fixture
def unfit(ground: Ground) -> Callable[[str], None]:
    """Put something in the place of a file of OTHER's."""

    def put(case: str) -> None:
        ground.undo("rm -rf /etc/netns/ot-a /etc/netns/ot-b")
        ground.sh("mkdir -p /etc/netns/ot-a; rm -rf /etc/netns/ot-a/*")
        ground.sh(UNFIT[case])

    return put


@pytest.mark.parametrize("case", UNFIT)
def test_all_that_is_in_the_way_is_named_at_once_each_with_its_place(
    netkit: Netkit, ground: Ground, unfit: Callable[[str], None], case: str
) -> None:
    unfit(case)
    ground.sh("mkdir -p /etc/netns/ot-b; echo theirs > /etc/netns/ot-b/hosts")

    for words in (("plan",), ("diff",), ("apply",)):
        said = json.loads(netkit(*words, netkit.file(OTHER), "--json", code=1).out)["errors"]
        assert [(each["code"], each["pointer"]) for each in said] == [
            ("conflict", "/namespaces/b"),
            ("conflict", "/namespaces/a"),
        ]
        assert ["--adopt" in each["hint"] for each in said] == [True, False]
    refused = netkit("apply", netkit.file(OTHER), "--adopt", code=1).err
    assert "/namespaces/a: /etc/netns/ot-a/hosts" in refused
    assert "move it away" in refused


@pytest.mark.parametrize("case", UNFIT)
@pytest.mark.parametrize("words", ["destroy other", "destroy --all"])
def test_what_has_taken_the_place_of_a_file_hinders_no_farewell(
    netkit: Netkit, unfit: Callable[[str], None], words: str, case: str
) -> None:
    ground = netkit.ground
    ground.undo(FORWARDING)
    netkit.apply(OTHER)
    unfit(case)
    before = ground.sh("ls -ld /etc/netns/ot-a/hosts")

    netkit(*words.split())

    assert ground.sh("ls -ld /etc/netns/ot-a/hosts") == before
    ground.sh("rm -r /etc/netns/ot-a")
    assert marks() == []


@pytest.mark.parametrize(
    ("before", "since", "stays"),
    [
        ("ip link add name up0 type bridge; iptables -A FORWARD -s 192.0.2.1 -j DROP", "", "0"),
        ("", "ip link add name up0 type bridge", "1"),
        ("", "iptables -A FORWARD -s 192.0.2.1 -j DROP", "1"),
        ("ip link add name up0 type bridge", "iptables -A FORWARD -s 192.0.2.1 -j DROP", "1"),
    ],
)
def test_the_host_forwards_on_only_for_what_came_since(
    netkit: Netkit, before: str, since: str, stays: str
) -> None:
    ground = netkit.ground
    ground.sh(FORWARDING)
    for line in (FORWARDING, "ip link delete dev up0", "iptables -D FORWARD -s 192.0.2.1 -j DROP"):
        ground.undo(f"{line} 2>/dev/null || true")
    ground.sh(before or "true")

    netkit.apply(OTHER)
    ground.sh(since or "true")
    said = netkit("destroy", "other").err

    assert ground.sh("sysctl -n net.ipv4.ip_forward").strip() == stays
    assert ("stays 1: others could forward here since" in said) == (stays == "1")
