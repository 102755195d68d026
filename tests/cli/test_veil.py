"""A guess is hidden wherever it stands, and nothing that only looks like it."""

from __future__ import annotations

import pytest

from netkit.cli.told.veil import veil, veiled

GUESSES = frozenset({"10.1.0.2", "10.1.0.0/24", "fd00:1::2"})


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("ip address add 10.1.0.2/24 dev eth0", "ip address add <allotted at apply> dev eth0"),
        ("route add default via 10.1.0.2", "route add default via <allotted at apply>"),
        ("-s 10.1.0.0/24 -j MASQUERADE", "-s <allotted at apply> -j MASQUERADE"),
        ("fd00:1::2\ta a.lan", "<allotted at apply>\ta a.lan"),
        ("address 10.1.0.2.", "address <allotted at apply>."),
        *((other, other) for other in ("10.1.0.20/24", "10.1.0.2.5", "110.1.0.2", "fd00:1::2:1")),
    ],
)
def test_a_line(line: str, shown: str) -> None:
    assert veil(GUESSES)(line) == shown
    assert veil(())(line) == line


def test_plain_values() -> None:
    assert veiled({"a": ["10.1.0.2/24", 1]}, GUESSES) == {"a": ["<allotted at apply>", 1]}
    assert veiled({"a": 1}, frozenset()) == {"a": 1}
