"""The JSON envelope, which programs rely on: what changes here needs another version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netkit.cli.main import run
from netkit.cli.told.complaint import entries
from netkit.errors import CommandError, MissingError, NetkitError, Problem, SpecError

KEYS = ["version", "command", "status", "data", "errors"]
ERROR_KEYS = {"code", "message", "hint", "pointer", "line", "column"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    monkeypatch.setenv("NETKIT_STATE_DIR", str(state))
    (tmp_path / "good.json").write_text('{"name": "lab", "namespaces": {"a": {}}}')
    (tmp_path / "bad.json").write_text('{\n  "name": "lab",\n  "namspaces": {}\n}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def envelope(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = run([*words, "--json"])
    said = capsys.readouterr()
    assert said.err == ""
    assert len(said.out.splitlines()) == 1
    return code, json.loads(said.out)


# What is typed, and the exit code, command, status and codes of errors that come of it.
ANSWERS = {
    "validate good.json": (0, "validate", "ok", []),
    "render good.json": (0, "render", "ok", []),
    "schema": (0, "schema", "ok", []),
    "status": (0, "status", "ok", []),
    "link set a --up --dry-run": (0, "link set", "ok", []),
    "validate bad.json": (2, "validate", "failed", ["spec"]),
    "plan bad.json": (2, "plan", "failed", ["spec"]),
    "apply good.json --wrong": (2, "apply", "failed", ["usage"]),
    "link set a": (2, "link set", "failed", ["usage"]),
    "status nobody": (1, "status", "failed", ["failed"]),
}


@pytest.mark.parametrize("typed", ANSWERS)
def test_one_shape(capsys: pytest.CaptureFixture[str], typed: str) -> None:
    code, said = envelope(capsys, *typed.split())
    errors = [each["code"] for each in said["errors"]]

    assert list(said) == KEYS
    assert said["version"] == 1
    assert (code, said["command"], said["status"], errors) == ANSWERS[typed]
    assert all(each.keys() >= ERROR_KEYS for each in said["errors"])


def test_an_error_of_a_spec_has_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    _, said = envelope(capsys, "plan", "bad.json")
    (error,) = said["errors"]

    assert (error["source"], error["pointer"]) == ("bad.json", "/namspaces")
    assert (error["line"], error["column"]) == (3, 3)
    assert "namespaces" in error["message"] + error["hint"]


def test_errors_of_each_kind_have_what_they_need() -> None:
    refused = CommandError("ip link", 2, "no", pointer="/links/0")
    noted = NetkitError("x", hint="y")
    noted.add_note("as before")
    absent = MissingError.at(Problem("/a", "no a"), Problem("/b", "no b", "c"), hint="y")
    spec = SpecError((Problem("/a", "b", "c", 4, 5),), source="s.json")

    assert next(entries(refused)) == {
        "code": "command", "message": refused.message, "hint": "", "pointer": "/links/0",
        "line": 0, "column": 0, "command": "ip link", "returncode": 2, "said": "no", "notes": [],
    }  # fmt: skip
    assert next(entries(noted))["notes"] == ["as before"]
    assert next(entries(spec)) == {
        "code": "spec", "message": "b", "hint": "c", "pointer": "/a",
        "line": 4, "column": 5, "source": "s.json",
    }  # fmt: skip
    assert [(each["pointer"], each["message"], each["hint"]) for each in entries(absent)] == [
        ("/a", "no a", "y"), ("/b", "no b", "c"),
    ]  # fmt: skip
    assert str(absent) == "/a: no a\n/b: no b"
    assert next(entries(ZeroDivisionError("x")))["code"] == "bug"
