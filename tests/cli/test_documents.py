"""validate, render and schema: documents in, documents or complaints out."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLES, Netkit

SMALL = {"name": "lab", "namespaces": {"a": {}, "b": {}}, "links": [{"ends": ["a:x", "b:y"]}]}
BRIDGE = {"type": "bridge", "ports": ["x"]}


def lab(**changes: object) -> str:
    return json.dumps({**SMALL, **changes})


def link(**changes: object) -> str:
    return lab(links=[{"ends": ["a:x", "b:y"], **changes}])


BAD: dict[str, tuple[str, str]] = {
    "unknown key": (lab(namspaces={}), "namespaces"),
    "wrong type": (lab(links={}), "/links"),
    "misspelt name": (
        lab(namespaces={"a": {"networks": ["lam"]}, "b": {}}, networks={"lan": {}}), "lan"),
    "bad CIDR": (link(subnet="10.0.0.0/33"), "10.0.0.0/33"),
    "address outside its subnet": (
        lab(networks={"n": {"subnets": ["10.0.0.0/24"]}},
            namespaces={"a": {"networks": {"n": {"addresses": ["10.1.0.1"]}}}, "b": {}}),
        "10.1.0.1"),
    "duplicate address": (
        lab(networks={"n": {"subnets": ["10.0.0.0/24"]}}, namespaces={
            name: {"networks": {"n": {"addresses": ["10.0.0.9"]}}} for name in "ab"}), "10.0.0.9"),
    "dangling end": (lab(links=[{"ends": ["a:x", "c:y"]}]), "c"),
    "two masters": (
        lab(namespaces={"a": {"devices": {"p": BRIDGE, "q": BRIDGE}}, "b": {}}), "x"),
    "name too long": (lab(links=[{"ends": ["a:abcdefghijklmnop", "b:y"]}]), "abcdefghijklmnop"),
    "newline in a name": (lab(namespaces={"a\nb": {}}), "/namespaces"),
    "quote in a name": (lab(namespaces={"a'b": {}}), "/namespaces"),
    "dash before a name": (lab(namespaces={"-a": {}}), "/namespaces"),
    "broken JSON": ('{"name": "lab",}', ":1:"),
    "empty file": ("", "empty"),
    "a list": ("[]", "object"),
    "duplicate key": ('{"name": "a", "name": "b"}', "name"),
    "binary": ("\x00\x01", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("command", ["validate", "apply", "plan", "diff", "check", "render"])
def test_bad_input_is_2_with_a_clear_error(
    netkit: Netkit, tmp_path: Path, case: str, command: str
) -> None:
    text, named = BAD[case]
    spec = tmp_path / "spec.json"
    spec.write_text(text)
    said = netkit(command, str(spec))

    assert (said.code, said.out) == (2, "")
    assert named in said.err
    assert said.err.splitlines()[0].startswith(f"{spec}:")
    assert said.err.splitlines()[-1].startswith(f"error: {spec}: ")
    assert "unexpectedly" not in said.err


@pytest.mark.parametrize("place", ["missing.json", "."], ids=["no file", "a directory"])
def test_what_is_no_file_is_2(netkit: Netkit, tmp_path: Path, place: str) -> None:
    said = netkit("validate", str(tmp_path / place))

    assert said.code == 2
    assert "unexpectedly" not in said.err


def test_a_file_of_50_mb_is_refused_at_once(netkit: Netkit, tmp_path: Path) -> None:
    spec = tmp_path / "big.json"
    with spec.open("wb") as file:
        file.truncate(50 * 2**20)

    assert netkit("validate", str(spec)).code == 2


def test_100_errors_are_told_at_once(netkit: Netkit, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(lab(namespaces={f"h{n}": {"wrong": n} for n in range(100)}, links=[]))
    said = netkit("validate", str(spec))

    assert len(said.err.splitlines()) == 101
    assert "100 problems" in said.err.splitlines()[-1]


def test_an_error_is_told_as_a_compiler_would(netkit: Netkit, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text('{\n  "name": "lab",\n  "namspaces": {}\n}')
    (line, last) = netkit("validate", str(spec)).err.splitlines()

    assert line.startswith(f"{spec}:3:3: ")
    assert "namespaces" in line
    assert last == f"error: {spec}: 1 problem, nothing was changed"


def test_validate_counts_and_goes_on_after_an_error(netkit: Netkit, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text("{")
    said = netkit("validate", str(spec), "examples/shop.json")

    assert said.code == 2
    assert said.out == "examples/shop.json: ok, shop: 3 namespaces, 2 networks, 7 checks\n"


def test_validate_for_machines(netkit: Netkit, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text('{\n  "name": "lab",\n  "namspaces": {}\n}')
    said = netkit("validate", "--json", "examples/shop.json", str(spec))
    (error,) = said.json["errors"]

    assert said.json["data"]["specs"][0]["name"] == "shop"
    assert (error["line"], error["column"], error["source"]) == (3, 3, str(spec))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_a_rendered_spec_is_sound_and_renders_to_itself(
    netkit: Netkit, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = netkit("render", str(path)).out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(rendered.encode())))
    again = netkit("render", "-")

    assert again.code == 0
    assert again.out == rendered


def test_a_name_takes_the_place_of_the_spec_s(netkit: Netkit) -> None:
    said = netkit("render", "examples/shop.json", "--name", "two")

    assert (said.json["name"], said.json["prefix"]) == ("two", "two-")


def test_the_schema_is_printed_whole(netkit: Netkit) -> None:
    assert netkit("schema").json == netkit("schema", "--json").json["data"]
    assert netkit("schema").json["$schema"].endswith("2020-12/schema")
