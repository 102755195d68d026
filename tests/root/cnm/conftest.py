"""The verbs of the model as one types them, on the host of ``tests/root/apply``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.root.apply.conftest import ground, nothing_is_left
from tests.root.safety.conftest import netkit

__all__ = ["ground", "netkit", "nothing_is_left", "specs"]


@pytest.fixture(autouse=True)
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep specs in a place of the test's own."""
    place = tmp_path / "etc" / "specs.d"
    place.parent.mkdir(mode=0o755)
    monkeypatch.setenv("NETKIT_SPECS_DIR", str(place))
    return place
