"""
A Docker daemon of a test's own, with an image that needs no registry.

    docker = Docker(folder)       folder: the daemon's data; /run, /etc are those of bin/isolated
    docker("run", "-d", "--name", "c1", IMAGE, "sleep", "1000")

The daemon has a mount namespace of its own with all of the machine's cgroups, and stops with all
of its containers. What it did to the host's network is taken back, so that others find it as it
was. The fixture ``docker`` skips where none can run; whoever wants it imports it in its conftest.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

IMAGE = "netkit-busybox"
APPLETS = ("sh", "cat", "hostname", "httpd", "ip", "nc", "nslookup", "ping", "sleep", "wget")
LIMIT = 60
TABLES = ("filter", "nat", "raw", "mangle")
HOOKS = {
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
}
SETTINGS = (
    *("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv6/conf/default/forwarding"),
    *("net/ipv6/conf/default/disable_ipv6", "net/ipv6/conf/all/disable_ipv6"),
    *("net/bridge/bridge-nf-call-iptables", "net/bridge/bridge-nf-call-ip6tables"),
)
# In bin/isolated /sys is new, and has no cgroups; {cgroups} is each hierarchy of /proc/self/cgroup.
START = """
set -e
if [ -z "$(ls -A /sys/fs/cgroup)" ]; then
    mount -t tmpfs tmpfs /sys/fs/cgroup
    for named in {cgroups}; do
        options=${{named#*=}}
        mkdir -p /sys/fs/cgroup/$options
        case $named in name=*) named=none,$named ;; esac
        mount -t cgroup -o $named cgroup /sys/fs/cgroup/$options
    done
    [ -n "{cgroups}" ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
exec "$@"
"""


class Docker:
    """
    A daemon that runs, and its command line.

    Args:
        folder: An empty one, on a file system that can hold an image.
        options: More words for dockerd.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.socket = f"unix://{folder}/docker.sock"
        self.log = folder / "dockerd.log"
        self.parent = f"netkit-{os.getpid()}-{time.monotonic_ns()}"
        self.settings = {name: _read(name) for name in SETTINGS}
        self.rules = {tool: _said(f"{tool}-save") for tool in ("iptables", "ip6tables")}
        self.devices = _devices()
        words = (
            *("dockerd", "--host", self.socket, "--data-root", f"{folder}/data"),
            *("--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid"),
            *("--cgroup-parent", self.parent, "--storage-driver", "vfs", *options),
        )
        with self.log.open("wb") as log:
            self.daemon = subprocess.Popen(
                (*_with_cgroups(), *words),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._await()
            self._import()
        except BaseException:
            self.stop()
            raise

    def __call__(self, *words: str, code: int = 0) -> str:
        """Run ``docker``, which must end with ``code``; give what it says."""
        argv = ("docker", "--host", self.socket, *words)
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == code, f"{' '.join(argv)}: {done.stdout}{done.stderr}"
        return done.stdout

    def run(self, name: str, *words: str, command: tuple[str, ...] = ("sleep", "10000")) -> str:
        """Start a container from the image; ``words`` are options of ``docker run``."""
        return self("run", "--detach", "--name", name, *words, IMAGE, *command).strip()

    def pid(self, container: str) -> int:
        """Give the process of a container: its namespaces are below /proc/PID/ns."""
        return int(self("inspect", "--format", "{{.State.Pid}}", container))

    def address(self, container: str, network: str = "bridge") -> str:
        """Give a container's IPv4 address in a network."""
        where = f'{{{{(index .NetworkSettings.Networks "{network}").IPAddress}}}}'
        return self("inspect", "--format", where, container).strip()

    def stop(self) -> None:
        """End the daemon with its containers, and put the host's network back as it was."""
        if self.daemon.poll() is None:
            for name in self._containers():
                self("rm", "--force", "--volumes", name)
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()
        for ifname in _devices() - self.devices:
            if ifname == "docker0" or ifname.startswith(("br-", "veth")):
                subprocess.run(["ip", "link", "delete", "dev", ifname], check=False)
        for tool, text in self.rules.items():
            subprocess.run([f"{tool}-restore"], input=_whole(text), text=True, check=False)
        for name, value in self.settings.items():
            if value is not None and _read(name) != value:
                Path("/proc/sys", name).write_text(value)
        subprocess.run(["conntrack", "-F"], capture_output=True, check=False)
        self._forget_cgroups()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _containers(self) -> list[str]:
        argv = ("docker", "--host", self.socket, "ps", "--all", "--quiet")
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split()

    def _await(self) -> None:
        until = time.monotonic() + LIMIT
        argv = ("docker", "--host", self.socket, "version")
        while subprocess.run(argv, capture_output=True, check=False).returncode != 0:
            if self.daemon.poll() is not None or time.monotonic() > until:
                last = self.log.read_text().strip().splitlines()[-3:]
                pytest.skip("dockerd does not start here: " + " / ".join(last))
            time.sleep(0.05)

    def _import(self) -> None:
        place = self.folder / "image"
        (place / "bin").mkdir(parents=True)
        busybox = shutil.which("busybox")
        assert busybox is not None
        shutil.copy(busybox, place / "bin" / "busybox")
        for applet in APPLETS:
            (place / "bin" / applet).symlink_to("busybox")
        tar = self.folder / "image.tar"
        subprocess.run(["tar", "-C", str(place), "-cf", str(tar), "."], check=True)
        self("import", str(tar), IMAGE)

    def _forget_cgroups(self) -> None:
        """Remove the groups that the containers were in, where they can still be reached."""
        words = ("find", "/sys/fs/cgroup", "-depth", "-type", "d", "-path", f"*/{self.parent}*")
        argv = (*_with_cgroups(), *words, "-exec", "rmdir", "{}", "+")
        subprocess.run(argv, capture_output=True, check=False)


def reason_to_skip() -> str:
    """Say what Docker lacks here; empty when it can be tried."""
    for tool, package in (("dockerd", "docker.io"), ("docker", "docker.io")):
        if shutil.which(tool) is None:
            return f"{tool} is not installed (Debian: {package})"
    busybox = shutil.which("busybox")
    if busybox is None:
        return "busybox is not installed (Debian: busybox-static)"
    linked = subprocess.run(["ldd", busybox], capture_output=True, text=True, check=False)
    if linked.returncode == 0:
        return f"{busybox} is not static, so no container can run it (Debian: busybox-static)"
    return ""


@pytest.fixture
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:
    """Give a daemon that runs; the test is skipped, with the reason, where it cannot."""
    if reason := reason_to_skip():
        pytest.skip(reason)
    daemon = Docker(tmp_path_factory.mktemp("docker"))
    yield daemon
    daemon.stop()


def _with_cgroups() -> tuple[str, ...]:
    """Give the words that start something where it finds all cgroups of the machine."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    named = [name for line in lines if (name := line.split(":", 2)[1])]  # none: version 2 alone
    script = START.format(cgroups=" ".join(named))
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", script, "-")


def _read(name: str) -> str | None:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return None


def _said(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def _devices() -> set[str]:
    found: set[str] = {path.name for path in Path("/sys/class/net").iterdir()}
    return found


def _whole(saved: str) -> str:
    """Write out a table that was not there too, so that all in it goes."""
    empty = [
        "\n".join((f"*{table}", *(f":{hook} ACCEPT" for hook in HOOKS[table]), "COMMIT", ""))
        for table in TABLES
        if f"*{table}\n" not in saved
    ]
    return saved + "".join(empty)


def rules(tool: str = "iptables") -> dict[str, list[Any]]:
    """Give the rules of Docker's own chains, and the jumps to them, by table."""
    found: dict[str, list[Any]] = {}
    table = ""
    for line in _said(f"{tool}-save").splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith("-A") and "NK-" not in line and "NETKIT-USER" not in line:
            found.setdefault(table, []).append(line)
    return found
