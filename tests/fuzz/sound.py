"""
Whether steps say exactly what is meant: read back as the tools read them.

The readers here are written after the tools' own sources, and share nothing with netkit's border.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator

from netkit.command.command import BATCHED, Command
from netkit.command.conntrack import Forget
from netkit.command.daemon import MARK, SUPERVISOR, DaemonStart, DaemonStop
from netkit.command.file import FileRemove, FileWrite
from netkit.command.step import Step
from netkit.command.sysctl import SysctlWrite
from netkit.plan.phase import Planned
from netkit.plan.script import script

TOOLS = {"ip", "bridge", "tc", "iptables-restore", "ip6tables-restore"}
BLANKS = " \t\r\n"
QUOTES = "'\""
VERBS = {"-A", "-I", "-D", "-X", "-P"}
USERS = (["-N", "NETKIT-USER"], ["-X", "NETKIT-USER"])  # made, or gone when empty: never flushed
RESTORE_WORDS = ("--wait", "--noflush")
NETNS_FILE = re.compile(r"/etc/netns/[^/\0]+/(hosts|resolv\.conf)")
SERVING = frozenset(
    [
        "--keep-in-foreground",
        "--conf-file",
        "--pid-file",
        "--user",
        "--log-facility",
        "--bind-interfaces",
        "--listen-address",
        "--no-hosts",
        "--hostsdir",
        "--domain-needed",
        "--bogus-priv",
        "--no-negcache",
        "--local",
        "--no-resolv",
        "--address",
    ]
)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class UnsoundError(Exception):
    """A step would do something else than what it says."""


def planned(steps: Iterable[Planned]) -> None:
    """
    Hold that a plan does what it says, in its batches, on paper, and as a script.

    Raises:
        UnsoundError: It does not.
    """
    steps = tuple(steps)
    for item in steps:
        step(item.step, planned=True)
        demand(CONTROL.search(item.why) is None, "a reason is one line", item.why)
    written = script(steps, explain=True)
    demand("\0" not in written, "a script holds no NUL", written)


def step(step: Step, *, planned: bool = False) -> None:
    """Hold that one step does what it says."""
    match step:
        case Command():
            _command(step, planned=planned)
        case SysctlWrite():
            _typed(step, step.argv)
            demand(CONTROL.search(step.value.replace("\t", "")) is None, "a value is a line", step)
            demand(_stays_below(step.path, "/proc/sys/net/"), "a parameter of the network", step)
        case FileWrite():
            words = ("install", "-d", posixpath.dirname(step.path), "&&", "printf", "%s")
            demand(_words(str(step))[:9] == (*words, step.content, ">", step.path), "typed", step)
            demand(not planned or _is_netns_file(step.path), "a file of a namespace", step)
        case FileRemove():
            demand(_words(str(step))[:3] == ("rm", "-f", step.path), "typed", step)
            demand(not planned or _is_netns_file(step.path), "a file of a namespace", step)
        case DaemonStart():
            _daemon(step, planned=planned)
        case DaemonStop():
            demand(_words(str(step)) == ("pkill", "--session", _finding(step.alias)), "typed", step)
        case Forget():
            argv = step.command.argv
            demand(_words(str(step)) == (*argv, "||", ":"), "typed", step)
            demand(argv[:2] == ("conntrack", "-D"), "an intended tool", step)
        case _:
            demand(False, "a known step", step)


def _daemon(step: DaemonStart, *, planned: bool) -> None:
    line = str(step).removesuffix(" </dev/null >/dev/null 2>&1")
    start = (f"{MARK}={step.alias}", "setsid", "--fork")
    demand(_words(line)[:3] == start, "typed", step)
    demand(_words(line)[-len(step.supervised) :] == step.supervised, "typed", step)
    demand(step.supervised[:3] == SUPERVISOR and step.supervised[3] == step.alias, "known", step)
    if planned:
        demand(step.words[0] == "dnsmasq", "an intended tool", step)
        for word in step.words[1:]:
            demand(word.partition("=")[0] in SERVING, "an intended option", step)


def _finding(alias: str) -> str:
    return f"$(pgrep --oldest --full ' {alias} ')"


def _command(command: Command, *, planned: bool) -> None:
    demand(not planned or command.tool in TOOLS, "an intended tool", command)
    if command.tool in BATCHED:
        demand(tuple(batch_words(command.line)) == command.args, "a line of a batch", command)
        demand(bool(command.args), "some words", command)
        demand(not any(word.startswith("-") for word in command.args), "no option", command)
    if command.input is None:
        _typed(command, command.argv)
        return
    typed, _, rest = str(command).partition("\n")
    words = _words(typed)
    mark = words[-1].removeprefix("<<")
    demand(words[:-1] == command.argv and words[-1].startswith("<<"), "typed", command)
    demand(rest == f"{command.input}{mark}", "what it reads ends where it ends", command)
    demand(mark not in command.input.splitlines(), "what it reads is whole", command)
    if command.tool in TOOLS:
        demand(command.args in {RESTORE_WORDS, RESTORE_WORDS[:1]}, "options of restore", command)
        restore(command.input)


def restore(text: str) -> None:
    """Hold that a text for iptables-restore is one table, and touches no chain's policy."""
    lines = text.split("\n")
    demand(lines[0].startswith("*") and lines[-2:] == ["COMMIT", ""], "one table", text)
    declared = set()
    for line in lines[1:-2]:
        words = list(restore_words(line))
        demand(CONTROL.search(line) is None, "a line is a line", line)
        if line.startswith(":"):
            name, policy, counters = words
            demand((policy, counters) == ("-", "[0:0]"), "no policy", line)
            declared.add(name)
        else:
            if words in USERS:
                continue
            demand(len(words) > 1 and words[0] in VERBS, "a rule", line)
            demand(words[0] not in {"-A", "-X"} or f":{words[1]}" in declared, "of its own", line)


def batch_words(line: str) -> Iterator[str]:
    """Split a line as iproute2 does: getcmdline() and makeargs() of lib/utils.c."""
    line = line.partition("#")[0]
    if line.endswith("\\"):
        raise UnsoundError(f"the next line would be joined to {line!r}")
    if "\n" in line:
        raise UnsoundError(f"two lines: {line!r}")
    yield from _cut(line)


def restore_words(line: str) -> Iterator[str]:
    """Split a line as iptables-restore does: add_param_to_argv() of iptables/xshared.c."""
    if "\\" in line:
        raise UnsoundError(f"a backslash: {line!r}")
    yield from _cut(line)


def _cut(line: str) -> Iterator[str]:
    at = 0
    while at < len(line):
        if line[at] in BLANKS:
            at += 1
            continue
        if line[at] in QUOTES:
            end = line.find(line[at], at + 1)
            if end < 0:
                raise UnsoundError(f"a quote that does not close: {line!r}")
            yield line[at + 1 : end]
            at = end + 1
            continue
        end = at
        while end < len(line) and line[end] not in BLANKS:
            end += 1
        yield line[at:end]
        at = end


def _typed(step: Step, argv: tuple[str, ...]) -> None:
    demand(_words(str(step)) == argv, "typed it is what is run", step)


def _words(line: str) -> tuple[str, ...]:
    return tuple(shlex.split(line))


def _is_netns_file(path: str) -> bool:
    return NETNS_FILE.fullmatch(path) is not None and _stays_below(path, "/etc/netns/")


def _stays_below(path: str, folder: str) -> bool:
    return path.startswith(folder) and posixpath.normpath(path) == path


def demand(held: bool, what: str, seen: object) -> None:
    """
    Hold something.

    Raises:
        UnsoundError: It does not hold.
    """
    if not held:
        raise UnsoundError(f"not {what}: {str(seen)[:500]!r}")
