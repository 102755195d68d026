"""A command in a namespace is what it would be outside: its files, signals, terminal and code."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netkit.ops.inside import aside
from netkit.ops.reference import resolve
from tests.root.waiting import eventually

from .conftest import ROOT, Names, Run, words

pytestmark = pytest.mark.root

Write = Callable[[str, str, str], Path]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def inode(path: str) -> str:
    return os.readlink(path) if path.startswith("/proc") else f"net:[{os.stat(path).st_ino}]"


@pytest.fixture
def sleeper(pair: Names) -> Iterator[int]:
    """Give the number of a process in the first namespace."""
    with subprocess.Popen(["nsenter", f"--net=/run/netns/{pair.a}", "sleep", "30"]) as process:
        there = inode(f"/run/netns/{pair.a}")
        assert eventually(lambda: inode(f"/proc/{process.pid}/ns/net") == there)
        yield process.pid
        process.kill()


@pytest.mark.parametrize(
    "form", ["{name}", "/run/netns/{name}", "{pid}", "pid:{pid}", "/proc/{pid}/ns/net"]
)
def test_a_namespace_is_entered_by(form: str, pair: Names, sleeper: int, netkit_exec: Run) -> None:
    reference = form.format(name=pair.a, pid=sleeper)

    said = netkit_exec(reference, "readlink", "/proc/self/ns/net")

    assert said.stdout.strip() == inode(f"/run/netns/{pair.a}")


def test_host_is_where_netkit_runs(netkit_exec: Run) -> None:
    assert netkit_exec("host", "readlink", "/proc/self/ns/net").stdout.strip() == inode(
        "/proc/self/ns/net"
    )


def test_a_relative_path_is_one(pair: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/run")

    assert resolve(f"./netns/{pair.a}") == f"/run/netns/{pair.a}"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("sh", "-c", "exit 7"), 7),
        (("sh", "-c", "exit 255"), 255),
        (("true",), 0),
        (("no-such-command",), 127),
        (("/no/such/command",), 127),
        (("/etc/passwd",), 126),
        (("/etc",), 126),
    ],
)
def test_the_exit_code(command: tuple[str, ...], code: int, pair: Names, netkit_exec: Run) -> None:
    assert netkit_exec(pair.a, *command).returncode == code


@pytest.mark.parametrize(
    "reference",
    ["no-such-name", "999999999", "pid:x", "/no/file", "/etc/hosts", "no/spec", "..", ""],
)
def test_a_wrong_namespace_is_125(reference: str, netkit_exec: Run, tmp_path: Path) -> None:
    said = netkit_exec(reference, "true", env={"NETKIT_STATE_DIR": str(tmp_path)})

    assert said.returncode == 125
    assert said.stderr.strip()
    assert "Traceback" not in said.stderr


def test_the_nearest_name_is_offered(pair: Names, netkit_exec: Run) -> None:
    assert f"did you mean {pair.a}" in netkit_exec(pair.a + "x", "true").stderr


def test_a_script_without_a_first_line_runs(pair: Names, netkit_exec: Run, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text('echo "plain $1"\n')
    script.chmod(0o755)

    assert netkit_exec(pair.a, str(script), "a b").stdout == "plain a b\n"


def test_a_missing_interpreter_is_126(pair: Names, netkit_exec: Run, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)

    said = netkit_exec(pair.a, str(script))

    assert (said.returncode, "interpreter" in said.stderr) == (126, True)


def test_words_arrive_as_they_are(pair: Names, netkit_exec: Run) -> None:
    odd = ["", "a b", "$HOME", "-x", "--", "*", "é\n'\""]

    assert netkit_exec(pair.a, "printf", "%s|", *odd).stdout == "".join(f"{each}|" for each in odd)


def test_large_binary_input_and_output(pair: Names) -> None:
    blob = os.urandom(1 << 24)

    said = subprocess.run(
        words(pair.a, "cat"), input=blob, stdout=subprocess.PIPE, check=True, env=ENVIRONMENT
    )

    assert said.stdout == blob


def test_a_broken_pipe_ends_the_command_quietly(pair: Names) -> None:
    with subprocess.Popen(
        words(pair.a, "yes"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.wait(10) == -signal.SIGPIPE
        assert process.stderr.read() == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_is_the_commands(number: signal.Signals, pair: Names) -> None:
    script = "echo ready; exec sleep 30"
    with subprocess.Popen(
        words(pair.a, "sh", "-c", script), stdout=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)

        assert process.wait(10) == -number


def test_a_command_may_trap_a_signal(pair: Names) -> None:
    script = "trap 'echo caught; exit 5' TERM; echo ready; while :; do sleep 0.1; done"
    with subprocess.Popen(
        words(pair.a, "sh", "-c", script), stdout=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()

        assert process.stdout.read() == b"caught\n"
        assert process.wait(10) == 5


def test_etc_and_sys_are_the_namespaces(pair: Names, hosts: Write, netkit_exec: Run) -> None:
    hosts(pair.a, "hosts", "10.9.9.9 only-here\n")

    assert netkit_exec(pair.a, "getent", "hosts", "only-here").stdout.split() == [
        "10.9.9.9",
        "only-here",
    ]
    assert netkit_exec(f"/run/netns/{pair.a}", "cat", "/etc/hosts").stdout == "10.9.9.9 only-here\n"
    assert netkit_exec(pair.a, "ls", "/sys/class/net").stdout.split() == ["e0", "lo"]
    assert "only-here" not in netkit_exec(pair.b, "cat", "/etc/hosts").stdout
    assert "only-here" not in Path("/etc/hosts").read_text()


def test_a_file_rewritten_in_place_is_seen_inside(pair: Names, hosts: Write) -> None:
    path = hosts(pair.a, "hosts", "10.9.9.9 before\n")
    script = "cat /etc/hosts; read line; cat /etc/hosts"
    with subprocess.Popen(
        words(pair.a, "sh", "-c", script),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        first = process.stdout.readline()
        with path.open("r+") as file:
            file.write("10.9.9.9 behind\n")
        process.stdin.write("\n")
        process.stdin.close()

        assert (first, process.stdout.read()) == ("10.9.9.9 before\n", "10.9.9.9 behind\n")


def test_a_file_that_etc_lacks_appears_inside_only(
    pair: Names, hosts: Write, netkit_exec: Run
) -> None:
    hosts(pair.a, "new-file", "new\n")
    hosts(pair.a, "new-folder/file", "deep\n")
    before = sorted(os.listdir("/etc"))

    said = netkit_exec(pair.a, "cat", "/etc/new-file", "/etc/new-folder/file", "/etc/passwd")

    assert said.stdout == "new\ndeep\n" + Path("/etc/passwd").read_text()
    assert sorted(os.listdir("/etc")) == before
    assert set(before) <= set(netkit_exec(pair.a, "ls", "-a", "/etc").stdout.split())


def test_a_link_of_etc_that_leads_nowhere_is_replaced(
    pair: Names, hosts: Write, netkit_exec: Run
) -> None:
    link = Path("/etc/dangling")
    link.symlink_to("../run/no/such/file")
    try:
        hosts(pair.a, "dangling", "found\n")

        assert netkit_exec(pair.a, "cat", "/etc/dangling").stdout == "found\n"
        assert link.is_symlink()
    finally:
        link.unlink()


def test_no_mount_is_left(pair: Names, hosts: Write, netkit_exec: Run) -> None:
    hosts(pair.a, "hosts", "x\n")
    before = Path("/proc/self/mountinfo").read_text()

    netkit_exec(pair.a, "true")

    assert Path("/proc/self/mountinfo").read_text() == before


def test_a_thread_comes_back_from_nowhere(pair: Names) -> None:
    here = inode("/proc/self/ns/net")

    there = aside(lambda: inode("/proc/thread-self/ns/net"), pair.a)

    assert there == inode(f"/run/netns/{pair.a}") != here
    assert inode("/proc/thread-self/ns/net") == here


class Terminal:
    """A terminal with a program in it, and somebody who types."""

    def __init__(self, argv: list[str], environment: dict[str, str]) -> None:
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execve(sys.executable, argv, environment)
        self.text = ""

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def until(self, text: str) -> None:
        end = time.monotonic() + 10
        while text not in self.text:
            assert time.monotonic() < end, self.text
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.master, 4096).decode(errors="replace")
                except OSError:
                    assert text in self.text, self.text
        self.text = self.text.partition(text)[2]

    def has_job(self) -> bool:
        """Say whether what is typed goes to a program that the first one started."""
        return os.tcgetpgrp(self.master) != os.getpgid(self.pid)

    def code(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Give an environment whose shells read nothing of the machine's."""
    (tmp_path / ".bashrc").write_text("PS1='mine> '; alias hello='echo greeted'\n")
    return {**ENVIRONMENT, "HOME": str(tmp_path), "TERM": "dumb"}


def test_a_shell_has_job_control_and_says_where_it_is(pair: Names, home: dict[str, str]) -> None:
    terminal = Terminal(words(pair.a), {**home, "SHELL": "/bin/bash"})

    terminal.until(f"({pair.a}) mine> ")
    terminal.type("hello; readlink /proc/self/ns/net; tty\n")
    terminal.until("greeted")
    terminal.until(inode(f"/run/netns/{pair.a}"))
    terminal.until("/dev/pts/")
    terminal.until("mine> ")
    terminal.type("sh -c 'echo beg''un; exec sleep 30'\n")
    terminal.until("begun")
    terminal.type("\x1a")
    terminal.until("Stopped")
    terminal.type("fg\n")
    assert eventually(terminal.has_job)
    terminal.type("\x03")
    terminal.until("mine> ")
    terminal.type("echo code=$?\n")
    terminal.until("code=130")
    terminal.type("ls -l /proc/$$/fd | grep -c memfd; exit 9\n")
    terminal.until("\n0\r")  # nothing of netkit's is open
    assert terminal.code() == 9


def test_a_plain_shell_says_where_it_is(pair: Names, home: dict[str, str]) -> None:
    terminal = Terminal(words(pair.a), {**home, "SHELL": "/bin/sh"})

    terminal.until(f"({pair.a}) # ")
    terminal.type("exit 4\n")
    assert terminal.code() == 4


def test_ctrl_c_reaches_the_command_and_the_terminal_is_the_users(pair: Names) -> None:
    script = (
        "trap 'echo caught; exit 3' INT; test -t 0 -a -t 1 -a -t 2 && echo terminal; "
        "while :; do sleep 0.1; done"
    )
    terminal = Terminal(words(pair.a, "sh", "-c", script), ENVIRONMENT)

    terminal.until("terminal")
    terminal.type("\x03")
    terminal.until("caught")
    assert terminal.code() == 3


def test_a_shell_reads_a_script_from_a_pipe(pair: Names, netkit_exec: Run) -> None:
    said = netkit_exec(
        pair.a, input="readlink /proc/self/ns/net; exit 6\n", env={"SHELL": "/bin/bash"}
    )

    assert (said.stdout.strip(), said.returncode) == (inode(f"/run/netns/{pair.a}"), 6)


def test_a_shell_that_is_missing_is_127(pair: Names, netkit_exec: Run) -> None:
    assert netkit_exec(pair.a, env={"SHELL": "/no/shell"}).returncode == 127


def test_root_without_the_rights_is_told_which_and_not_to_try_sudo(pair: Names) -> None:
    without = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-all")
    said = subprocess.run(
        (*without, sys.executable, "-m", "netkit", "exec", pair.a, "--", "true"),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 125
    assert "a container took CAP_NET_ADMIN and CAP_SYS_ADMIN away" in said.stderr
    assert "sudo" not in said.stderr
