"""What is applied is looked at, tried and mended by its name, with no file at hand."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from tests.root.apply.conftest import EXAMPLES, Ground
from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

SWITCH = EXAMPLES / "switch.json"


def test_a_drifted_network_is_mended_by_its_name(ground: Ground, netkit: Netkit) -> None:
    netkit("apply", str(SWITCH))
    ground.sh("ip -n h1 link set dev eth0 mtu 1400")

    assert "netkit apply switch mends it" in netkit("status", code=3).err
    assert "mtu 1400 → 1500" in netkit("diff", "switch", code=3).out
    assert "1 to change" in netkit("plan", "switch").out
    assert "1 changed" in netkit("apply", "switch").out
    assert netkit("check", "switch").out.endswith(" checks\n")
    assert netkit("diff", "switch").out == "switch: in order\n"


def test_what_verbs_have_made_has_a_name_and_no_file(ground: Ground, netkit: Netkit) -> None:
    netkit("network", "create", "lan", "--subnet", "10.95.0.0/24")
    netkit("namespace", "create", "box", "--network", "lan")
    ground.sh("ip -n box route delete default")

    assert "1 created" in netkit("apply", "local").out
    assert netkit("diff", "local").out == "local: in order\n"
    netkit("destroy", "local")


def test_a_file_stands_before_a_name(
    ground: Ground, netkit: Netkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    netkit("apply", str(SWITCH))
    monkeypatch.chdir(netkit.folder)
    (netkit.folder / "switch").write_text('{"name": "other"}')

    assert netkit("diff", "switch").out == "other: in order\n"


def test_neither_a_file_nor_a_name(ground: Ground, netkit: Netkit) -> None:
    netkit("apply", str(SWITCH))
    said = netkit("diff", "swich", code=2)

    assert "swich is neither a file nor the name of an applied spec" in said.err
    assert "applied: switch" in said.err


def test_of_standard_input_the_name_is_what_is_left(
    ground: Ground, netkit: Netkit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(SWITCH.read_bytes())))

    assert "next: netkit check switch" in netkit("apply", "-").err
