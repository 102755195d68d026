"""
The far side of a check with ``serve``: netkit listens where the probes go.

It listens at exactly the addresses aimed at: nothing is open elsewhere, least of all on the host,
and the answer to a datagram comes from the address that was asked. One thread serves them all. A
stream gets an answer of HTTP when it asks for one, so tcp and http may share a port.
"""

from __future__ import annotations

import errno
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from netkit.errors import ConflictError, NetkitError
from netkit.model.object import Netns
from netkit.model.topology import IPAddress
from netkit.ops.inside import aside
from netkit.value import Value

PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nConnection: close\r\n\r\n"
)
BODY = b"netkit\n"
MOST = 65536  # bytes of a request


class Stand(Value, frozen=True):
    """
    Where netkit listens.

    Args:
        netns: The target's namespace.
        kind: udp, or tcp, which answers HTTP too.
        address: One of the target's.
        port: Its port.
    """

    netns: Netns
    kind: str
    address: IPAddress
    port: int


class Servers:
    """
    All that netkit listens at; several checks may share a stand.

    Args:
        home: The namespace netkit runs in, open.
    """

    def __init__(self, home: int) -> None:
        self.home = home
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._used: dict[Stand, int] = {}
        self._sockets: dict[Stand, socket.socket] = {}
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._thread: threading.Thread | None = None
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._wake.send(b"x")
        if self._thread is not None:
            self._thread.join()
        for key in list(self._selector.get_map().values()):
            _hang_up(self._selector, key.fileobj)
        self._selector.close()
        self._wake.close()

    @contextmanager
    def listening(self, stands: tuple[Stand, ...]) -> Iterator[None]:
        """
        Listen for the length of a ``with`` block.

        Raises:
            ConflictError: Another program listens there.
            NetkitError: The address or the namespace is not there.
        """
        held: list[Stand] = []
        try:
            for stand in stands:
                self._take(stand)
                held.append(stand)
            yield
        finally:
            for stand in held:
                self._leave(stand)

    def _take(self, stand: Stand) -> None:
        with self._lock:
            if stand not in self._used:
                near = aside(lambda: _listen(stand), stand.netns, self.home)
                self._sockets[stand] = near
                self._selector.register(near, selectors.EVENT_READ, stand.kind)
                self._start()
            self._used[stand] = self._used.get(stand, 0) + 1

    def _leave(self, stand: Stand) -> None:
        with self._lock:
            self._used[stand] -= 1
            if not self._used[stand]:
                del self._used[stand]
                _hang_up(self._selector, self._sockets.pop(stand))

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while not self._ended:
            for key, _ in self._selector.select():
                near = key.fileobj
                assert isinstance(near, socket.socket)
                try:
                    self._answer(near, key.data)
                except OSError:
                    if key.data not in {"tcp", "udp"}:
                        _hang_up(self._selector, near)

    def _answer(self, near: socket.socket, kind: str | bytearray | None) -> None:
        if kind == "tcp":
            far, _ = near.accept()
            far.setblocking(False)
            self._selector.register(far, selectors.EVENT_READ, bytearray())
        elif kind == "udp":
            text, sender = near.recvfrom(MOST)
            near.sendto(text, sender)
        elif isinstance(kind, bytearray):
            text = near.recv(MOST)
            kind += text
            if b"\r\n\r\n" in kind:
                near.sendall(PAGE + BODY)
                near.shutdown(socket.SHUT_WR)
                kind.clear()
            elif not text or len(kind) > MOST:
                _hang_up(self._selector, near)


def _listen(stand: Stand) -> socket.socket:
    family = socket.AF_INET6 if stand.address.version == 6 else socket.AF_INET
    udp = stand.kind == "udp"
    near = socket.socket(family, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    try:
        near.setblocking(False)
        if not udp:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        near.bind((str(stand.address), stand.port))
        if not udp:
            near.listen(128)
    except OSError as error:
        near.close()
        where = f"port {stand.port} of {stand.address}"
        if error.errno == errno.EADDRINUSE:
            raise ConflictError(
                f"another program listens at {where}", hint="check it without serve"
            ) from error
        raise NetkitError(f"netkit cannot listen at {where}: {error.strerror}") from error
    return near


def _hang_up(selector: selectors.BaseSelector, near: object) -> None:
    assert isinstance(near, socket.socket)
    selector.unregister(near)
    near.close()
