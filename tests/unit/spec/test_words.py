"""Words and quantities, one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netkit.spec import formats, ranges, report, units, words


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("8bit", 8),
        ("10kbit", 10_000),
        ("10mbit", 10_000_000),
        ("1.5gbit", 1_500_000_000),
        ("1kibit", 1024),
        ("1kbps", 8_000),
        ("1MBPS", 8_000_000),
    ],
)
def test_a_rate_is_read_as_tc_reads_it(text: str, bits: int) -> None:
    assert units.read_rate(text) == bits


@pytest.mark.parametrize("text", ["", "10", "mbit", "-1mbit", "1 mbit", "1e3mbit", "٣mbit", "1mb"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        units.read_rate(text)


@given(st.integers(8, units.MOST_BITS))
def test_a_rate_survives_being_written(bits: int) -> None:
    assert units.read_rate(units.write_rate(bits)) == bits


@given(st.integers(0, units.LONGEST))
def test_a_time_survives_being_written(microseconds: int) -> None:
    assert units.read_duration(units.write_duration(microseconds)) == microseconds


@given(st.integers(0, 10**8))
def test_a_share_survives_being_written(millionths: int) -> None:
    share = millionths / 10**6

    assert units.read_percent(units.write_percent(share)) == share


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        (255, "0xff"),
        ("255", "0xff"),
        ("0x1/0xff", "0x1/0xff"),
        ("1/4294967295", "0x1"),
    ],
)
def test_a_mark_is_written_as_ip_prints_it(value: str | int, mark: str) -> None:
    assert words.read_fwmark(value) == mark


@pytest.mark.parametrize(
    ("text", "socket"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.1:80", "10.0.0.1:80"),
        ("fd00:0::1", "fd00::1"),
        ("[fd00::1]:80", "[fd00::1]:80"),
        ("[fd00::1]", "fd00::1"),
    ],
)
def test_a_socket_is_an_address_and_perhaps_a_port(text: str, socket: str) -> None:
    assert words.read_socket(text) == socket


@pytest.mark.parametrize("text", ["10.0.0.1:", "[fd00::1", "[fd00::1]80", "a:80", "10.0.0.1:0"])
def test_what_is_no_socket_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        words.read_socket(text)


@pytest.mark.parametrize("form", sorted(formats.READERS))
@given(text=st.text(max_size=80))
def test_a_reader_says_yes_or_why_not(form: str, text: str) -> None:
    said = formats.objection(form, text)

    assert said is None or (said and said.isprintable() and len(said) < 300)


HARMLESS = {"word", "sysctl-value", "path"}  # never part of a line for a tool
HOSTILE = ["a\n", "\na", "a b", "-a", "a'b", 'a"b', "a;b", "$(a)", "a\x00", "`a`", "a\\b", "a|b"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", sorted(formats.READERS.keys() - HARMLESS))
def test_no_reader_lets_a_hostile_word_through(form: str, text: str) -> None:
    assert formats.objection(form, text) is not None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("h[1-3]", ["h1", "h2", "h3"]),
        ("h[1-2,7]", ["h1", "h2", "h7"]),
        ("h[7,1-2]", ["h1", "h2", "h7"]),
        ("h[08-10]", ["h08", "h09", "h10"]),
        ("h[1-2]x", ["h1x", "h2x"]),
        ("h[0]", ["h0"]),
        ("plain", ["plain"]),
    ],
)
def test_a_range_is_written_out(text: str, names: list[str]) -> None:
    assert [name for name, _ in ranges.names(text)] == names


def test_the_number_of_an_inner_range_is_not_the_outer_ones() -> None:
    filled = ranges.fill({"a{n}": "{n}", "p[1-2]": {"x": "{n}"}, "list": ["{n}", 4]}, 7)

    assert filled == {"a7": "7", "p[1-2]": {"x": "{n}"}, "list": ["7", 4]}


@given(st.lists(st.text(), max_size=5))
def test_a_pointer_is_read_as_it_was_written(path: list[str]) -> None:
    pointer = "".join(f"/{report.escape(step)}" for step in path)

    assert list(report.steps(pointer)) == path


@given(st.text(max_size=200))
def test_what_is_shown_is_one_short_line(text: str) -> None:
    assert report.shown(text).isprintable()
    assert len(report.shown(text)) <= report.SHOWN_CHARACTERS


def test_a_list_of_words_reads_as_a_sentence() -> None:
    assert report.listed(["a"]) == "a"
    assert report.listed(["a", "b", "c"]) == "a, b or c"
    assert report.listed(["a", "b"], last="and") == "a and b"
    assert report.counted(1, "port") == "1 port"
    assert report.counted(2000, "address") == "2,000 addresses"
