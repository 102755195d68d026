from __future__ import annotations

import pytest

from netkit.errors import AbsentError, CommandError, ExistsError
from netkit.run.sayings import refusal


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("RTNETLINK answers: File exists", ExistsError),
        ("Error: ipv4: Address already assigned.", ExistsError),
        ('Cannot find device "eth9"', AbsentError),
        ("RTNETLINK answers: No such process", AbsentError),
        ("RTNETLINK answers: Invalid argument", CommandError),
    ],
)
def test_what_a_tool_says_becomes_the_error_that_names_it(
    said: str, kind: type[CommandError]
) -> None:
    error = refusal("ip link set dev eth9 up", 2, said)

    assert type(error) is kind
    assert str(error) == f"ip link set dev eth9 up\n  said: {said} (exit code 2)"


def test_a_known_refusal_names_the_way_out() -> None:
    assert "sudo" in refusal("ip link add", 2, "Operation not permitted").hint


def test_the_place_in_the_spec_is_said_once_it_is_known() -> None:
    error = refusal("ip link add", 2, "no")
    error.pointer = "/links/0"

    assert str(error).endswith("\n  from: /links/0")
