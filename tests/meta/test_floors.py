"""The house: rooms import strictly downward, and each library has its wall."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "netkit"

FLOORS = (
    {"value"},
    {"errors", "names"},
    {"model", "command"},
    {"spec", "plan", "run"},
    {"facts", "state", "stores"},
    {"expand"},
    {"apply"},
    {"cnm", "ops"},
    {"lab", "agent", "plugin", "cni"},
    {"cli"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# Who may know a library: its only room, and whether it is one file of it at most.
# fmt: off
WALLS = {
    "typer":      ("cli", False),
    "rich":       ("cli", False),
    "msgspec":    ("value", True),
    "sqlite3":    ("state", False),
    "jsonschema": ("spec", True),
    "yaml":       ("spec", True),
    "sh":         ("run", True),
    "etcd3gw":    ("stores", True),
    "consul":     ("stores", True),
    "kazoo":      ("stores", True),
}
# fmt: on
STARTERS = ("os.exec", "os.fork", "os.popen", "os.posix_spawn", "os.spawn", "os.system")

# __init__.py holds the version only and __main__.py starts the cli: both stand outside the rooms.
MODULES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if path.parent != PACKAGE or path.name not in {"__init__.py", "__main__.py"}
)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> Iterator[str]:
    """Each imported name, dotted, wherever in the file: in a function and for types alone too."""
    package = path.relative_to(PACKAGE.parent).parent.parts
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join((*above, *filter(None, [node.module])))
            yield from (f"{start}.{alias.name}" for alias in node.names)


def starts_processes(path: Path) -> bool:
    """Say whether a file uses what starts processes (but for sh, which has a wall of its own)."""
    used = set(imported(path))
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.add(f"{node.value.id}.{node.attr}")
    return any(n.split(".")[0] in {"subprocess", "pty"} or n.startswith(STARTERS) for n in used)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_downstairs(path: Path) -> None:
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith("netkit.")}
    climbs = {
        other
        for other in rooms - {room(path), "__version__"}
        if other not in FLOOR or FLOOR[other] >= FLOOR[room(path)]
    }

    assert climbs == set()


@pytest.mark.parametrize("library", WALLS)
def test_a_library_stays_behind_its_wall(library: str) -> None:
    home, one_file = WALLS[library]
    users = {path for path in MODULES if library in {n.split(".")[0] for n in imported(path)}}

    assert {str(path) for path in users if room(path) != home} == set()
    assert len(users) <= 1 or not one_file, users


def test_one_file_starts_processes() -> None:
    users = {path for path in MODULES if starts_processes(path)}

    assert {str(path) for path in users if room(path) != "run"} == set()
    assert len(users) <= 1, users
