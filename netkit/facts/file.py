"""Files under /etc/netns, which ``ip netns exec`` binds over /etc."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping

from netkit.model.setting import File
from netkit.value import replace

NOTHING: Mapping[str, tuple[str, ...]] = {}
MOST = 1 << 20
WALK = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW


class _UnfitError(Exception):
    """What has the place of a file is none that netkit could have written."""


def read(paths: Iterable[str], texts: Mapping[str, tuple[str, ...]] = NOTHING) -> Iterator[File]:
    r"""
    Read files; what is not there is left out.

    Args:
        paths: Absolute.
        texts: Parts by digest: a content that is known is not kept again.

    Returns:
        E.g. ``File(path="/etc/netns/con1/hosts", parts=("# netkit:shop\n...",))``; where something
        else than a file of text of at most 1 MiB has the place, ``unfit`` says so.
    """
    last = b""
    found = File(path="")
    for path in paths:
        try:
            data = _content(path)
            if data is None:
                continue
            if data == last:  # as that of most members of a network
                yield replace(found, path=path)
                continue
            found = File(path=path, parts=(_text(data),))
        except _UnfitError as error:
            yield File(path=path, unfit=str(error))
            continue
        if (known := texts.get(found.digest)) is not None:
            found = File(path=path, parts=known, digest=found.digest)
        last = data
        yield found


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _UnfitError("is not text") from error


def _content(path: str) -> bytes | None:
    try:
        number = _open(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        # ELOOP: the file is a symbolic link; ENOTDIR: a directory above it is one, or a file.
        raise _UnfitError(f"cannot be read ({error.strerror})") from error
    try:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            raise _UnfitError("is not a regular file")
        if found.st_size > MOST:
            raise _UnfitError("is larger than 1 MiB")
        data = b""
        while len(data) <= MOST and (more := os.read(number, MOST)):
            data += more
        return data
    finally:
        os.close(number)


def _open(path: str) -> int:
    """Open a file, following no link in any place: it might lead to what is not netkit's."""
    *directories, name = path.strip("/").split("/")
    place = os.open("/", WALK | os.O_DIRECTORY)
    try:
        for directory in directories:
            further = os.open(directory, WALK | os.O_DIRECTORY, dir_fd=place)
            os.close(place)
            place = further
        return os.open(name, WALK | os.O_NONBLOCK, dir_fd=place)  # a FIFO would wait
    finally:
        os.close(place)
