"""Beside a Docker daemon, which sets FORWARD to DROP: both work, before, meanwhile and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.root.docker import IMAGE, Docker, docker, rules

if TYPE_CHECKING:
    from tests.root.apply.conftest import Ground
    from tests.root.bridge.conftest import Talk

__all__ = ["docker"]
pytestmark = pytest.mark.root

HOST, OTHER = "192.0.2.1", "192.0.2.2"
SPEC: dict[str, Any] = {
    "name": "beside",
    "networks": {
        "lan": {"subnets": ["10.1.0.0/24"]},
        "routed": {"subnets": ["10.2.0.0/24"], "masquerade": False},
    },
    "namespaces": {
        "web": {"networks": {"lan": {"publish": ["8080:80"]}}},
        "client": {"networks": ["lan"]},
        "open": {"networks": {"routed": {"publish": ["80:80"]}}},
    },
}


def containers(docker: Docker) -> None:
    """Start a server that Docker publishes, a second one it does not, and a network of Docker's."""
    serve = ("nc", "-ll", "-p", "80", "-e", "echo", "hello")
    docker.run("published", "--publish", "8181:80", command=serve)
    docker("network", "create", "--subnet", "172.30.0.0/24", "own")
    docker.run("private", "--network", "own", command=serve)
    docker.run("friend", "--network", "own")


def asks(docker: Docker, container: str, address: str, port: int = 80) -> str:
    """Ask from a container; empty when there is no answer."""
    line = f"nc -w 1 {address} {port} < /dev/null || :"
    return docker("exec", container, "sh", "-c", line).strip()


def docker_works(docker: Docker, talk: Talk) -> None:
    """Hold what Docker promises: among containers, out, and in by what it publishes."""
    private = docker.address("private", "own")
    assert asks(docker, "friend", private) == "hello"
    assert asks(docker, "published", private) == ""
    assert docker("exec", "friend", "ping", "-c", "1", "-W", "1", OTHER)
    assert talk.ask("far", [("tcp", HOST, 8181)]) == ["hello\n"]


def netkit_works(place: Ground, docker: Docker, talk: Talk) -> None:
    """Hold what netkit promises, towards the world, and towards Docker's containers."""
    assert place.pings("client", OTHER)
    assert place.dead([("client", "10.1.0.2"), ("open", OTHER), ("far", "10.2.0.2")]) == []
    ways = [("tcp", HOST, 8080)]
    assert talk.ask("far", [*ways, ("tcp", "10.2.0.2", 80)]) == [OTHER, OTHER]
    assert talk.ask(None, [*ways, ("tcp", "127.0.0.1", 8080)]) == [HOST, "10.1.0.1"]
    assert talk.ask("client", ways) == ["10.1.0.1"]
    assert not place.pings("far", "10.1.0.2")
    assert asks(docker, "friend", HOST, 8080) == "10.1.0.1"
    # So does a sandbox: what Docker publishes, and where Docker set the policy, nothing else.
    if "-P FORWARD DROP" in place.sh("iptables -S FORWARD"):
        private = docker.address("private", "own")
        assert talk.ask("client", [("tcp", private, 80)]) == ["TimeoutError"]
    assert talk.ask("client", [("tcp", HOST, 8181)]) == ["hello\n"]


def netkit_is_apart(docker: Docker) -> None:
    """Hold that a container reaches of a sandbox what is published, and nothing else."""
    assert asks(docker, "friend", "10.1.0.2") == ""


def test_docker_and_netkit_work_side_by_side_whoever_comes_first(
    uplink: Ground, talk: Talk, docker: Docker
) -> None:
    assert "-P FORWARD DROP" in uplink.sh("iptables -S FORWARD")
    containers(docker)
    docker_works(docker, talk)
    before = rules()

    uplink.apply(SPEC)
    talk.serve("web", 80)
    talk.serve("open", 80)

    assert rules() == before
    docker_works(docker, talk)
    netkit_works(uplink, docker, talk)
    netkit_is_apart(docker)
    # Docker puts its rules in front again, and lets its containers go wherever they like.
    docker("network", "create", "another")
    docker("run", "--rm", "--network", "another", IMAGE, "ping", "-c", "1", "-W", "1", OTHER)
    netkit_works(uplink, docker, talk)
    outcome = uplink.apply(SPEC)
    assert {type(each.subject).__name__ for each in outcome.prospect.changes} == {"Jump"}
    netkit_works(uplink, docker, talk)
    netkit_is_apart(docker)
    assert uplink.apply(SPEC).prospect.steps == ()
    with_another = rules()
    for child in uplink.children:
        child.kill()
        child.wait()
    uplink.destroy("beside")
    assert rules() == with_another
    docker_works(docker, talk)


def test_docker_may_start_when_netkit_is_there(
    uplink: Ground, talk: Talk, request: pytest.FixtureRequest
) -> None:
    uplink.apply(SPEC)
    talk.serve("web", 80)
    talk.serve("open", 80)
    docker: Docker = request.getfixturevalue("docker")
    containers(docker)

    docker_works(docker, talk)
    netkit_works(uplink, docker, talk)
    before = rules()
    uplink.apply(SPEC)
    assert rules() == before
    docker_works(docker, talk)
    netkit_works(uplink, docker, talk)
    netkit_is_apart(docker)
