"""The door: what is answered at once, and which exit code each end has."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from netkit import __version__
from netkit.cli.main import run
from netkit.cli.told.complaint import complain
from netkit.cli.typed.menu import COMMANDS
from netkit.errors import (
    AbsentError,
    CommandError,
    ConflictError,
    ExistsError,
    LackingError,
    LockedError,
    MissingError,
    NetkitError,
    Problem,
    SpecError,
    StrandedError,
    UsageError,
    VerifyError,
)
from tests.cli.conftest import ROOT, Netkit

MAIN = (sys.executable, "-I", str(ROOT / "netkit" / "__main__.py"))


def test_version(netkit: Netkit) -> None:
    assert netkit("--version").out == f"netkit {__version__}\n"


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help_lists_every_command_in_80_columns(netkit: Netkit, word: str) -> None:
    said = netkit(word)

    assert (said.code, said.err) == (0, "")
    assert all(
        f"  {name} " in said.out and line in said.out for name, (line, _) in COMMANDS.items()
    )
    assert max(map(len, said.out.splitlines())) <= 100


def test_nothing_said_is_wrong_usage(netkit: Netkit) -> None:
    said = netkit()

    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: netkit COMMAND")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["appyl"], "Did you mean 'apply'?"),
        (["apply"], "Missing argument 'SPEC|NAME'"),
        (["apply", "a", "b"], "unexpected extra argument"),
        (["apply", "--nme"], "--name"),
        (["apply", "x", "--lock-timeout", "soon"], "'soon' is not a number"),
        (["link", "set", "eth0", "--mtu", "big"], "'big' is not a whole number"),
        (["link", "sett"], "Did you mean 'set'?"),
        (["destroy"], "say which network is to go"),
        (["destroy", "x", "--all"], "say which network is to go"),
        (["plan", "examples/shop.json", "--format", "xml"], "--format 'xml'"),
        (["check", "examples/shop.json", "--json", "--junit", "-"], "both want standard output"),
    ],
)
def test_wrong_usage_is_2(netkit: Netkit, words: list[str], message: str) -> None:
    said = netkit(*words)

    assert said.code == 2
    assert message in said.out + said.err


def test_a_group_alone_shows_its_verbs(netkit: Netkit) -> None:
    said = netkit("link")

    assert (said.code, said.out) == (2, "")
    assert "add-veth" in said.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NetkitError("x"), 1),
        (ConflictError("x"), 1),
        (CommandError("ip link", 2, "no"), 1),
        (ExistsError("ip link", 2, "File exists"), 1),
        (AbsentError("ip link", 1, "Cannot find device"), 1),
        (VerifyError("x"), 1),
        (UsageError("x"), 2),
        (SpecError((Problem("/a", "x"),)), 2),
        (LockedError("x"), 4),
        (MissingError("x"), 5),
        (LackingError("ip link", 2, "Operation not permitted"), 5),
        (StrandedError("x"), 6),
        (ZeroDivisionError("x"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_exit_codes(error: Exception, code: int) -> None:
    assert complain(error, ["apply", "x"]) == code


def test_a_failed_command_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    error = CommandError(
        "ip -n con1 link add x",
        2,
        "RTNETLINK answers: File exists\n",
        pointer="/links/0",
        hint="rename it",
    )
    error.add_note("everything is as it was before")
    complain(error, ["apply", "x"])

    assert capsys.readouterr().err.splitlines() == [
        "a command failed:",
        "  ip -n con1 link add x",
        "  said: RTNETLINK answers: File exists (exit code 2)",
        "  from: /links/0 of the spec",
        "everything is as it was before",
        "hint: rename it",
    ]


def test_a_bug_is_one_line_and_a_plea(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    complain(ZeroDivisionError("division by zero"), ["status"])
    said = capsys.readouterr().err

    assert said.splitlines()[0] == "netkit failed unexpectedly: ZeroDivisionError: division by zero"
    assert "please report it" in said
    assert "Traceback" not in said

    monkeypatch.setenv("NETKIT_DEBUG", "1")
    complain(ZeroDivisionError("division by zero"), ["status"])
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["status"], ["status", "--json", "--json"]], ids=len)
def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("netkit.cli.typed.lazy.root", interrupt)
    monkeypatch.setattr("netkit.cli.commands.status.reading", interrupt)

    assert run(words) == 130


def test_own_failure_of_exec_is_125_or_more(netkit: Netkit) -> None:
    said = netkit("exec", "con9", "--", "true")

    assert said.code == 125
    assert "there is no namespace con9" in said.err


def test_own_failure_of_ping_is_pings_other_error_and_never_silence(netkit: Netkit) -> None:
    said = netkit("ping", "con9", "10.0.0.1")

    assert said.code == 2
    assert "there is no namespace con9" in said.err


def test_an_option_before_the_namespace_of_exec_is_none(netkit: Netkit) -> None:
    said = netkit("exec", "--jsn", "con1", "--", "true")

    assert said.code == 125
    assert "no such option: --jsn" in said.err


@pytest.mark.parametrize("words", ["render examples/star-100.json", "schema", "--help"])
def test_a_reader_that_goes_away_is_no_error(words: str) -> None:
    line = f"set -o pipefail; {shlex.join(MAIN)} {words} | head -c 1"
    done = subprocess.run(["/bin/bash", "-c", line], capture_output=True, cwd=ROOT, check=False)

    assert (done.returncode, done.stderr, len(done.stdout)) == (0, b"", 1)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("words", "code"), [("schema", 0), ("--help", 0), ("apply", 2)])
def test_a_standard_stream_may_be_closed(words: str, code: int, closed: str) -> None:
    line = f"{shlex.join(MAIN)} {words} {closed}"
    done = subprocess.run(["/bin/bash", "-c", line], capture_output=True, cwd=ROOT, check=False)

    assert done.returncode == code
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    ["schema", "--version", "schema --json", "validate --json examples/shop.json nosuch.json"],
)
def test_an_answer_that_cannot_be_written_is_said(words: str) -> None:
    line = f"{shlex.join(MAIN)} {words} >/dev/full"
    done = subprocess.run(["/bin/bash", "-c", line], capture_output=True, cwd=ROOT, check=False)

    assert done.stderr.decode().splitlines()[0] == (
        "error: the answer cannot be written to standard output: No space left on device"
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 1


def test_it_runs_as_a_file_and_as_a_module(tmp_path: Path) -> None:
    as_file = subprocess.check_output([*MAIN, "--version"], cwd=tmp_path, text=True)
    as_module = subprocess.check_output(
        [sys.executable, "-m", "netkit", "--version"], cwd=ROOT, text=True
    )

    assert as_file == as_module == f"netkit {__version__}\n"


def test_usage_is_told_in_json_when_json_was_asked_for(netkit: Netkit) -> None:
    said = netkit("apply", "--json", "--nme", "x")

    assert said.code == 2
    assert said.json["errors"][0]["code"] == "usage"
    assert said.err == ""


def test_words_of_another_program_ask_for_no_json(netkit: Netkit) -> None:
    said = netkit("exec", "con9", "--", "ip", "--json")

    assert said.out == ""
    with pytest.raises(json.JSONDecodeError):
        json.loads(said.err)
