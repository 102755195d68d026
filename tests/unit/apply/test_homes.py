"""What is remembered of devices that are lent is read back as that, or is one clear error."""

from __future__ import annotations

import json

import pytest

from netkit.apply.values.former import hanging_of, key_of
from netkit.errors import NetkitError
from netkit.model import record
from netkit.model.addressing import Address
from netkit.model.home import HomeAddress, HomeRoute
from netkit.model.routing import NextHop
from netkit.model.state import State

ADDRESS = HomeAddress(ifname="eth1", cidr="10.7.0.1/24", broadcast="10.7.0.255")
ROUTE = HomeRoute(
    ifname="eth1", family=4, to="0.0.0.0/0", nexthops=(NextHop(dev="eth1", via="10.7.0.9"),)
)


def test_what_hung_on_a_device_is_read_as_it_was_written() -> None:
    (address, route) = hanging_of(record.write(State.of((ADDRESS, ROUTE))))

    assert [address, route] == [ADDRESS, ROUTE]
    assert isinstance(address, HomeAddress)
    assert address.broadcast == "10.7.0.255"
    assert isinstance(route, HomeRoute)
    assert route.gateways == ("10.7.0.9",)
    assert hanging_of(None) == ()


WRITTEN = record.write(State.of((ADDRESS, ROUTE)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        WRITTEN.replace("10.7.0.1/24", "-batch"),
        WRITTEN.replace("0.0.0.0/0", "everywhere"),
        WRITTEN.replace("10.7.0.9", "a gateway"),
        WRITTEN.replace('"family":4', '"family":5'),
        record.write(State.of((Address(ifname="eth1", cidr="10.7.0.1/24"),))),
    ],
)
def test_nonsense_is_one_clear_error(text: str) -> None:
    with pytest.raises(NetkitError, match="cannot be read"):
        hanging_of(text)


@pytest.mark.parametrize(
    "key", [["loan", None, "up"], ["loan", 1, "eth1", "up"], ["loan", None, None, "up"]]
)
def test_a_row_of_no_device_is_one_clear_error(key: list[object]) -> None:
    with pytest.raises(NetkitError, match="cannot be read"):
        key_of(json.dumps(key))
