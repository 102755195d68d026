"""
Where plugins listen, by Docker's rules.

    /run/docker/plugins/NAME.sock, NAME/NAME.sock
    /etc/docker/plugins, /usr/lib/docker/plugins     NAME.spec, NAME/NAME.spec    a URL
                                                     NAME.json, NAME/NAME.json    {"Addr": a URL}

Source: moby, pkg/plugins/discovery.go.
"""

from __future__ import annotations

import json
import os
import stat

from netkit.errors import MissingError

SOCKETS = "/run/docker/plugins"
SPECS = ("/etc/docker/plugins", "/usr/lib/docker/plugins")
UNIX = "unix://"
LONGEST = 1 << 16


def find(name: str) -> str:
    """
    Give the path of the socket on which a plugin listens.

    Raises:
        MissingError: There is no plugin of this name, or none that netkit can ask.
    """
    for path in (f"{SOCKETS}/{name}.sock", f"{SOCKETS}/{name}/{name}.sock"):
        if _is_socket(path):
            return path
    for folder in SPECS:
        for kind in ("spec", "json"):
            for path in (f"{folder}/{name}.{kind}", f"{folder}/{name}/{name}.{kind}"):
                if (text := _text(path)) is not None:
                    return _socket(name, path, text)
    raise MissingError(
        f"there is no plugin {name}: no {SOCKETS}/{name}.sock, and none of its name in"
        f" {' or '.join(SPECS)}",
        hint=f"start the plugin {name}, or correct its name",
    )


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False


def _text(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(LONGEST)
    except OSError:
        return None


def _socket(name: str, path: str, text: str) -> str:
    url = text.strip()
    if path.endswith(".json"):
        try:
            url = str(json.loads(text)["Addr"])
        except (ValueError, RecursionError, TypeError, KeyError) as error:
            raise MissingError(f"{path} does not say where the plugin {name} listens") from error
    if not url.startswith(f"{UNIX}/"):
        raise MissingError(
            f"{path}: the plugin {name} does not listen on a socket of this machine",
            hint="netkit asks plugins by unix:// only",
        )
    return url.removeprefix(UNIX)
