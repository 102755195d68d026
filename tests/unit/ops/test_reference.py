"""Which namespace somebody means, and what is said when there is none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from netkit.errors import NetkitError, UsageError
from netkit.ops.reference import absent, etc_name, resolve
from netkit.state.memory import Memory, Stored


@pytest.fixture
def run_netns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a /run/netns with a few names in it."""
    folder = tmp_path / "netns"
    folder.mkdir()
    for name in ("con1", "x-con1", "con2"):
        (folder / name).touch()
    monkeypatch.setattr("netkit.run.enter.RUN_NETNS", str(folder))
    monkeypatch.setattr("netkit.ops.reference.RUN_NETNS", str(folder))
    monkeypatch.setattr("netkit.facts.netns.names", lambda: ("con1", "con2", "x-con1"))
    return folder


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Give a memory in which a spec is applied."""
    (tmp_path / "state").mkdir(mode=0o700)
    memory = Memory(tmp_path / "state")
    document = {
        "name": "shop",
        "prefix": "x-",
        "namespaces": {
            "con1": {},
            "gone": {},
            "named": {"netns": {"name": "con2"}},
            "process": {"netns": {"pid": os.getpid()}},
            "file": {"netns": {"path": "/proc/self/ns/net"}},
        },
    }
    memory.keep(Stored("shop", json.dumps(document)))
    yield memory
    memory.close()


def test_names_and_the_host(run_netns: Path) -> None:
    assert resolve("con1") == "con1"
    assert resolve("host") is None


def test_processes() -> None:
    assert resolve(str(os.getpid())) == f"/proc/{os.getpid()}/ns/net"
    assert resolve(f"pid:{os.getpid()}") == f"/proc/{os.getpid()}/ns/net"
    with pytest.raises(NetkitError, match="there is no process 4194999"):
        resolve("4194999")
    for wrong in ("pid:", "pid:x", "pid:-1", "pid:٣"):
        with pytest.raises(UsageError):
            resolve(wrong)


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)

    assert resolve("./file") == str(tmp_path / "file")
    with pytest.raises(NetkitError, match="there is no file"):
        resolve("/no/such/file")


def test_the_short_name_of_a_spec(run_netns: Path, memory: Memory) -> None:
    assert resolve("shop/con1", memory) == "x-con1"
    assert resolve("shop/named", memory) == "con2"
    assert resolve("shop/process", memory) == f"/proc/{os.getpid()}/ns/net"
    assert resolve("shop/file", memory) == "/proc/self/ns/net"
    assert resolve("shop/host", memory) is None
    with pytest.raises(NetkitError, match="x-gone, which is gone"):
        resolve("shop/gone", memory)


def test_the_short_name_alone(run_netns: Path, memory: Memory) -> None:
    assert resolve("process", memory) == f"/proc/{os.getpid()}/ns/net"
    assert resolve("con1", memory) == "con1"  # not the x-con1 of shop
    with pytest.raises(NetkitError, match="shop/gone should be the namespace x-gone"):
        resolve("gone", memory)
    document = {"name": "other", "namespaces": {"file": {}}}
    memory.keep(Stored("other", json.dumps(document)))
    with pytest.raises(UsageError, match="several specs have a namespace file"):
        resolve("file", memory)


def test_a_process_that_has_ended(run_netns: Path, memory: Memory) -> None:
    stored = memory.spec("shop")
    assert stored is not None
    seen = {"process": [f"/proc/{os.getpid()}/ns/net", os.getpid(), 1, 2]}  # another's start
    memory.keep(Stored("shop", stored.document, {"foreign": seen}))

    for reference in ("process", "shop/process"):
        with pytest.raises(NetkitError, match="has ended"):
            resolve(reference, memory)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("con3", "did you mean con2 or con1"),
        ("zzz", "there are: con1, con2, x-con1"),
        ("..", "there are"),
        ("shop/con2", "shop/con1"),
        ("shpo/con1", "did you mean shop?"),
    ],
)
def test_the_nearest_is_offered(wrong: str, hint: str, run_netns: Path, memory: Memory) -> None:
    with pytest.raises(NetkitError) as caught:
        resolve(wrong, memory)

    assert hint in caught.value.hint


@pytest.mark.parametrize("wrong", ["", "a\0b"])
def test_what_can_mean_nothing(wrong: str) -> None:
    with pytest.raises(UsageError):
        resolve(wrong)


def test_where_there_is_none_at_all() -> None:
    assert "there is no namespace at all" in absent("x", ()).hint
    assert absent("zz", map(str, range(10, 40))).hint.endswith(", ...")


def test_whose_files_under_etc(run_netns: Path) -> None:
    assert etc_name("con1") == "con1"
    assert etc_name(str(run_netns / "con1")) == "con1"
    assert etc_name("/proc/1/ns/net") is None
    assert etc_name(None) is None
