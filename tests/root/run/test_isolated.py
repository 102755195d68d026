"""bin/isolated: a fresh checkout is made ready before the network is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.root

ROOT = Path(__file__).parents[3]
ASK = "readlink /proc/self/ns/net"
SETUP = f"""#!/bin/sh
{ASK} >>"${{0%/*}}/asked"
mkdir "${{0%/*}}/../.venv"
touch "${{0%/*}}/../.venv/ready"
exit 5
"""


def test_what_netkit_needs_is_fetched_once_and_outside(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    shutil.copy2(ROOT / "bin/isolated", folder)
    (folder / "setup").write_text(SETUP)
    (folder / "setup").chmod(0o755)
    here = os.readlink("/proc/self/ns/net")

    for _ in range(2):
        inside = subprocess.check_output((folder / "isolated", *ASK.split()), text=True).strip()
        assert inside != here

    assert (folder / "asked").read_text().split() == [here]
