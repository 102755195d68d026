"""
The ground for tests of whole networks: the host that ``bin/isolated`` gives, left as it was found.

All tests share that host. Each gets a memory of its own, and fails if the host is not afterwards
what it was before, in every fact that ``snapshot`` knows of.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_interface
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from netkit.apply.prospect import Prospect, farewell, prospect
from netkit.apply.session import Session, writing
from netkit.apply.transaction import Outcome, carry_out
from netkit.facts.read import read
from netkit.facts.scope import scope
from netkit.model.addressing import Address
from netkit.model.link import Link
from netkit.model.netns import Namespace
from netkit.model.object import Netns
from netkit.model.state import State
from netkit.model.topology import Topology
from netkit.names import group
from netkit.spec import load_topology, topology
from tests.root import switch
from tests.root.waiting import eventually

EXAMPLES = Path(__file__).parents[3] / "examples"
MANY = 20
RUN_NETNS = Path("/run/netns")
ETC_NETNS = Path("/etc/netns")
Document = Mapping[str, Any]
Facts = dict[str, Any]
AllFacts = dict[str | None, Facts]

# What the kernel counts, measures, numbers as it comes, or learns in its own time.
VOLATILE_LINK = frozenset(
    {
        *("ifindex", "link_index", "link_netnsid", "iflink", "link", "operstate", "stats"),
        *("stats64", "state", "no", "port_no", "port_id", "designated_port", "root_port"),
        *("topology_change", "topology_change_detected", "fdb_n_learned"),
        *("valid_life_time", "preferred_life_time", "bridge_id", "root_id"),
        *("qdisc", "tso_max_size", "tso_max_segs", "max_mtu", "tentative", "nodad"),
        *("designated_root", "designated_bridge", "root_path_cost", "cost", "config_pending"),
    }
)
VOLATILE_FLAGS = frozenset({"LOWER_UP", "NO-CARRIER", "RUNNING", "M-DOWN"})
VOLATILE_SYSCTL = re.compile(
    r"/proc/sys/net/(netfilter/nf_conntrack_count|ipv4/tcp_fastopen_key|.*/stable_secret|core/netdev_rss_key):"
)
OWN = re.compile(r"NK-|NETKIT-USER")
BUILT_IN = re.compile(r":(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) ACCEPT ")

FACTS = """
ip -Numeric -details -json address show
ip -Numeric -details -json route show table all
ip -Numeric -details -json -6 route show table all
ip -json rule show
ip -json -6 rule show
ip -json neighbour show nud permanent
ip -json neighbour show proxy
bridge -details -json fdb show
tc -json qdisc show
"""
IPTABLES = ("iptables-save", "ip6tables-save")
END = "-- end of an answer --"
SCRIPT = "".join(
    f"{line}; echo; echo '{END}'; "
    for line in (*FACTS.split("\n")[1:-1], *IPTABLES, "grep -rs '' /proc/sys/net")
)


def snapshot(netns: str | None = None) -> Facts:
    """
    Say all that can be told of a namespace, by other means than netkit's.

    Of the host also which namespaces there are, and the files under /etc/netns.
    """
    enter = () if netns is None else ("nsenter", f"--net={RUN_NETNS / netns}")
    said = subprocess.run(
        (*enter, "sh", "-c", SCRIPT), capture_output=True, text=True, check=True
    ).stdout.split(f"{END}\n")
    commands = FACTS.split("\n")[1:-1]
    facts: Facts = {
        line: _steady(json.loads(text.strip() or "[]"))
        for line, text in zip(commands, said, strict=False)
    }
    fdb = "bridge -details -json fdb show"
    facts[fdb] = [entry for entry in facts[fdb] if "dst" in entry and "permanent" in str(entry)]
    for tool, text in zip(IPTABLES, said[len(commands) :], strict=False):
        facts[tool] = _rules(text)
    facts["sysctl"] = sorted(
        line for line in said[len(commands) + 2].splitlines() if not VOLATILE_SYSCTL.match(line)
    )
    if netns is None:
        facts["namespaces"] = inodes()
        facts["files"] = {
            str(path): path.read_text() if path.is_file() else "a directory"
            for path in sorted(ETC_NETNS.rglob("*"))
        }
        facts["daemons"] = daemons()
    return facts


def daemons() -> list[str]:
    """Give the command lines of name servers, and of the shells that start them again."""
    said = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return sorted(line for line in said.splitlines() if " netkit:" in line or "dnsmasq" in line)


def _steady(value: Any) -> Any:
    """Leave out what differs between two looks at one thing, and the order of things."""
    if isinstance(value, list):
        return sorted((_steady(item) for item in value if not _by_itself(item)), key=str)
    if isinstance(value, dict):
        return {
            key: [flag for flag in item if flag not in VOLATILE_FLAGS]
            if key == "flags"
            else _steady(item)
            for key, item in value.items()
            if key not in VOLATILE_LINK and not key.endswith("_timer")
        }
    return value


def _by_itself(item: Any) -> bool:
    """Say whether the kernel adds this to a device that is up, when it finds the time."""
    if not isinstance(item, dict) or item == {}:
        return bool(item == {})
    of_kernel = item.get("protocol") == "2"
    return (
        item.get("local", "").startswith(("fe80:", "127.0.0.1"))
        or item.get("ifname") == "ovs-netdev"  # Open vSwitch's own, made anew by each first switch
        or (of_kernel and item.get("type") == "2" and ":" in item["dst"])
        or (of_kernel and item["dst"].startswith("127."))
        or item.get("handle") == "0:"  # a default discipline
        or item.get("dst", "").startswith(("fe80:", "ff00:"))
        or (item.get("type") == "4" and "dst" in item)
    )


def _rules(text: str) -> list[str]:
    """Give rules and chains; not counters, comments, built-in chains or which tables there are."""
    lines = [re.sub(r"\[\d+:\d+\]", "", line) for line in text.splitlines()]
    table, found = "", []
    for line in lines:
        if line.startswith("*"):
            table = line
        elif line and not line.startswith("#") and line != "COMMIT" and not BUILT_IN.match(line):
            found.append(f"{table} {line}")
    return found


def inodes() -> dict[str, int]:
    """Give the named namespaces that there are, each with what tells it from another."""
    return {path.name: path.stat().st_ino for path in sorted(RUN_NETNS.iterdir())}


def differences(before: Facts, after: Facts) -> list[str]:
    """Name what is in one of two snapshots only, so that a failure can be read."""
    return [
        f"{sign} {kind}: {item}"
        for kind in before.keys() | after.keys()
        for sign, one, other in (("-", before, after), ("+", after, before))
        for item in _items(one.get(kind))
        if item not in _items(other.get(kind))
    ]


def all_differences(before: AllFacts, after: AllFacts) -> list[str]:
    """Name what differs between two looks at the host and several namespaces."""
    return [
        f"{netns or 'host'} {line}"
        for netns in before.keys() | after.keys()
        for line in differences(before.get(netns, {}), after.get(netns, {}))
    ]


def _items(found: Any) -> list[Any]:
    return list(found.items()) if isinstance(found, dict) else list(found or ())


class Ground:
    """A host to build on, and what a test does there."""

    def __init__(self) -> None:
        self.before = snapshot()
        self.names: dict[str, None] = {}
        self.undone: list[str] = []
        self.children: list[subprocess.Popen[bytes]] = []

    def example(self, name: str, *, as_: str | None = None) -> Topology:
        """Read one of the examples, under a name and prefix of the test's if it wants one."""
        return self._ready(load_topology(EXAMPLES / f"{name}.json", name=as_))

    def look(self, spec: Document | Topology) -> Prospect:
        """Say what applying would do."""
        with writing() as session:
            return prospect(session, self._topology(spec))

    def apply(self, spec: Document | Topology) -> Outcome:
        """Build a network; it is destroyed when the test ends."""
        with writing() as session:
            found = self._topology(spec)
            return self.carry_out(session, prospect(session, found))

    def carry_out(self, session: Session, found: Prospect, **options: Any) -> Outcome:
        self.names[found.name] = None
        return carry_out(session, found, **options)

    def destroy(self, name: str) -> Outcome:
        with writing() as session:
            return carry_out(session, farewell(session, name))

    def facts(self, found: Prospect) -> State:
        """Read, by netkit's eyes, everything in the namespaces of a prospect."""
        with writing() as session:
            return read(session.runner, scope(found.desired))

    def sh(self, line: str) -> str:
        done = subprocess.run(["sh", "-ec", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        return done.stdout

    def json(self, line: str) -> Any:
        return json.loads(self.sh(line))

    def inside(self, netns: Netns) -> tuple[str, ...]:
        if netns is None:
            return ()
        return ("nsenter", f"--net={netns if netns.startswith('/') else RUN_NETNS / netns}")

    def undo(self, line: str) -> None:
        """Do something by hand when netkit's things are gone."""
        self.undone.append(line)

    def start(self, *argv: str, netns: Netns = None) -> subprocess.Popen[bytes]:
        """Start a process that is ended with the test; it is where it is sent to."""
        child = subprocess.Popen((*self.inside(netns), *argv), stdout=subprocess.DEVNULL)
        self.children.append(child)
        comm = Path(f"/proc/{child.pid}/comm")
        assert netns is None or eventually(lambda: comm.read_text() != "nsenter\n")
        return child

    def pings(self, netns: Netns, address: str) -> bool:
        """Send one packet, and say whether its answer came within a second."""
        argv = (*self.inside(netns), "ping", "-n", "-q", "-c", "1", "-W", "1", address)
        return subprocess.run(argv, capture_output=True, check=False).returncode == 0

    def dead(self, pairs: Iterable[tuple[Netns, str]]) -> list[tuple[Netns, str]]:
        """Send one packet along each pair, and give those that got no answer."""
        pairs = list(pairs)
        with ThreadPoolExecutor(max_workers=4) as pool:
            answers = pool.map(lambda pair: self.pings(*pair), pairs)
            return [pair for pair, alive in zip(pairs, answers, strict=True) if not alive]

    def ifindex(self, netns: Netns, ifname: str) -> int:
        line = f"ip {f'-n {netns}' if netns else ''} -json link show dev {ifname}"
        return int(self.json(line)[0]["ifindex"])

    def numbers(self, found: Prospect) -> dict[str, int]:
        """Give the number of each device of a spec: another number is another device."""
        places: dict[Netns, None] = {item.netns: None for item in found.desired.every(Link)}
        return {
            f"{netns or 'host'} {link['ifname']}": link["ifindex"]
            for netns in places
            for link in self.json(f"{' '.join(self.inside(netns))} ip -json link")
        }

    def alone(self, spec: Document | Topology) -> AllFacts:
        """Apply a spec and give all facts of the host and of each namespace of it."""
        return self.all_facts(self.apply(spec).prospect)

    def all_facts(self, found: Prospect) -> AllFacts:
        host = snapshot()
        del host["namespaces"]
        places = [item.netns for item in found.desired.every(Namespace)]
        if len(places) > MANY:
            places = [*places[:3], *places[-3:]]  # they are all alike
        with ThreadPoolExecutor(max_workers=4) as pool:
            return {None: host} | dict(zip(places, pool.map(snapshot, places), strict=True))

    def end(self) -> list[str]:
        """Take everything away; give what was not as it was before, once netkit was done."""
        for child in self.children:
            child.kill()
            child.wait()
        complaints: list[str] = []
        with writing() as session:
            applied = [stored.name for stored in session.memory.specs()]
            for name in applied:
                try:
                    carry_out(session, farewell(session, name))
                except Exception as error:
                    complaints.append(f"destroy {name}: {error}")
        for line in reversed(self.undone):
            subprocess.run(["sh", "-c", line], capture_output=True, check=False)
        left = differences(self.before, snapshot())
        if left:
            self._sweep()
        return complaints + left

    def _topology(self, spec: Document | Topology) -> Topology:
        return self._ready(spec if isinstance(spec, Topology) else topology(spec))

    def _ready(self, found: Topology) -> Topology:
        """Start what a spec needs beside the kernel."""
        if switch.uses_switch(found):
            switch.needed()
        return found

    def _sweep(self) -> None:
        """Take away by force what a failed test left, so that the next one starts clean."""
        for name in inodes().keys() - self.before["namespaces"].keys():
            subprocess.run(["ip", "netns", "delete", name], check=False)
        for name in self.names:
            for number in (group(name), group(name) + 1):
                subprocess.run(["ip", "link", "delete", "group", str(number)], check=False)
        for tool in ("iptables", "ip6tables"):
            said = subprocess.run([f"{tool}-save"], capture_output=True, text=True, check=False)
            kept = [line for line in said.stdout.splitlines() if not OWN.search(line)]
            text = "\n".join(kept) + "\n"
            subprocess.run([f"{tool}-restore"], input=text, text=True, check=False)
        for path in ETC_NETNS.iterdir():
            shutil.rmtree(path)
        for line in self.before["sysctl"]:
            path, _, value = line.partition(":")
            if "/conf/" in path or path.endswith("/ip_forward"):
                self._write(path, value)

    def _write(self, path: str, value: str) -> None:
        try:
            if Path(path).read_text().strip() != value.strip():
                Path(path).write_text(value)
        except OSError:
            pass


def said(found: Prospect) -> list[str]:
    """Write down each change: what is done to what, and which attributes differ."""
    return [
        f"{each.verb} {' '.join(str(word) for word in each.key)}"
        + (f" ({', '.join(each.altered())})" if each.verb == "change" else "")
        for each in found.changes
    ]


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """
    Give the host, and see to it that it is left as it was found.

    Whatever a test applied is destroyed at its end, by netkit; what is then still there, or is
    missing, fails the test.
    """
    state = tmp_path / "state"
    monkeypatch.setenv("NETKIT_STATE_DIR", str(state))
    place = Ground()
    yield place
    left = place.end()
    assert left == []


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Hold, when all tests are through, that nothing of netkit's is to be found."""
    yield
    if os.geteuid() != 0 or not RUN_NETNS.is_dir():
        return
    assert marks() == []


def marks() -> list[str]:
    """Find everything on the host that bears a mark of netkit's, whoever made it."""
    links = json.loads(
        subprocess.run(
            ["ip", "-Numeric", "-details", "-json", "link"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    found = [
        link["ifname"]
        for link in links
        if int(str(link.get("group", "0")), 0) >> 23 == 0x6E000000 >> 23
    ]
    found += [name for name in inodes() if name.startswith("nk-")]
    for tool in IPTABLES:
        said = subprocess.run([tool], capture_output=True, text=True, check=True).stdout
        found += [line for line in said.splitlines() if OWN.search(line)]
    found += [str(path) for path in ETC_NETNS.glob("*/*") if "# netkit:" in path.read_text()]
    return found + daemons()


def pairs(found: Prospect) -> list[tuple[Netns, str]]:
    """
    Give who must reach which addresses, as the spec's own checks name them.

    A namespace is reached by an address of each family: one on a link that both share, if there is
    one, and one that the source has any way to otherwise.
    """
    assert found.topology is not None
    prefix = found.topology.prefix
    places = {item.name: prefix + item.name for item in found.topology.namespaces}
    wanted: list[tuple[Netns, str]] = []
    for check in found.topology.checks:
        if check.verb == "ping" and check.expect == "reachable":
            source = places[check.source]
            if check.target in places:
                targets = _addresses(found.desired, source, places[check.target])
                wanted += [(source, address) for address in targets]
            else:
                wanted.append((source, check.target))
    return wanted


def _addresses(desired: State, source: str, target: str) -> Iterable[str]:
    mine = [item.cidr for item in desired.every(Address) if item.netns == source]
    for family in (4, 6):
        is_of = _family(family)
        networks = {_network(cidr) for cidr in mine if is_of(cidr)}
        theirs = [
            item.cidr
            for item in desired.every(Address)
            if item.netns == target and is_of(item.cidr)
        ]
        shared = [cidr for cidr in theirs if _network(cidr) in networks]
        if networks and theirs:
            yield (shared or theirs)[0].partition("/")[0]


def _family(family: int) -> Callable[[str], bool]:
    return lambda cidr: (":" in cidr) == (family == 6)


def _network(cidr: str) -> str:
    return str(ip_interface(cidr).network)


@pytest.fixture(scope="session")
def tools() -> ModuleType:
    """Give this file itself, which tests cannot import."""
    return sys.modules[__name__]
