"""Live names are completed, and nothing goes wrong where there are none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from netkit.cli.main import run
from netkit.state.memory import Memory, Stored


def completed(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    monkeypatch.setenv("_NETKIT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    with pytest.raises(SystemExit):
        run([])
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("netkit app", ["apply"]),
        ("netkit link add-v", ["add-veth", "add-vxlan", "add-vlan", "add-vrf"]),
        ("netkit exec c", ["con1"]),
        ("netkit addr show --netns c", ["con1"]),
        ("netkit ns delete ", ["con1"]),
        ("netkit ns pids c", ["con1"]),
        ("netkit ns add c", []),
        ("netkit link show --netns nowhere l", []),
        ("netkit link show l", ["lo"]),
        ("netkit destroy la", ["lab"]),
        ("netkit status ", ["lab"]),
        ("netkit diff la", ["lab"]),
        ("netkit apply ", []),
        ("netkit plan x --format ", ["text", "json", "sh"]),
        ("netkit apply x --dry", ["--dry-run"]),
        ("netkit network con", ["connect"]),
        ("netkit network connect f", ["front1", "front2"]),
        ("netkit network connect front1 ", ["box", "con1"]),
        ("netkit namespace create x --network front2", ["front2"]),
        ("netkit namespace rm b", ["box"]),
    ],
)
def test_completion(
    line: str,
    names: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    memory = Memory(Path(os.environ["NETKIT_STATE_DIR"]))
    written = {"networks": {"front[1-2]": {}}, "namespaces": {"box": {"networks": ["front1"]}}}
    memory.keep(Stored("lab", json.dumps(written)))
    memory.close()

    assert completed(line, monkeypatch, capsys) == names


def test_a_memory_that_cannot_be_read_completes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("NETKIT_STATE_DIR", str(tmp_path / "file" / "below"))
    (tmp_path / "file").touch()

    assert completed("netkit status ", monkeypatch, capsys) == []
