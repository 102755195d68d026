"""
The one place that starts processes.

Standard input is a complete file in memory, never a pipe: at the end of a broken pipe ``ip`` runs
the truncated last line. Output goes to files in memory too, so no reader can block a writer. A
child runs in a process group of its own, so Ctrl-C reaches only netkit, which decides.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

from netkit.errors import MissingError, NetkitError
from netkit.value import Value

ENVIRONMENT = {
    "LC_ALL": "C",
    "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
}
SYSTEM_PATH = os.pathsep.join((ENVIRONMENT["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"))
IGNORED = (signal.SIGPIPE, signal.SIGXFSZ)
"""Python ignores these signals, and so would a child."""

PAUSE = 0.005

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
    "dnsmasq": "dnsmasq-base",
    "ovs-vsctl": "openvswitch-switch",
    "ovs-appctl": "openvswitch-switch",
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
        path = _which(tool)
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

    Raises:
        MissingError: It is not installed.
        NetkitError: It could not be started.
    """
    path = find(argv[0])
    files: list[int] = []
    try:
        files += (_file(name) for name in ("stdin", "stdout", "stderr"))
        stdin, stdout, stderr = files
        _fill(stdin, input)
        child = os.posix_spawn(
            path,
            tuple(argv),
            ENVIRONMENT,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, stdin, 0),
                (os.POSIX_SPAWN_DUP2, stdout, 1),
                (os.POSIX_SPAWN_DUP2, stderr, 2),
                *[(os.POSIX_SPAWN_DUP2, number, number) for number in keep],
            ],
            setpgroup=0,
            setsigdef=IGNORED,
        )
        code = _wait(child, limit)
        return Ended(code, _text(stdout), _text(stderr))
    except OSError as error:
        raise NetkitError(
            f"{argv[0]} could not be run: {error.strerror}",
            hint="is there memory left, and room for processes and open files (ulimit -a)?",
        ) from error
    finally:
        for number in files:
            os.close(number)


def start(argv: Sequence[str], *, limit: float = 10.0) -> tuple[int, str, str]:
    """
    Start a process that stays when netkit has ended, and wait for its first line.

    Args:
        argv: The tool and its words.
        limit: Seconds to wait for the line.

    Returns:
        Its pid, the line, and what it complained of; the line is empty when none came.
    """
    import subprocess  # 3 ms

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


def detach(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    settled: Callable[[str], bool],
    limit: float = 10.0,
) -> tuple[int, str]:
    """
    Start a process that stays when netkit has ended, in a session of its own.

    It inherits nothing, and is in the network namespace of the calling thread.

    Args:
        argv: The tool and its words.
        environment: All of it.
        settled: Told what it has said on its standard error; True when that is enough.
        limit: Seconds until that is enough anyhow.

    Returns:
        Its pid, and what it said.
    """
    complaint = os.memfd_create("stderr")
    child = os.posix_spawn(
        find(argv[0]),
        tuple(argv),
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, complaint, 2),
            *[(os.POSIX_SPAWN_CLOSE, number) for number in _inheritable()],
        ],
        setsid=True,
        setsigdef=IGNORED,
    )
    until = time.monotonic() + limit
    while not settled(said := _text(complaint)):
        if os.waitpid(child, os.WNOHANG)[0] or time.monotonic() > until:
            break
        time.sleep(PAUSE)
    os.close(complaint)
    return child, said


def _inheritable() -> Iterator[int]:
    """Name the files beyond the first three that whoever started netkit left open for children."""
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the folder's own, closed by now
            if int(name) > 2 and os.get_inheritable(int(name)):
                yield int(name)


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
    for number in IGNORED:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(argv[0], tuple(argv), environment)
    except OSError as error:
        from shutil import which

        path = which(argv[0], path=environment.get("PATH"))
        if error.errno != errno.ENOEXEC or path is None:
            raise
        # A script without a first line, which every shell and execvp(3) would run.
        os.execve("/bin/sh", ["/bin/sh", path, *argv[1:]], environment)


def _which(tool: str) -> str | None:
    """Look for a program along the path; shutil's ``which`` takes 4 ms to import."""
    for folder in SYSTEM_PATH.split(os.pathsep):
        path = os.path.join(folder, tool)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _wait(child: int, limit: float) -> int | None:
    """Wait for a child on its pidfd; whatever comes in between, it has ended afterwards."""
    watched = -1
    try:
        watched = os.pidfd_open(child)
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        in_time = bool(poll.poll(limit * 1000))
        if not in_time:
            os.killpg(child, signal.SIGKILL)
    finally:
        if watched >= 0:
            os.close(watched)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) if in_time else None


def _file(name: str) -> int:
    """Make a file in memory; not in the place of a standard stream, where that is closed."""
    number = os.memfd_create(name)
    if number > 2:
        return number
    try:
        return fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(number)


def _fill(number: int, text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(number, data) :]
    os.lseek(number, 0, os.SEEK_SET)


def _text(number: int) -> str:
    size = os.lseek(number, 0, os.SEEK_END)
    return os.pread(number, size, 0).decode(errors="replace")
