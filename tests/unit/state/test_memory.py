from __future__ import annotations

import fcntl
import math
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from netkit.errors import LockedError, NetkitError, UsageError
from netkit.model.lease import Lease
from netkit.state import place
from netkit.state.lock import lock
from netkit.state.memory import Former, Intent, Memory, Stored

SHOP = Stored("shop", '{"name": "shop"}', {"pools": {}})


def test_a_spec_is_remembered_until_it_is_forgotten(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(SHOP)

    assert Memory(tmp_path).specs() == (SHOP,)
    assert memory.spec("shop") == SHOP
    memory.forget("shop")
    assert memory.specs() == ()


def test_the_first_former_value_stands_with_the_latest_written(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.remember([Former("x", "shop", "0", "1")])
    memory.remember([Former("x", "shop", "1", "2")])

    assert memory.former() == (Former("x", "shop", "0", "2"),)
    memory.release("shop", ["x"])
    assert memory.former() == ()


def test_a_second_journal_keeps_what_was_before_the_first(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.open(Intent("shop", "a", {}, "before", 1))
    memory.open(Intent("shop", "b", {}, "between", 2))

    assert memory.intent("shop") == Intent("shop", "b", {}, "before", 2, (("a", {}),))
    memory.done("shop")
    assert memory.intents() == ()


def test_the_file_is_the_users_alone(tmp_path: Path) -> None:
    Memory(tmp_path)

    assert (tmp_path / "state.db").stat().st_mode & 0o777 == 0o600


def test_what_another_boot_remembered_is_void(tmp_path: Path) -> None:
    Memory(tmp_path).keep(SHOP)
    _meta(tmp_path, "boot_id", "another")

    assert Memory(tmp_path).specs() == ()


def test_a_newer_memory_is_refused_and_left_alone(tmp_path: Path) -> None:
    Memory(tmp_path).keep(SHOP)
    _meta(tmp_path, "version", "99")

    with pytest.raises(NetkitError, match="another netkit"):
        Memory(tmp_path)
    assert (tmp_path / "state.db").exists()


@pytest.mark.parametrize("content", [b"garbage", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_broken_memory_is_said_and_can_be_begun_afresh(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)

    with pytest.raises(NetkitError, match="cannot be used"):
        Memory(tmp_path)
    assert Memory(tmp_path, afresh=True).specs() == ()
    assert path.with_suffix(".unreadable").read_bytes() == content


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.touch()
    (tmp_path / "state.db").symlink_to(victim)

    with pytest.raises(NetkitError, match="is not a file of this user"):
        Memory(tmp_path)
    assert victim.read_bytes() == b""


def test_the_folder_is_made_for_the_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETKIT_STATE_DIR", str(tmp_path / "a" / "b"))

    assert os.stat(place.folder()).st_mode & 0o777 == 0o700


def test_a_folder_that_others_can_write_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETKIT_STATE_DIR", str(tmp_path))
    tmp_path.chmod(0o777)

    with pytest.raises(NetkitError, match="written by others"):
        place.folder()


def test_a_second_writer_is_refused_with_the_holders_pid(tmp_path: Path) -> None:
    with (
        lock(tmp_path),
        pytest.raises(LockedError, match=f"pid {os.getpid()}"),
        lock(tmp_path, timeout=0),
    ):
        pass


@pytest.mark.parametrize("before", ["", "999999999\n"], ids=["nobody's", "of one killed"])
def test_a_holder_that_has_yet_to_write_its_pid_is_waited_for(tmp_path: Path, before: str) -> None:
    path = tmp_path / "lock"
    path.write_text(before)
    path.chmod(0o600)
    with path.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        late = threading.Timer(0.1, path.write_text, [f"{os.getpid()}\n"])
        late.start()

        with pytest.raises(LockedError, match=f"pid {os.getpid()}"), lock(tmp_path, timeout=0):
            pass
        late.join()


@pytest.mark.parametrize("timeout", [-1.0, math.nan])
def test_nobody_waits_for_a_time_that_is_none(tmp_path: Path, timeout: float) -> None:
    with pytest.raises(UsageError, match="no time to wait"), lock(tmp_path, timeout=timeout):
        pass


def test_a_pid_is_gone_with_its_lock(tmp_path: Path) -> None:
    with lock(tmp_path):
        pass

    assert (tmp_path / "lock").read_text() == ""


def test_the_lock_outlives_its_holder_with_a_child_that_has_it(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from netkit.state.lock import lock\n"
        "with lock(Path(sys.argv[1])) as held:\n"
        "    os.set_inheritable(held, True)\n"
        "    if os.fork() == 0:\n"
        "        print(flush=True); sys.stdin.read(); os._exit(0)\n"
        "    os._exit(0)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.wait()

    with pytest.raises(LockedError, match="was ended"), lock(tmp_path, timeout=0):
        pass
    holder.stdin.close()
    with lock(tmp_path):
        pass


def test_what_plugins_gave_is_noted_by_spec_in_its_order(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    pool = Lease(("lan", "x", "ipv4", "", ""), "id", "10.1.0.0/24")
    given = Lease(("lan", "x", "ipv4", "a", ""), "id", "10.1.0.2/24")
    memory.lease("shop", pool)
    memory.lease("shop", given)
    memory.lease("other", pool)

    assert memory.leases("shop") == (pool, given)
    assert memory.leasing() == ("other", "shop")
    memory.unlease("shop", given)
    memory.unlease("other", pool)
    assert memory.leases("shop") == (pool,)
    assert memory.leasing() == ("shop",)


def _meta(folder: Path, name: str, value: str) -> None:
    database = sqlite3.connect(folder / "state.db")
    database.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))
    database.commit()
    database.close()


# As netkit wrote it before an edit had a journal of its own, and before plugins gave anything.
FORMAT_2 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE specs (name TEXT PRIMARY KEY, document TEXT NOT NULL, allotments TEXT NOT NULL);
CREATE TABLE intents (spec TEXT PRIMARY KEY, document TEXT NOT NULL, allotments TEXT NOT NULL,
    before TEXT NOT NULL, pid INTEGER NOT NULL, earlier TEXT NOT NULL, former TEXT NOT NULL);
CREATE TABLE former (place TEXT NOT NULL, spec TEXT NOT NULL, value TEXT, written TEXT NOT NULL,
    PRIMARY KEY (place, spec));
INSERT INTO meta VALUES ('version', '2'), ('boot_id', '{boot_id}');
INSERT INTO specs VALUES ('shop', '{{"name": "shop"}}', '{{"pools": {{}}}}');
INSERT INTO intents VALUES ('shop', 'a', '{{}}', 'before', 7, '[]', '[["x", "shop", "0", "1"]]');
INSERT INTO former VALUES ('x', 'shop', '0', '1');
"""


def test_what_an_older_netkit_remembered_is_kept(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.db") as database:
        database.executescript(FORMAT_2.format(boot_id=place.boot_id()))
    database.close()
    memory = Memory(tmp_path)
    row = Former("x", "shop", "0", "1")

    assert memory.specs() == (SHOP,)
    assert memory.intents() == (Intent("shop", "a", {}, "before", 7, (), (row,)),)
    assert memory.former() == (row,)
    memory.open(Intent("shop", "b", {}, "between", 8, partial=True))
    lease = Lease(("n", "p", "s", "h", "a"), "pool", "10.0.0.0/24")
    memory.lease("shop", lease)

    again = Memory(tmp_path)
    assert again.intents() == memory.intents()
    assert again.leases("shop") == (lease,)


def test_a_conversion_that_fails_leaves_it_as_it_was(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.db") as database:
        database.executescript(FORMAT_2.format(boot_id=place.boot_id()))
        database.execute("CREATE TABLE leases (of_somebody_else TEXT)")
    database.close()

    with pytest.raises(NetkitError, match="leases already exists"):
        Memory(tmp_path)

    with sqlite3.connect(tmp_path / "state.db") as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(intents)")]
    assert "partial" not in columns
