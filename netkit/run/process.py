"""
The one place that starts processes.

Standard input is a complete file in memory, never a pipe: at the end of a broken pipe ``ip`` runs
the truncated last line. Output goes to files in memory too, so no reader can block a writer. A
child runs in a process group of its own, so Ctrl-C reaches only netkit, which decides.
"""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

from netkit.errors import MissingError
from netkit.value import Value

ENVIRONMENT = {
    "LC_ALL": "C",
    "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
}
SYSTEM_PATH = os.pathsep.join((ENVIRONMENT["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"))

PACKAGES = {
    "ip": "iproute2",
    "bridge": "iproute2",
    "tc": "iproute2",
    "iptables": "iptables",
    "ip6tables": "iptables",
    "iptables-save": "iptables",
    "ip6tables-save": "iptables",
    "iptables-restore": "iptables",
    "ip6tables-restore": "iptables",
    "conntrack": "conntrack",
    "ping": "iputils-ping",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "sysctl": "procps",
    "tcpdump": "tcpdump",
}

_paths: dict[str, str] = {}


class Ended(Value, frozen=True):
    """How a process ended: its exit code (negative: a signal; None: by the time limit)."""

    code: int | None
    stdout: str
    stderr: str


def find(tool: str) -> str:
    """
    Give the path of a tool.

    Raises:
        MissingError: It is not installed; the hint names the Debian package.
    """
    if (path := _paths.get(tool)) is None:
        path = shutil.which(tool, path=SYSTEM_PATH)
        if path is None:
            package = PACKAGES.get(tool, tool)
            raise MissingError(f"{tool} is not installed", hint=f"apt-get install {package}")
        _paths[tool] = path
    return path


def call(
    argv: Sequence[str], *, input: str = "", limit: float = 60.0, keep: Sequence[int] = ()
) -> Ended:
    """
    Run a process to its end, in the namespace of the calling thread.

    Args:
        argv: The tool and its words.
        input: Its whole standard input.
        limit: Seconds until it, and what it started, are ended.
        keep: File descriptors that it inherits.
    """
    path = find(argv[0])
    stdin = _memory(input)
    stdout = os.memfd_create("stdout")
    stderr = os.memfd_create("stderr")
    try:
        with subprocess.Popen(
            argv,
            executable=path,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=ENVIRONMENT,
            pass_fds=keep,
            process_group=0,
        ) as child:
            code = _wait(child, limit)
        return Ended(code, _text(stdout), _text(stderr))
    finally:
        os.close(stdin)
        os.close(stdout)
        os.close(stderr)


def start(argv: Sequence[str], *, limit: float = 10.0) -> tuple[int, str, str]:
    """
    Start a process that stays when netkit has ended, and wait for its first line.

    Args:
        argv: The tool and its words.
        limit: Seconds to wait for the line.

    Returns:
        Its pid, the line, and what it complained of; the line is empty when none came.
    """
    complaint = os.memfd_create("stderr")
    child = subprocess.Popen(
        argv,
        executable=find(argv[0]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaint,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    assert child.stdout is not None
    ready, _, _ = select.select([child.stdout], [], [], limit)
    line = child.stdout.readline().decode().strip() if ready else ""
    if not line:
        child.kill()
        child.wait()
    child.stdout.close()
    said = _text(complaint).strip()
    os.close(complaint)
    child.returncode = 0  # it is no longer ours to wait for
    return child.pid, line, said


def become(argv: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """
    Replace netkit by a program: same process, terminal, files, and namespaces of this thread.

    Args:
        argv: The program, found in the PATH of ``environment``, and its words.
        environment: The program's.

    Raises:
        OSError: It was not replaced.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):  # closed, or None: then there is nothing to keep
            stream.flush()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and so would the child
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(argv[0], tuple(argv), environment)
    except OSError as error:
        path = shutil.which(argv[0], path=environment.get("PATH"))
        if error.errno != errno.ENOEXEC or path is None:
            raise
        # A script without a first line, which every shell and execvp(3) would run.
        os.execve("/bin/sh", ["/bin/sh", path, *argv[1:]], environment)


def _wait(child: subprocess.Popen[bytes], limit: float) -> int | None:
    """Wait on a pidfd: Popen.wait() with a limit looks only every so often."""
    watched = os.pidfd_open(child.pid)
    try:
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        if poll.poll(limit * 1000):
            return child.wait()
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        return None
    finally:
        os.close(watched)


def _memory(text: str) -> int:
    number = os.memfd_create("stdin")
    data = text.encode()
    while data:
        data = data[os.write(number, data) :]
    os.lseek(number, 0, os.SEEK_SET)
    return number


def _text(number: int) -> str:
    size = os.lseek(number, 0, os.SEEK_END)
    return os.pread(number, size, 0).decode(errors="replace")
