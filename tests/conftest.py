"""What holds for every test: only those marked root may start the tools that change a network."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

TOOLS = (
    *("ip", "bridge", "tc", "ss", "sysctl", "nsenter", "unshare"),
    *("iptables", "iptables-save", "iptables-restore"),
    *("ip6tables", "ip6tables-save", "ip6tables-restore"),
    *("nft", "conntrack", "tcpdump", "ovs-vsctl"),
)
SHELLS = frozenset({"bash", "dash", "env", "sh", "sudo"})
# Where the real tools are; a test may put fakes of them anywhere else.
SYSTEM = {
    os.path.realpath(place)
    for place in ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
}

# pytest-subprocess replaces subprocess.Popen and cannot fake sh, which forks for itself: a test
# that believes it faked sh would run the real tool, as root. An audit hook sees all ways to start
# a process alike. It cannot be taken out again, hence the switch.
guarded = False


class RealToolError(BaseException):
    """
    A test without the marker root was about to start a real tool.

    No Exception, lest the code under test turn it into an error of its own that the test expects.
    """


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
    if real := [word for word in words if is_real(word, environ)]:
        raise RealToolError(f"{real[0]} may run only in a test marked root: {argv}")


def hook(event: str, args: tuple[Any, ...]) -> None:
    """Watch over every way of Python to start a process."""
    if not guarded:
        return
    if event == "subprocess.Popen":
        program, argv, _cwd, env = args
        refuse(program, argv, env)
    elif event in {"os.posix_spawn", "os.exec"}:
        refuse(*args)
    elif event == "os.system":
        refuse("sh", args[0], None)


sys.addaudithook(hook)


@pytest.fixture(scope="session")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a stand-in for each tool, which refuses: for the children of a test."""
    folder = tmp_path_factory.mktemp("refusals")
    for tool in TOOLS:
        said = shlex.quote(f"{tool}: may run only in a test marked root")
        (folder / tool).write_text(f"#!/bin/sh\necho {said} >&2\nexit 99\n")
        (folder / tool).chmod(0o755)
    SYSTEM.add(os.path.realpath(folder))
    return folder


@pytest.fixture(autouse=True)
def no_real_tools(
    request: pytest.FixtureRequest, refusals: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Keep a test without the marker root from touching the machine's network."""
    global guarded  # noqa: PLW0603 - the hook has no other way to learn of the test
    if request.node.get_closest_marker("root"):
        yield
        return
    monkeypatch.setenv("PATH", str(refusals), prepend=os.pathsep)
    guarded = True
    yield
    guarded = False
