"""From bytes to a document: what is refused, and where it is said to be."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netkit import spec
from netkit.errors import Problem, SpecError
from netkit.spec import source


def problems(data: bytes, path: Path, name: str = "spec.json") -> tuple[Problem, ...]:
    file = path / name
    file.write_bytes(data)
    with pytest.raises(SpecError) as caught:
        spec.load_topology(file)
    return caught.value.problems


def only(found: tuple[Problem, ...]) -> str:
    assert len(found) == 1
    return str(found[0])


def test_a_file_that_is_not_there_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text("{}")
    with pytest.raises(SpecError) as caught:
        spec.load(tmp_path / "shpo.json")

    assert only(caught.value.problems) == "there is no such file"
    assert caught.value.problems[0].hint == "did you mean shop.json?"


def test_a_file_in_no_folder_has_no_neighbour(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        spec.load(tmp_path / "nowhere" / "shop.json")

    assert caught.value.problems[0].hint == ""


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        spec.load(tmp_path)

    assert only(caught.value.problems) == "this is a directory, not a file"


def test_a_name_with_a_nul_is_no_file() -> None:
    with pytest.raises(SpecError, match="1 problem"):
        spec.load("a\0b")


def test_a_file_that_cannot_be_read_says_why() -> None:
    with pytest.raises(SpecError) as caught:
        spec.load("/proc/self/mem")

    assert "cannot be read" in only(caught.value.problems)


def test_50_mb_are_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "spec.json"
    file.touch()
    os.truncate(file, 50 * 2**20)
    with pytest.raises(SpecError) as caught:
        spec.load(file)

    assert only(caught.value.problems) == "the file is too large for a spec: at most 10 MB"


def test_a_device_without_end_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        spec.load("/dev/zero")

    assert only(caught.value.problems) == "the file is too large for a spec: at most 10 MB"


def test_what_is_not_utf_8_is_named_with_its_place(tmp_path: Path) -> None:
    found = problems(b'{\n  "name": "\xe4"}', tmp_path)

    assert only(found) == "line 2, column 12: byte 0xe4 is not UTF-8: a spec is written in UTF-8"


@pytest.mark.parametrize(
    "text",
    ['{"name": "t", // it\n}', '{"name": "t" # it\n}', '{"name": /* it */ "t"}', "// it\n{}"],
)
def test_a_comment_is_called_one(text: str, tmp_path: Path) -> None:
    assert "JSON has no comments" in only(problems(text.encode(), tmp_path))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_another_encoding_is_recognised(encoding: str, tmp_path: Path) -> None:
    found = problems('{"name": "t"}'.encode(encoding), tmp_path)

    assert encoding.upper() in only(found)


def test_a_byte_order_mark_of_utf_8_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "spec.json"
    file.write_bytes(b'\xef\xbb\xbf{"name": "t"}')

    assert spec.load_topology(file).name == "t"


def test_standard_input_is_json_or_yaml_by_its_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ('{"name": "t"}', "name: t\n"):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

        assert spec.load_topology("-").name == "t"


def test_yaml_says_the_same_as_json(tmp_path: Path) -> None:
    file = tmp_path / "spec.yml"
    file.write_text(
        "name: t\n"
        "namespaces:\n"
        "  a: {devices: {t0: {type: tap, mac: 12:34:56:12:34:56, mtu: 1400, up: false}}}\n"
        "  'b': {}\n"
        "checks:\n"
        "  - {from: a, run: [echo, no, 1_000, 010, 2001-01-01, '5', ~x], within: 2.5}\n"
    )
    topology = spec.load_topology(file)
    device = topology.namespaces[0].devices[0]

    assert (device.mac, device.mtu, device.up) == ("12:34:56:12:34:56", 1400, False)
    assert topology.checks[0].command == ("echo", "no", "1_000", "010", "2001-01-01", "5", "~x")
    assert topology.checks[0].within == 2.5


def test_a_number_with_a_point_that_is_whole_is_whole() -> None:
    document = spec.loads('{"name": "t", "networks": {"n": {"mtu": 1.4e3}}}')

    assert spec.topology(document).networks[0].mtu == 1400


def test_nesting_without_end_is_no_crash() -> None:
    for text in ("[" * 10**6, '{"a":' * 10**5, "- " * 10**4, "[" * 10**5 + "]" * 10**5):
        for form in ("json", "yaml"):
            with pytest.raises(SpecError):
                spec.topology(spec.loads(text, form=form))


def test_nesting_that_json_reads_is_refused_by_the_schema() -> None:
    text = '{"name": "t", "networks": ' + "[" * 500 + "]" * 500 + "}"
    with pytest.raises(SpecError) as caught:
        spec.topology(spec.loads(text))

    assert only(caught.value.problems).endswith("a list is not allowed here, only an object")


def test_text_too_large_is_refused_as_well() -> None:
    with pytest.raises(SpecError, match="1 problem"):
        spec.loads(" " * (source.MOST_BYTES + 1))


def test_a_name_of_100_kb_is_shown_short() -> None:
    with pytest.raises(SpecError) as caught:
        spec.topology(spec.loads(json.dumps({"name": "n" * 10**5, "networks": {"m" * 10**5: {}}})))

    assert [len(str(problem)) < 300 for problem in caught.value.problems] == [True, True]


def test_text_without_end_is_no_description() -> None:
    with pytest.raises(SpecError) as caught:
        spec.topology({"name": "t", "description": "x" * 5000})

    assert only(caught.value.problems) == (
        "/description: the text is too long: at most 4096 characters"
    )


def test_of_thousands_of_problems_some_are_told_and_the_rest_counted() -> None:
    namespaces: dict[str, object] = {f"n{number}": {"network": []} for number in range(3000)}
    with pytest.raises(SpecError) as caught:
        spec.topology(spec.loads(json.dumps({"name": "t", "namespaces": namespaces})))

    assert len(caught.value.problems) == source.MOST_FINDINGS + 1
    assert caught.value.problems[-1].message == "and 2,800 more of this kind"


def test_a_plain_value_is_checked_without_places() -> None:
    with pytest.raises(SpecError) as caught:
        spec.topology({"name": "t", "nets": {}})

    assert (caught.value.problems[0].line, caught.value.problems[0].pointer) == (0, "/nets")


def said_of(data: bytes, form: str | None) -> list[str]:
    """Give what is said of a document; nothing when it is right."""
    try:
        spec.topology(source.decoded(data, "spec", form))
    except SpecError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("form", [None, "json", "yaml"])
@given(data=st.binary(max_size=200))
def test_bytes_of_any_kind_raise_nothing_else(form: str | None, data: bytes) -> None:
    assert all(line.isprintable() for line in said_of(data, form))


@pytest.mark.parametrize("form", [None, "json", "yaml"])
@given(text=st.text(alphabet='{}[]":,-&*!#|>\n ab1\\', max_size=60))
def test_text_of_any_kind_raises_nothing_else(form: str | None, text: str) -> None:
    assert all(line.isprintable() for line in said_of(text.encode(), form))
