"""
The documents and the code say the same.

    every json block is a spec that netkit accepts
    the tables of keys and of verbs are what schema and command line say
    every link leads somewhere, every command that is typed is one that exists

Run as a program it writes those tables anew: ``.venv/bin/python -I tests/meta/test_docs.py``.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from netkit.cli.thin.nouns import NOUNS, function_of
from netkit.cli.thin.signature import summary
from netkit.cli.typed.docstring import told
from netkit.cli.typed.menu import COMMANDS, GROUP, MENU, THIN, VERBS
from netkit.spec import schema_text, topology

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:\w+/)+(?:[\w.]+)?)`")
HOMES = (ROOT, ROOT / "netkit")
TYPED = re.compile(r"^(?:sudo )?(?:bin/)?netkit (?!-)(\S+)(?: (\S+))?")

Table = list[tuple[str, ...]]
Schema = dict[str, Any]


def aligned(head: tuple[str, ...], rows: Table) -> str:
    """Write a table whose columns line up."""
    table = [head, *rows]
    widths = [max(len(row[n]) for row in table) for n in range(len(head))]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in table
    ]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "".join(f"| {line} |\n" for line in lines)


class Language:
    """The schema, as a reader wants to see it: one table for each object."""

    def __init__(self) -> None:
        self.schema: Schema = json.loads(schema_text())
        self.parts: Schema = self.schema["$defs"]

    def reference(self) -> str:
        """Write all tables."""
        return "\n".join(
            f"### {title}\n\n{aligned(('key', 'value', 'default', 'meaning'), rows)}"
            for title, rows in self.tables()
        )

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Give a title and the rows of each object."""
        yield "The document", self.rows(self.schema)
        network = self.parts["network"]["properties"]
        yield "`networks.N`", self.rows(self.parts["network"])
        yield "`networks.N.ipam`", self.rows(object_in(network["ipam"]))
        yield "`networks.N.dns`", self.rows(object_in(network["dns"]))
        yield "`namespaces.N`", self.rows(self.parts["namespace"])
        yield "`namespaces.N.netns`", self.rows(self.parts["namespace"]["properties"]["netns"])
        forwarding = self.parts["namespace"]["properties"]["forwarding"]
        yield "`namespaces.N.forwarding`", self.rows(object_in(forwarding))
        yield "`namespaces.N.networks.M`", self.rows(self.parts["endpoint"])
        yield "`namespaces.N.devices.D`, of every type", self.rows(self.parts["device-plain"])
        common = self.parts["device-plain"]["properties"].keys()
        for name in self.parts["device-type"]["enum"]:
            rows = [
                row
                for row in self.rows(self.parts[f"device-{name}"])
                if row[0].strip("`* ") not in {*common, "type"}
            ]
            if rows:
                yield f'`"type": "{name}"`', rows
        fdb = self.parts["device-vxlan"]["properties"]["fdb"]
        yield '`fdb[]` of `"type": "vxlan"`', self.rows(object_in(fdb))
        route = self.parts["route"]
        yield "`namespaces.N.routes[]`", self.rows(route)
        yield (
            "`namespaces.N.routes[].nexthops[]`",
            self.rows(object_in(route["properties"]["nexthops"])),
        )
        yield "`namespaces.N.rules[]`", self.rows(self.parts["rule"])
        yield "`namespaces.N.neighbors[]`", self.rows(self.parts["neighbor"])
        yield "`namespaces.N.nat[]`", self.rows(self.parts["nat-rule"])
        for name, part in self.parts["nat-rule"]["properties"].items():
            yield f"`namespaces.N.nat[].{name}`", self.rows(part)
        yield "`namespaces.N.firewall`", self.rows(self.parts["firewall"])
        policy = self.parts["firewall"]["properties"]["policy"]
        yield "`namespaces.N.firewall.policy`", self.rows(policy)
        yield "`namespaces.N.firewall.rules[]`", self.rows(self.parts["firewall-rule"])
        yield "`namespaces.N.dns`", self.rows(self.parts["dns"])
        yield "`links[]`", self.rows(self.parts["link"])
        yield "`checks[]`", self.rows(self.parts["check"])

    def rows(self, part: Mapping[str, Any]) -> Table:
        """Give a row for each key of an object; a star marks what must be said."""
        required = part.get("required", ())
        found: Table = []
        for key, given in part["properties"].items():
            value = self.whole(given)
            unit = f" ({value['unit']})" if "unit" in value else ""
            found.append(
                (
                    f"`{key}`{' *' if key in required else ''}",
                    f"{self.kind(value)}{unit}",
                    f"`{json.dumps(value['default'])}`" if "default" in value else "",
                    value.get("description", "").replace("|", "\\|"),
                )
            )
        return found

    def whole(self, given: Mapping[str, Any]) -> Schema:
        """Follow a reference; what stands beside it stands before what it leads to."""
        if "$ref" not in given:
            return dict(given)
        return {**self.parts[given["$ref"].rpartition("/")[2]], **given}

    def kind(self, value: Mapping[str, Any]) -> str:
        """Say what a value may be."""
        value = self.whole(value)
        if "enum" in value:
            return ", ".join(
                f"`{each}`" if isinstance(each, str) else str(each).lower()
                for each in value["enum"]
            )
        if "const" in value:
            return f"`{json.dumps(value['const'])}`"
        for many in ("anyOf", "oneOf"):
            if many in value:
                return " or ".join(dict.fromkeys(self.kind(each) for each in value[many]))
        kinds = value.get("type", "object")
        if kinds == "array":
            items = value.get("items") or (value.get("prefixItems") or [{}])[0]
            each = self.kind(items)
            return f"list of ({each})" if " or " in each else f"list of {each}"
        if kinds == "string":
            name = str(value.get("format", ""))
            return FORMATS.get(name, name)
        return {"integer": "number"}.get(kinds, str(kinds))


def object_in(part: Any) -> Schema:
    """Find the object with keys of its own that lies somewhere in a part."""
    if isinstance(part, dict):
        if "properties" in part:
            return part
        part = list(part.values())
    found = [object_in(each) for each in part] if isinstance(part, list) else []
    return next(filter(None, found), {})


FORMATS = {
    "": "text",
    "address": "address, with or without prefix",
    "cidr": "address with prefix",
    "device-reference": "device, or `NS:DEVICE`",
    "duration": "time",
    "end": "`NS:DEVICE`",
    "fwmark": "mark",
    "hostname": "host name",
    "ifname": "device",
    "ifname-range": "device, or a range",
    "ip": "address",
    "mac": "MAC address",
    "match-address": "address or prefix, `!`",
    "match-device": "device, `!`",
    "namespace-range": "namespace, or a range",
    "netns-name": "name",
    "network-range": "network, or a range",
    "path": "path",
    "percent": "percentage",
    "place": "namespace or address",
    "ports": "`N-M`",
    "prefix-text": "text",
    "publish": "`[ADDRESS:][HOST_PORT:]PORT[/PROTOCOL]`",
    "route-to": "prefix, or `default`",
    "socket": "`ADDRESS[:PORT]`",
    "sysctl-value": "text",
    "url": "URL",
    "word": "word",
}
"""What the words of ``format`` are called here; the others are called what they are."""


VERB_HEAD = ("verb", "what it does", "for example")


def verbs() -> str:
    """Write the table of thin verbs, a noun at a time."""
    parts = []
    for noun, found in NOUNS.items():
        rows: Table = [
            (
                f"`{verb.name}`",
                summary(told(function_of(verb).__doc__)).rstrip("."),
                f"`{line(noun, verb)}`",
            )
            for verb in found
        ]
        parts.append(f"### {noun}\n\n{COMMANDS[noun][0]}\n\n" + aligned(VERB_HEAD, rows))
    return "\n".join(parts)


def line(noun: str, verb: Any) -> str:
    return f"netkit {noun} {verb.name} {verb.example}".rstrip()


GENERATED: dict[Path, tuple[str, Callable[[], str]]] = {
    DOCS / "spec.md": ("reference", lambda: Language().reference()),
    DOCS / "cli.md": ("verbs", verbs),
}


def between(text: str, name: str) -> tuple[str, str, str]:
    """Cut a document before and after a generated part."""
    begin, end = (f"<!-- {name}: {each} -->\n" for each in ("begin", "end"))
    head, _, rest = text.partition(begin)
    body, _, tail = rest.partition(end)
    return head + begin, body, end + tail


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_a_table_says_what_the_code_says(path: Path) -> None:
    name, make = GENERATED[path]

    _, body, _ = between(path.read_text(), name)

    assert body == f"\n{make()}\n", "run .venv/bin/python -I tests/meta/test_docs.py"


def test_every_key_of_the_schema_is_in_the_reference() -> None:
    language = Language()
    keys = {key for _, rows in language.tables() for key in (row[0].strip("`* ") for row in rows)}

    assert set(_keys(language.schema)) - {"type"} <= keys


def _keys(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        properties = part.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for each in part.values():
            yield from _keys(each)
    elif isinstance(part, list):
        for each in part:
            yield from _keys(each)


def specs() -> list[Any]:
    return list(_specs())


def _specs() -> Iterator[Any]:
    for path in PAGES:
        for number, block in enumerate(FENCE.finditer(path.read_text())):
            if block[1] == "json":
                yield pytest.param(block[2], id=f"{path.relative_to(ROOT)}-{number}")


@pytest.mark.parametrize("text", specs())
def test_every_spec_in_the_documents_is_one(text: str) -> None:
    assert topology(json.loads(text)).name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    dead = [
        target
        for target in LINK.findall(FENCE.sub("", path.read_text()))
        if "://" not in target and not _leads(path, target)
    ]

    assert dead == []


def _leads(path: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    found = (path.parent / name) if name else path
    if not found.exists():
        return False
    return not anchor or anchor in {_anchor(title) for title in _titles(found)}


def _titles(path: Path) -> list[str]:
    text = FENCE.sub("", path.read_text())
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


def _anchor(title: str) -> str:
    """Write a title as a hosting site links to it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(path: Path) -> None:
    absent = [
        name
        for name in NAMED.findall(path.read_text())
        if any((home / name.split("/")[0]).is_dir() for home in HOMES)
        and not any((home / name).exists() for home in HOMES)
    ]

    assert absent == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_is_typed_exists(path: Path) -> None:
    unknown = []
    for block in FENCE.finditer(path.read_text()):
        for typed in (
            filter(None, map(TYPED.match, block[2].splitlines()))
            if block[1] in {"sh", "console"}
            else ()
        ):
            noun, verb = typed[1], typed[2]
            if noun not in COMMANDS or (
                COMMANDS[noun][1] in {THIN, GROUP} and verb not in _verbs(noun)
            ):
                unknown.append(typed[0])

    assert unknown == []


def _verbs(noun: str) -> set[str]:
    verbs = VERBS.get(noun) or {verb.name for verb in NOUNS[noun]}
    return {*verbs, "--help"}


def test_every_command_is_described() -> None:
    text = (DOCS / "cli.md").read_text()
    wanted = [name for name, (_, place) in COMMANDS.items() if place != THIN]

    assert [name for name in wanted if f"\n### {name}\n" not in text] == []
    assert [title for title in MENU if title not in text] == []


def test_every_example_of_a_verb_is_typed_right() -> None:
    for noun, found in NOUNS.items():
        for verb in found:
            assert shlex.split(line(noun, verb))


if __name__ == "__main__":
    for path, (name, make) in GENERATED.items():
        head, _, tail = between(path.read_text(), name)
        path.write_text(f"{head}\n{make()}\n{tail}")
        print(f"{path} written")
