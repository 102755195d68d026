"""After a boot somebody else's namespace is not there yet: it hinders nobody, and can leave."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.root.apply.conftest import Ground
from tests.root.safety.conftest import Netkit

pytestmark = pytest.mark.root

NOT_THERE = "there is no namespace vpn"
LEFT_OUT = "vpn (namespace vpn) is not there: it is left out"
Boot = Callable[[], None]


@pytest.fixture
def boot(ground: Ground, netkit: Netkit, specs: Path) -> Boot:
    """Have a namespace of somebody else's in two networks, and then a boot without it."""
    ground.undo("ip netns delete vpn")
    ground.sh("ip netns add vpn")
    netkit("network", "create", "front", "--subnet", "10.93.0.0/24")
    netkit("network", "create", "back", "--subnet", "10.94.0.0/24")
    netkit("network", "connect", "front", "vpn")
    netkit("network", "connect", "back", "vpn")

    def again() -> None:
        away = specs.with_name("away")
        specs.rename(away)
        netkit("destroy", "local")
        ground.sh("ip netns delete vpn")
        away.rename(specs)
        assert LEFT_OUT in netkit("up").err

    return again


def networks(netkit: Netkit) -> list[str]:
    found = json.loads(netkit("export", "local").out).get("namespaces", {})
    return list(found["vpn"]["networks"]) if "vpn" in found else []


def test_others_come_and_go_meanwhile(ground: Ground, netkit: Netkit, boot: Boot) -> None:
    boot()

    assert LEFT_OUT in netkit("status").err
    assert LEFT_OUT in netkit("namespace", "create", "one", "--network", "front").err
    netkit("network", "connect", "back", "one")
    assert ground.pings("one", "10.94.0.1")
    netkit("network", "disconnect", "front", "one")

    assert networks(netkit) == ["front", "back"]
    ground.sh("ip netns add vpn")
    netkit("apply", "local")
    assert ground.pings("vpn", "10.94.0.1")


def test_it_leaves_a_network_only_forced(netkit: Netkit, boot: Boot) -> None:
    boot()

    said = netkit("network", "disconnect", "front", "vpn", code=5)
    assert NOT_THERE in said.err
    assert "netkit network disconnect --force" in said.err
    assert networks(netkit) == ["front", "back"]

    assert LEFT_OUT in netkit("network", "disconnect", "--force", "front", "vpn").err
    assert networks(netkit) == ["back"]
    netkit("network", "disconnect", "-f", "back", "vpn")
    assert networks(netkit) == []
    assert netkit("status").code == 0


def test_one_that_is_there_leaves_forced_as_usual(
    ground: Ground, netkit: Netkit, boot: Boot
) -> None:
    netkit("network", "disconnect", "-f", "front", "vpn")

    assert networks(netkit) == ["back"]
    assert "10.93.0" not in ground.sh("ip -n vpn address")
    assert ground.pings("vpn", "10.94.0.1")
