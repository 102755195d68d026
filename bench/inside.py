"""
Runs and times commands inside bin/isolated: ``inside.py '[STEP, …]'`` prints results as JSON.

It imports little, since a child that is forked from it counts its memory, too.
"""

from __future__ import annotations

import json
import os
import resource
import select
import socket
import subprocess
import sys
import time
from typing import Any, TypedDict

NAMES = "/run/netns"
STATE = "/run/bench-state"
OUTPUT = "/run/bench-output"
SENTINEL = "bench-last"
LIMIT_S = 900


class Step(TypedDict):
    """
    One command to time.

    Args:
        name: What the result is called.
        argv: The command.
        ping: Namespace and address of a packet that must get through afterwards.
        gone: Whether the command takes everything away; the kernel's part is then timed, too.
    """

    name: str
    argv: list[str]
    ping: list[str]
    gone: bool


def main() -> int:
    """Run the steps in order, and print what they took; end at the first that fails."""
    os.environ["NETKIT_STATE_DIR"] = STATE
    os.mkdir(STATE, 0o700)
    results = []
    for step in json.loads(sys.argv[1]):
        results.append(timed(step))
        if "failure" in results[-1]:
            break
    print(json.dumps(results))
    return 0


def timed(step: Step) -> dict[str, Any]:
    """Run one step; give ms, peak memory in MB, and what went wrong if something did."""
    if step["gone"]:
        _place_sentinel()
    began = time.monotonic()
    code, usage = _run(step["argv"])
    ended = time.monotonic()
    result: dict[str, Any] = {
        "name": step["name"],
        "ms": (ended - began) * 1000,
        "cpu_ms": (usage.ru_utime + usage.ru_stime) * 1000,
        "mb": usage.ru_maxrss / 1024,
    }
    if code:
        result["failure"] = f"exit code {code}: {_said()}"
    elif step["gone"]:
        done = _wait_for_kernel()
        result["gone_ms"] = (time.monotonic() - began) * 1000
        if not done:
            result["failure"] = f"the kernel was not done after {LIMIT_S} s"
        elif left := os.listdir(NAMES):
            result["failure"] = f"left {len(left)} namespaces, among them {sorted(left)[0]}"
    elif step["ping"] and not _gets_through(*step["ping"]):
        result["failure"] = "no packet gets from {} to {}".format(*step["ping"])
    return result


def _run(argv: list[str]) -> tuple[int, resource.struct_rusage]:
    """Run to the end; give the exit code, and what it and all its children used."""
    with open(OUTPUT, "wb") as output:
        out = output.fileno()
        child = os.posix_spawnp(
            argv[0],
            argv,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, out, 1),
                (os.POSIX_SPAWN_DUP2, out, 2),
            ],
        )
    watch = os.pidfd_open(child)
    ended, _, _ = select.select([watch], [], [], LIMIT_S)
    os.close(watch)
    if not ended:
        os.kill(child, 9)
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage


def _said() -> str:
    """Give the last lines that the command wrote."""
    with open(OUTPUT, encoding="utf-8", errors="replace") as output:
        return "\n".join(output.read().splitlines()[-12:]) or "it said nothing"


def _gets_through(netns: str, address: str) -> bool:
    ping = ["ip", "netns", "exec", netns, "ping", "-nq", "-c1", "-W5", address]
    return subprocess.run(ping, capture_output=True, check=False).returncode == 0


def _place_sentinel() -> None:
    """
    Make a namespace that will be deleted last, with a cable whose near end shows when it is gone.

    The kernel takes namespaces down after their names have gone, in the order in which it lost
    them, and nothing tells when it is done. But the cable of one that was lost after all others
    goes when their devices have gone.
    """
    for words in (
        f"netns add {SENTINEL}",
        f"link add name {SENTINEL} type veth peer name {SENTINEL} netns {SENTINEL}",
    ):
        subprocess.run(["ip", *words.split()], check=True)


def _wait_for_kernel() -> bool:
    """Wait until the last namespace has gone; give up in the end."""
    subprocess.run(["ip", "netns", "del", SENTINEL], check=True)
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        try:
            socket.if_nametoindex(SENTINEL)
        except OSError:
            return True
        time.sleep(0.001)
    return False


if __name__ == "__main__":
    sys.exit(main())
