"""
Bad documents and what is said of them, good ones and what they mean: data.

    cases/NAME/spec.json|yaml   problems.txt    what is printed, a hint on a line of its own
    good/NAME/spec.json         document.json   the same, everything explicit
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netkit import spec
from netkit.errors import SpecError

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BAD = sorted((HERE / "cases").iterdir())
GOOD = sorted((HERE / "good").iterdir())
EXAMPLES = sorted((ROOT / "examples").glob("*.json"))


def printed(error: SpecError) -> list[str]:
    lines = []
    for problem in error.problems:
        lines.append(str(problem))
        if problem.hint:
            lines.append(f"    {problem.hint}")
    return lines


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_a_bad_document_is_told_all_that_is_wrong(case: Path) -> None:
    file = next(case.glob("spec.*"))

    with pytest.raises(SpecError) as caught:
        spec.load_topology(file)

    assert printed(caught.value) == (case / "problems.txt").read_text().splitlines()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_nothing_printed_can_move_a_cursor(case: Path) -> None:
    with pytest.raises(SpecError) as caught:
        spec.load_topology(next(case.glob("spec.*")))

    assert all(line.isprintable() and len(line) < 1000 for line in printed(caught.value))


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_a_good_document_means_what_is_written_out(case: Path) -> None:
    topology = spec.load_topology(case / "spec.json")

    assert spec.document(topology) == json.loads((case / "document.json").read_text())


@pytest.mark.parametrize("file", [*(case / "spec.json" for case in GOOD), *EXAMPLES], ids=str)
def test_written_out_and_read_again_it_is_the_same(file: Path) -> None:
    topology = spec.load_topology(file)

    assert spec.topology(spec.document(topology)) == topology


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_is_described_and_checked(file: Path) -> None:
    topology = spec.load_topology(file)

    assert topology.name == file.stem
    assert topology.description
    assert topology.checks
