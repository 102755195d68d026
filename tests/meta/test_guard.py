"""The guard of tests/conftest.py: without the marker root no real tool starts, whatever the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sh

IP = "/usr/sbin/ip"
WAYS: dict[str, Callable[[], object]] = {
    "subprocess": lambda: subprocess.run(["ip", "link"], check=True),
    "by its path": lambda: subprocess.run([IP, "link"], check=True),
    "in a shell": lambda: subprocess.run("true && ip link", shell=True, check=True),
    "os.posix_spawn": lambda: os.posix_spawn(IP, ["ip", "link"], os.environ),
    "os.posix_spawnp": lambda: os.posix_spawnp("ip", ["ip", "link"], os.environ),
    "os.system": lambda: os.system("ip link"),
    "sh": lambda: sh.ip("link"),
    "sh by its path": lambda: sh.Command(IP)("link"),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_starts_a_real_tool(way: str, refused: Path) -> None:
    with pytest.raises(Exception, match="may run only in a test marked root"):
        WAYS[way]()

    assert "may run only" in refused.read_text()
    refused.write_text("")


def test_no_child_of_a_test_starts_a_real_tool(refused: Path) -> None:
    code = "import subprocess; raise SystemExit(subprocess.run(['ip', 'link']).returncode)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 99
    assert "may run only" in refused.read_text()
    refused.write_text("")


def test_a_fake_of_the_test_may_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "ip"
    fake.write_text("#!/bin/sh\necho fake\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert subprocess.check_output(["ip", "link"]) == b"fake\n"
