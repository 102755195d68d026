"""Addresses that a plugin allots: asked for, kept, given back; and what it says is not believed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netkit.apply.filling.occupied import occupied
from netkit.apply.filling.reservation import reserve
from netkit.apply.session import writing
from netkit.apply.sweep import leftovers
from netkit.apply.transaction import carry_out
from netkit.cli.main import run
from netkit.errors import CommandError, MissingError, NetkitError
from netkit.expand.ipam.allotments import Allotments
from netkit.model.addressing import Address
from netkit.run import plugin as asking
from netkit.spec import topology
from tests.root.apply.plugins import SOCKETS, Odd, Plugin, Said, serving

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root

NAME = "leased"
SOCKET = SOCKETS / "tester.sock"
GREETING = ["Plugin.Activate", "GetCapabilities", "GetDefaultAddressSpaces"]


@pytest.fixture
def plugin() -> Iterator[Plugin]:
    with serving(Plugin(), SOCKET) as found:
        yield found


def spec(*members: str, ipam: Any = "tester", **said: Any) -> dict[str, Any]:
    return {
        "name": NAME,
        "networks": {"lan": {"ipam": ipam, **said}},
        "namespaces": {member: {"networks": ["lan"]} for member in members},
    }


def inside(ground: Ground, written: dict[str, Any]) -> dict[str | None, list[str]]:
    """Give the addresses that there are, by namespace."""
    found: dict[str | None, list[str]] = {}
    for item in ground.facts(ground.look(written)).every(Address):
        if not item.cidr.startswith(("fe80:", "127.", "::1/")):
            found.setdefault(item.netns, []).append(item.cidr)
    return found


def test_addresses_are_those_that_it_gives_and_it_gets_them_back(
    ground: Ground, plugin: Plugin, tools: Any
) -> None:
    before = tools.snapshot()
    outcome = ground.apply(spec("a", "b"))

    assert plugin.methods() == [*GREETING, "RequestPool", *["RequestAddress"] * 3]
    assert inside(ground, spec("a", "b")) == {
        None: ["10.91.0.10/24"],
        "a": ["10.91.0.20/24"],
        "b": ["10.91.0.30/24"],
    }
    assert ground.dead([("a", "10.91.0.30"), ("b", "10.91.0.10")]) == []
    assert outcome.prospect.reservations == ()

    ground.destroy(NAME)

    assert plugin.methods() == [*["ReleaseAddress"] * 3, "ReleasePool"]
    assert (plugin.held, plugin.addresses) == ({}, set())
    assert tools.differences(before, tools.snapshot()) == []


def test_what_was_given_stays_and_only_what_is_new_is_asked_for(
    ground: Ground, plugin: Plugin
) -> None:
    ground.apply(spec("a", "b"))
    plugin.methods()

    assert ground.apply(spec("a", "b")).prospect.steps == ()
    assert plugin.methods() == []

    ground.apply(spec("c", "b"))
    assert plugin.methods() == [*GREETING, "RequestAddress", "ReleaseAddress"]
    assert inside(ground, spec("c", "b"))["b"] == ["10.91.0.30/24"]
    assert inside(ground, spec("c", "b"))["c"] == ["10.91.0.40/24"]
    assert sorted(address for _, address in plugin.addresses) == [
        *("10.91.0.10", "10.91.0.30", "10.91.0.40")
    ]


def test_a_plan_asks_nothing_and_says_what_it_cannot_know(ground: Ground, plugin: Plugin) -> None:
    found = ground.look(spec("a"))

    assert plugin.methods() == []
    assert [call.method for call in found.reservations][-3:] == [
        *("IpamDriver.RequestPool", "IpamDriver.RequestAddress", "IpamDriver.RequestAddress")
    ]
    assert found.guesses == {"172.17.0.0/16", "172.17.0.1", "172.17.0.2"}
    assert str(found.reservations[0]).startswith(f"curl --unix-socket {SOCKET} --request POST")


def test_it_is_told_all_that_the_spec_says(ground: Ground, plugin: Plugin) -> None:
    written = spec(
        "b",
        ipam={
            "driver": "tester",
            "options": {"site": "berlin"},
            "reserved": {"printer": "10.92.0.200"},
        },
        subnets=["10.92.0.0/24", "fd00:92::/64"],
        range="10.92.0.0/25",
        gateway=["10.92.0.254", "fd00:92::ffff"],
    )
    written["namespaces"]["a"] = {"networks": {"lan": {"addresses": ["10.92.0.99"]}}}

    ground.apply(written)

    pools = [said for method, said in plugin.asked if method == "IpamDriver.RequestPool"]
    asked = [said["Address"] for method, said in plugin.asked if "RequestAddress" in method]
    assert pools == [
        {
            "AddressSpace": "here",
            "Pool": "10.92.0.0/24",
            "SubPool": "10.92.0.0/25",
            "Options": {"site": "berlin"},
            "V6": False,
        },
        {
            "AddressSpace": "here",
            "Pool": "fd00:92::/64",
            "SubPool": "",
            "Options": {"site": "berlin"},
            "V6": True,
        },
    ]
    assert asked == [
        *("10.92.0.254", "10.92.0.200", "", "10.92.0.99", "fd00:92::ffff", "", ""),
    ]
    assert inside(ground, written)["a"] == ["10.92.0.99/24", "fd00:92::14/64"]


def test_its_gateway_may_come_with_the_subnet(ground: Ground, plugin: Plugin) -> None:
    def pool(said: Said) -> Said:
        del plugin.odd["RequestPool"]
        found = plugin.answer("IpamDriver.RequestPool", said)
        assert isinstance(found, dict)
        plugin.addresses.add((found["PoolID"], "10.91.0.77"))
        return {**found, "Data": {"com.docker.network.gateway": "10.91.0.77/24"}}

    plugin.odd["RequestPool"] = pool
    ground.apply(spec("a"))

    assert inside(ground, spec("a")) == {None: ["10.91.0.77/24"], "a": ["10.91.0.10/24"]}


def test_it_may_allot_by_mac_address(ground: Ground, plugin: Plugin) -> None:
    plugin.odd["GetCapabilities"] = {"RequiresMACAddress": True}
    found = ground.apply(spec("a")).prospect
    assert found.topology is not None
    (endpoint,) = found.topology.namespaces[0].endpoints

    told = [said["Options"] for method, said in plugin.asked if "RequestAddress" in method]
    assert told[-1] == {"com.docker.network.endpoint.macaddress": endpoint.mac}


def test_a_subnet_that_the_host_has_is_given_back_for_another(ground: Ground) -> None:
    ground.undo("ip link delete dev up0")
    ground.sh("ip link add name up0 type veth peer name up1 && ip addr add 10.91.0.9/16 dev up0")
    with serving(Plugin("10.91.0.0/24", "10.91.1.0/24", "10.93.0.0/24"), SOCKET) as plugin:
        ground.apply(spec("a"))

        assert inside(ground, spec("a"))["a"] == ["10.93.0.20/24"]
        assert list(plugin.held.values()) == ["10.93.0.0/24"]
        ground.destroy(NAME)
        assert plugin.held == {}


def test_where_all_its_subnets_are_taken_it_is_told_by_whom(ground: Ground, tools: Any) -> None:
    ground.undo("ip link delete dev up0")
    ground.sh("ip link add name up0 type veth peer name up1 && ip addr add 10.91.0.9/16 dev up0")
    with serving(Plugin(*(f"10.91.{each}.0/24" for each in range(20))), SOCKET) as plugin:
        before = tools.snapshot()

        with pytest.raises(CommandError) as caught:
            ground.apply(spec("a"))

        assert "overlaps 10.91.0.0/16: the host's up0" in str(caught.value)
        assert plugin.held == {}
        assert tools.differences(before, tools.snapshot()) == []


ODD: dict[str, tuple[str, Any, str]] = {
    "it refuses": ("RequestAddress", {"Error": "the pool is empty"}, "the pool is empty"),
    "it refuses with a status": ("RequestPool", Odd(b'{"Err": "no"}', 500), "RequestPool: no"),
    "it refuses in plain words": ("RequestPool", Odd(b"go away", 500), "RequestPool: go away"),
    "it is something else": ("Plugin.Activate", {"Implements": ["NetworkDriver"]}, "no IpamDriver"),
    "no JSON": ("RequestPool", Odd(b"<html>"), "its answer is not JSON"),
    "deep JSON": ("RequestPool", Odd(b"[" * 100_000), "its answer is not JSON"),
    "an empty answer": ("RequestPool", Odd(b""), "its answer is not JSON"),
    "a list": ("RequestPool", Odd(b"[]"), "its answer is not an object"),
    "a large answer": ("RequestPool", Odd(b" " * (1 << 21)), "longer than 1048576 bytes"),
    "no id": ("RequestPool", {"Pool": "10.91.0.0/24"}, "no PoolID"),
    "an id that moves the cursor": ("RequestPool", {"PoolID": "\x1b[2J", "Pool": "x"}, "no PoolID"),
    "no subnet": ("RequestPool", {"PoolID": "x", "Pool": "10.91.0.1/24"}, "is no subnet"),
    "words for a subnet": ("RequestPool", {"PoolID": "x", "Pool": "$(reboot)\n"}, "is no subnet"),
    "the other family": ("RequestPool", {"PoolID": "x", "Pool": "fd00:91::/64"}, "other family"),
    "no address": ("RequestAddress", {}, "nothing is no address"),
    "an address without prefix": (
        "RequestAddress",
        {"Address": "10.91.0.7"},
        "no address with",
    ),
    "one from elsewhere": ("RequestAddress", {"Address": "10.90.0.7/24"}, "is not in 10.91.0.0/24"),
    "the broadcast": ("RequestAddress", {"Address": "10.91.0.255/24"}, "nobody can have"),
    "the same twice": ("RequestAddress", {"Address": "10.91.0.7/24"}, "10.91.0.7 is"),
}


GIVE_A_POOL = {
    name
    for name, (method, answer, _) in ODD.items()
    if method == "RequestAddress" or (isinstance(answer, dict) and answer.get("PoolID") == "x")
}


@pytest.mark.parametrize("case", ODD)
def test_what_it_says_is_not_believed(
    ground: Ground, plugin: Plugin, tools: Any, case: str
) -> None:
    method, answer, said = ODD[case]
    before = tools.snapshot()
    plugin.odd |= {method: answer, "ReleaseAddress": {}, "ReleasePool": {}}

    with pytest.raises(CommandError) as caught:
        ground.apply(spec("a", "b"))

    assert said in str(caught.value)
    assert "plugin tester" in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert "tester" in caught.value.hint
    assert tools.differences(before, tools.snapshot()) == []
    with writing() as session:
        assert session.memory.leasing() == ()
    released = [method for method in plugin.methods() if method == "ReleasePool"]
    assert len(released) == (case in GIVE_A_POOL)


def test_one_that_answers_another_address_than_was_asked_for(
    ground: Ground, plugin: Plugin
) -> None:
    plugin.odd["RequestAddress"] = {"Address": "10.91.0.7/24"}
    plugin.odd["ReleaseAddress"] = {}

    with pytest.raises(CommandError, match=r"is not 10\.91\.0\.9, which was asked for"):
        ground.apply(spec("a", subnets=["10.91.0.0/24"], gateway="10.91.0.9"))

    assert [said for method, said in plugin.asked if "ReleaseAddress" in method] == [
        {"PoolID": "pool-4", "Address": "10.91.0.7"}
    ]
    assert plugin.held == {}


def test_one_that_takes_too_long(
    ground: Ground, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(said: Said) -> Said:
        time.sleep(1)
        return {}

    monkeypatch.setattr(asking, "WITHIN", 0.2)
    plugin.odd["GetDefaultAddressSpaces"] = slow

    with pytest.raises(CommandError, match="it took too long"):
        ground.apply(spec("a"))


def test_a_plan_that_fails_gives_all_back(ground: Ground, plugin: Plugin, tools: Any) -> None:
    ground.undo("ip netns delete b")
    ground.sh("ip netns add b")
    before = tools.snapshot()

    with pytest.raises(NetkitError, match="namespace b exists"):
        ground.apply(spec("a", "b"))

    assert plugin.methods() == []  # seen before anybody was asked
    assert tools.differences(before, tools.snapshot()) == []


def test_a_step_that_fails_gives_back_what_is_new(ground: Ground, plugin: Plugin) -> None:
    ground.apply(spec("a"))
    held = set(plugin.addresses)
    written = spec("a", "b")
    written["namespaces"]["b"]["routes"] = [{"to": "10.0.0.0/8", "via": "10.91.0.99"}]
    written["namespaces"]["b"]["sysctls"] = {"net/ipv4/no_such_thing": 1}

    with pytest.raises(CommandError, match="no_such_thing"):
        ground.apply(written)

    assert plugin.addresses == held
    assert ground.apply(spec("a")).prospect.steps == ()


def test_what_was_given_to_one_that_was_killed_is_used_or_given_back(
    ground: Ground, plugin: Plugin
) -> None:
    written = topology(spec("a", "b"))
    with writing() as session:
        reserve(session, written, tuple(occupied(session, written, Allotments())))
    plugin.methods()

    ground.apply(spec("a"))

    assert plugin.methods() == ["ReleaseAddress"]
    assert inside(ground, spec("a"))["a"] == ["10.91.0.20/24"]


def test_what_cannot_be_given_back_is_told_and_tried_again(ground: Ground, tools: Any) -> None:
    before = tools.snapshot()
    plugin = Plugin()
    with serving(plugin, SOCKET):
        ground.apply(spec("a"))

    outcome = ground.destroy(NAME)

    assert len(outcome.notes) == 3
    assert all("was not given back" in note and "tester" in note for note in outcome.notes)
    assert tools.differences(before, tools.snapshot()) == []

    with serving(plugin, SOCKET), writing() as session:
        carry_out(session, leftovers(session))
        assert session.memory.leasing() == ()
    assert (plugin.held, plugin.addresses) == ({}, set())


def test_without_the_plugin_it_is_named(ground: Ground) -> None:
    with pytest.raises(MissingError, match="there is no plugin tester") as caught:
        ground.apply(spec("a"))

    assert caught.value.exit_code == 5


def url(kind: str, address: str) -> str:
    return address if kind == "spec" else json.dumps({"Name": "tester", "Addr": address})


@pytest.mark.parametrize("kind", ["spec", "json"])
@pytest.mark.parametrize("folder", ["", "tester"])
def test_it_is_found_by_a_file_that_says_where(ground: Ground, kind: str, folder: str) -> None:
    path = Path("/etc/docker/plugins", folder, f"tester.{kind}")
    path.parent.mkdir(parents=True)
    path.write_text(url(kind, "unix:///run/elsewhere.sock"))
    with serving(Plugin(), Path("/run/elsewhere.sock")):
        ground.apply(spec("a"))
        ground.destroy(NAME)
    path.unlink()
    path.parent.rmdir()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:99", "https://example.com", "unix://x", "\n"])
def test_only_a_socket_of_this_machine_is_asked(ground: Ground, address: str) -> None:
    path = Path("/etc/docker/plugins/tester.spec")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(address)

    with pytest.raises(MissingError, match="does not listen on a socket of this machine"):
        ground.apply(spec("a"))

    path.unlink()


def test_a_socket_of_somebody_elses_is_not_asked(ground: Ground, plugin: Plugin) -> None:
    os.chown(SOCKET, 65534, 65534)

    with pytest.raises(CommandError, match="belongs to user 65534, not to root"):
        ground.apply(spec("a"))

    assert plugin.methods() == []


def test_a_name_server_of_its_network_has_an_address_of_its_giving(
    ground: Ground, plugin: Plugin
) -> None:
    written = spec("a", internal=True, dns="server")

    ground.apply(written)

    assert [value for key, value in inside(ground, written).items() if key != "a"] == [
        ["10.91.0.10/24"]
    ]
    assert Path("/etc/netns/a/resolv.conf").read_text().endswith("nameserver 10.91.0.10\n")


def test_a_plan_on_paper_hides_its_guesses(
    ground: Ground, plugin: Plugin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec("a")))

    assert run(["plan", "--explain", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "ip -n a address add <allotted at apply> dev eth0" in shown
    assert "http://plugin/IpamDriver.RequestPool" in shown
    assert "172.17." not in shown

    assert run(["apply", "--dry-run", str(path)]) == 0
    assert "172.17." not in capsys.readouterr().out
    assert run(["plan", "--json", str(path)]) == 0
    assert "172.17." not in capsys.readouterr().out
    assert run(["plan", "--format", "sh", str(path)]) == 1
    assert "plugins give only when they are asked" in capsys.readouterr().err
    assert plugin.methods() == []


def test_who_is_connected_is_given_an_address_by_it(ground: Ground, plugin: Plugin) -> None:
    assert run(["network", "create", "lan", "--ipam-driver", "tester", "--ipam-opt", "a=b"]) == 0
    assert run(["namespace", "create", "box"]) == 0
    assert plugin.methods()[:4] == [*GREETING, "RequestPool"]

    assert run(["network", "connect", "lan", "box"]) == 0
    assert sorted(address for _, address in plugin.addresses) == ["10.91.0.10", "10.91.0.20"]
    shown = ground.sh("ip -n box -4 -o address show dev eth0")
    assert "10.91.0.20/24" in shown

    assert run(["network", "disconnect", "lan", "box"]) == 0
    assert sorted(address for _, address in plugin.addresses) == ["10.91.0.10"]
    assert run(["network", "rm", "lan"]) == 0
    assert run(["namespace", "rm", "box"]) == 0
    assert (plugin.held, plugin.addresses) == ({}, set())


def test_a_network_of_a_plugin_that_is_not_there_is_not_made(ground: Ground) -> None:
    assert run(["network", "create", "lan", "--ipam-driver", "tester"]) == 5
    assert run(["namespace", "create", "box"]) == 0
    assert run(["network", "create", "lan", "--ipam-driver", "tester"]) == 5
    assert run(["namespace", "rm", "box"]) == 0
