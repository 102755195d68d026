"""What a tool says becomes objects; what it never says becomes an error that names it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from ipaddress import IPv6Address
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from netkit.errors import NetkitError
from netkit.facts import address, iptables, link, netns
from netkit.facts.document import host
from netkit.model.addressing import Address
from netkit.model.object import Object
from tests.fuzz.targets import PARSERS

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())


ALL = sorted(PARSERS)
JSON = [question for question in ALL if "-json" in question and "ovs" not in question]


def question(case: Path) -> str:
    return (case / "question.txt").read_text().strip()


def shown(item: Object) -> str:
    """Write an object with all that it does not have by default."""
    words = [
        f"{each.name}={getattr(item, each.name)!r}"
        for each in fields(item)
        if getattr(item, each.name) != each.default
    ]
    return f"{type(item).__name__}({', '.join(words)})"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_tool_said_is_read_as_written(case: Path) -> None:
    found = PARSERS[question(case)]((case / "output.txt").read_text())

    assert [shown(item) for item in found] == (case / "objects.txt").read_text().splitlines()


@pytest.mark.parametrize("asked", ALL)
def test_nothing_said_is_nothing_there(asked: str) -> None:
    assert tuple(PARSERS[asked]("")) == ()


# What a tool never says: whatever it is, it ends in an error that names the tool, or in objects
# that are what they claim to be.

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def well_typed(item: Object) -> bool:
    hints = get_type_hints(type(item))
    for each in fields(item):
        hint, value = hints[each.name], getattr(item, each.name)
        kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        if type(value) not in [getattr(kind, "__origin__", kind) for kind in kinds]:
            return False
    return hash(item.key) is not None


def survives(asked: str, said: str) -> None:
    try:
        found = tuple(PARSERS[asked](said))
    except NetkitError as error:
        found, blamed = (), error.message
    else:
        blamed = f"'{asked}"

    assert blamed.startswith(f"'{asked.split(maxsplit=1)[0]}")
    assert [item for item in found if not well_typed(item)] == []


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterable[tuple[Any, ...]]:
    """Give the path to every part of a document."""
    yield at
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*at, key))


DOCUMENTS = [
    (question(case), json.loads((case / "output.txt").read_text()))
    for case in CASES
    if question(case) in JSON
]


@given(st.sampled_from(ALL), st.text())
def test_any_text_is_survived(asked: str, said: str) -> None:
    survives(asked, said)


@given(st.sampled_from(JSON), st.lists(anything, max_size=3))
def test_any_document_is_survived(asked: str, document: Any) -> None:
    survives(asked, json.dumps(document))


@given(st.data())
def test_a_document_with_one_part_changed_or_gone_is_survived(data: st.DataObject) -> None:
    asked, document = data.draw(st.sampled_from(DOCUMENTS))
    document = deepcopy(document)
    *way, last = data.draw(st.sampled_from([path for path in places(document) if path]))
    inner = document
    for key in way:
        inner = inner[key]
    if data.draw(st.booleans()):
        del inner[last]
    else:
        inner[last] = data.draw(anything)

    survives(asked, json.dumps(document))


@given(st.sampled_from(CASES), st.integers(min_value=0))
def test_an_answer_cut_short_is_survived(case: Path, end: int) -> None:
    said = (case / "output.txt").read_text()

    survives(question(case), said[: end % len(said)])


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ('[{"ifname": "eth0"', "truncated"),
        ('{"ifname": "eth0"}', "Expected `array`, got `object`"),
        ("[] []", "trailing characters"),
        ('[{"link_type": "ether", "ifname": "eth0"}]', "missing required field `ifindex`"),
        ('[{"ifindex": "2"}]', "Expected `int`, got `str` - at `$[0].ifindex`, in '[{"),
        ("[" * 100_000, "got `array`"),
    ],
)
def test_an_error_names_the_tool_and_what_was_unexpected(said: str, wrong: str) -> None:
    with pytest.raises(NetkitError) as error:
        link.parse(said)

    assert error.value.message.startswith("'ip address show' answered ")
    assert wrong in error.value.message


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("*nat\n:POSTROUTING ACCEPT [0:0]\n", "table nat has no end"),
        ("-A INPUT -j ACCEPT\n", "a line outside of any table"),
        ("*nat\n-A INPUT -j ACCEPT\nCOMMIT\n", "no rule of a chain"),
        (
            '*nat\n:X - [0:0]\n-A X -m comment --comment "it\nCOMMIT\n',
            "a quote that does not close",
        ),
        ("*nat\n:X\nCOMMIT\n", "no chain and policy"),
    ],
)
def test_a_half_table_is_an_error(said: str, wrong: str) -> None:
    with pytest.raises(NetkitError, match=wrong):
        iptables.parse(said)


def test_counters_and_comments_of_iptables_do_not_matter() -> None:
    bare = "*filter\n:INPUT ACCEPT [0:0]\n:NK-X - [0:0]\n-A INPUT -j NK-X\nCOMMIT\n"
    counted = (
        "# Warning: iptables-legacy tables present\n*filter\n:INPUT ACCEPT [12:800]\n"
        ":NK-X - [0:0]\n[12:800] -A INPUT -j NK-X\nCOMMIT\n# Completed\n"
    )

    assert iptables.parse(counted) == iptables.parse(bare) != ()


def test_an_address_that_is_claimed_is_seen_though_the_kernel_may_have_given_it() -> None:
    case = next(case for case in CASES if case.name == "ip-address-addresses")
    claimed = {("eth0", "fe80::42:aff:fe01:2/64")}

    found = address.parse((case / "output.txt").read_text(), claimed=claimed)

    assert Address(ifname="eth0", cidr="fe80::42:aff:fe01:2/64") in found


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_reads_as_python_writes_it(found: IPv6Address) -> None:
    mapped = f"::ffff:{found.packed[0]}.{found.packed[1]}.0.9"

    assert host(str(found)) == str(found)
    assert host(mapped) == str(IPv6Address(mapped))


def test_a_name_is_a_namespace_only_while_one_is_mounted_there() -> None:
    mounts = (
        "22 1 0:20 / /run/netns rw shared:1 - tmpfs tmpfs rw\n"
        "23 22 0:4 net:[4026532313] /run/netns/con1 rw shared:2 - nsfs nsfs rw\n"
        "24 22 0:4 net:[4026532313] /run/netns/con1 rw shared:2 - nsfs nsfs rw\n"
        "25 22 0:4 mnt:[4026532314] /run/netns/odd rw shared:2 - nsfs nsfs rw\n"
        "26 22 0:4 net:[4026532315] /run/netns/a\\040b rw shared:2 - nsfs nsfs rw\n"
        "27 22 0:4 net:[4026532316] /run/docker/netns/d1 rw shared:2 - nsfs nsfs rw\n"
    )

    assert netns.parse(mounts) == ("a b", "con1")
