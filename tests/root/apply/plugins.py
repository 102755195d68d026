"""A plugin of Docker's protocol, small and real: a server on a socket under /run/docker/plugins."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import Any, NamedTuple

SOCKETS = Path("/run/docker/plugins")
Said = dict[str, Any]


class Odd(NamedTuple):
    """An answer that a test wants, whatever was asked: the body as it is, and a status."""

    body: bytes
    status: int = 200


class Plugin:
    """
    Allots addresses as a plugin does, and remembers what it was asked and what is held.

    Args:
        pools: What it gives to who does not say which subnet.
    """

    def __init__(self, *pools: str) -> None:
        self.pools = list(pools or ("10.91.0.0/24",))
        self.asked: list[tuple[str, Said]] = []
        self.held: dict[str, str] = {}
        self.addresses: set[tuple[str, str]] = set()
        self.odd: dict[str, Callable[[Said], Said | Odd] | Said | Odd] = {}
        self.step = 10

    def methods(self) -> list[str]:
        """Name what it was asked, since it was last looked at."""
        found = [method.removeprefix("IpamDriver.") for method, _ in self.asked]
        self.asked.clear()
        return found

    def answer(self, method: str, said: Said) -> Said | Odd:
        """Answer, as a plugin would or as a test wants it."""
        self.asked.append((method, said))
        name = method.removeprefix("IpamDriver.")
        odd = self.odd.get(name)
        if odd is not None:
            return odd(said) if callable(odd) else odd
        match name:
            case "Plugin.Activate":
                return {"Implements": ["IpamDriver"]}
            case "GetDefaultAddressSpaces":
                return {"LocalDefaultAddressSpace": "here", "GlobalDefaultAddressSpace": "there"}
            case "RequestPool":
                return self._pool(said)
            case "RequestAddress":
                return self._address(said)
            case "ReleasePool":
                del self.held[said["PoolID"]]
            case "ReleaseAddress":
                self.addresses.remove((said["PoolID"], said["Address"]))
        return {}

    def _pool(self, said: Said) -> Said:
        free = [pool for pool in self.pools if pool not in self.held.values()]
        if not said["Pool"] and not free:
            return {"Error": "no subnet is left"}
        pool = said["Pool"] or free[0]
        pool_id = f"pool-{len(self.asked)}"
        self.held[pool_id] = pool
        return {"PoolID": pool_id, "Pool": pool, "Data": {}}

    def _address(self, said: Said) -> Said:
        pool = ip_network(self.held[said["PoolID"]])
        taken = {address for pool_id, address in self.addresses if pool_id == said["PoolID"]}
        address = said["Address"]
        if not address:
            number = self.step
            while str(pool[number]) in taken:
                number += self.step
            address = str(pool[number])
        if address in taken:
            return {"Error": f"{address} is taken"}
        self.addresses.add((said["PoolID"], address))
        return {"Address": str(ip_interface((address, pool.prefixlen)))}


@contextmanager
def serving(plugin: Plugin, path: Path) -> Iterator[Plugin]:
    """Let a plugin listen on a socket."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found = plugin.answer(self.path[1:], json.loads(text) if text.strip() else {})
            odd = found if isinstance(found, Odd) else Odd(json.dumps(found).encode())
            self.send_response(odd.status)
            self.send_header("Content-Length", str(len(odd.body)))
            self.end_headers()
            self.wfile.write(odd.body)

        def address_string(self) -> str:
            return "netkit"

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # whoever asked went away, as a test wants it

    path.parent.mkdir(parents=True, exist_ok=True)
    server = Server(str(path), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield plugin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        path.unlink()
