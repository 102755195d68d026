"""Every command says what it does, shows how, and keeps to the contract of section 8."""

from __future__ import annotations

import pytest

from netkit.cli.thin.nouns import NOUNS, Verb
from netkit.cli.typed.docstring import told
from netkit.cli.typed.menu import COMMANDS, OWN, THIN, function_of
from tests.cli.conftest import Netkit

CHANGES = {
    *("apply", "destroy", "recover", "prune", "up"),
    *("network create", "network rm", "network connect", "network disconnect", "network prune"),
    *("namespace create", "namespace rm"),
}
BECOMES_ANOTHER = {"exec", "shell", "ping"}  # what they print is another program's
VERBS = [(noun, verb) for noun, verbs in NOUNS.items() for verb in verbs]


@pytest.mark.parametrize("name", OWN)
def test_menu_says_what_the_docstring_says(name: str) -> None:
    function = function_of(name)

    assert function is not None
    assert told(function.__doc__).summary == OWN[name][0]


@pytest.mark.parametrize("name", OWN)
def test_help_of_a_command(netkit: Netkit, name: str) -> None:
    said = netkit(*name.split(), "--help")

    assert said.code == 0
    assert said.out.startswith(f"Usage: netkit {name} ")
    assert OWN[name][0] in said.out
    assert f"netkit {name}" in said.out.partition("Examples:")[2]
    assert ("--json" in said.out) is (name not in BECOMES_ANOTHER)
    assert ("--dry-run" in said.out) is (name in CHANGES)
    assert "{" not in said.out.partition("\n")[0]


def test_every_noun_has_verbs() -> None:
    assert list(NOUNS) == [name for name, entry in COMMANDS.items() if entry[1] == THIN]


@pytest.mark.parametrize(("noun", "verb"), VERBS, ids=[f"{n}-{v.name}" for n, v in VERBS])
def test_help_of_a_verb(netkit: Netkit, noun: str, verb: Verb) -> None:
    said = netkit(noun, verb.name, "--help")

    assert said.code == 0
    assert "Equivalent to:" in said.out
    assert f"netkit {noun} {verb.name}" in said.out.partition("Examples:")[2]
    assert "--json" in said.out
    assert "--dry-run" in said.out
    assert "Build the" not in said.out
    assert "``" not in said.out


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("add-vxlan", "the device lives in --into."),
        ("add-vxlan", "required with --multicast."),
        ("add-wireguard", "the device lives in --into."),
    ],
)
def test_help_of_a_verb_calls_options_as_they_are_typed(
    netkit: Netkit, verb: str, said: str
) -> None:
    assert said in " ".join(netkit("link", verb, "--help").out.split())
