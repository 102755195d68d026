"""The house: rooms import strictly downward, parts of a room too; each library has its wall."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
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
# A room that has steps of its own: what lies side by side in it, folders and files.
STEPS = {
    "apply": (
        {"growth"},
        {"session", "signals", "schedule"},
        {"recall", "deferred"},
        {"ownership"},
        {"admission", "filling"},
        {"values"},
        {"prospect"},
        {"reach"},
        {"amendment", "sweep", "transaction"},
    ),
    "cli": (
        {"typed"},
        {"told"},
        {"commands", "thin", "rootless"},
        {"main"},
    ),
}

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
DRAWN = re.compile(r"^ (\d)  ([a-z ]{1,22})", re.MULTILINE)
NAMES = 32  # the columns of a drawing before it says what they are
STARTERS = ("os.exec", "os.fork", "os.popen", "os.posix_spawn", "os.spawn", "os.system")

# __init__.py holds the version only and __main__.py starts the cli: both stand outside the rooms.
MODULES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if path.parent != PACKAGE or path.name not in {"__init__.py", "__main__.py"}
)


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def part(path: Path) -> str:
    """Name the folder or file of its room that a file is, or is in."""
    return path.relative_to(PACKAGE).parts[1].removesuffix(".py")


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


def climbs(floors: tuple[set[str], ...], here: str, others: set[str]) -> set[str]:
    """Name the others that do not lie below."""
    floor = {room: number for number, rooms in enumerate(floors) for room in rooms}
    return {
        other
        for other in others - {here, "__version__"}
        if other not in floor or floor[other] >= floor[here]
    }


def below(path: Path, *place: str) -> set[str]:
    """Name what a file imports of a place: of netkit its rooms, of a room its folders and files."""
    start = ".".join(("netkit", *place, ""))
    names = (name.removeprefix(start) for name in imported(path) if name.startswith(start))
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_downstairs(path: Path) -> None:
    assert climbs(FLOORS, room(path), below(path)) == set()


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if room(path) in STEPS and path.name != "__init__.py"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_imports_within_a_room_go_down_its_steps(path: Path) -> None:
    home = room(path)

    assert climbs(STEPS[home], part(path), below(path, home)) == set()


@pytest.mark.parametrize("home", sorted({room(path) for path in MODULES if path.parent != PACKAGE}))
def test_the_folders_and_files_of_a_room_import_each_other_in_no_circle(home: str) -> None:
    needs: dict[str, set[str]] = {}
    for path in MODULES:
        if room(path) == home and part(path) != "__init__":
            needs.setdefault(part(path), set()).update(below(path, home) - {part(path)})

    assert {*TopologicalSorter(needs).static_order()} >= needs.keys()


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_room_is_drawn_on_its_floor(page: str) -> None:
    lines = DRAWN.findall((PACKAGE.parent / page).read_text())
    there = {room(path) for path in MODULES}

    assert {int(number): {*rooms.split()} for number, rooms in lines} == {
        number: rooms & there for number, rooms in enumerate(FLOORS) if rooms & there
    }


@pytest.mark.parametrize("home", STEPS)
def test_the_steps_of_a_room_are_drawn(home: str) -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text()
    drawing = page.partition(f"The steps of `{home}`:")[2].split("```")[1]
    lines = drawing.splitlines()[1:]

    assert [{*line[:NAMES].split()} for line in reversed(lines)] == [*STEPS[home]]


def test_the_way_of_an_apply_is_drawn() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text()
    drawing = page.partition("goes this way:")[2].split("```")[1]
    way = re.findall(r"(\S+\.py) +(\w+)\(\)", drawing)
    there = {
        (str(path.relative_to(PACKAGE)), node.name)
        for path in MODULES
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef)
    }

    assert len(way) == len(drawing.splitlines()) - 1
    assert {*way} <= there


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
