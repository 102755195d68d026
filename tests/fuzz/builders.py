"""Every builder of ``netkit.command``, called with arguments of the right type and odd content."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from types import ModuleType
from typing import Any

import netkit.command
from netkit.command import iptables_rule, qdisc, route
from netkit.command.command import Command
from tests.fuzz import mutate, sound

GOOD = (
    *("eth0", "br0", "con1", "10.1.0.2/24", "10.1.0.1", "fd00::1", "fd00::/64", "default", "main"),
    *("02:42:0a:01:00:02", "10mbit", "20ms", "0.5%", "1:", "1:10", "tcp", "80", "NK-FORWARD-1f0c"),
    *(
        "FORWARD",
        "DROP",
        "nat",
        "filter",
        "ESTABLISHED,NEW",
        "LOCAL",
        "ACCEPT",
        "8000:8100",
        "vlan",
    ),
    *(
        "net/ipv4/ip_forward",
        "/etc/netns/con1/hosts",
        "bridge",
        "l2",
        "!eth0",
        "!10.0.0.0/8",
        "root",
    ),
)
SIZES = (0, 1, 4, 6, 10, 64, 200, 254, 1500, 4789, 65535, -1, 2**24, 2**32, 10**30)


@cache
def functions() -> dict[str, Callable[..., Any]]:
    """Give every public function of the room that builds something, by its dotted name."""
    found: dict[str, Callable[..., Any]] = {}
    for each in pkgutil.iter_modules(netkit.command.__path__):
        module = importlib.import_module(f"netkit.command.{each.name}")
        found |= {f"{each.name}.{name}": function for name, function in _own(module)}
    return found


def _parameters(function: Callable[..., Any]) -> list[tuple[str, inspect.Parameter]]:
    return list(inspect.signature(function).parameters.items())


def _own(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, function in inspect.getmembers(module, inspect.isfunction):
        made = inspect.signature(function).return_annotation
        if function.__module__ == module.__name__ and not name.startswith("_") and made in BUILT:
            yield name, function


BUILT = ("Command", "SysctlWrite", "FileWrite", "FileRemove")
INNER = {"command.command", "iptables.restore"}  # what they take has passed the border before


def draw(rng: Random) -> dict[str, Any]:
    """Choose a builder and its arguments."""
    names = [name for name in functions() if name not in INNER]
    name = rng.choice(names)
    given = {
        word: [_text(rng), _text(rng)]
        if each.kind is each.VAR_POSITIONAL
        else _argument(rng, str(each.annotation))
        for word, each in _parameters(functions()[name])
        if each.default is each.empty or rng.random() < 0.4
    }
    netns = rng.choice((None, "con1", "/proc/1/ns/net", mutate.text(rng)))
    return {"builder": name, "arguments": given, "netns": netns}


def _argument(rng: Random, annotation: str) -> Any:
    """Draw a value of a type; what is no plain value is written as what makes it."""
    kind = rng.choice(annotation.replace("int | str", "str | int").split(" | "))
    if kind in DRAWN:
        return DRAWN[kind](rng)
    if kind.startswith("tuple["):
        return [_text(rng) for _ in range(rng.randrange(3))]
    return _text(rng)


def _rule(rng: Random) -> Any:
    return {"rule": _arguments(rng, iptables_rule.rule)}


def _target(rng: Random) -> Any:
    return {"target": rng.choice(("masquerade", "reject", "snat", "dnat")), "to": _text(rng)}


def _discipline(rng: Random) -> Any:
    maker = rng.choice(("netem", "tbf", "htb"))
    return {"discipline": maker} | _arguments(rng, getattr(qdisc, maker))


def _hop(rng: Random) -> Any:
    return {"via": _text(rng), "dev": _text(rng), "weight": rng.choice(SIZES)}


DRAWN: dict[str, Callable[[Random], Any]] = {
    "bool": lambda rng: rng.random() < 0.5,
    "int": lambda rng: rng.choice(SIZES),
    "float": lambda rng: rng.choice((0.0, 0.5, -1.0, 1e9)),
    "None": lambda rng: None,
    "Rule": _rule,
    "Target": _target,
    "Discipline": _discipline,
    "tuple[Rule, ...]": lambda rng: [_rule(rng) for _ in range(rng.randrange(3))],
    "tuple[NextHop, ...]": lambda rng: [_hop(rng) for _ in range(rng.randrange(1, 3))],
}


def _arguments(rng: Random, function: Callable[..., Any]) -> dict[str, Any]:
    return {
        word: _argument(rng, str(parameter.annotation))
        for word, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty or rng.random() < 0.3
    }


def _text(rng: Random) -> str:
    return mutate.text(rng) if rng.random() < 0.25 else rng.choice(GOOD)


def try_(given: dict[str, Any]) -> str:
    """Build, and hold that the command says what it was given and no more."""
    function = functions()[given["builder"]]
    words = {name: _made(value) for name, value in given["arguments"].items()}
    rest = [name for name, each in _parameters(function) if each.kind is each.VAR_POSITIONAL]
    spread = [part for name in rest for part in words.pop(name, ())]
    before = [words.pop(name) for name, each in _parameters(function)[: 1 if rest else 0]]
    built = function(*before, *spread, **words)
    built = built.within(given["netns"])
    sound.step(built)
    if isinstance(built, Command):
        sound.demand(not any("\0" in word for word in built.argv), "words of a process", built)
    return "whole"


def _made(value: Any) -> Any:
    """Make what an argument was written as."""
    if isinstance(value, list):
        return tuple(map(_made, value))
    if not isinstance(value, dict):
        return value
    if "rule" in value:
        return iptables_rule.rule(**{name: _made(each) for name, each in value["rule"].items()})
    if "target" in value:
        takes = value["target"] in {"snat", "dnat"}
        return getattr(iptables_rule, value["target"])(*((value["to"],) if takes else ()))
    if "discipline" in value:
        words = {name: _made(each) for name, each in value.items() if name != "discipline"}
        return getattr(qdisc, value["discipline"])(**words)
    return route.NextHop(**value)
