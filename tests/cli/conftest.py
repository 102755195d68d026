"""The command line, run in this process; where it needs tools, fakes that take notes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from netkit.cli.main import run
from netkit.run.process import ENVIRONMENT

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

FAKE = """\
#!/bin/sh
# Notes what it was asked, and says what it was told to say; each question of a batch gets [].
folder=$(dirname "$0")
tool=$(basename "$0")
echo "$tool $*" >> "$folder/log"
if [ -e "$folder/$tool.says" ]; then
    cat > /dev/null
    cat "$folder/$tool.says"
else
    while read -r line; do
        echo "  $line" >> "$folder/log"
        case $line in *show*) echo '[]' ;; esac
    done
fi
[ ! -e "$folder/$tool.complains" ] || cat "$folder/$tool.complains" >&2
[ ! -e "$folder/$tool.fails" ] || exit "$(cat "$folder/$tool.fails")"
"""
TOOLS = ("ip", "bridge", "tc", "iptables", "ip6tables", "iptables-save", "ip6tables-save", "sysctl")


@dataclass(frozen=True)
class Said:
    """What a run of netkit came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Netkit = Callable[..., Said]


@pytest.fixture(autouse=True)
def plain_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty machine: no memory, no namespaces but con1, no colours."""
    namespaces = tmp_path / "netns"
    namespaces.mkdir()
    (namespaces / "con1").touch()
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    monkeypatch.setenv("NETKIT_STATE_DIR", str(state))
    monkeypatch.delenv("NETKIT_DEBUG", raising=False)
    for module in ("netkit.run.enter", "netkit.ops.reference", "netkit.cli.typed.complete"):
        monkeypatch.setattr(f"{module}.RUN_NETNS", str(namespaces))
    monkeypatch.setattr("netkit.facts.netns.names", lambda: ("con1",))
    monkeypatch.chdir(ROOT)
    return tmp_path


@pytest.fixture
def netkit(capfd: pytest.CaptureFixture[str]) -> Netkit:
    """Run netkit with words."""

    def call(*words: str) -> Said:
        capfd.readouterr()
        code = run(words)
        said = capfd.readouterr()
        return Said(code, said.out, said.err)

    return call


@dataclass(frozen=True)
class Tools:
    """Fake tools."""

    folder: Path

    @property
    def log(self) -> list[str]:
        path = self.folder / "log"
        return path.read_text().splitlines() if path.exists() else []

    def says(self, tool: str, text: str) -> None:
        (self.folder / f"{tool}.says").write_text(text)

    def refuses(self, tool: str, text: str, code: int) -> None:
        (self.folder / f"{tool}.complains").write_text(text)
        (self.folder / f"{tool}.fails").write_text(str(code))


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    """Put fakes in the place of the tools."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for tool in TOOLS:
        path = folder / tool
        path.write_text(FAKE)
        path.chmod(0o755)
    search = f"{folder}:/usr/bin:/bin"
    monkeypatch.setattr("netkit.run.process._paths", {})
    monkeypatch.setattr("netkit.run.process.SYSTEM_PATH", search)
    monkeypatch.setitem(ENVIRONMENT, "PATH", search)
    return Tools(folder)
