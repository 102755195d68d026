"""What only shows with many members: a switch that goes up with all its ports, and progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from netkit.apply.prospect import prospect
from netkit.apply.session import writing
from netkit.apply.transaction import carry_out
from netkit.plan.lower import CROWD
from netkit.spec import topology

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground

pytestmark = pytest.mark.root


def star(members: int) -> dict[str, Any]:
    return {
        "name": "many",
        "prefix": "many-",
        "networks": {"lan": {"subnets": ["10.87.0.0/24", "fd00:87::/64"]}},
        "namespaces": {f"n[1-{members}]": {"networks": ["lan"]}},
    }


def test_a_switch_with_many_ports_snoops_once_it_is_up(ground: Ground) -> None:
    spec = star(CROWD + 1)
    steps = [str(item.step) for item in ground.look(spec).steps]
    assert any("mcast_snooping 0" in step for step in steps)

    ground.apply(spec)

    (switch,) = ground.json("ip -details -json link show type bridge")
    assert switch["linkinfo"]["info_data"]["mcast_snooping"] == 1
    assert "UP" in switch["flags"]
    for address in ("10.87.0.3", "fd00:87::3"):  # the first packet
        assert ground.pings("many-n1", address)
    assert ground.look(spec).changes == ()


def test_somebody_who_watches_is_told_of_each_step(ground: Ground) -> None:
    told: list[tuple[int, int]] = []
    with writing() as session:
        planned = prospect(session, topology(star(30)))
        carry_out(session, planned, progress=lambda done, total: told.append((done, total)))

    total = len(planned.steps)
    assert told[-1] == (total, total)
    assert sorted(told) == told
