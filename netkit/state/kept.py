"""
Specs that outlast a boot: `netkit up` builds them.

    /etc/netkit/specs.d/NAME.json     0644, in folders of 0755 that are root's alone
                        .NAME.kept    what netkit wrote there, as a hash: a file that was written or
                                      changed by somebody else is neither overwritten nor removed

``NETKIT_SPECS_DIR`` overrides the place.
"""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from typing import TYPE_CHECKING

from netkit.errors import ConflictError, NetkitError, UsageError
from netkit.state.place import OTHERS_MAY_WRITE

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "/etc/netkit/specs.d"
SUFFIXES = (".json", ".yaml", ".yml")
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def folder() -> Path:
    """Say where specs are kept."""
    from pathlib import Path  # takes 2 ms, and most commands only ask whether a spec is kept

    return Path(_folder())


def _folder() -> str:
    return os.environ.get("NETKIT_SPECS_DIR") or FOLDER


def files() -> tuple[Path, ...]:
    """
    Name the files that are kept, in alphabetical order.

    Raises:
        NetkitError: Somebody else could have put them there.
    """
    place = folder()
    if not os.path.lexists(place):
        return ()
    _check_folder(place)
    return tuple(path for path in sorted(place.iterdir()) if _is_spec(path))


def path_of(name: str) -> Path:
    """Say where a spec is kept, if it is."""
    return folder() / f"{name}.json"


def is_kept(name: str) -> bool:
    """Say whether a spec is kept."""
    return os.path.lexists(os.path.join(_folder(), f"{name}.json"))


def check(name: str) -> None:
    """
    Hold that netkit may keep a spec of this name.

    Raises:
        UsageError: The network is a user's own, and so is its /etc: both are gone with the holder.
        NetkitError: Somebody else could write there.
        ConflictError: Somebody else wrote the file.
    """
    from netkit.run.rootless import is_inside

    if is_inside():
        raise UsageError(
            "a network without root ends with its holder: nothing of it is kept for the next boot",
            hint="leave --persist out, or apply it as root",
        )
    path = path_of(name)
    for place in (path.parent.parent, path.parent):
        if os.path.lexists(place):
            _check_folder(place)
    if os.path.lexists(path):
        check_file(path)
        if not _is_own(path):
            raise ConflictError(
                f"{path} was written by somebody else, and would be overwritten",
                hint="move it away, or --no-persist",
            )


def keep(name: str, text: str) -> Path:
    """
    Keep a spec.

    Args:
        name: The spec's.
        text: Its document.

    Raises:
        NetkitError: It cannot be written.
    """
    check(name)
    path, mark = path_of(name), _mark(path_of(name))
    try:
        for place in (path.parent.parent, path.parent):
            if not place.is_dir():
                place.mkdir(mode=0o755)
        earlier = mark.read_text() if os.path.lexists(mark) else ""
        _replace(mark, f"{earlier}{_digest(text)}\n")  # before: what is cut off is netkit's still
        _replace(path, text)
        _replace(mark, f"{_digest(text)}\n")
    except OSError as error:
        raise NetkitError(
            f"{path} cannot be written: {error.strerror}",
            hint="the network is built, but netkit up would not build it after a boot",
        ) from error
    return path


def drop(name: str) -> str:
    """
    Keep a spec no longer.

    Returns:
        What is good to know, in a sentence; empty when it was not kept.
    """
    path = path_of(name)
    if not os.path.lexists(path):
        return ""
    if path.is_symlink() or not _is_own(path):
        return f"{path} was written by somebody else: it stays, and netkit up builds it again"
    try:
        path.unlink()
        _mark(path).unlink(missing_ok=True)
    except OSError as error:
        return f"{path} cannot be removed: {error.strerror}"
    return f"{path} is removed: netkit up builds it no longer"


def _is_spec(path: Path) -> bool:
    return path.suffix in SUFFIXES and not path.name.startswith(".")


def _mark(path: Path) -> Path:
    return path.with_name(f".{path.stem}.kept")


def _is_own(path: Path) -> bool:
    """Say whether a file holds what netkit wrote."""
    mark = _mark(path)
    if mark.is_symlink() or not mark.is_file():
        return False
    return _digest(path.read_text(errors="replace")) in mark.read_text(errors="replace").split()


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _replace(path: Path, text: str) -> None:
    """Write a file so that there is always the one or the other."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(beside, NEW, 0o644), "w") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _check_folder(path: Path) -> None:
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {0, os.geteuid()}:
        raise NetkitError(
            f"{path} is not a directory of root's: what is in it is not built",
            hint=f"move it away, or set NETKIT_SPECS_DIR (it is {FOLDER} else)",
        )
    if found.st_mode & OTHERS_MAY_WRITE and not found.st_mode & stat.S_ISVTX:
        raise NetkitError(
            f"{path} can be written by others: what is in it is not built",
            hint=f"look at what is in it, then: chmod 755 {path}",
        )


def check_file(path: Path) -> None:
    """
    Hold that nobody but root wrote a file.

    Raises:
        NetkitError: Somebody else could have.
    """
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_uid not in {0, os.geteuid()}:
        raise NetkitError(
            f"{path} is not a file of root's: it is not built, nor overwritten",
            hint="move it away",
        )
    if found.st_mode & OTHERS_MAY_WRITE:
        raise NetkitError(
            f"{path} can be written by others: it is not built, nor overwritten",
            hint=f"look at what is in it, then: chmod 644 {path}",
        )
