"""``ls --filter`` and ``--quiet``, as Docker's users know them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netkit.expand.ipam.allotments import Allotments
from netkit.state.memory import Memory, Stored
from netkit.state.place import folder
from tests.cli.conftest import Netkit

SHOP = {
    "name": "shop",
    "networks": {
        "front": {"subnets": ["10.1.0.0/24"], "labels": {"team": "web", "tier": "1"}},
        "back": {"subnets": ["10.2.0.0/24"], "labels": {"team": "db"}},
        "lan": {"driver": "macvlan", "subnets": ["10.3.0.0/24"]},
    },
    "namespaces": {
        "a": {"networks": ["back"], "labels": {"owner": "me"}},
        "b": {"networks": ["back", "lan"]},
        "c": {},
    },
}
LAB = {
    "name": "lab",
    "prefix": "lab-",
    "networks": {"front": {"subnets": ["10.4.0.0/24"]}},
    "namespaces": {"c": {"networks": ["front"]}},
}


@pytest.fixture(autouse=True)
def remembered(netkit: Netkit) -> None:
    memory = Memory(folder())
    for spec in (LAB, SHOP):
        memory.keep(Stored(str(spec["name"]), json.dumps(spec), Allotments().to_json()))
    memory.close()


def quiet(netkit: Netkit, noun: str, *words: str) -> list[str]:
    filters = [part for word in words for part in ("--filter", word)]
    return netkit(noun, "ls", "--quiet", *filters).out.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], ["lab/front", "shop/front", "back", "lan"]),
        (["name=a"], ["back", "lan"]),
        (["name=^front$"], ["lab/front", "shop/front"]),
        (["name=^front$", "name=lan"], ["lab/front", "shop/front", "lan"]),
        (["driver=macvlan"], ["lan"]),
        (["driver=macvlan", "driver=bridge", "name=n"], ["lab/front", "shop/front", "lan"]),
        (["driver=macvl"], []),
        (["label=team"], ["shop/front", "back"]),
        (["label=team=db"], ["back"]),
        (["label=team", "label=tier=1"], ["shop/front"]),
        (["label=team=db", "label=tier"], []),
        (["spec=lab"], ["lab/front"]),
        (["dangling=true"], ["shop/front"]),
        (["dangling=0", "spec=shop"], ["back", "lan"]),
        (["dangling=true", "dangling=false", "spec=lab"], ["lab/front"]),
    ],
)
def test_networks(netkit: Netkit, words: list[str], found: list[str]) -> None:
    assert quiet(netkit, "network", *words) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], ["lab/c", "a", "b", "shop/c"]),
        (["network=back"], ["a", "b"]),
        (["network=shop/back"], ["a", "b"]),
        (["network=lab/back"], []),
        (["network=front", "network=lan"], ["lab/c", "b"]),
        (["label=owner=me"], ["a"]),
        (["name=c", "spec=shop"], ["shop/c"]),
    ],
)
def test_namespaces(netkit: Netkit, words: list[str], found: list[str]) -> None:
    assert quiet(netkit, "namespace", *words) == found


@pytest.mark.parametrize("words", [[], ["-f", "label=team=db"]])
def test_the_table_and_json_are_filtered_too(netkit: Netkit, words: list[str]) -> None:
    lines = netkit("network", "ls", *words).out.splitlines()[1:]
    found: list[Any] = netkit("network", "ls", "--json", *words).json["data"]["networks"]

    assert [line.split()[0] for line in lines] == [each["name"] for each in found]
    assert len(found) == (1 if words else 4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-f", "drivr=x"], "did you mean driver? known: name, driver, label, spec, dangling"),
        (["-f", "id=x"], "known: name, driver, label, spec, dangling"),
        (["-f", "name"], "--filter name: KEY=VALUE"),
        (["-f", "dangling=yes"], "--filter dangling=yes: true or false"),
        (["-f", "name=("], "no regular expression"),
        (["-q", "--json"], "--quiet and --json exclude each other"),
    ],
)
def test_what_says_nothing_is_an_error_of_usage(
    netkit: Netkit, words: list[str], said: str
) -> None:
    found = netkit("network", "ls", *words)

    assert found.code == 2
    assert said in found.err + found.out


def test_a_filter_of_networks_is_none_of_namespaces(netkit: Netkit) -> None:
    found = netkit("namespace", "ls", "-f", "driver=bridge")

    assert found.code == 2
    assert "known: name, network, label, spec" in found.err


def test_prune_takes_those_that_a_spec_tells(netkit: Netkit) -> None:
    words = ["network", "prune", "--spec", "shop", "--filter"]

    assert "front would be removed" in netkit(*words, "label=team").err
    assert "no network of these" in netkit(*words, "label=team=db").err
    assert "known: name, driver, label" in netkit(*words, "dangling=true").err
