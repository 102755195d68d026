"""Files, as steps: those under /etc/netns, which ``ip netns exec`` binds over /etc."""

from __future__ import annotations

import posixpath
import shlex

from netkit.errors import UsageError
from netkit.value import Value

ETC_NETNS = "/etc/netns"
USUAL_MODE = 0o644  # what a redirection gives under the usual umask


class FileWrite(Value, frozen=True):
    """
    A file's whole content, written in place: who has it bound or open sees the new one.

    Args:
        path: Absolute; its directory is made when it is missing.
        parts: The content, cut: what many files have in common is kept once.
        mode: Permission bits.
    """

    path: str
    parts: tuple[str, ...]
    mode: int = USUAL_MODE

    @property
    def content(self) -> str:
        """The whole of it, of as many lines as it takes."""
        return "".join(self.parts)

    @property
    def netns(self) -> None:
        """None: a file is the same in every network namespace."""
        return None

    def within(self, netns: str | None) -> FileWrite:
        """Give the step itself, see ``netns``."""
        return self

    def __str__(self) -> str:
        path = shlex.quote(self.path)
        line = (
            f"install -d {shlex.quote(posixpath.dirname(self.path))}"
            f" && printf %s {shlex.quote(self.content)} > {path}"
        )
        return line if self.mode == USUAL_MODE else f"{line} && chmod {self.mode:o} {path}"


class FileRemove(Value, frozen=True):
    """
    A file that shall not be there, nor an empty directory of a namespace around it.

    Args:
        path: Absolute.
    """

    path: str

    @property
    def netns(self) -> None:
        """None: a file is the same in every network namespace."""
        return None

    def within(self, netns: str | None) -> FileRemove:
        """Give the step itself, see ``netns``."""
        return self

    @property
    def emptied(self) -> str | None:
        """The directory that goes with its last file: /etc/netns/NAME; None for any other."""
        directory = posixpath.dirname(self.path)
        return directory if posixpath.dirname(directory) == ETC_NETNS else None

    def __str__(self) -> str:
        line = f"rm -f {shlex.quote(self.path)}"
        if self.emptied is None:
            return line
        return f"{line} && rmdir --ignore-fail-on-non-empty {shlex.quote(self.emptied)}"


def write(path: str, *content: str, mode: int = USUAL_MODE) -> FileWrite:
    """
    Build the step that gives a file its content.

    Equivalent to: ``install -d DIRECTORY && printf %s CONTENT > PATH``

    Args:
        path: Absolute and normal: no ``..``, no double slash.
        content: The whole of it, in one part or several.
        mode: Permission bits.

    Raises:
        UsageError: The path is not one, or the content holds a NUL.

    Source: ip-netns(8), on /etc/netns.
    """
    if any("\0" in part for part in content):
        raise UsageError(f"the content of {path} holds a NUL")
    return FileWrite(_checked(path), content, mode)


def remove(path: str) -> FileRemove:
    """
    Build the step that removes a file, and its directory if that is an empty /etc/netns/NAME.

    Equivalent to: ``rm -f PATH && rmdir --ignore-fail-on-non-empty DIRECTORY``

    Args:
        path: Absolute and normal.

    Raises:
        UsageError: The path is not one.

    Source: ip-netns(8), on /etc/netns.
    """
    return FileRemove(_checked(path))


def _checked(path: str) -> str:
    normal = path.startswith("/") and not path.startswith("//") and posixpath.normpath(path) == path
    if not normal or path == "/" or not path.isprintable():
        raise UsageError(f"{path!r} is not the absolute path of a file")
    return path
