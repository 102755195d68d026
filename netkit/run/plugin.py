"""
A plugin is asked: one POST over its socket, one answer; nothing that it says is believed.

What comes is limited in size and time, must be JSON, and an error is told with the plugin's name.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from http.client import HTTPConnection, HTTPException

from netkit.command.plugin import HEADERS, PluginCall
from netkit.errors import CommandError

WITHIN = 10.0
LARGEST = 1 << 20
PAUSES = (0.2, 0.5, 1.0)
"""Seconds between tries to connect: a plugin may just be starting."""
SUCCESS = 200
LONGEST_WORD = 300


class UnixConnection(HTTPConnection):
    """A connection to a socket of the file system."""

    def __init__(self, path: str, until: float) -> None:
        super().__init__("plugin.moby.localhost")
        self.path = path
        self.until = until

    def connect(self) -> None:
        """Connect, and try again for a while where nobody listens yet."""
        for pause in (*PAUSES, None):
            made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            made.settimeout(max(0.01, self.until - time.monotonic()))
            try:
                made.connect(self.path)
            except (ConnectionRefusedError, FileNotFoundError):
                made.close()
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                self.sock = made
                return


def ask(step: PluginCall) -> str:
    """
    Put a question to a plugin.

    Returns:
        JSON, an object: what it answered.

    Raises:
        CommandError: It is not there, refuses, takes too long, or what it says is no answer.
    """
    try:
        _check_owner(step.socket)
        status, text = _exchanged(step)
    except (OSError, HTTPException) as error:
        reason = "it took too long" if isinstance(error, TimeoutError) else str(error)
        raise _failed(step, reason or type(error).__name__) from error
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        if status != SUCCESS:
            raise _failed(step, _word(text) or f"status {status}") from error
        raise _failed(step, "its answer is not JSON") from error
    if not isinstance(found, dict):
        raise _failed(step, "its answer is not an object of JSON")
    for key in ("Err", "Error"):
        if found.get(key):
            raise _failed(step, _word(found[key]))
    if status != SUCCESS:
        raise _failed(step, f"status {status}")
    return text


def _exchanged(step: PluginCall) -> tuple[int, str]:
    """Send, and read as much as an answer may have, as long as it may take."""
    until = time.monotonic() + WITHIN
    connection = UnixConnection(step.socket, until)
    try:
        body = f"{step.body}\n" if step.body else ""
        connection.request("POST", f"/{step.method}", body.encode(), HEADERS)
        answer = connection.getresponse()
        data = b""
        while more := answer.read1(LARGEST):
            data += more
            if len(data) > LARGEST:
                raise _failed(step, f"its answer is longer than {LARGEST} bytes")
            if time.monotonic() > until:
                raise TimeoutError
            if connection.sock is not None:
                connection.sock.settimeout(max(0.01, until - time.monotonic()))
        return answer.status, data.decode(errors="replace")
    finally:
        connection.close()


def _check_owner(path: str) -> None:
    """Refuse a socket that somebody else could have put there."""
    found = os.stat(path)
    if not stat.S_ISSOCK(found.st_mode):
        raise OSError(f"{path} is not a socket")
    if found.st_uid not in (0, os.geteuid()):
        raise OSError(f"{path} belongs to user {found.st_uid}, not to root")


def _failed(step: PluginCall, reason: str) -> CommandError:
    error = CommandError(
        str(step),
        1,
        f"plugin {step.plugin}: {step.method}: {reason}",
        hint=f"ask whoever runs the plugin {step.plugin}; it listens on {step.socket}",
    )
    error.step = step
    return error


def _word(said: object) -> str:
    """Make a plugin's words fit for a line of a terminal."""
    text = "".join(each if each.isprintable() else " " for each in str(said))
    return text if len(text) <= LONGEST_WORD else text[:LONGEST_WORD] + "..."
