"""The verbs of the model as one types them, on the host of ``tests/root/apply``."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.root.apply.conftest import ground, nothing_is_left
from tests.root.safety.conftest import netkit
from tests.root.waiting import eventually

__all__ = ["box", "ground", "netkit", "nothing_is_left", "specs"]

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def box() -> Iterator[Start]:
    """Start processes in network namespaces of their own."""
    children: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        child = subprocess.Popen(("unshare", "--net", "sleep", "1000"))
        children.append(child)
        assert eventually(lambda: is_sleeping(child.pid))
        return child

    yield start
    for child in children:
        end(child)


def is_sleeping(pid: int) -> bool:
    """Say whether a process has become ``sleep``, in the namespace that it was sent to."""
    return Path(f"/proc/{pid}/comm").read_text() == "sleep\n"


def end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait()


@pytest.fixture(autouse=True)
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep specs in a place of the test's own."""
    place = tmp_path / "etc" / "specs.d"
    place.parent.mkdir(mode=0o755)
    monkeypatch.setenv("NETKIT_SPECS_DIR", str(place))
    return place
