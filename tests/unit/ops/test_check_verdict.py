"""Verdicts for machines: plain values, and XML that any parser reads."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from netkit.model.topology import Check, Topology
from netkit.ops.check.verdict import Verdict, junit, label, plain

PING = Check(source="a", verb="ping", target="b", pointer="/checks/0")
RUN = Check(
    source="a",
    verb="run",
    command=("sh", "-c", "echo '<&\"]]>\x1b[0m\0\ud800'"),
    expect="unreachable",
    pointer="/checks/1",
)
VERDICTS = (
    Verdict(check=PING, result="passed", detail="10.0.0.2 0.1 ms", seconds=0.25, tries=1),
    Verdict(check=RUN, result="failed", detail="<&>\x00\ud800", seconds=1, tries=2),
    Verdict(check=PING, result="error", detail="no such namespace"),
    Verdict(check=PING, result="skipped", detail="not run"),
)


def test_a_check_is_a_line() -> None:
    assert label(PING) == "a ping b"
    assert label(RUN).startswith("a run sh -c 'echo ")
    assert label(RUN).endswith(" unreachable")


def test_plain_values_travel_as_json() -> None:
    said = json.loads(json.dumps([plain(each) for each in VERDICTS]))

    assert said[0] == {
        "from": "a",
        "ping": "b",
        "expect": "reachable",
        "result": "passed",
        "detail": "10.0.0.2 0.1 ms",
        "seconds": 0.25,
        "tries": 1,
        "pointer": "/checks/0",
    }
    assert said[1]["run"][:2] == ["sh", "-c"]


def test_passed_and_skipped() -> None:
    assert [each.passed for each in VERDICTS] == [True, False, False, False]
    assert [each.skipped for each in VERDICTS] == [False, False, False, True]


def test_junit_is_well_formed_whatever_it_says() -> None:
    text = junit(VERDICTS, Topology(name='<"&'))

    root = ElementTree.fromstring(text.encode())
    suite = root[0]
    assert suite.get("name") == '<"&'
    counts = [suite.get(each) for each in ("tests", "failures", "errors", "skipped", "time")]
    assert counts == ["4", "1", "1", "1", "1.250"]
    assert [case[0].tag for case in suite] == ["system-out", "failure", "error", "skipped"]
    assert suite[1][0].get("message") == "<&>\ufffd\ufffd"
    assert "\ufffd[0m" in (suite[1].get("name") or "")


def test_junit_of_nothing() -> None:
    assert ElementTree.fromstring(junit((), Topology(name="x")))[0].get("tests") == "0"
