"""``--rootless``: the same network in a user's own namespaces; the host's is not touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.root.apply.conftest import differences, snapshot
from tests.root.safety.conftest import Said

pytestmark = pytest.mark.root

ROOT = Path(__file__).parents[3]
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
OWN = ("unshare", "--user", "--map-root-user", "--net", "--mount", "true")
PYTHON = "/usr/bin/python3"
NOT_NEEDED = (
    *("__pycache__", "__editable__*", "_hypothesis*", "hypothesis*", "mypy*", "ast_serialize*"),
    *("pip*", "setuptools*", "_pytest", "pytest*", "build*", "wheel*", "librt*", "ruff*"),
)


@dataclass
class User:
    """
    Somebody who runs netkit without being root of this host.

    Args:
        start: The words before netkit's own.
        folder: Where this user may write.
    """

    start: Sequence[str]
    folder: Path

    def __call__(self, *words: str, code: int | None = 0) -> Said:
        runtime = self.folder / "runtime"
        found = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(runtime),
        }
        done = subprocess.run(
            (*self.start, *words),
            capture_output=True,
            text=True,
            check=False,
            env=found,
            cwd=self.folder,
            timeout=120,
        )
        said = Said(done.returncode, done.stdout, done.stderr)
        assert "unexpectedly" not in said.err
        assert "Traceback" not in said.err
        assert code in {None, said.code}, f"{words}: {said}"
        return said

    def file(self, spec: dict[str, Any]) -> str:
        path = self.folder / f"{spec['name']}.json"
        path.write_text(json.dumps(spec))
        return str(path)

    def holders(self) -> list[int]:
        """Give the pids of this user's holders."""
        own = self.folder.stat().st_uid
        words = b"sleep\0infinity\0"
        return [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if path.stat().st_uid == own and path.read_bytes() == words
        ]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that everybody can reach, though pytest's own are root's."""
    path = Path(tempfile.mkdtemp(prefix="netkit-rootless-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def root(folder: Path) -> User:
    (folder / "runtime").mkdir(mode=0o700)
    return User((str(ROOT / ".venv/bin/python"), "-I", str(ROOT / "netkit/__main__.py")), folder)


def why_not() -> str:
    """Say why nobody can be without root here; empty when somebody can."""
    done = subprocess.run((*NOBODY, *OWN), capture_output=True, text=True, check=False)
    if done.returncode:
        return f"no user namespaces without root: {done.stderr.strip()}"
    if subprocess.run((PYTHON, "-c", "import venv"), capture_output=True, check=False).returncode:
        return f"{PYTHON} has no venv"
    ours = sysconfig.get_config_var("SOABI")
    asked = (PYTHON, "-c", "import sysconfig; print(sysconfig.get_config_var('SOABI'))")
    theirs = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return "" if ours == theirs else f"{PYTHON} is {theirs}, the libraries are for {ours}"


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """Install netkit where everybody can read it, for the system's own python."""
    if reason := why_not():
        pytest.skip(reason)
    place = Path(tempfile.mkdtemp(prefix="netkit-installed-"))
    place.chmod(0o755)
    subprocess.run((PYTHON, "-m", "venv", "--without-pip", place), check=True)
    libraries = next(place.glob("lib/python*/site-packages"))
    ignored = shutil.ignore_patterns(*NOT_NEEDED)
    shutil.copytree(sysconfig.get_path("purelib"), libraries, ignore=ignored, dirs_exist_ok=True)
    shutil.copytree(
        ROOT / "netkit", libraries / "netkit", ignore=shutil.ignore_patterns("__pycache__")
    )
    subprocess.run((place / "bin/python", "-m", "compileall", "-q", libraries), check=False)
    subprocess.run(("chmod", "-R", "a+rX", place), check=True)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def nobody(installed: Path, folder: Path) -> User:
    (folder / "runtime").mkdir(mode=0o700)
    for path in (folder, folder / "runtime"):
        os.chown(path, 65534, 65534)
    return User((*NOBODY, str(installed / "bin/python"), "-I", "-m", "netkit"), folder)


@pytest.fixture(params=["root", "nobody"])
def user(request: pytest.FixtureRequest) -> Iterator[User]:
    """Give each of them, and hold that the host is as it was, and nothing is left."""
    someone: User = request.getfixturevalue(request.param)
    before = snapshot()
    yield someone
    assert differences(before, snapshot()) == []
    holders = someone.holders()
    for pid in holders:
        os.kill(pid, 9)
    assert holders == []


SHOP = json.loads((ROOT / "examples/shop.json").read_text())
SMALL: dict[str, Any] = {
    "name": "small",
    "namespaces": {"a": {}, "b": {}},
    "links": [{"ends": ["a:eth0", "b:eth0"], "subnet": "10.94.0.0/30"}],
    "checks": [{"from": "a", "ping": "b"}],
}


def test_the_same_network_is_built_and_found_again(user: User) -> None:
    path = user.file(SHOP)

    built = user("--rootless", "apply", path)
    (holder,) = user.holders()

    assert " created" in built.out
    assert user("--rootless", "plan", path).out == "shop: nothing to do\n"
    assert user("--rootless", "diff", path).out == "shop: in order\n"
    assert user("--rootless", "status").out.splitlines()[1].split()[:3] == ["in", "order", "shop"]
    assert user("--rootless", "check", path).code == 0
    shown = user("--rootless", "exec", "con1", "--", "ip", "-4", "-o", "address", "show", "eth0")
    assert "inet 10.1.0.2/24" in shown.out
    names = user("--rootless", "exec", "con2", "--", "cat", "/etc/hosts").out
    assert "# netkit:shop" in names
    assert user("--rootless", "exec", "con1", "--", "sh", "-c", "exit 7", code=7).code == 7
    assert user.holders() == [holder]
    assert " deleted" in user("--rootless", "destroy", "shop").out


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("status", "XDG_RUNTIME_DIR"),
        ("network create lan", "XDG_RUNTIME_DIR"),
        ("ns add mine", "sudo"),
        ("link set lo --down", "sudo"),
        ("sysctl write net/ipv4/ip_forward 1", "sudo"),
    ],
)
def test_who_may_not_and_has_no_place_of_his_own_is_told_with_5(
    nobody: User, line: str, hint: str
) -> None:
    homeless = User(
        (*nobody.start[:5], "env", "--unset=XDG_RUNTIME_DIR", *nobody.start[5:]), nobody.folder
    )

    assert hint in homeless(*line.split(), code=5).err


DNS = json.loads((ROOT / "examples/dns.json").read_text())
QUERY = """
import socket
said = b"\\0\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\3www\\0\\0\\1\\0\\1"
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(2)
client.sendto(said, ("10.31.0.1", 53))
print(socket.inet_ntoa(client.recv(512)[-4:]))
"""


def test_name_servers_are_the_users_own(user: User) -> None:
    path = user.file(DNS)
    user("--rootless", "apply", path)

    asked = user("--rootless", "exec", "client", "--", PYTHON, "-I", "-c", QUERY)
    told = user("--rootless", "exec", "client", "--", "cat", "/etc/resolv.conf")

    assert asked.out == "10.31.0.3\n"
    assert "nameserver 10.31.0.1" in told.out
    assert user("--rootless", "plan", path).out == "dns: nothing to do\n"
    assert user("--rootless", "check", path).code == 0
    assert " deleted" in user("--rootless", "destroy", "dns").out
    left = subprocess.run(["pgrep", "--full", " netkit:dns/"], capture_output=True, check=False)
    assert left.returncode == 1


def test_the_holder_ends_with_the_last_spec(user: User) -> None:
    user("--rootless", "apply", user.file(SMALL))
    user("--rootless", "apply", user.file(SMALL), "--name", "second")

    user("--rootless", "destroy", "small")
    assert len(user.holders()) == 1
    user("--rootless", "destroy", "--all")

    assert user.holders() == []


def test_a_command_that_is_not_there_ends_nothing(user: User) -> None:
    user("--rootless", "apply", user.file(SMALL))

    user("--rootless", "exec", "a", "--", "/no-such-command", code=127)

    assert user("--rootless", "diff", "small").out == "small: in order\n"
    user("--rootless", "destroy", "small")


def test_what_was_made_by_hand_holds_it_until_it_is_gone(user: User) -> None:
    for make, delete in (
        ("ns add lab", "ns delete lab"),
        ("link add-bridge br0", "link delete br0"),
    ):
        user("--rootless", *make.split())
        assert len(user.holders()) == 1
        user("--rootless", *delete.split())
        assert user.holders() == []


@pytest.mark.parametrize("line", ["--version", "apply --help", "render {}", "ns add a --dry-run"])
def test_what_only_asks_starts_nothing(user: User, line: str) -> None:
    tool = user.folder / "unshare"
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    start = (*user.start[:5], "env", f"PATH={user.folder}:{os.environ['PATH']}", *user.start[5:])
    without = User(start if user.start[0] == NOBODY[0] else user.start, user.folder)

    assert without("--rootless", *line.format(user.file(SMALL)).split()).out

    assert user.holders() == []


def test_a_dry_run_is_the_first_thing(user: User) -> None:
    said = user("--rootless", "apply", "--dry-run", user.file(SHOP)).out

    assert "ip netns add con1" in said
    assert user.holders() == []


def test_an_applied_spec_is_rendered_there_too(user: User) -> None:
    user("--rootless", "apply", user.file(SHOP))

    assert "172.17.0.2/16" in user("--rootless", "render", "shop").out
    user("--rootless", "destroy", "shop")


@pytest.mark.parametrize("line", ["netkit exec ", "netkit --rootless exec "])
def test_its_names_are_completed(user: User, line: str) -> None:
    user("--rootless", "apply", user.file(SMALL))
    typed = (f"COMP_WORDS={line}", f"COMP_CWORD={len(line.split())}")
    asking = ("env", "_NETKIT_COMPLETE=complete_bash", *typed)
    at = 5 if user.start[0] == NOBODY[0] else 0
    shell = User((*user.start[:at], *asking, *user.start[at:]), user.folder)

    found = shell().out.splitlines()

    if at or "--rootless" in line:  # root's own names are the host's
        assert found == ["a", "b"]
    user("--rootless", "destroy", "small")


def test_its_failures_are_those_of_the_command(nobody: User) -> None:
    start = (*nobody.start[:5], "env", "--unset=XDG_RUNTIME_DIR", *nobody.start[5:])
    homeless = User(start, nobody.folder)

    said = homeless("--rootless", "status", "--json", code=5)

    assert json.loads(said.out)["command"] == "status"
    assert homeless("--rootless", "exec", "a", "--", "true", code=125).out == ""


@pytest.mark.parametrize("line", ["apply {} --persist", "network create lan --persist"])
def test_nothing_of_it_can_be_kept_for_the_next_boot(user: User, line: str) -> None:
    said = user("--rootless", *line.format(user.file(SMALL)).split(), code=2)

    assert "ends with its holder" in said.err
    assert user.holders() == []


def test_of_first_commands_at_once_all_are_in_one_holder(user: User) -> None:
    path = user.file(SMALL)
    names = ("one", "two", "three")
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: user("--rootless", "apply", path, "--name", name), names))

    assert len(user.holders()) == 1
    assert len(user("--rootless", "status").out.splitlines()) == 1 + len(names)
    user("--rootless", "destroy", "--all")


def test_drift_is_found_and_mended_there_too(user: User) -> None:
    path = user.file(SMALL)
    user("--rootless", "apply", path)
    user("--rootless", "exec", "a", "--", "ip", "address", "flush", "dev", "eth0")

    assert "missing" in user("--rootless", "diff", path, code=3).out
    user("--rootless", "apply", path)

    assert user("--rootless", "check", path).code == 0
    user("--rootless", "destroy", "small")


def test_what_is_the_hosts_own_is_refused(user: User) -> None:
    """The holder's network has no device of the host's, and its own is its host."""
    eth0 = {"type": "existing", "addresses": ["10.99.0.1/24"]}
    spec = {"name": "own", "namespaces": {"host": {"devices": {"eth0": eth0}}}}

    said = user("--rootless", "apply", user.file(spec), code=5)

    assert "there is no device eth0 on the host" in said.err
    user("--rootless", "status")


def test_a_holder_that_was_killed_takes_the_network_with_it(user: User) -> None:
    path = user.file(SMALL)
    user("--rootless", "apply", path)
    os.kill(user.holders()[0], 9)

    assert user("--rootless", "status").out == "no spec is applied\n"
    assert " created" in user("--rootless", "apply", path).out
    user("--rootless", "destroy", "small")


def test_a_holder_that_nobody_buries_is_none(root: User) -> None:
    with subprocess.Popen(("true",)) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        words = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        (root.folder / "runtime/netkit").mkdir()
        (root.folder / "runtime/netkit/holder").write_text(f"{child.pid} {words[19]}\n")

        assert root("--rootless", "status").out == "no spec is applied\n"


def test_without_root_it_is_rootless_by_itself(nobody: User) -> None:
    path = nobody.file(SMALL)

    nobody("apply", path)
    assert len(nobody.holders()) == 1
    assert nobody("check", path).code == 0
    nobody("destroy", "small")

    assert nobody.holders() == []


def test_without_a_place_for_the_pid_it_is_said(nobody: User) -> None:
    start = ("env", "--unset=XDG_RUNTIME_DIR", *nobody.start)

    said = User(start, nobody.folder)("--rootless", "apply", nobody.file(SMALL), code=5)

    assert "XDG_RUNTIME_DIR is not set" in said.err
    assert User(start, nobody.folder)("apply", "--help").code == 0
    assert nobody.holders() == []


def test_without_a_right_to_note_the_pid_it_is_said_and_nothing_is_left(nobody: User) -> None:
    (nobody.folder / "runtime").chmod(0o500)

    said = nobody("status", code=5)

    assert "runtime/netkit/holder: Permission denied" in said.err
    assert nobody.holders() == []


def test_where_user_namespaces_are_forbidden_it_is_said(root: User) -> None:
    refusing = root.folder / "unshare"
    refusing.write_text("#!/bin/sh\necho 'unshare failed: No space left on device' >&2; exit 1\n")
    refusing.chmod(0o755)
    start = ("env", f"PATH={root.folder}:{os.environ['PATH']}", *root.start)

    said = User(start, root.folder)("--rootless", "apply", root.file(SMALL), code=5)

    assert "no network of one's own can be made without root: unshare failed" in said.err
    assert "user.max_user_namespaces" in said.err


def test_a_device_that_was_lent_comes_home(user: User) -> None:
    """Home is where netkit runs, which is not where process 1 does."""
    wan = {"type": "existing", "from": "host:lent0", "addresses": ["10.77.0.1/24"]}
    path = user.file({"name": "lent", "namespaces": {"a": {"devices": {"wan": wan}}}})
    user("--rootless", "link", "add-veth", "lent0", "lent1", "--up")
    user("--rootless", "addr", "add", "10.7.0.1/24", "--dev", "lent0", "--broadcast", "10.7.0.255")
    user("--rootless", "route", "add", "10.8.0.0/16", "--via", "10.7.0.9", "--dev", "lent0")

    user("--rootless", "apply", path)
    assert "10.7.0.1" not in user("--rootless", "addr", "show").out
    user("--rootless", "apply", path)
    user("--rootless", "destroy", "lent")

    assert "10.7.0.1/24" in user("--rootless", "addr", "show", "lent0").out
    assert "10.8.0.0/16" in user("--rootless", "route", "show").out
    user("--rootless", "link", "delete", "lent0")
