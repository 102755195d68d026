"""The schema: whole, described, and judged alike by the quick verdict and by jsonschema."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from netkit import spec
from netkit.errors import MissingError, Problem, SpecError
from netkit.model.topology import Topology
from netkit.spec import formats, language, quick

HERE = Path(__file__).parent
SCHEMA = language.schema()
SPECS = [
    json.loads(file.read_text())
    for file in [*HERE.glob("good/*/spec.json"), *HERE.parents[2].glob("examples/*.json")]
]


def judge(document: Any) -> bool:
    checker = FormatChecker(formats=())
    for form in formats.READERS:
        checker.checks(form)(lambda value, form=form: formats.objection(form, value) is None)
    return Draft202012Validator(SCHEMA, format_checker=checker).is_valid(document)


def properties(schema: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        for key, value in schema.get("properties", {}).items():
            yield f"{at}/{key}", value
        for key, value in schema.items():
            if key != "examples":
                yield from properties(value, f"{at}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from properties(value, f"{at}/{index}")


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    return SCHEMA["$defs"][name] if name else schema


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_key_is_described_with_an_example() -> None:
    for at, schema in properties(SCHEMA):
        entry = resolved(schema)

        assert {"title", "description", "examples"} <= entry.keys(), at


def test_every_example_is_right() -> None:
    checker = FormatChecker(formats=())
    for form in formats.READERS:
        checker.checks(form)(lambda value, form=form: formats.objection(form, value) is None)
    for at, schema in properties(SCHEMA):
        entry = resolved(schema)
        whole = {**entry, "$defs": SCHEMA["$defs"]}
        for example in entry["examples"]:
            assert Draft202012Validator(whole, format_checker=checker).is_valid(example), at


def test_no_object_takes_keys_it_does_not_know() -> None:
    def objects(schema: Any) -> Iterator[dict[str, Any]]:
        if isinstance(schema, dict):
            if schema.get("type") == "object":
                yield schema
            for key, value in schema.items():
                if key != "examples":
                    yield from objects(value)
        elif isinstance(schema, list):
            for value in schema:
                yield from objects(value)

    assert all(schema.get("additionalProperties", True) is not True for schema in objects(SCHEMA))


@pytest.mark.parametrize("document", SPECS, ids=lambda document: document["name"])
def test_both_judges_pass_what_is_right(document: Any) -> None:
    assert judge(document)
    assert quick.is_valid(document, SCHEMA)


@pytest.mark.parametrize(
    "case", sorted(HERE.glob("cases/*/spec.json")), ids=lambda p: p.parent.name
)
def test_both_judges_agree_about_what_is_wrong(case: Path) -> None:
    try:
        document = spec.load(case).value
    except SpecError:
        return

    assert quick.is_valid(document, SCHEMA) == judge(document)


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70000),
    st.sampled_from([0.5, "", "x", "10.0.0.1", "10.0.0.0/24", "a:b", "!x", "10mbit", "{n}"]),
    st.sampled_from([[], {}, ["x"], {"type": "bridge"}, [{}], {"x": 1}]),
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """Draw a document with one value replaced, taken out, or put in."""
    document = copy.deepcopy(draw(st.sampled_from(SPECS)))
    value: Any = document
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = draw(st.sampled_from(keys))
        if not isinstance(value[key], dict | list) or not value[key] or draw(st.booleans()):
            change = draw(st.sampled_from(["replace", "remove", "insert"]))
            if change == "replace":
                value[key] = draw(JUNK)
            elif change == "remove":
                del value[key]
            elif isinstance(value, dict):
                value[draw(st.sampled_from(["x", "type", "ping", "h[1-3]", "a b"]))] = draw(JUNK)
            else:
                value.insert(key, draw(JUNK))
            break
        value = value[key]
    return document


def read(text: str) -> tuple[Topology | None, tuple[Problem, ...]]:
    try:
        return spec.topology(spec.loads(text, form="json")), ()
    except SpecError as error:
        return None, error.problems


@given(mutated())
def test_both_judges_agree_about_anything(document: Any) -> None:
    assert quick.is_valid(document, SCHEMA) == judge(document)


@given(mutated())
def test_a_document_of_any_kind_is_read_or_refused(document: Any) -> None:
    topology, found = read(json.dumps(document))

    assert all(problem.line and str(problem).isprintable() for problem in found)
    assert topology is None or spec.topology(spec.document(topology)) == topology
    assert (topology is None) == bool(found)


@pytest.mark.parametrize("extra", [{"pattern": "x"}, {"format": "unheard-of"}])
def test_a_keyword_the_quick_verdict_does_not_know_makes_it_no(extra: dict[str, Any]) -> None:
    assert not quick.is_valid("x", {"type": "string", **extra})


def test_a_right_document_needs_neither_jsonschema_nor_yaml() -> None:
    program = (
        "import sys; from netkit import spec; spec.load_topology('examples/shop.json');"
        "print(*sorted({'jsonschema', 'yaml', 'referencing', 'difflib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=HERE.parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == ""


def test_the_schema_is_given_as_it_is_shipped() -> None:
    assert spec.schema_text() == (HERE.parents[2] / "schemas/spec.schema.json").read_text()


def test_an_installation_without_the_schema_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "FILE", "schemas/absent.json")

    with pytest.raises(MissingError, match="not installed whole"):
        spec.schema_text()
