"""Ping's own words stream by, in the namespace that was asked for."""

from __future__ import annotations

import pytest

from netkit.errors import NetkitError, UsageError
from netkit.ops.ping import ping_from

from .conftest import Names

pytestmark = pytest.mark.root

Capture = pytest.CaptureFixture[str]


def test_an_address(pair: Names, capfd: Capture) -> None:
    assert ping_from(pair.a, "10.77.0.2", count=1) == 0
    assert "1 received" in capfd.readouterr().out


def test_a_namespace_is_asked_in_both_families(pair: Names, capfd: Capture) -> None:
    code = ping_from(pair.a, pair.b, count=2, interval=0.1)

    said = capfd.readouterr().out
    assert code == 0
    assert said.index("PING 10.77.0.2") < said.index("PING fd77::2")
    assert "10.78.0.2" not in said


def test_one_family_alone(pair: Names, capfd: Capture) -> None:
    assert ping_from(pair.a, pair.b, count=1, family=6) == 0
    assert "10.77" not in capfd.readouterr().out


def test_silence_and_no_way_are_pings_codes(pair: Names, capfd: Capture) -> None:
    assert ping_from(pair.a, "10.77.0.99", count=1) == 1
    assert ping_from(pair.a, pair.c, count=1) == 2
    assert "Network is unreachable" in capfd.readouterr().err


def test_what_cannot_be_meant(pair: Names) -> None:
    with pytest.raises(UsageError, match="both families"):
        ping_from(pair.a, pair.b, count=None)
    with pytest.raises(UsageError, match="no address of IPv6"):
        ping_from(pair.a, "10.77.0.2", family=6)
    with pytest.raises(UsageError, match="family 5"):
        ping_from(pair.a, "10.77.0.2", family=5)
    with pytest.raises(NetkitError, match=r"300\.1\.1\.1 is no address, and there is no namespace"):
        ping_from(pair.a, "300.1.1.1")
    with pytest.raises(NetkitError, match="there is no namespace"):
        ping_from("no-such-place", "10.77.0.2")
