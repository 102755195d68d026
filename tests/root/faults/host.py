"""
A host that belongs to somebody else, and what can be seen of it.

    busy    forwards by hand; a bridge, a namespace on its port, a firewall of its own, as Docker's
    quiet   does not forward: no bridge, no rule in FORWARD, but everything else

Some of it has names as netkit could choose them: names prove nothing.

    foreign (namespace)                 host
      eth0 10.99.0.2, fd99::2 ───────── fp0 (port of fbr 10.99.0.1, fd99::1)      busy
                                        fp0 10.99.0.1, fd99::1                    quiet
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from netkit.apply.session import reading
from netkit.command.command import Command
from netkit.facts import ovs, rule
from netkit.facts.document import OPTIONS
from netkit.facts.netns import names
from netkit.facts.read import Reading, asks
from netkit.facts.scope import Look, Scope, scope
from netkit.model.setting import Sysctl
from netkit.model.state import State
from netkit.names import is_owned_group
from netkit.run.daemon import running
from netkit.run.job import Answer, Ask, Job
from netkit.state.memory import Memory
from netkit.value import replace
from tests.root import switch

RUN_NETNS = Path("/run/netns")
ETC_NETNS = Path("/etc/netns")
FOREIGN = "foreign"
GUEST = "guest"
"""A namespace that is somebody else's, too, and may be made a member of a network."""
INTO_FOREIGN = ("nsenter", f"--net={RUN_NETNS / FOREIGN}")
GROUNDS = ("busy", "quiet")
Facts = dict[str, list[str]]

# Each line is run by itself, so that what it leaves is known.
COMMON = """
ip netns add foreign
ip -n foreign link set dev lo up
ip link add name fp0 type veth peer name eth0 netns foreign
ip -n foreign link set dev eth0 alias theirs
ip -n foreign address add 10.99.0.2/24 dev eth0
ip -n foreign address add fd99::2/64 dev eth0 nodad
ip -n foreign link set dev eth0 up
ip -n foreign route add default via 10.99.0.1
ip -n foreign route add blackhole 10.96.0.0/24
ip link set dev fp0 up
ip link add name nk-theirs type veth peer name nk-others
iptables -N NK-FORWARD-theirs
iptables -A NK-FORWARD-theirs -s 192.0.2.77/32 -j DROP
ip rule add from 10.97.0.0/24 table 97 priority 970
ip -6 rule add from fd97::/64 table 97 priority 970
iptables -t nat -A POSTROUTING -s 10.99.0.0/24 -o eth9 -j MASQUERADE
iptables -A INPUT -s 192.0.2.66/32 -j DROP
ip6tables -A INPUT -s 2001:db8:66::/64 -j DROP
mkdir -p /etc/netns/foreign
echo theirs >/etc/netns/foreign/hosts
sysctl -qw net.ipv4.conf.all.log_martians=1
"""
DEVICE = """
ip address add 10.99.0.1/24 dev DEV
ip address add fd99::1/64 dev DEV nodad
ip route add 10.98.0.0/24 via 10.99.0.2
ip route add default via 10.99.0.2 table 97
ip -6 route add fd98::/64 via fd99::2
ip neighbour add 10.99.0.9 lladdr 02:00:00:00:00:99 dev DEV nud permanent
sysctl -qw net.ipv4.conf.DEV.arp_notify=1
"""
INVITED = """
ip netns add guest
ip -n guest link set dev lo up
ip -n guest link add name theirs address 02:00:00:00:00:95 type bridge
ip -n guest address add 10.95.0.1/24 dev theirs
ip -n guest link set dev theirs up
ip -n guest route add blackhole 10.94.0.0/24
ip netns exec guest iptables -A INPUT -s 192.0.2.55/32 -j DROP
"""
# Without addresses of the kernel's, which it gives in its own time.
LAID_OUT = """
sysctl -qw net.ipv6.conf.default.addr_gen_mode=1
ip link add name lent-br type bridge
ip link add name lent0 address 02:00:00:00:89:01 mtu 1444 type veth peer name lent1
ip link set dev lent0 master lent-br up
ip link set dev lent1 up
ip address add 10.89.0.1/24 broadcast 10.89.0.255 dev lent0
ip address add 10.89.0.2/24 dev lent0 label lent0:x
ip address add fd89::1/64 dev lent0 nodad
ip route add 10.87.0.0/24 via 10.89.0.9 dev lent0 src 10.89.0.2
ip route add default via 10.89.0.9 dev lent0 metric 89 protocol static
ip -6 route add fd87::/64 via fd89::9 dev lent0
"""
BUSY = """
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip link add name fbr type bridge
ip link set dev fp0 master fbr
ip link set dev fbr up
iptables -N THEIRS
iptables -A THEIRS -d 10.99.0.0/24 -j ACCEPT
iptables -A FORWARD -j THEIRS
iptables -A FORWARD -s 1.2.3.4/32 -j DROP
iptables -P FORWARD DROP
ip6tables -A FORWARD -s 2001:db8::/32 -j DROP
"""

UNDO = """
ip netns delete foreign
ip link delete dev fbr
ip link delete dev nk-theirs
iptables -F NK-FORWARD-theirs
iptables -X NK-FORWARD-theirs
while ip link show dev fp0 2>/dev/null; do sleep 0.02; done
ip rule delete priority 970
ip -6 rule delete priority 970
iptables -t nat -F POSTROUTING
iptables -P FORWARD ACCEPT
iptables -F FORWARD
iptables -F INPUT
iptables -F THEIRS
iptables -X THEIRS
ip6tables -F INPUT
ip6tables -F FORWARD
rm -r /etc/netns/foreign
sysctl -qw net.ipv4.conf.all.log_martians=0
sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
"""

# The grandchild shows whether all that a tool started is ended with it.
SLOW = """#!/bin/sh
if [ ! -e {reached} ]; then
    cat >{folder}/input.$$
    if [ -n '{fails}' ] && [ ! -e {failed} ] && grep -q '{fails}' {folder}/input.$$; then
        : >{failed}
        echo 'RTNETLINK answers: {said}' >&2
        exit 2
    fi
    if grep -q '{word}' {folder}/input.$$; then
        sleep 1000 &
        echo $! >{pid}
        : >{reached}
        while [ ! -e {go} ]; do sleep 0.01; done
        kill -9 $!
    fi
    exec {real} "$@" <{folder}/input.$$
fi
exec {real} "$@"
"""
LIMIT = 30

# One process where that will do, and what each line is about, for whoever reads a difference.
BATCH = """link show
address show
route show table all
rule show
neighbour show nud permanent
neighbour show proxy
"""
TEXTS = (
    f"echo '{BATCH}' | ip -d -o -batch -",
    "printf 'route show table all\\nrule show\\n' | ip -d -o -6 -batch -",
    "tc qdisc show",
    "iptables-save",
    "ip6tables-save",
    # A stable secret is none to be read, and all of a device of netkit's comes and goes with it.
    "grep -rs --exclude-dir=nk-???????????? . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf",
)
TITLES = ("ip", "ip -6", *TEXTS[2:5], "sysctl")
SOON = TITLES[:2]
"""What is asked of the foreign namespace after each case; the rest in the end."""
END = "-- end --"

TIMERS = re.compile(r"\b\w+_timer\s+[\d.]+ ?")
COUNTERS = re.compile(r"\[\d+:\d+\]")
BUILT_IN = re.compile(r":(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) ACCEPT ")
DATAPATH = "ovs-netdev"
OWN_CHAIN = re.compile(r"NK-[A-Z]+-[0-9a-f]{12}\b|NETKIT-USER")
# The last two are the host's ends of links of examples.
OWN_DEVICE = re.compile(r"nk-[0-9a-f]{12}|\b(?:uplink|outside)\b")
# Of a device of netkit's the numbers are the kernel's choice, and so is the time of its carrier.
NUMBERS = re.compile(r"^\d+: |@if\d+|link-netns(id)? \S+ ?|state \w+ |tso_max_\w+ \d+")
CARRIER = re.compile(r"NO-CARRIER,|,LOWER_UP")
BY_ITSELF = re.compile(r"\bfe80::|\bff00::/8|multicast ff")

# Wider than netkit's own questions, which leave out what cannot be netkit's.
ROUTES = Command("ip", ("route", "show", "table", "all"), None, OPTIONS)
ROUTES6 = Command("ip", ROUTES.args, None, rule.QUESTION6.options)
VOLATILE = frozenset(
    {
        *("ifindex", "link_index", "link_netnsid", "iflink", "link_netns", "operstate", "state"),
        *("no", "port_no", "port_id", "designated_port", "root_port", "topology_change"),
        *("topology_change_detected", "fdb_n_learned", "valid_life_time", "preferred_life_time"),
        *("bridge_id", "root_id", "designated_root", "designated_bridge", "root_path_cost"),
        *("cost", "config_pending"),
        *("tso_max_size", "tso_max_segs"),  # a bridge keeps those of ports that have gone
    }
)
VOLATILE_FLAGS = frozenset({"LOWER_UP", "NO-CARRIER", "RUNNING", "M-DOWN", "linkdown"})
MULTICAST = ("33:33:", "01:00:5e:")


def sh(line: str) -> str:
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}: {done.stderr}"
    return done.stdout


def settle_in(ground: str) -> None:
    """Make the host somebody's."""
    dev = "fbr" if ground == "busy" else "fp0"
    lines = (*COMMON.splitlines(), *(BUSY if ground == "busy" else "").splitlines())
    for line in (*lines, *DEVICE.replace("DEV", dev).splitlines()):
        if line:
            sh(line)
    until = time.monotonic() + LIMIT
    while not _is_settled(dev):
        assert time.monotonic() < until, "the host does not come to rest"
        time.sleep(0.02)


def invite() -> None:
    """Let there be a guest, as somebody made it."""
    for line in INVITED.split("\n")[1:-1]:
        sh(line)


def lay_out() -> None:
    """Let there be a device that can be lent, with what somebody hung on it."""
    for name in ("lent0", "lent-br"):
        subprocess.run(["ip", "link", "delete", "dev", name], capture_output=True, check=False)
    for line in LAID_OUT.split("\n")[1:-1]:
        sh(line)


def _is_settled(dev: str) -> bool:
    """Say whether the kernel has given all addresses that it gives by itself."""
    found = [
        sh(f"ip {where} -o -6 address show dev {ifname}")
        for where, ifname in (("", "fp0"), ("", dev), ("-n foreign", "eth0"))
    ]
    return all("fe80:" in said and "tentative" not in said for said in found)


def look(*states: State) -> Facts:
    """
    Say all that can be told of the host, of the foreign namespace, and of each of netkit's.

    Args:
        states: Whose kernel parameters are asked for as well.
    """
    with reading() as session:
        looked = _everything(states)
        answers = session.runner.run([Job(each.netns, ask=_ask(each)) for each in looked.looks])
        told = dict(zip(looked.looks, answers, strict=True))
        read = Reading(looked)
        for each, answer in told.items():
            read.tell(_own(answer, each))
        seen = read.state(session.runner)
        return {
            "host": _texts(()),
            "foreign": _texts(INTO_FOREIGN, only=SOON),
            "namespaces": _namespaces(),
            "files": list(_files()),
            "facts": sorted(map(str, seen)),
            "memory": _remembered(session.memory),
        } | {
            f"inside {each.netns}": _inside(answer, each)
            for each, answer in told.items()
            if each.netns is not None
        }


def remembered() -> list[str]:
    """Say all that netkit remembers."""
    with reading() as session:
        return _remembered(session.memory)


def _remembered(memory: Memory) -> list[str]:
    specs = [replace(each, allotments=_sorted(each.allotments)) for each in memory.specs()]
    return sorted(map(str, (*specs, *memory.intents(), *memory.former())))


def _sorted(allotments: Mapping[str, Any]) -> dict[str, Any]:
    """Sort what was chosen: it is in the order in which it was."""
    return {
        key: sorted(value, key=str) if isinstance(value, list) else value
        for key, value in allotments.items()
    }


def _everything(states: Iterable[State]) -> Scope:
    wanted: dict[str | None, set[str]] = {}
    for state in states:
        for item in state.every(Sysctl):
            wanted.setdefault(item.netns, set()).add(item.name)
    wide = scope(*states)
    looks = [
        Look(
            name,
            sysctls=tuple(sorted(wanted.get(name, ()))),
            rules6=True,
            fdb=True,
            qdisc=True,
            families=(4, 6),
            ovs=name is None and ovs.is_there(),
        )
        for name in (None, *names())
        if name != FOREIGN
    ]
    return Scope(
        looks=tuple(looks),
        files=wide.files,
        claims=wide.claims,
        devices=wide.devices,
        addresses=wide.addresses,
        daemons=True,
    )


def _ask(each: Look) -> Ask:
    """Ask netkit's own questions, and in the same processes some wider ones."""
    own = asks(each)
    at = own.commands.index(rule.QUESTION6) + 1
    return Ask(
        own.netns,
        (ROUTES, *own.commands[:at], ROUTES6, *own.commands[at:]),
        own.sysctls,
    )


def _own(answer: Answer, each: Look) -> Answer:
    """Keep the answers to netkit's own questions."""
    texts = [
        text
        for command, text in zip(_ask(each).commands, answer.texts, strict=True)
        if command not in {ROUTES, ROUTES6}
    ]
    return Answer(answer.netns, tuple(texts), answer.sysctls, answer.missing)


def _inside(answer: Answer, each: Look) -> list[str]:
    """Give what the tools say of a namespace of netkit's, netkit's own filters left aside."""
    lines: list[str] = []
    for command, text in zip(_ask(each).commands, answer.texts, strict=True):
        title = " ".join((command.tool, *command.options[:1], *command.args))
        if "-save" in command.tool:
            lines += [f"{title} {line}" for line in _rules(text)]
        elif text not in {"", "[]"}:
            found = json.loads(text)
            lines += sorted(f"{title}: {json.dumps(_steady(item))}" for item in _kept(found))
    return [*lines, *(f"{name} = {value}" for name, value in sorted(answer.sysctls.items()))]


def _kept(entries: list[Any]) -> list[Any]:
    return [item for item in entries if not _comes_by_itself(item)]


def _comes_by_itself(item: Any) -> bool:
    """Say whether the kernel adds this to a device that is up, when it notices a carrier."""
    if not isinstance(item, dict):
        return False
    return (
        item == {}
        or str(item.get("local", "")).startswith("fe80:")
        or str(item.get("dst", "")).startswith(("fe80:", "ff00:"))
        or (item.get("type") == "4" and "dst" in item)
        or ("mac" in item and "permanent" not in str(item))
        or str(item.get("mac", "")).startswith(MULTICAST)
    )


def _steady(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((_steady(item) for item in _kept(value)), key=str)
    if isinstance(value, dict):
        return {
            key: [flag for flag in item if flag not in VOLATILE_FLAGS]
            if key == "flags"
            else _steady(item)
            for key, item in value.items()
            if key not in VOLATILE
            and not key.endswith("_timer")
            and not (key == "id" and str(item).startswith("0x"))  # a port's; a tunnel's is decimal
        }
    return value


def foreign() -> list[str]:
    """Give all that can be told of the foreign namespace; it takes long, so it is done last."""
    said = sh(f"nsenter --net={RUN_NETNS / FOREIGN} grep -rs . /proc/sys/net; true")
    steady = (line for line in said.splitlines() if "conntrack_count" not in line)
    return [*_texts(INTO_FOREIGN), *sorted(steady)]


def _texts(enter: tuple[str, ...], *, only: tuple[str, ...] = TITLES) -> list[str]:
    """Give what the tools print, to the letter; only of netkit's own devices without numbers."""
    asked = {title: text for title, text in zip(TITLES, TEXTS, strict=True) if title in only}
    lines_of_shell = "".join(f"{text} 2>/dev/null; echo '{END}'; " for text in asked.values())
    done = subprocess.run(
        (*enter, "sh", "-c", lines_of_shell), capture_output=True, text=True, check=True
    ).stdout.split(f"{END}\n")
    lines: list[str] = []
    for title, text in zip(asked, done, strict=False):
        if "-save" in title:
            lines += [f"{title}: {line}" for line in _rules(text)]
        else:
            kept = [f"{title}: {line}" for each in text.splitlines() for line in _line(each)]
            lines += sorted(kept)
    return lines


def _line(text: str) -> list[str]:
    text = TIMERS.sub("", text).rstrip()
    if DATAPATH in text:
        return []  # Open vSwitch's own, of which each first switch makes a new one
    if OWN_DEVICE.search(text):
        if BY_ITSELF.search(text):
            return []
        text = CARRIER.sub("", NUMBERS.sub(" ", text))
        return [" ".join(sorted(text.replace("\\", " ").split()))]
    return [text]


def _rules(text: str) -> list[str]:
    """Give rules and chains; not counters, comments, built-in chains or which tables there are."""
    found: dict[str, list[str]] = {}
    table = ""
    for line in text.splitlines():
        if line.startswith("*"):
            table = line
        elif line and not line.startswith("#") and line != "COMMIT" and not BUILT_IN.match(line):
            found.setdefault(table, []).append(f"{table} {COUNTERS.sub('', line)}")
    return [line for table in sorted(found) for line in found[table]]


def _namespaces() -> list[str]:
    """Name what lies under /run/netns; of the foreign one also which it is."""
    known = names()
    return sorted(
        f"{path.name} {path.stat().st_ino if path.name == FOREIGN else path.name in known}"
        for path in RUN_NETNS.iterdir()
    )


def _files() -> Iterable[str]:
    for path in (ETC_NETNS, *sorted(ETC_NETNS.rglob("*"))):
        found = path.lstat()
        text = path.read_text() if path.is_file() else "a directory"
        when = found.st_mtime_ns if FOREIGN in str(path) else ""
        yield f"{path} {found.st_mode:o} {found.st_uid} {when} {text}"


def named(places: Iterable[str]) -> list[str]:
    """Name those namespaces that there are."""
    return sorted(set(places).intersection(names()))


@contextmanager
def living_in(netns: str) -> Iterator[None]:
    """Let a process live in a namespace meanwhile, whatever becomes of that."""
    words = ("ip", "netns", "exec", netns, "sh", "-c", "echo; exec sleep 1000")
    with subprocess.Popen(words, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        try:
            yield
        finally:
            child.kill()


def contents(netns: str) -> str:
    """Say what of a namespace could be netkit's: a mark, devices, files."""
    found = f"ip -n {netns} -o link show"
    devices = sh(f"{found} | grep -v LOOPBACK; {found} dev lo | grep alias; true")
    return devices + "\n".join(map(str, ETC_NETNS.glob(f"{netns}/*")))


def difference(wanted: Facts, found: Facts, *, limit: int = 16) -> str:
    """Say what differs, a line for each; empty where nothing does."""
    if wanted == found:
        return ""
    lines = [
        f"{kind}: {line}"
        for kind in sorted(wanted.keys() | found.keys())
        for line in difflib.ndiff(wanted.get(kind, []), found.get(kind, []))
        if line[0] in "+-"
    ]
    more = [f"... and {len(lines) - limit} more"] if len(lines) > limit else []
    return "\n".join(lines[:limit] + more)


def forget_everything() -> None:
    """Take netkit's memory away."""
    shutil.rmtree("/run/netkit")
    os.mkdir("/run/netkit", 0o700)


def raze(ground: str) -> None:
    """Take away by force what a failed case left, so that the next one starts clean."""
    for path in RUN_NETNS.iterdir():
        if path.name not in {FOREIGN, GUEST}:
            subprocess.run(["ip", "netns", "delete", path.name], check=False)
            path.unlink(missing_ok=True)
    switch.take_away()
    for where in ([], *(["-n", name] for name in {GUEST}.intersection(names()))):
        _raze_devices(where)
    for tool in ("iptables", "ip6tables"):
        kept = [line for line in sh(f"{tool}-save").splitlines() if not OWN_CHAIN.search(line)]
        subprocess.run([f"{tool}-restore"], input="\n".join((*kept, "")), text=True, check=False)
    for daemon in running():
        os.kill(daemon.pid, signal.SIGKILL)
    for path in ETC_NETNS.iterdir():
        if path.name != FOREIGN:
            shutil.rmtree(path, ignore_errors=True)
    forget_everything()
    for forwards in (ground != "busy", ground == "busy"):  # the kernel changes more with them
        on = int(forwards)
        sh(f"sysctl -qw net.ipv4.ip_forward={on} net.ipv6.conf.all.forwarding={on}")


def _raze_devices(where: list[str]) -> None:
    said = sh(" ".join(("ip", *where, "-Numeric -details -json link show")))
    for device in json.loads(said):
        if is_owned_group(int(str(device.get("group", "0")), 0)):
            name = ["ip", *where, "link", "delete", "dev", device["ifname"]]
            subprocess.run(name, check=False, capture_output=True)


def move_out() -> None:
    """Take away what makes a busy host somebody's, for the tests that come after."""
    for line in UNDO.splitlines():
        if line:
            sh(line)


class Slow:
    """
    An ``ip`` that waits where it is told to, for a netkit that finds it first.

    Args:
        folder: For the tool, and for the notes that it and the test leave each other.
        word: It waits before it does a batch that has this word in it, once.
        fails: Before that, it fails at a batch that has this word in it, once.
    """

    said = "the fault that a test wanted"

    def __init__(self, folder: Path, word: str, *, fails: str = "") -> None:
        self.reached, self.go, self.pid = (folder / name for name in ("reached", "go", "pid"))
        found = {"reached": self.reached, "go": self.go, "pid": self.pid, "folder": folder}
        words = {"word": word, "fails": fails, "said": self.said, "failed": folder / "failed"}
        tool = folder / "ip"
        tool.write_text(SLOW.format(real=shutil.which("ip"), **found, **words))
        tool.chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}

    def wait(self) -> None:
        """Wait until it waits."""
        until = time.monotonic() + LIMIT
        while not self.reached.exists():
            assert time.monotonic() < until, "it was never asked to do that"
            time.sleep(0.01)

    def release(self) -> None:
        self.go.touch()


def gone(pid: int) -> bool:
    """Say whether a process has ended, whether or not somebody collected it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"
