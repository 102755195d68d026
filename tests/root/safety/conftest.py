"""
The host that ``bin/isolated`` gives, seen by plain tools, and netkit as one types it.

``ground`` and what it knows of a host are those of ``tests/root/apply``.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from netkit.cli.main import run
from tests.cli.conftest import Said
from tests.root.apply.conftest import Ground, differences, ground, marks, nothing_is_left, snapshot

__all__ = ["Netkit", "Said", "foreign_host", "ground", "marks", "netkit", "nothing_is_left", "seen"]

Spec = dict[str, Any]


class Netkit:
    """
    netkit's command line.

    Args:
        ground: The host.
        folder: For files of specs.
        output: What was written to both streams since it was asked last.
    """

    def __init__(self, ground: Ground, folder: Path, output: Callable[[], Any]) -> None:
        self.ground = ground
        self.folder = folder
        self.output = output

    def __call__(self, *words: str, code: int | None = 0) -> Said:
        """Run a command, which ends with ``code`` (None: with any) and never with a traceback."""
        self.output()
        ended = run(words)
        out, err = self.output()
        said = Said(ended, out, err)
        assert "unexpectedly" not in err + out, err
        assert "Traceback" not in err + out, err
        assert code in {None, ended}, f"{' '.join(words)}: {ended}, {out}{err}"
        return said

    def file(self, spec: Spec) -> str:
        """Write a spec; give the name of its file."""
        path = self.folder / f"{spec.get('name', 'spec')}.json"
        path.write_text(json.dumps(spec))
        return str(path)

    def apply(self, spec: Spec, *words: str, code: int | None = 0) -> Said:
        return self("apply", self.file(spec), *words, code=code)


@pytest.fixture
def netkit(ground: Ground, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Netkit:
    """Give netkit, on a host that is afterwards as it was."""
    return Netkit(ground, tmp_path, lambda: tuple(capfd.readouterr()))


@pytest.fixture
def seen(ground: Ground) -> Callable[[], Any]:
    """Look at the whole host, by plain tools."""
    return snapshot


@contextmanager
def unchanged() -> Iterator[None]:
    """Hold that nothing on the host changes meanwhile."""
    before = snapshot()
    yield
    assert differences(before, snapshot()) == []


FOREIGN = """
ip netns add foreign
ip -n foreign link set dev lo up alias somebody-elses
ip link add name fbr type bridge
ip link set dev fbr up
ip address add 10.99.0.1/24 dev fbr
ip link add name fv0 type veth peer name fv1 netns foreign
ip link set dev fv0 master fbr up
ip -n foreign address add 10.99.0.2/24 dev fv1
ip -n foreign link set dev fv1 up
ip link add name fgroup group 0x6e0000aa type bridge
ip link set dev fgroup alias not-netkits/at/all
ip route add 10.98.0.0/24 via 10.99.0.2
ip route add 10.98.1.0/24 via 10.99.0.2 protocol static
ip route add 10.98.2.0/24 via 10.99.0.2 protocol 201
ip rule add priority 500 from 10.98.0.0/24 table 77
ip neighbour add 10.99.0.9 lladdr 02:00:00:00:00:99 dev fbr
iptables -N FOREIGN
iptables -A FOREIGN -m comment --comment netkitten -j RETURN
iptables -A FORWARD -j FOREIGN
iptables -N NK-MINE
iptables -A NK-MINE -j RETURN
iptables -A INPUT -p udp --dport 9 -j DROP
iptables -t nat -A POSTROUTING -s 10.99.0.0/24 ! -o fbr -j MASQUERADE
mkdir -p /etc/netns/foreign
echo "# by hand" > /etc/netns/foreign/hosts
"""
GONE = """
rm -r /etc/netns/foreign
ip netns delete foreign
ip link delete dev fbr
ip link delete dev fgroup
ip rule delete priority 500
iptables -D FORWARD -j FOREIGN
iptables -F FOREIGN
iptables -X FOREIGN
iptables -F NK-MINE
iptables -X NK-MINE
iptables -D INPUT -p udp --dport 9 -j DROP
iptables -t nat -D POSTROUTING -s 10.99.0.0/24 ! -o fbr -j MASQUERADE
"""


@pytest.fixture
def foreign_host(ground: Ground) -> Callable[[], dict[str, Any]]:
    """Give a host that is somebody else's, and a way to look at all that is theirs."""
    ground.undone += reversed(GONE.split("\n")[1:-1])
    ground.sh(FOREIGN)
    return lambda: snapshot() | {f"foreign {k}": v for k, v in snapshot("foreign").items()}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Give the folder that holds netkit's memory in this test."""
    return Path(os.environ["NETKIT_STATE_DIR"])


def said_by(*argv: str) -> str:
    """Ask a plain tool."""
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout
