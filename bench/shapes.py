"""The two shapes, each in the ways it is built: a spec, a script, and the floor program."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

BRIDGE_LAST = 1000
"""From this size on the floor brings its bridge up last, which saves it half of its time."""

HUB = ipaddress.IPv4Network("10.0.0.0/16")


@dataclass(frozen=True, slots=True)
class Packet:
    """One ping that proves that a network is there: from a namespace to an address."""

    netns: str
    to: str


@dataclass(frozen=True, slots=True)
class Shape:
    """
    One network in one size.

    Args:
        name: ``star`` or ``chain``.
        size: Number of hosts, or of routers.
        spec: What netkit gets, as JSON.
        script: What a person would have typed, one command a line.
        unscript: The same for taking it away.
        floor: The floor program's words that build it; those that take it away follow from them.
        packet: Crosses what the spec or the script built.
        floor_packet: Crosses what the floor built, which has names of its own.
    """

    name: str
    size: int
    spec: str
    script: str
    unscript: str
    floor: tuple[str, ...]
    packet: Packet
    floor_packet: Packet

    @property
    def title(self) -> str:
        """Say what it is, for a heading."""
        return f"{self.name} of {self.size}"

    @property
    def unfloor(self) -> tuple[str, ...]:
        """The words that take away what ``floor`` built."""
        return (f"{self.name}-destroy", str(self.size))


def star(size: int) -> Shape:
    """Hosts around one bridge in a namespace, each with an address and a default route."""
    return Shape(
        name="star",
        size=size,
        spec=_star_spec(size),
        script=_lines(_star_commands(size)),
        unscript=_lines(f"ip netns del {name}" for name in (*_numbered("h", size), "lab")),
        floor=("star-create", str(size), *(("-L",) if size >= BRIDGE_LAST else ())),
        packet=Packet("h1", str(HUB[size + 1])),
        floor_packet=Packet("pf1", str(HUB[size + 1])),
    )


def _star_spec(size: int) -> str:
    # That a member is the gateway makes netkit put the bridge into a namespace, as the floor does.
    # It costs netkit one namespace and one cable more than the floor, whose bridge is the gateway.
    return json.dumps(
        {
            "name": "star",
            "networks": {"hub": {"subnets": [str(HUB)], "gateway": str(HUB[1])}},
            "namespaces": {
                "gw": {"networks": {"hub": {"addresses": [str(HUB[1])]}}},
                f"h[1-{size}]": {"networks": ["hub"]},
            },
        },
        indent=2,
    )


def _star_commands(size: int) -> list[str]:
    commands = [
        "ip netns add lab",
        "ip -n lab link set dev lo up",
        "ip -n lab link add name br0 type bridge",
        f"ip -n lab address add {HUB[1]}/16 dev br0",
        "ip -n lab link set dev br0 up",
    ]
    for number, host in enumerate(_numbered("h", size), start=1):
        commands += [
            f"ip netns add {host}",
            f"ip -n {host} link set dev lo up",
            f"ip -n lab link add name {host} type veth peer name eth0 netns {host}",
            f"ip -n lab link set dev {host} master br0",
            f"ip -n lab link set dev {host} up",
            f"ip -n {host} address add {HUB[number + 1]}/16 dev eth0",
            f"ip -n {host} link set dev eth0 up",
            f"ip -n {host} route add default via {HUB[1]}",
        ]
    return commands


def chain(size: int) -> Shape:
    """Routers in a row, each with an address per cable and a route to either end."""
    # An answer lives through 63 routers, so in a longer chain the question goes next door.
    far = size - 1 if size < 64 else 1
    return Shape(
        name="chain",
        size=size,
        spec=_chain_spec(size),
        script=_lines(_chain_commands(size)),
        unscript=_lines(f"ip netns del {name}" for name in _numbered("r", size)),
        floor=("chain-create", str(size)),
        packet=Packet("r1", _cable(far)[1]),
        floor_packet=Packet("pf1", f"10.{far >> 8}.{far & 255}.2"),
    )


def _chain_spec(size: int) -> str:
    routers: dict[str, object] = {f"r[1-{size}]": {"forwarding": {"ipv4": True}}}
    for number, router in enumerate(_numbered("r", size), start=1):
        if routes := [{"to": to, "via": via} for to, via in _chain_routes(number, size)]:
            routers[router] = {"routes": routes}
    ends = [f"r[1-{size - 1}]:right", f"r[2-{size}]:left"]
    links = [{"ends": ends, "subnet": str(HUB)}]
    return json.dumps({"name": "chain", "namespaces": routers, "links": links}, indent=2)


def _chain_commands(size: int) -> list[str]:
    commands = []
    for router in _numbered("r", size):
        commands += [
            f"ip netns add {router}",
            f"ip netns exec {router} sysctl -qw net.ipv4.ip_forward=1",
            f"ip -n {router} link set dev lo up",
        ]
    for number in range(1, size):
        near, far = f"r{number}", f"r{number + 1}"
        commands.append(f"ip -n {near} link add name right type veth peer name left netns {far}")
        for router, ifname, address in zip(
            (near, far), ("right", "left"), _cable(number), strict=True
        ):
            commands += [
                f"ip -n {router} address add {address}/30 dev {ifname}",
                f"ip -n {router} link set dev {ifname} up",
            ]
    for number, router in enumerate(_numbered("r", size), start=1):
        commands += [
            f"ip -n {router} route add {to} via {via}" for to, via in _chain_routes(number, size)
        ]
    return commands


def _chain_routes(number: int, size: int) -> list[tuple[str, str]]:
    """Say by which neighbour the ends of the chain are reached, where they are not next door."""
    routes = []
    if number < size - 1:
        routes.append((_subnet(size - 1), _cable(number)[1]))
    if number > 2:
        routes.append((_subnet(1), _cable(number - 1)[0]))
    return routes


def _subnet(cable: int) -> str:
    return f"{HUB[4 * (cable - 1)]}/30"


def _cable(number: int) -> tuple[str, str]:
    """Give the addresses of the two ends of a cable, counted from 1."""
    first = 4 * (number - 1)
    return str(HUB[first + 1]), str(HUB[first + 2])


def _numbered(stem: str, size: int) -> tuple[str, ...]:
    return tuple(f"{stem}{number}" for number in range(1, size + 1))


def _lines(commands: Iterable[str]) -> str:
    return "".join(f"{command}\n" for command in commands)


SHAPES: dict[str, Callable[[int], Shape]] = {"star": star, "chain": chain}
