"""Published ports: from every kind of client, over both protocols and families."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netkit.errors import ConflictError

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground
    from tests.root.bridge.conftest import Talk

pytestmark = pytest.mark.root

NF_CALL = ("net/bridge/bridge-nf-call-iptables", "net/bridge/bridge-nf-call-ip6tables")
HOST = ("192.0.2.1", "2001:db8::1")
OTHER = ("192.0.2.2", "2001:db8::2")
GATEWAY = ("10.1.0.1", "fd00:1::1")
BOTH = ("tcp", "udp")


def spec(*published: str, **said: Any) -> dict[str, Any]:
    """Give a network with a server, which publishes, and a sibling; and another network."""
    return {
        "name": "pub",
        "networks": {
            "lan": {"subnets": ["10.1.0.0/24", "fd00:1::/64"], **said},
            "other": {"subnets": ["10.2.0.0/24", "fd00:2::/64"]},
        },
        "namespaces": {
            "web": {"networks": {"lan": {"publish": list(published)}}},
            "sibling": {"networks": ["lan"]},
            "stranger": {"networks": ["other"]},
        },
    }


EVERY = ("8080:80/tcp", "8080:80/udp")


@pytest.fixture(params=["0", "1"], ids=["plain", "br_netfilter"])
def bridged(request: pytest.FixtureRequest, uplink: Ground) -> Ground:
    """Let bridged frames meet the rules of IP, or not."""
    for name in NF_CALL:
        place = Path("/proc/sys", name)
        if not place.exists():
            if request.param == "1":
                pytest.skip("br_netfilter is not loaded")
            continue
        uplink.undo(f"echo {place.read_text().strip()} > {place}")
        place.write_text(request.param)
    return uplink


def asked(hosts: tuple[str, ...], port: int = 8080) -> list[tuple[str, str, int]]:
    return [(protocol, host, port) for protocol in BOTH for host in hosts]


@pytest.mark.parametrize("isolate", [False, True], ids=["together", "isolated"])
def test_every_kind_of_client_reaches_it_and_is_seen_as_who_it_is(
    bridged: Ground, talk: Talk, isolate: bool
) -> None:
    bridged.apply(spec(*EVERY, isolate=isolate))
    talk.serve("web", 80)

    seen = {
        "another host": talk.ask("far", asked(HOST)),
        "the host by its own address": talk.ask(None, asked(HOST)),
        "the host by 127.0.0.1": talk.ask(None, asked(("127.0.0.1",))),
        "a sibling by the host's address": talk.ask("sibling", asked(HOST)),
        "itself by the host's address": talk.ask("web", asked(HOST)),
        "a sibling by the gateway": talk.ask("sibling", asked(GATEWAY)),
        "another network by the host's address": talk.ask("stranger", asked(HOST)),
    }

    if isolate and Path("/proc/sys", NF_CALL[0]).read_text().strip() == "1":
        # A frame that is led to another port of its own bridge is bridged there, or here: is not.
        for near in ("a sibling by the host's address", "itself by the host's address"):
            assert seen.pop(near) == ["TimeoutError"] * 4
        assert seen.pop("a sibling by the gateway") == ["TimeoutError"] * 4

    expected = {
        "another host": [*OTHER, *OTHER],
        "the host by its own address": [*HOST, *HOST],
        "the host by 127.0.0.1": [GATEWAY[0]] * 2,
        "a sibling by the host's address": [*GATEWAY, *GATEWAY],
        "itself by the host's address": [*GATEWAY, *GATEWAY],
        "a sibling by the gateway": [*GATEWAY, *GATEWAY],
        "another network by the host's address": [*GATEWAY, *GATEWAY],
    }
    assert seen == {who: expected[who] for who in seen}


def small(name: str, number: int, *published: str) -> dict[str, Any]:
    return {
        "name": name,
        "prefix": f"{name}-",
        "networks": {"lan": {"subnets": [f"10.{number}.0.0/24", f"fd00:{number}::/64"]}},
        "namespaces": {"web": {"networks": {"lan": {"publish": list(published)}}}},
    }


@pytest.mark.parametrize(
    ("one", "two", "clash"),
    [
        ("8080:80", "8080:81", "tcp port 8080 (IPv4) leads to 10.3.0.2 by spec one"),
        ("8000-8010:80-90", "[::]:8010:80", "tcp port 8010 (IPv6) leads to fd00:3::2 by spec one"),
        ("192.0.2.1:53:53/udp", "53:53/udp", "udp port 53 (IPv4) leads to 10.3.0.2 by spec one"),
        ("8080:80", "8080:80/udp", ""),
        ("192.0.2.1:80:80", "192.0.2.7:80:80", ""),
        ("0.0.0.0:80:80", "[::]:80:80", ""),
    ],
)
def test_one_port_leads_to_one_place_whoever_publishes_it(
    ground: Ground, one: str, two: str, clash: str
) -> None:
    ground.apply(small("one", 3, one))

    if not clash:
        ground.apply(small("two", 4, two))
        return
    with pytest.raises(ConflictError) as caught:
        ground.apply(small("two", 4, two))
    assert f"/namespaces/web/networks/lan/publish/0: {clash}" in str(caught.value)


@pytest.mark.parametrize(
    ("published", "refused"),
    [
        ("8099:80", True),
        ("0.0.0.0:8090-8100:90-100/udp", True),
        ("192.0.2.1:8099:80", True),
        ("8098:80", False),
        ("8099:80/sctp", False),
    ],
)
def test_a_program_is_not_robbed_of_its_port(
    ground: Ground, talk: Talk, published: str, refused: bool
) -> None:
    talk.serve(None, 8099)

    if not refused:
        ground.apply(small("one", 3, published))
        return
    with pytest.raises(ConflictError) as caught:
        ground.apply(small("one", 3, published))
    assert f"listens {ground.children[0].pid} (" in str(caught.value)


def test_a_program_that_comes_later_is_no_reason_to_refuse(ground: Ground, talk: Talk) -> None:
    ground.apply(small("one", 3, "8099:80"))
    talk.serve(None, 8099)

    assert ground.apply(small("one", 3, "8099:80")).prospect.steps == ()
    ground.apply(small("one", 3, "8099:80", "8098:80"))


FLOW = """
import socket, sys
near = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
near.settimeout(0.5)
near.connect((sys.argv[1], 53))
for line in sys.stdin:
    near.send(b"?")
    try:
        print(near.recv(100).decode(), flush=True)
    except OSError as error:
        print(type(error).__name__, flush=True)
"""


@pytest.mark.parametrize("number", [0, 1], ids=["ipv4", "ipv6"])
def test_a_flow_does_not_go_on_to_where_the_port_led_before(
    uplink: Ground, talk: Talk, number: int
) -> None:
    def served(by: str) -> dict[str, Any]:
        said = spec()
        said["namespaces"][by]["networks"] = {"lan": {"publish": ["53:5353/udp"]}}
        said["namespaces"]["web" if by == "sibling" else "sibling"]["networks"] = ["lan"]
        return said

    def question() -> str:
        assert flow.stdin is not None
        assert flow.stdout is not None
        flow.stdin.write("?\n")
        flow.stdin.flush()
        return flow.stdout.readline().strip()

    uplink.apply(served("web"))
    talk.serve("web", 5353)
    argv = (*uplink.inside("far"), sys.executable, "-c", FLOW, HOST[number])
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as flow:
        assert question() == OTHER[number]

        outcome = uplink.apply(served("sibling"))

        steps = [str(each.step) for each in outcome.prospect.steps]
        assert [step for step in steps if step.startswith("conntrack")] == [
            "conntrack -D -f ipv4 -p udp --reply-src 10.1.0.2 --dport 53 || :",
            "conntrack -D -f ipv6 -p udp --reply-src fd00:1::2 --dport 53 || :",
        ]
        assert question() in {"TimeoutError", "ConnectionRefusedError"}  # nobody is there yet
        talk.serve("sibling", 5353)
        assert question() == OTHER[number]

        uplink.apply(spec())

        assert question() in {"TimeoutError", "ConnectionRefusedError"}
        flow.kill()


def test_without_conntrack_it_goes_all_the_same_and_says_so(ground: Ground, tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(small("one", 3, "8080:80")))
    netkit = f"{sys.executable} -m netkit"
    tool = shutil.which("conntrack")
    assert tool is not None
    ground.apply(small("one", 3, "8080:80"))

    said = ground.sh(
        f"unshare --mount sh -ec 'mount --bind /dev/null {tool}; {netkit} destroy one 2>&1'"
    )

    assert "conntrack is not installed: connections by ports" in said
    assert "deleted" in said


def test_that_nobody_can_come_is_said(uplink: Ground) -> None:
    said = small("one", 3, "192.0.2.1:80:80", "192.0.2.9:81:80", "127.0.0.1:82:80", "83:80")

    assert uplink.apply(said).notes == (
        "/namespaces/web/networks/lan/publish/1: the host has no address 192.0.2.9: nobody reaches"
        " tcp port 81 of 192.0.2.9 (IPv4) until it has",
    )
