"""Why a command did not start, by the exit codes of env(1); and whom a ping asks."""

from __future__ import annotations

from ipaddress import ip_interface
from pathlib import Path

import pytest

from netkit.ops.exec import ExecError, exec_in, refusal
from netkit.ops.ping import best_addresses


def test_nothing_to_run_is_125() -> None:
    with pytest.raises(ExecError) as caught:
        exec_in("host", ())

    assert caught.value.exit_code == 125


def test_no_such_namespace_is_125() -> None:
    with pytest.raises(ExecError, match="there is no process") as caught:
        exec_in("pid:4194999", ("true",))

    assert caught.value.exit_code == 125


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FileNotFoundError(2, "No such file or directory"), 127),
        (NotADirectoryError(20, "Not a directory"), 127),
        (PermissionError(13, "Permission denied"), 126),
        (OSError(7, "Argument list too long"), 126),
        (ValueError("embedded null byte"), 125),
    ],
)
def test_the_codes(error: OSError | ValueError, code: int) -> None:
    assert refusal("tool", error).exit_code == code


def test_a_missing_interpreter_is_not_a_missing_command(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.touch()

    assert refusal(str(script), FileNotFoundError(2, "No such file")).exit_code == 126


def best(ours: str, theirs: str) -> list[str]:
    found = best_addresses(
        tuple(ip_interface(each) for each in ours.split()),
        tuple(ip_interface(each) for each in theirs.split()),
    )
    return [str(each) for each in found]


def test_ping_asks_a_shared_subnet_and_both_families() -> None:
    theirs = "10.9.0.1/24 10.0.0.2/24 fd99::1/64 fd00::2/64"

    assert best("10.0.0.1/24 fd00::1/64", theirs) == ["10.0.0.2", "fd00::2"]
    assert best("10.0.0.1/24", theirs) == ["10.0.0.2"]
    assert best("", theirs) == ["10.9.0.1", "fd99::1"]
    assert best("10.0.0.2/24", "10.0.0.2/24 10.9.0.1/24") == ["10.9.0.1"]
    assert best("10.0.0.1/24", "") == []
