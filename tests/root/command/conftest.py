"""A place to try commands in: a network and mount namespace of their own, gone with the test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from netkit.command.command import BATCHED, Command

# What a kernel says of a kind or an option that was not built into it.
LACKING = (
    "Unknown device type",
    "Operation not supported",
    "Specified qdisc kind is unknown",
    "No such file or directory",
)
BUILD = """
mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && mkdir /run/netns &&
ip link set lo up && echo ready && exec cat
"""


class Place:
    """The namespaces of a process that waits for the end of the test."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.enter = ("nsenter", "--target", str(pid), "--net", "--mount", "--")

    def run(self, command: Command) -> subprocess.CompletedProcess[str]:
        return self._run(command.argv, command.input)

    def batch(self, command: Command) -> subprocess.CompletedProcess[str]:
        """Run a command of ip, bridge or tc as the one line of a batch."""
        assert command.tool in BATCHED
        return self._run((command.tool, *command.options, "-batch", "-"), f"{command.line}\n")

    def accept(self, *commands: Command) -> str:
        """Run commands, batched where that is how netkit runs them; give what the last one said."""
        said = ""
        for command in commands:
            batched = command.tool in BATCHED and command.netns is None
            result = self.batch(command) if batched else self.run(command)
            complaint = result.stderr.strip()
            if result.returncode and any(each in complaint for each in LACKING):
                pytest.skip(f"{command}: {complaint}")
            assert result.returncode == 0, f"{command}: {complaint}"
            said = result.stdout
        return said

    def _run(self, argv: tuple[str, ...], text: str | None) -> subprocess.CompletedProcess[str]:
        words = (*self.enter, *argv)
        return subprocess.run(words, check=False, input=text, capture_output=True, text=True)


@pytest.fixture
def place() -> Iterator[Place]:
    """Give an empty network with nothing but lo, and an empty /run/netns."""
    argv = ("unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", BUILD)
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        yield Place(holder.pid)
        holder.stdin.close()
