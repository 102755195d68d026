"""
Kernel parameters of the namespace that a thread is in: /proc/sys/net, entered once per visit.

Looking up net/ipv4 takes the longer the more namespaces there are, see ``procfs``; from that folder
on it does not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from netkit.run.procfs import FOLDER, Procfs

LONGEST = 4096
MOST_OPEN = 32
REACHES = {"net/ipv6/conf/all/forwarding": "net/ipv6/conf/default/forwarding"}
"""What is set along, and with it what every device has."""


class Parameters:
    """
    The parameters of one namespace; a thread opens them when it is there.

    Args:
        procfs: The thread's.
    """

    def __init__(self, procfs: Procfs) -> None:
        self._procfs = procfs
        self._root: int | None = None
        self._folders: dict[str, int] = {}
        self._written: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number in (*self._folders.values(), *self._written.values()):
            os.close(number)

    def write(self, name: str, value: str) -> None:
        """
        Set a parameter; it stays open, since who sets one asks for it afterwards.

        One that is so already is not written: to set forwarding takes the lock of all devices, and
        where namespaces are just being taken down the kernel tries until it has it, at full speed.

        Raises:
            OSError: There is none of this name, or it does not take the value.
        """
        number = self._written.get(name)
        if number is None:
            if len(self._written) >= MOST_OPEN:
                os.close(self._written.pop(next(iter(self._written))))
            number = self._written[name] = self._open_to_write(name)
        along = REACHES.get(name, name)
        if self.read((name, along)) != dict.fromkeys((name, along), " ".join(value.split())):
            os.pwrite(number, f"{value}\n".encode(), 0)

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """Give values by name, white space folded; what does not exist is left out."""
        values = {}
        for name in names:
            with suppress(OSError):
                values[name] = " ".join(self._read(name).decode(errors="replace").split())
        return values

    def _read(self, name: str) -> bytes:
        number = self._written.get(name)
        if number is not None:
            return os.pread(number, LONGEST, 0)
        number = self._open(name, os.O_RDONLY)
        try:
            return os.read(number, LONGEST)
        finally:
            os.close(number)

    def _open_to_write(self, name: str) -> int:
        try:
            return self._open(name, os.O_RDWR)
        except PermissionError:  # some can only be written
            return self._open(name, os.O_WRONLY)

    def _open(self, name: str, flags: int) -> int:
        """Open a parameter from its protocol's folder, such as ``net/ipv4``."""
        *above, rest = name.split("/", 2)  # some lie in net itself
        top = "/".join(above)
        folder = self._folders.get(top)
        if folder is None:
            if self._root is None:
                self._root = self._procfs.root()
            folder = self._folders[top] = os.open(top, FOLDER, dir_fd=self._root)
        return os.open(rest, flags | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=folder)
