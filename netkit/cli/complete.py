"""What a shell may complete: live names, read where they are cheap to read."""

from __future__ import annotations

import os

RUN_NETNS = "/run/netns"
NET = "/sys/class/net"


def namespaces(incomplete: str) -> list[str]:
    """Name the namespaces that begin so."""
    return _entries(RUN_NETNS, incomplete)


def devices(incomplete: str) -> list[str]:
    """Name the devices of this namespace that begin so."""
    return _entries(NET, incomplete)


def specs(incomplete: str) -> list[str]:
    """Name the applied specs that begin so; the shell itself knows files."""
    return []


def _entries(folder: str, incomplete: str) -> list[str]:
    try:
        return sorted(each for each in os.listdir(folder) if each.startswith(incomplete))
    except OSError:
        return []
