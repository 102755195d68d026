"""The usual words are read without typer, and mean what they mean to typer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netkit.cli.typed import direct
from netkit.cli.typed.command import command_of
from netkit.cli.typed.menu import OWN, function_of
from netkit.cli.typed.parameter import Option, parameters
from tests.cli.test_start import modules

WORDS = ("shop.json", "con1", "10", "0.5", "-", "--", "", "-c", "--help", "-1", "--name=x")


def own(name: str) -> Callable[..., Any]:
    """Give the function of a command of the menu."""
    function = function_of(name)
    assert function is not None
    return function


def spelt(name: str) -> tuple[str, ...]:
    """Give all spellings of the options of a command."""
    hints = parameters(own(name)).values()
    found = [getattr(hint, "__metadata__", (None,))[0] for hint in hints]
    return tuple(word for each in found if isinstance(each, Option) for word in each.names)


def complete(function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Fill in the defaults; typer makes a list of what may be several, and none of none."""
    bound = inspect.signature(function).bind(**given)
    bound.apply_defaults()
    return {name: None if value in ([], ()) else value for name, value in bound.arguments.items()}


def by_typer(name: str, words: list[str]) -> dict[str, Any]:
    """Read words as typer does."""
    function, seen = own(name), dict[str, Any]()

    def note(**given: Any) -> None:
        seen.update(given)

    note.__wrapped__ = function  # type: ignore[attr-defined] # its signature is the function's
    for attribute in ("__annotations__", "passes_on"):
        if hasattr(function, attribute):
            setattr(note, attribute, getattr(function, attribute))
    command_of(name, note, help=name).main(args=words, prog_name=name, standalone_mode=False)
    return complete(function, seen)


@given(data=st.data())
@pytest.mark.parametrize("name", OWN)
def test_what_is_read_at_once_means_what_it_means_to_typer(name: str, data: st.DataObject) -> None:
    option, word = st.sampled_from(spelt(name) or WORDS), st.sampled_from(WORDS)
    part = st.one_of(st.tuples(option), st.tuples(word), st.tuples(option, word))
    words = [each for parts in data.draw(st.lists(part, max_size=4)) for each in parts]

    read = direct.understood(own(name), words)

    if read is not None:
        assert complete(own(name), read) == by_typer(name, words)


@pytest.mark.parametrize(
    "line",
    [
        "apply shop.json",
        "apply --name shop2 shop.json --dry-run",
        "apply - --lock-timeout 0.5 --json",
        "destroy shop",
        "destroy --all",
        "plan --format sh --explain shop.json",
        "validate a.json b.yaml",
        "ping con1 con2 10.1.0.1 -c 3",
        "exec con1 -- ip -4 addr",
        "status",
        "network connect frontend con2 --alias a --alias b --ip 10.1.0.9",
        "namespace create con1 --network backend",
    ],
)
def test_the_usual_is_read_at_once(line: str) -> None:
    assert direct.read(line.split()) is not None


@pytest.mark.parametrize(
    "line",
    [
        "apply",
        "apply --help",
        "apply -h",
        "apply a.json b.json",
        "apply --nmae x a.json",
        "apply a.json --name",
        "apply a.json --name --json",
        "apply --name=x a.json",
        "apply a.json --lock-timeout soon",
        "apply a.json --json --json",
        "apply -- a.json",
        "exec con1",
        "exec --help",
        "link show",
        "nothing",
    ],
)
def test_the_odd_is_left_to_typer(line: str) -> None:
    assert direct.read(line.split()) is None


def test_the_usual_needs_no_typer() -> None:
    loaded = modules(["validate", "examples/shop.json"])

    assert loaded & {"typer", "inspect", "subprocess", "socket", "pathlib"} == set()
