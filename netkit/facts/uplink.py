"""By which devices the host leaves for everything it knows no nearer way to."""

from __future__ import annotations

from collections.abc import Iterator

LOOPBACK = "lo"  # of a default route that refuses


def read() -> tuple[str, ...]:
    """
    Name the devices of the default routes of the namespace netkit runs in, of both families.

    Most hosts have one, and many none: that costs no process to see.

    Source: proc(5), "/proc/net/route"; kernel, net/ipv6/route.c, rt6_info_route().
    """
    found = (*parse_ipv4(_text("route")), *parse_ipv6(_text("ipv6_route")))
    return tuple(dict.fromkeys(found))


def _text(name: str) -> str:
    try:
        with open(f"/proc/self/net/{name}") as table:
            return table.read()
    except FileNotFoundError:
        return ""  # a kernel without that family


def parse_ipv4(said: str) -> Iterator[str]:
    """Read /proc/net/route: device, destination, gateway, flags, three more, mask."""
    for line in said.splitlines()[1:]:
        words = line.split()
        if len(words) > 7 and int(words[1], 16) == 0 == int(words[7], 16):
            yield words[0]


def parse_ipv6(said: str) -> Iterator[str]:
    """Read /proc/net/ipv6_route: destination and its length first, the device last."""
    for line in said.splitlines():
        words = line.split()
        is_default = len(words) > 9 and int(words[1], 16) == 0 == int(words[0], 16)
        if is_default and words[-1] != LOOPBACK:
            yield words[-1]
