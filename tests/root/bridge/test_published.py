"""Published ports: from every kind of client, over both protocols and families."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

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
