"""A device of the host's that is lent to a namespace comes home as what it was."""

from __future__ import annotations

from typing import Any

import pytest

from netkit.errors import CommandError
from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

MAC = "02:00:00:00:77:01"
SAID = {"mtu": 1300, "mac": "02:00:00:00:77:02", "addresses": ["10.77.0.1/24"]}
HOME = (1444, MAC, "lent-br", True)


def spec(netns: str = "a", ifname: str = "wan", **more: Any) -> dict[str, Any]:
    device = {"type": "existing", "from": "host:lent0", **SAID, **more}
    device = {name: value for name, value in device.items() if value is not None}
    return {"name": "lent", "prefix": "lt-", "namespaces": {netns: {"devices": {ifname: device}}}}


def seen(ground: Ground, where: str = "", ifname: str = "lent0") -> tuple[int, str, str, bool]:
    (link,) = ground.json(f"ip {where} -json link show dev {ifname}")
    return link["mtu"], link["address"], link.get("master", ""), "UP" in link["flags"]


@pytest.fixture
def host(ground: Ground) -> Ground:
    """Give a host that has a device to lend: a port of a bridge, up, with an MTU of its own."""
    ground.sh(
        "ip link add name lent-br type bridge; ip link add name lent0 type veth peer name lent1;"
        f"ip link set dev lent0 mtu 1444 address {MAC} master lent-br up; ip link set dev lent1 up"
    )
    ground.undo("ip link delete dev lent0; ip link delete dev lent-br")
    return ground


def comes_home(host: Ground) -> bool:
    host.destroy("lent")
    return seen(host) == HOME


def test_it_comes_home_as_it_was(host: Ground) -> None:
    host.apply(spec())
    assert seen(host, "-n lt-a", "wan")[:2] == (1300, SAID["mac"])
    assert host.look(spec()).changes == ()
    assert comes_home(host)


def test_it_is_as_it_was_after_a_failure(host: Ground) -> None:
    failing = spec()
    failing["namespaces"]["a"]["sysctls"] = {"net/ipv4/conf/wan/rp_filter": "many"}

    with pytest.raises(CommandError):
        host.apply(failing)

    assert seen(host) == HOME


@pytest.mark.parametrize(
    ("netns", "ifname"), [("a", "wan2"), ("b", "wan"), ("b", "other")], ids=str
)
def test_it_is_lent_to_another_or_by_another_name(host: Ground, netns: str, ifname: str) -> None:
    host.apply(spec())
    host.apply(spec(netns, ifname, mtu=1290))

    assert seen(host, f"-n lt-{netns}", ifname)[:2] == (1290, SAID["mac"])
    assert host.look(spec(netns, ifname, mtu=1290)).changes == ()
    assert comes_home(host)


@pytest.mark.parametrize(("netns", "ifname"), [("a", "wan"), ("b", "wan2")], ids=str)
def test_what_is_said_no_longer_is_as_at_home(host: Ground, netns: str, ifname: str) -> None:
    host.apply(spec())
    host.apply(spec(netns, ifname, mtu=None, mac=None))

    assert seen(host, f"-n lt-{netns}", ifname)[:2] == HOME[:2]
    assert host.look(spec(netns, ifname, mtu=None, mac=None)).changes == ()
    assert comes_home(host)
