from __future__ import annotations

import pytest

from netkit.model import record
from netkit.model.addressing import Address
from netkit.model.daemon import Daemon
from netkit.model.firewall import Chain
from netkit.model.link import Bridge, Veth
from netkit.model.routing import NextHop, Route
from netkit.model.setting import File
from netkit.model.state import NOTHING, State

ADDRESS = Address(netns="a", ifname="eth0", cidr="10.0.0.1/24", origin="/namespaces/a")
SAMPLE = State.of(
    (
        ADDRESS,
        Bridge(ifname="br0", mac="02:00:00:00:00:01"),
        Veth(netns="a", ifname="eth0", peer="nk-1"),
        Route(family=4, to="0.0.0.0/0", nexthops=(NextHop(dev="eth0", via="10.0.0.2"),)),
        Chain(family=6, table="filter", name="NK-INPUT-1", rules=(("-j", "ACCEPT"),)),
        File(path="/etc/netns/a/hosts", parts=("# netkit:x\n", "::1 a\n")),
        Daemon(alias="netkit:x/lan/dns", argv=("dnsmasq", "--pid-file")),
    )
)


def test_where_something_came_from_does_not_tell_it_from_its_like() -> None:
    found = Address(netns="a", ifname="eth0", cidr="10.0.0.1/24")

    assert found == ADDRESS
    assert hash(found) == hash(ADDRESS)
    assert found != Address(netns="a", ifname="eth0", cidr="10.0.0.1/25")


def test_of_two_objects_with_one_key_the_later_stands() -> None:
    state = State.of((Bridge(ifname="br0", mtu=1500), Bridge(ifname="br0", mtu=1400)))

    assert [bridge.mtu for bridge in state.every(Bridge)] == [1400]


def test_files_of_the_same_content_are_equal_however_it_is_cut() -> None:
    assert File(path="/x", parts=("ab", "c")) == File(path="/x", parts=("a", "bc"))
    assert File(path="/x", parts=("ab",)) != File(path="/x", parts=("a",))


def test_a_state_is_written_and_read_back() -> None:
    assert record.read(record.write(SAMPLE)) == SAMPLE
    assert record.read(record.write(NOTHING)) == NOTHING


def test_what_files_have_in_common_is_written_once() -> None:
    files = [File(path=f"/{name}", parts=(f"{name}\n", "1\n", "1\n")) for name in "abc"]
    written = record.write(State.of(files))

    assert written.count('"1\\n"') == 1
    assert [each.parts for each in record.read(written).every(File)] == [
        each.parts for each in files
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "[1]", '[{"class": "Nothing"}]', '[{"class": "Address", "ifname": 3}]'),
        '[{"class": "File", "path": "/x", "parts": ["0"]}]',
    ],
)
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, it is the one promised
        record.read(text)
