"""A document as written: names found in it, and singled out of ranges."""

from __future__ import annotations

from typing import Any

import pytest

from netkit.spec.written import entries, members, singled, with_members


def test_a_range_stands_for_each_of_its_names() -> None:
    section = {"h[1-2]": {"a": "{n}"}, "h2": {"b": 1}}

    assert entries(section) == {"h1": {"a": "1"}, "h2": {"a": "2", "b": 1}}


@pytest.mark.parametrize(
    ("section", "name", "expected"),
    [
        ({"a": 1}, "a", {"a": 1}),
        ({"h[1-3]": {"a": "{n}"}}, "h2", {"h[1,3]": {"a": "{n}"}, "h2": {"a": "2"}}),
        ({"h[1-9]": {}}, "h1", {"h[2-9]": {}, "h1": {}}),
        ({"h[0-1]": {"a": "{n}"}}, "h0", {"h1": {"a": "1"}, "h0": {"a": "0"}}),
        ({"h[7]": {}}, "h7", {"h7": {}}),
        ({"h[01-12]": {}}, "h05", {"h[01-04,06-12]": {}, "h05": {}}),
        (
            {"h[1-9]": {"a": 1}, "h5": {"b": 2}, "x": {}},
            "h5",
            {"h[1-4,6-9]": {"a": 1}, "h5": {"a": 1, "b": 2}, "x": {}},
        ),
        ({"h[1-9]": {}}, "g", {"h[1-9]": {}}),
    ],
)
def test_a_name_is_singled_out(
    section: dict[str, Any], name: str, expected: dict[str, Any]
) -> None:
    found = singled(section, name)

    assert found == expected
    assert entries(found) == entries(section)


def test_memberships_are_a_list_where_there_is_no_more_to_say() -> None:
    assert members({"networks": ["a", "b[1-2]"]}) == {"a": {}, "b1": {}, "b2": {}}
    assert members({"networks": {"a": {"mtu": 9000}}}) == {"a": {"mtu": 9000}}
    assert members({}) == {}
    assert with_members({"dad": True}, {"a": {}}) == {"dad": True, "networks": ["a"]}
    assert with_members({"networks": ["a"]}, {"a": {}, "b": {"mtu": 1}}) == {
        "networks": {"a": {}, "b": {"mtu": 1}}
    }
    assert with_members({"networks": {"a": {}}}, {"a": {}}) == {"networks": {"a": {}}}
    assert with_members({"networks": ["a"]}, {}) == {}
