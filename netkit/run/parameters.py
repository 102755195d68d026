"""
Kernel parameters of the namespace that a thread is in: /proc/sys/net, entered once per visit.

The entries of all namespaces share a hash chain, so looking up a path from the root takes the
longer the more namespaces there are; from an open folder it does not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from types import TracebackType
from typing import Self

ROOT = "/proc/sys"
LONGEST = 4096


class Parameters:
    """The parameters of one namespace; a thread opens them when it is there."""

    def __init__(self) -> None:
        self._folders: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number in self._folders.values():
            os.close(number)

    def write(self, name: str, value: str) -> None:
        """
        Set a parameter.

        Raises:
            OSError: There is none of this name, or it does not take the value.
        """
        number = self._open(name, os.O_WRONLY)
        try:
            os.write(number, f"{value}\n".encode())
        finally:
            os.close(number)

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """Give values by name, white space folded; what does not exist is left out."""
        values = {}
        for name in names:
            try:
                number = self._open(name, os.O_RDONLY)
            except OSError:
                continue
            try:
                values[name] = " ".join(os.read(number, LONGEST).decode(errors="replace").split())
            except OSError:
                continue
            finally:
                os.close(number)
        return values

    def _open(self, name: str, flags: int) -> int:
        """Open a parameter from its protocol's folder, such as ``net/ipv4``."""
        *above, rest = name.split("/", 2)  # some lie in net itself
        top = "/".join(above)
        folder = self._folders.get(top)
        if folder is None:
            where = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
            folder = self._folders[top] = os.open(f"{ROOT}/{top}", where)
        return os.open(rest, flags | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=folder)
