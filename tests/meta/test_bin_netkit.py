"""bin/netkit starts from anywhere, and nothing but the checkout decides what is imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAIN = "import sys, typing; print(typing.__file__, *sys.argv[1:], sep='\\n')"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout that only says what it imports, with this one's .venv."""
    if not (ROOT / ".venv" / "ready").exists():
        pytest.skip("bin/setup has not made this checkout's .venv")
    place = tmp_path / "a checkout"
    (place / "netkit").mkdir(parents=True)
    (place / "bin").mkdir()
    for name in ("bin/netkit", "setup.cfg"):
        shutil.copy2(ROOT / name, place / name)
    (place / ".venv").symlink_to(ROOT / ".venv")
    (place / "netkit" / "__main__.py").write_text(MAIN)
    (tmp_path / "link").symlink_to("a checkout/bin/netkit")
    return place


@pytest.mark.parametrize(
    ("cwd", "words"),
    [
        (".", ["a checkout/bin/netkit"]),
        (".", ["./link"]),
        ("a checkout", ["bin/netkit"]),
        ("a checkout/bin", ["./netkit"]),
        ("a checkout/bin", ["sh", "netkit"]),
        ("a checkout/netkit", ["../bin/netkit"]),
    ],
)
def test_it_starts_from_anywhere(checkout: Path, cwd: str, words: list[str]) -> None:
    command = [*words, "exec", "two words", ""]
    said = subprocess.check_output(command, cwd=checkout.parent / cwd, text=True).splitlines()

    assert said[1:] == ["exec", "two words", ""]


def test_neither_folder_nor_environment_brings_a_module_in(checkout: Path) -> None:
    hostile = checkout.parent / "hostile"
    hostile.mkdir()
    for module in ("typing", "netkit", "sitecustomize", "usercustomize"):
        (hostile / f"{module}.py").write_text("raise SystemExit('hostile')")
    environ = {"PYTHONPATH": str(hostile), "PYTHONHOME": str(hostile), "PYTHONSTARTUP": "typing.py"}
    said = subprocess.check_output(
        [checkout / "bin" / "netkit"], cwd=hostile, env=os.environ | environ, text=True
    )

    assert not Path(said.splitlines()[0]).is_relative_to(hostile)


NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")


@pytest.fixture
def others() -> Iterator[Path]:
    """Make a checkout of root's which everybody can read, and nobody else write."""
    place = Path(tempfile.mkdtemp(prefix="netkit-checkout-"))
    place.chmod(0o755)
    (place / "bin").mkdir()
    for name in ("bin/netkit", "bin/setup", "setup.cfg"):
        shutil.copy2(ROOT / name, place / name)
    yield place
    shutil.rmtree(place)


def as_nobody(place: Path) -> str:
    command = (*NOBODY, str(place / "bin" / "netkit"), "--version")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    return done.stderr


@pytest.mark.root
def test_who_may_not_write_is_told_who_can(others: Path) -> None:
    assert as_nobody(others) == (
        f"netkit: cannot write to {others}: run bin/setup once as its owner\n"
    )


@pytest.mark.root
def test_a_python_that_only_its_owner_can_run_is_told(others: Path) -> None:
    (others / ".venv" / "bin").mkdir(parents=True)
    (others / ".venv" / "ready").touch()
    (others / ".venv" / "bin" / "python").symlink_to("/root/no-such-python")

    assert as_nobody(others) == (
        f"netkit: the Python of {others}/.venv cannot be run by this user: its owner makes it anew "
        "with one that all can run\n"
    )
