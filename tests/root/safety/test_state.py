"""The memory is nobody else's to write; where it cannot be used that is said, with a way out."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from netkit.state.memory import VERSION, Memory, Stored
from tests.root.safety.conftest import unchanged
from tests.root.safety.test_ownership import FORWARDING, OTHER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.root.apply.conftest import Ground
    from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def place(ground: Ground, tmp_path: Path) -> Iterator[Path]:
    """Give a folder for the memory that may be spoilt; nothing may be applied in the end."""
    ground.undo(FORWARDING)
    folder = tmp_path / "spoilt"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETKIT_STATE_DIR", str(folder))
        yield folder


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_folders_are_0700_and_files_0600(netkit: Netkit, place: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        netkit.apply(OTHER)
    finally:
        os.umask(before)

    files = [path for path in place.rglob("*") if path.is_file()]
    assert mode(place) == 0o700
    assert {path.name for path in files} >= {"state.db", "lock"}
    assert {mode(path) for path in files} == {0o600}
    netkit("destroy", "other")


def test_it_lies_below_run_when_nobody_says_otherwise(
    netkit: Netkit, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NETKIT_STATE_DIR")

    netkit("status")

    inode = os.stat("/proc/self/ns/net").st_ino
    found = place.__class__(f"/run/netkit/{inode}")
    assert mode(found) == 0o700
    assert mode(found.parent) == 0o700
    assert mode(found / "state.db") == 0o600


@pytest.fixture
def below_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give where it lies when nobody says otherwise, and when nobody has made that yet."""
    monkeypatch.delenv("NETKIT_STATE_DIR")
    found = place.__class__("/run/netkit")
    shutil.rmtree(found, ignore_errors=True)
    yield found
    shutil.rmtree(found)
    found.mkdir(mode=0o700)


def test_what_it_lies_in_is_0700_as_well(netkit: Netkit, below_run: Path) -> None:
    before = os.umask(0)
    try:
        netkit("status")
    finally:
        os.umask(before)

    assert mode(below_run) == 0o700


def test_what_it_lies_in_is_refused_when_others_can_write_it(
    netkit: Netkit, below_run: Path
) -> None:
    below_run.mkdir()
    below_run.chmod(0o777)

    said = netkit("status", code=1)

    assert f"{below_run} can be written by others" in said.err
    assert f"chmod 700 {below_run}" in said.err


@pytest.mark.parametrize(
    "where", ["relative", "with blanks and 'quotes'", "unicode-é", "deep/er/still"]
)
def test_it_may_lie_anywhere(
    netkit: Netkit, place: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.chdir(place.parent)
    monkeypatch.setenv("NETKIT_STATE_DIR", where if where == "relative" else str(place / where))

    netkit.apply(OTHER)

    assert netkit("status").code == 0
    netkit("destroy", "other")


def others_may_write(place: Path) -> None:
    place.mkdir()
    place.chmod(0o777)


def its_group_may_write(place: Path) -> None:
    place.mkdir()
    place.chmod(0o770)


def is_somebody_elses(place: Path) -> None:
    place.mkdir(mode=0o700)
    os.chown(place, 12345, 12345)


def is_a_link(place: Path) -> None:
    other = place.with_name("target")
    other.mkdir(mode=0o700)
    place.symlink_to(other)


def is_a_file(place: Path) -> None:
    place.write_text("")


def holds_a_link(place: Path) -> None:
    place.mkdir(mode=0o700)
    target = place.with_name("passwd")
    target.write_text("root:x\n")
    (place / "state.db").symlink_to(target)


def holds_a_linked_lock(place: Path) -> None:
    place.mkdir(mode=0o700)
    target = place.with_name("passwd")
    target.write_text("root:x\n")
    (place / "lock").symlink_to(target)


def holds_a_folder(place: Path) -> None:
    place.mkdir(mode=0o700)
    (place / "state.db").mkdir()


def holds_a_fifo(place: Path) -> None:
    place.mkdir(mode=0o700)
    os.mkfifo(place / "lock")
    os.mkfifo(place / "state.db")


def holds_what_others_may_write(place: Path) -> None:
    place.mkdir(mode=0o700)
    (place / "state.db").write_bytes(b"")
    (place / "state.db").chmod(0o666)


SPOILT = (
    others_may_write,
    its_group_may_write,
    is_somebody_elses,
    is_a_link,
    is_a_file,
    holds_a_link,
    holds_a_linked_lock,
    holds_a_folder,
    holds_a_fifo,
    holds_what_others_may_write,
)


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__.replace("_", " "))
def test_what_others_had_their_hands_on_is_refused(netkit: Netkit, place: Path, spoil: Any) -> None:
    spoil(place)
    target = place.with_name("passwd")
    with unchanged():
        said = netkit.apply(OTHER, code=1)

    assert str(place) in said.err
    assert "hint: " in said.err
    assert not target.exists() or target.read_text() == "root:x\n"


@pytest.fixture
def small(place: Path, ground: Ground) -> Path:
    """Let the folder be a file system of its own, of 256 kB."""
    place.mkdir()
    ground.undo(f"umount {place}")
    ground.sh(f"mount -t tmpfs -o size=256k,mode=0700 tmpfs {place}")
    return place


def test_a_memory_without_room_is_said_and_nothing_is_lost(netkit: Netkit, small: Path) -> None:
    netkit.apply(OTHER)
    (small / "filler").write_bytes(bytes(4096 * (_left(small) - 1)))  # but for the lock
    more = {**OTHER, "namespaces": {f"n{number}": {"networks": ["lan"]} for number in range(99)}}

    with unchanged():
        said = netkit.apply(more, code=1)

    assert "state.db cannot be used" in said.err
    assert "with room in it" in said.err
    (small / "filler").unlink()
    assert netkit("diff", netkit.file(OTHER)).code == 0
    netkit("destroy", "other")


def test_without_room_even_for_the_lock_it_is_said(netkit: Netkit, small: Path) -> None:
    netkit.apply(OTHER)
    (small / "filler").write_bytes(bytes(4096 * _left(small)))

    with unchanged():
        said = netkit("destroy", "other", code=1)

    assert f"the lock {small}/lock cannot be written: No space left on device" in said.err
    assert "hint: make room" in said.err
    (small / "filler").unlink()
    netkit("destroy", "other")


def test_a_memory_that_is_full_in_the_end_is_said_and_nothing_is_lost(
    netkit: Netkit, small: Path, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal stays open, and says how to go on."""
    keep = Memory.keep

    def keep_without_room(memory: Memory, stored: Stored) -> None:
        (small / "filler").write_bytes(bytes(4096 * _left(small)))
        keep(memory, stored)

    with monkeypatch.context() as patch:
        patch.setattr(Memory, "keep", keep_without_room)
        said = netkit.apply(OTHER, code=6)

    assert "everything is as it should be, but that could not be noted" in said.err
    assert "with room in it" in said.err
    (small / "filler").unlink()
    assert "cut off" in netkit("status", code=3).out
    netkit("recover", "other")
    assert ground.sh("ip netns") == ""


def _left(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bfree


def test_a_memory_that_can_only_be_read_is_said_and_nothing_is_lost(
    netkit: Netkit, small: Path, ground: Ground
) -> None:
    netkit.apply(OTHER)
    ground.sh(f"mount -o remount,ro {small}")

    with unchanged():
        said = netkit("destroy", "other", code=1)
        assert netkit("status").code == 0
        assert netkit("diff", netkit.file(OTHER)).code == 0

    assert str(small) in said.err
    assert "hint: make" in said.err
    ground.sh(f"mount -o remount,rw {small}")
    netkit("destroy", "other")


def test_a_memory_of_another_boot_is_begun_anew(netkit: Netkit, place: Path) -> None:
    netkit("status")
    with sqlite3.connect(place / "state.db") as database:
        database.execute("UPDATE meta SET value = 'another' WHERE name = 'boot_id'")
        database.execute("INSERT INTO specs VALUES ('old', '{', '{')")
    database.close()

    assert netkit("status").out == "no spec is applied\n"


OLDER = """
ALTER TABLE intents DROP COLUMN partial;
DROP TABLE leases;
UPDATE meta SET value = '2' WHERE name = 'version';
UPDATE specs SET allotments = json_remove(allotments, '$.foreign', '$.mtus', '$.gateways');
"""


def test_what_an_older_netkit_of_this_boot_applied_goes_on(netkit: Netkit, place: Path) -> None:
    """As when netkit is upgraded while its networks are there."""
    netkit.apply(OTHER)
    with sqlite3.connect(place / "state.db") as database:
        database.executescript(OLDER)
    database.close()

    with unchanged():
        assert netkit("status").code == 0
        assert netkit("diff", netkit.file(OTHER)).code == 0
        assert netkit.apply(OTHER).out.startswith("other: nothing to do")
    netkit("namespace", "create", "c", "--network", "lan", "--no-persist")
    netkit("network", "disconnect", "lan", "b", "--no-persist")
    assert netkit("status").code == 0
    netkit("destroy", "other")


def test_what_a_newer_netkit_wrote_is_left_to_it(netkit: Netkit, place: Path) -> None:
    netkit.apply(OTHER)
    statement = "UPDATE meta SET value = '{}' WHERE name = 'version'"
    with sqlite3.connect(place / "state.db") as database:
        database.execute(statement.format("99"))

    with unchanged():
        said = netkit.apply(OTHER, code=1)

    assert "written by another netkit (format 99" in said.err
    assert "nothing is lost: that netkit, installed again, goes on with it" in said.err
    with sqlite3.connect(place / "state.db") as database:
        database.execute(statement.format(VERSION))
    database.close()
    assert netkit("status").code == 0
    netkit("destroy", "other")


NONSENSE = {
    "no JSON": "document = 'no'",
    "no object": "document = '[1]'",
    "no name": "document = '{}'",
    "no sections": """document = '{"name": "other", "networks": [1], "namespaces": 7}'""",
    "no entries": """document = '{"name": "other", "networks": {"n": 1}, "namespaces": []}'""",
    "no allotments": "allotments = '7'",
    "no seats": """allotments = '{"pools": {}, "addresses": 3, "devices": [[1]]}'""",
}
VERBS = (
    "network create x --spec other",
    "network connect lan b",
    "network disconnect lan a",
    "network rm lan --force",
    "network prune --force",
    "network ls",
    "network inspect lan",
    "namespace create c --network lan",
    "namespace rm a",
    "namespace ls",
    "status",
    "export other",
    "render other",
    "diff other",
    "check other",
)


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_row_of_nonsense_is_said_by_every_verb(
    netkit: Netkit, place: Path, nonsense: str
) -> None:
    netkit.apply(OTHER)
    with sqlite3.connect(place / "state.db") as database:
        database.execute("CREATE TABLE kept AS SELECT * FROM specs")
        database.execute(f"UPDATE specs SET {NONSENSE[nonsense]}")

    with unchanged():
        for verb in VERBS:
            netkit(*verb.split(), code=None)  # which is never a traceback

    with sqlite3.connect(place / "state.db") as database:
        database.execute("DELETE FROM specs")
        database.execute("INSERT INTO specs SELECT * FROM kept")
    database.close()
    netkit("destroy", "other")


def test_a_value_of_another_spec_that_is_nonsense_is_said(netkit: Netkit, place: Path) -> None:
    netkit.apply(OTHER)
    six = {
        "name": "six",
        "prefix": "six-",
        "networks": {"lan": {"subnets": ["10.79.6.0/24", "fd00:79:6::/64"]}},
        "namespaces": {"a": {"networks": ["lan"]}},
    }
    with sqlite3.connect(place / "state.db") as database:
        row = ('["sysctl"]', "other", "0", "1")
        database.execute("INSERT INTO former VALUES (?, ?, ?, ?)", row)

    with unchanged():
        assert "cannot be read" in netkit.apply(six, code=1).err

    with sqlite3.connect(place / "state.db") as database:
        database.execute("DELETE FROM former WHERE place = ?", row[:1])
    database.close()
    netkit("destroy", "other")
