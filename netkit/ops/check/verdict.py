"""What a check came to, and its two forms for machines: plain values, and JUnit's XML."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from netkit.model.topology import Check, Topology
from netkit.value import Value

PASSED = "passed"
FAILED = "failed"
ERROR = "error"
SKIPPED = "skipped"

# What XML 1.0 cannot hold, not even escaped.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Verdict(Value, frozen=True, kw_only=True):
    """
    What a check came to.

    Args:
        check: Which.
        result: passed, failed; error, where it proves nothing either way (no such namespace, no
            tool, a name without address); skipped, where it was not run.
        detail: What was seen: ``10.1.0.20 0.4 ms; fd00:1::20 no answer in 1 s``.
        seconds: How long it took.
        tries: How often it was tried.
    """

    check: Check
    result: str
    detail: str = ""
    seconds: float = 0.0
    tries: int = 0

    @property
    def passed(self) -> bool:
        """The network is as the check says."""
        return self.result == PASSED

    @property
    def skipped(self) -> bool:
        """It was not run, since another one had not passed."""
        return self.result == SKIPPED


def label(check: Check) -> str:
    """Write a check as a line: ``con1 tcp con3:80 unreachable``."""
    target = shlex.join(check.command) if check.verb == "run" else check.target
    words = [check.source, check.verb, target]
    return " ".join(words if check.expect == "reachable" else [*words, check.expect])


def plain(verdict: Verdict) -> dict[str, Any]:
    """Give a verdict as plain values, for JSON."""
    check = verdict.check
    target = list(check.command) if check.verb == "run" else check.target
    return {
        "from": check.source,
        check.verb: target,
        "expect": check.expect,
        "result": verdict.result,
        "detail": verdict.detail,
        "seconds": round(verdict.seconds, 4),
        "tries": verdict.tries,
        "pointer": check.pointer,
    }


def junit(verdicts: Sequence[Verdict], topology: Topology) -> str:
    """
    Write verdicts as JUnit's XML, which CI systems read: a suite for the spec, a case for a check.

    What XML cannot hold, such as a control character in a command's words, becomes U+FFFD.
    """
    count = {kind: sum(each.result == kind for each in verdicts) for kind in (FAILED, ERROR)}
    numbers = {
        "tests": str(len(verdicts)),
        "failures": str(count[FAILED]),
        "errors": str(count[ERROR]),
        "skipped": str(sum(each.skipped for each in verdicts)),
        "time": f"{sum(each.seconds for each in verdicts):.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "netkit check", **numbers})
    suite = ElementTree.SubElement(root, "testsuite", {"name": _safe(topology.name), **numbers})
    for verdict in verdicts:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            {
                "classname": _safe(topology.name),
                "name": _safe(label(verdict.check)),
                "time": f"{verdict.seconds:.3f}",
            },
        )
        _say(case, verdict)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _say(case: ElementTree.Element, verdict: Verdict) -> None:
    detail = _safe(verdict.detail)
    kind = {FAILED: "failure", ERROR: "error", SKIPPED: "skipped"}.get(verdict.result)
    if kind is None:
        ElementTree.SubElement(case, "system-out").text = detail
        return
    words = ElementTree.SubElement(case, kind, {"message": detail})
    if kind != "skipped":
        words.set("type", verdict.check.verb)
        words.text = f"{detail}\n{verdict.check.pointer}"


def _safe(text: str) -> str:
    return UNWRITABLE.sub("\ufffd", text)
