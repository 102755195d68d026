"""Specs that outlast a boot: kept by whom, built by netkit up, removed by destroy alone."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.root.apply.conftest import Ground
from tests.root.cnm.conftest import Start
from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

LAN = {
    "name": "lan",
    "networks": {"n": {"subnets": ["10.88.0.0/24"], "internal": True}},
    "namespaces": {"a": {"networks": ["n"]}},
}


def written(netkit: Netkit, document: object, name: str = "spec.json") -> str:
    path = netkit.folder / name
    path.write_text(json.dumps(document))
    return str(path)


def test_the_verbs_keep_what_they_make(  # noqa: PLR0917 - fixtures
    ground: Ground, netkit: Netkit, box: Start, specs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netkit(*["network", "create", "web", "--subnet", "10.87.0.0/24"])
    netkit(*["namespace", "create", "con1", "--network", "web"])
    child = box()
    said = netkit("network", "connect", "web", "box", "--pid", str(child.pid))

    assert "box is a process's, and is not kept" in said.err
    assert "not kept" not in netkit("namespace", "create", "con2").err  # once is enough
    netkit("namespace", "rm", "con2")
    kept = specs / "local.json"
    assert kept.stat().st_mode & 0o777 == 0o644
    assert specs.stat().st_mode & 0o777 == 0o755
    assert json.loads(kept.read_text())["namespaces"] == {"con1": {"networks": ["web"]}}

    monkeypatch.setenv("NETKIT_SPECS_DIR", "/nonexistent/specs.d")
    netkit("destroy", "--all")
    monkeypatch.setenv("NETKIT_SPECS_DIR", str(specs))
    assert netkit("up").out.startswith("local: ")
    assert netkit("up").out.startswith("local: nothing to do")
    assert ground.pings("con1", "10.87.0.1")

    assert f"{kept} is removed" in netkit("destroy", "local").err
    assert list(specs.iterdir()) == []


def test_a_file_is_kept_only_when_asked_for(netkit: Netkit, specs: Path) -> None:
    path = written(netkit, LAN)
    netkit("apply", path)
    netkit("namespace", "create", "b", "--network", "n")
    assert not specs.exists()

    netkit("apply", "--persist", path)
    assert json.loads((specs / "lan.json").read_text()) == LAN
    netkit("namespace", "create", "b", "--network", "n")
    assert list(json.loads((specs / "lan.json").read_text())["namespaces"]) == ["a", "b"]
    netkit("namespace", "create", "c", "--network", "n", "--no-persist")
    assert list(json.loads((specs / "lan.json").read_text())["namespaces"]) == ["a", "b"]
    netkit("network", "create", "x", "--no-persist")
    assert not (specs / "local.json").exists()


def test_what_somebody_else_wrote_is_neither_overwritten_nor_removed(
    netkit: Netkit, specs: Path
) -> None:
    netkit("apply", "--persist", written(netkit, LAN))
    mine = json.dumps({**LAN, "description": "mine"})
    (specs / "lan.json").write_text(mine)

    said = netkit("namespace", "create", "b", "--network", "n", code=1)
    assert "was written by somebody else" in said.err
    assert "b" not in netkit("namespace", "ls").out.split()
    netkit("up")
    assert "it stays" in netkit("destroy", "lan").err
    assert (specs / "lan.json").read_text() == mine


@pytest.mark.parametrize("how", ["link", "folder", "file", "linked folder"])
def test_where_others_may_write_nothing_is_kept_nor_built(
    netkit: Netkit, specs: Path, how: str
) -> None:
    specs.mkdir(mode=0o755)
    target = specs / "lan.json"
    elsewhere = netkit.folder / "elsewhere"
    if how == "link":
        elsewhere.write_text(json.dumps(LAN))
        target.symlink_to(elsewhere)
    elif how == "folder":
        specs.chmod(0o777)
    elif how == "file":
        target.write_text(json.dumps(LAN))
        target.chmod(0o666)
    else:
        specs.rmdir()
        elsewhere.mkdir(mode=0o755)
        specs.symlink_to(elsewhere)

    said = netkit("apply", "--persist", written(netkit, LAN), code=1)

    assert netkit("namespace", "ls", "--json").json["data"]["namespaces"] == []
    assert "hint: " in said.err
    if how in {"link", "file"}:
        assert f"{target} is not built" in netkit("up", code=1).err
    assert netkit("namespace", "ls", "--json").json["data"]["namespaces"] == []


def test_up_tries_all_and_tells_what_failed(ground: Ground, netkit: Netkit, specs: Path) -> None:
    specs.mkdir(mode=0o755)
    first = {
        "name": "first",
        "networks": {"n": {"subnets": ["10.89.0.0/24"]}},
        "namespaces": {
            "shared": {"netns": {"name": "a"}, "networks": ["n"]},
            "absent": {"netns": {"name": "nobody"}, "networks": ["n"]},
        },
    }
    (specs / "a-first.json").write_text(json.dumps(first))
    (specs / "b-lan.json").write_text(json.dumps(LAN))
    (specs / "c-broken.json").write_text("{")
    (specs / "d-clash.json").write_text(json.dumps({**LAN, "name": "clash"}))
    (specs / "notes.txt").write_text("no spec")

    said = netkit("up", code=2)

    assert {line.partition(":")[0] for line in said.out.splitlines()} == {"first", "lan"}
    assert "absent (namespace nobody) is not there: it is left out" in said.err
    assert f"{specs}/c-broken.json is not built:" in said.err
    assert f"{specs}/d-clash.json is not built:" in said.err
    assert ground.pings("a", "10.88.0.2")
    found = netkit("up", "--json", code=2).json
    assert found["status"] == "failed"
    assert {Path(each["file"]).name for each in found["errors"]} == {
        "c-broken.json",
        "d-clash.json",
    }


def test_what_is_written_is_there_or_not_at_all(netkit: Netkit, specs: Path) -> None:
    netkit("apply", "--persist", written(netkit, LAN))

    names = sorted(path.name for path in specs.iterdir())

    assert names == [".lan.kept", "lan.json"]
    assert not any(str(os.getpid()) in name for name in names)


def test_a_signal_while_all_are_built_ends_it(
    netkit: Netkit, specs: Path, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no failure of one spec, which is left aside to go on with the others."""
    specs.mkdir()
    for name in ("one", "two"):
        written(netkit, {"name": name, "namespaces": {name: {}}}, f"etc/specs.d/{name}.json")
    spawn, left = os.posix_spawn, [signal.SIGTERM]

    def spawn_and_signal(*args: Any, **words: Any) -> int:
        if left and signal.getsignal(left[0]) is not signal.SIG_DFL:
            os.kill(os.getpid(), left.pop())
        return spawn(*args, **words)

    monkeypatch.setattr(os, "posix_spawn", spawn_and_signal)
    said = netkit("up", code=130)

    assert "stopped by SIGTERM" in said.err
    assert "everything is as it was before" in said.err
    assert ground.sh("ip netns") == ""


def test_what_was_done_before_one_of_several_fails_is_said(netkit: Netkit, ground: Ground) -> None:
    for name in ("one", "two"):
        netkit("namespace", "create", f"ns-{name}", "--spec", name)
    ground.start("sleep", "1000", netns="ns-two")

    said = netkit("namespace", "rm", "ns-one", "ns-two", code=1)

    assert "ns-two holds process" in said.err
    assert "but for one: that was done before, and is left so" in said.err
    assert ground.sh("ip netns").split() == ["ns-two"]
    netkit("namespace", "rm", "ns-two", "--force")


def test_what_is_destroyed_is_kept_no_longer_although_another_stays(
    netkit: Netkit, specs: Path, ground: Ground
) -> None:
    for name in ("one", "two"):
        netkit("namespace", "create", f"ns-{name}", "--spec", name)
    ground.start("sleep", "1000", netns="ns-two")

    said = netkit("destroy", "--all", code=1)

    assert "but for one" in said.err
    assert [path.name for path in specs.glob("*.json")] == ["two.json"]
    netkit("destroy", "--all", "--force")
