"""What holds for every test: only those marked root may start the tools that change a network."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

TOOLS = (
    *("ip", "bridge", "tc", "ss", "sysctl", "nsenter", "unshare"),
    *("iptables", "iptables-save", "iptables-restore"),
    *("ip6tables", "ip6tables-save", "ip6tables-restore"),
    *("nft", "conntrack", "tcpdump", "ovs-vsctl", "ovs-appctl"),
)
SHELLS = frozenset({"bash", "dash", "env", "sh", "sudo"})
# Where the real tools are; a test may put fakes of them anywhere else.
SYSTEM = {
    os.path.realpath(place)
    for place in ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
}

# Under nohup every child would ignore it, and tests send it.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# pytest-subprocess replaces subprocess.Popen and cannot fake sh, which forks for itself: a test
# that believes it faked sh would run the real tool, as root. An audit hook sees all ways to start
# a process alike. It cannot be taken out again, so it is switched: the path of the file that
# takes down what was refused, None while a test marked root runs.
log: Path | None = None


class RealToolError(Exception):
    """A test without the marker root was about to start a real tool."""


def is_real(word: str, environ: Mapping[str, str]) -> bool:
    """Say whether ``word`` would start one of TOOLS itself, and not a fake that a test wrote."""
    if os.path.basename(word) not in TOOLS:
        return False
    found = word if "/" in word else shutil.which(word, path=environ.get("PATH"))
    return found is not None and os.path.realpath(os.path.dirname(found)) in SYSTEM


def refuse(program: Any, argv: Any, env: Any) -> None:
    """Raise where starting ``program`` with ``argv`` would start a real tool."""
    # subprocess passes a shell's line as a plain string, and no program where argv names it.
    argv = [argv] if isinstance(argv, str | bytes | os.PathLike) else list(argv)
    words = [os.fsdecode(word) for word in (program, *argv) if word is not None]
    if any(os.path.basename(word) in SHELLS for word in words[:2]):
        words = [part for word in words for part in word.split()]
    else:
        words = words[:2] if program is not None else words[:1]
    environ = os.environ if env is None else {os.fsdecode(k): os.fsdecode(env[k]) for k in env}
    for word in words:
        if is_real(word, environ):
            raise RealToolError(f"{word} may run only in a test marked root: {argv}")


def hook(event: str, args: tuple[Any, ...]) -> None:
    """Watch over every way of Python to start a process."""
    if log is None:
        return
    try:
        if event == "subprocess.Popen":
            program, argv, _cwd, env = args
            refuse(program, argv, env)
        elif event in {"os.posix_spawn", "os.exec"}:
            refuse(*args)
        elif event == "os.system":
            refuse("sh", args[0], None)
    except RealToolError as error:
        # The error may end in a forked child, or in an except clause of the code under test.
        with log.open("a") as lines:
            lines.write(f"{error}\n")
        raise


sys.addaudithook(hook)


@pytest.fixture(scope="session")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a stand-in for each tool, which refuses: for the children of a test."""
    folder = tmp_path_factory.mktemp("stand-ins")
    for tool in TOOLS:
        path = folder / tool
        said = f"{tool} may run only in a test marked root, not in its children either"
        path.write_text(f"#!/bin/sh\necho '{said}' | tee -a {folder}/refused >&2\nexit 99\n")
        path.chmod(0o755)
    SYSTEM.add(os.path.realpath(folder))
    return folder


@pytest.fixture(autouse=True)
def refused(
    request: pytest.FixtureRequest, stand_ins: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path | None]:
    """
    Keep a test without the marker root from touching the machine's network.

    The test fails if it tried, even where the error never reached it.
    """
    global log  # noqa: PLW0603 - the hook has no other way to learn of the test
    if request.node.get_closest_marker("root"):
        yield None
        return
    monkeypatch.setenv("PATH", str(stand_ins), prepend=os.pathsep)
    log = stand_ins / "refused"
    log.write_text("")
    yield log
    lines, log = log.read_text(), None
    if lines:
        pytest.fail(lines, pytrace=False)
