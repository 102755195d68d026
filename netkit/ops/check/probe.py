"""
One try of one address: did anything answer?

======  =============================================  ====================================
verb    reached                                        not reached
======  =============================================  ====================================
ping    an echo reply                                  silence, an ICMP error, no route
tcp     the connection stands                          refused, silence, an error, no route
udp     any answer                                     the same
http    a status below 400; redirects are not          no connection
        followed, certificates not checked
run     exit code 0                                    another one, or no end in time
======  =============================================  ====================================

What is neither proves nothing: a check that expects ``unreachable`` does not pass by it. So it is
with a status of 400 or more, a missing tool, a missing namespace, a name that does not resolve.
"""

from __future__ import annotations

import errno
import http.client
import os
import re
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import urlsplit

from netkit.command.ping import ping as ping_command
from netkit.errors import MissingError, NetkitError
from netkit.model.topology import IPAddress
from netkit.run.process import Ended, call
from netkit.value import Value

AGAIN = 0.25  # seconds until a datagram that was not answered is sent again

# What a server of that port answers; a line of text anywhere else.
QUESTIONS = {
    53: bytes.fromhex("6e6b01000001000000000000") + b"\0" + bytes.fromhex("00020001"),  # NS of .
    123: b"\x1b" + bytes(47),  # NTP version 3, a client's
}
PLAIN_QUESTION = b"netkit\n"
NO_COMMAND = frozenset({126, 127})  # what a shell says of a command it cannot run

# Ways of a network to say no; any other error is a mistake of ours or of the machine's.
REFUSALS = frozenset(
    {
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.EHOSTDOWN,
        errno.ENETDOWN,
        errno.ETIMEDOUT,
        errno.EACCES,  # a route of type prohibit
        errno.EPERM,  # the source's own firewall
        errno.EINVAL,  # a route of type blackhole
        errno.EADDRNOTAVAIL,  # no address of this family here
        errno.EPROTO,
        errno.ENOPROTOOPT,
        errno.ECONNABORTED,
        errno.EPIPE,
    }
)
# The same, as ping words it: "ping: connect: Network is unreachable".
PING_REFUSALS = frozenset(f"ping: connect: {os.strerror(each)}" for each in REFUSALS)
ROUND_TRIP = re.compile(r"time=([0-9.]+ ms)")
PING_ERROR = re.compile(r"^From \S+ (?:icmp_seq=\d+ )?(?P<words>\S.*)$", re.MULTILINE)


class Seen(Value, frozen=True):
    """
    What a try showed.

    Args:
        reached: None when it proves nothing.
        words: What was seen.
    """

    reached: bool | None
    words: str


def ping(address: IPAddress, limit: float, *, count: int = 1) -> Seen:
    """
    Ask a host to answer.

    Args:
        address: Whom.
        limit: Seconds to wait for the answer to the last request.
        count: Requests, 0.2 s apart; one answer is enough.
    """
    command = ping_command(address, count=count, timeout=limit, interval=0.2 if count > 1 else None)
    ended = call(command.argv, limit=limit + count + 1)
    if ended.code == 0:
        trip = ROUND_TRIP.search(ended.stdout)
        return Seen(True, trip[1] if trip else "answered")
    if ended.code == 1:
        said = PING_ERROR.search(ended.stdout)
        words = said["words"] if said else _last_line(ended.stderr).removeprefix("ping: ")
        return Seen(False, words or _silence(limit))
    if ended.code is None:
        return Seen(False, _silence(limit))
    words = _last_line(ended.stderr) or f"ping ended with {ended.code}"
    return Seen(False if words in PING_REFUSALS else None, words.removeprefix("ping: "))


def tcp(address: IPAddress, port: int, limit: float) -> Seen:
    """Connect, and hang up."""
    start = time.monotonic()
    try:
        _connected(address, port, limit).close()
    except OSError as error:
        return _failed(error, limit)
    return Seen(True, _milliseconds(start))


def udp(address: IPAddress, port: int, limit: float) -> Seen:
    """Send a datagram, several times, and wait for any answer."""
    question = QUESTIONS.get(port, PLAIN_QUESTION)
    start = time.monotonic()
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as near:
            near.connect((str(address), port))
            while (left := start + limit - time.monotonic()) > 0:
                near.send(question)
                near.settimeout(min(AGAIN, left))
                try:
                    near.recv(1)
                    return Seen(True, _milliseconds(start))
                except TimeoutError:
                    continue
    except OSError as error:
        return _failed(error, limit)
    return Seen(False, _silence(limit))


def http_get(address: IPAddress, port: int, limit: float, *, url: str) -> Seen:
    """Ask for a page, at an address that may be any of the host's."""
    parts = urlsplit(url)
    start = time.monotonic()
    try:
        near = _connected(address, port, limit)
    except OSError as error:
        return _failed(error, limit)
    with closing(near):
        try:
            if parts.scheme == "https":
                near = _encrypted(near, parts.hostname)
            connection = http.client.HTTPConnection(parts.netloc)
            connection.sock = near
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            return Seen(None, f"connected, but no answer of HTTP: {_words(error)}")
    words = f"{answer.status} {answer.reason}".strip()
    if answer.status < 400:
        return Seen(True, f"{words}, {_milliseconds(start)}")
    return Seen(None, words)


def run(argv: Sequence[str], limit: float) -> Seen:
    """Run a command; a tool that is missing proves nothing."""
    try:
        ended = call(argv, limit=limit)
    except MissingError as error:
        raise MissingError(f"there is no command {argv[0]}") from error
    except OSError as error:
        raise NetkitError(f"{argv[0]} cannot be run: {error.strerror}") from error
    if ended.code is None:
        return Seen(False, f"it did not end within {limit:.3g} s")
    return Seen(None if ended.code in NO_COMMAND else ended.code == 0, _ended(ended))


def resolve(name: str, limit: float) -> tuple[str, ...]:
    """
    Give the addresses that a name has here, as the C library finds them.

    Returns:
        In its order, which is that of preference; empty when there are none, or none in time.
    """
    ended = call(("getent", "ahosts", name), limit=limit)
    lines = [line.split() for line in ended.stdout.splitlines()]
    return tuple(dict.fromkeys(words[0] for words in lines if words))


def _connected(address: IPAddress, port: int, limit: float) -> socket.socket:
    return socket.create_connection((str(address), port), timeout=limit)


def _encrypted(near: socket.socket, name: str | None) -> socket.socket:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(near, server_hostname=name)


def _failed(error: OSError, limit: float) -> Seen:
    if isinstance(error, TimeoutError) and error.errno is None:
        return Seen(False, _silence(limit))
    return Seen(False if error.errno in REFUSALS else None, _words(error))


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _ended(ended: Ended) -> str:
    code = f"exit code {ended.code}"
    said = "" if ended.code == 0 else _last_line(ended.stderr) or _last_line(ended.stdout)
    return f"{code}: {said}" if said else code


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip()[:200] if lines else ""


def _silence(limit: float) -> str:
    return f"no answer in {limit:.3g} s"


def _milliseconds(start: float) -> str:
    return f"{(time.monotonic() - start) * 1000:.3g} ms"
