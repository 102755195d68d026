"""A short run of the fuzzer finds nothing, and what it once found is found no more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netkit.command.command import Command
from tests.fuzz import __main__ as fuzzer
from tests.fuzz.sound import UnsoundError, batch_words, step
from tests.fuzz.targets import REFUSED, TARGETS, WHOLE

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


def test_a_short_run_finds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = fuzzer.main(["--inputs", "600", "--seed", "1", "--findings", str(tmp_path / "found")])

    said = capsys.readouterr().out
    assert code == 0, said
    assert said.endswith("600 inputs, 0 findings\n")
    assert [name for name in TARGETS if f"\n{name} " not in said] == []


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_was_found_once_is_found_no_more(path: Path) -> None:
    entry = json.loads(path.read_text())

    assert fuzzer.attempt(entry["target"], entry["input"]) in {WHOLE, REFUSED}


def test_a_finding_is_made_small_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stumble(given: list[str]) -> str:
        if "bad" in given:
            raise KeyError("bad")
        return WHOLE

    target = TARGETS["spec"]._replace(draw=lambda rng: ["a", "bad", "c"], try_=stumble)
    monkeypatch.setitem(TARGETS, "spec", target)

    assert fuzzer.main(["spec", "--inputs", "3", "--findings", str(tmp_path)]) == 1
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_text())["input"] == ["bad"]
    assert fuzzer.main(["--replay", str(path)]) == 1
    monkeypatch.undo()
    assert fuzzer.main(["--replay", str(path)]) == 0
    assert "3 inputs, 1 findings" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["a b", "a#b", "'a", '"', "a\\", "a\nb", "-a", ""])
def test_a_word_that_the_border_would_have_to_stop_is_seen(word: str) -> None:
    """A Command made past the border: the fuzzer would notice a hole in it."""
    with pytest.raises(UnsoundError):
        step(Command("ip", ("link", "delete", "dev", word)))


def test_a_line_is_cut_as_iproute2_cuts_it() -> None:
    assert list(batch_words("link add  'a b' \"c\" d'e # f")) == ["link", "add", "a b", "c", "d'e"]
