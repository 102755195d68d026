"""
Work done in another namespace: in a thread of its own, or in this one until the work is done.

Only threads move, so the rest of netkit stays where it is; a socket stays where it was made.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from netkit.errors import NetkitError
from netkit.model.object import Netns
from netkit.run.enter import enter, home, path_of

T = TypeVar("T")


def move(netns: Netns, home: int = -1) -> None:
    """
    Move the calling thread, for good.

    Args:
        netns: None stays, where no ``home`` is given.
        home: What None means, open.

    Raises:
        NetkitError: There is no such namespace, or this user may not enter it.
    """
    if netns is None and home < 0:
        return
    try:
        if enter(netns, home):
            return
    except OSError as error:
        raise NetkitError(f"namespace {netns} cannot be entered: {error.strerror}") from error
    if netns is not None and os.path.exists(path_of(netns)):
        raise NetkitError(f"{path_of(netns)} is a file, but no network namespace")
    raise NetkitError(f"there is no namespace {netns}", hint="netkit apply makes it")


@contextmanager
def visiting(netns: Netns) -> Iterator[None]:
    """Spend a ``with`` block in a namespace, and come back."""
    if netns is None:
        yield
        return
    back = home()
    try:
        move(netns)
        try:
            yield
        finally:
            move(None, back)
    finally:
        os.close(back)


def aside(act: Callable[[], T], netns: Netns = None, home: int = -1) -> T:
    """
    Do something in a thread of its own; give back what it gives or raises.

    Args:
        act: What to do.
        netns: Where; see ``move``.
        home: What None means, open; absent: None is where the calling thread is.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def go() -> None:
        try:
            move(netns, home)
            done.append(act())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def together(acts: tuple[Callable[[], T], ...]) -> tuple[T, ...]:
    """
    Do several things at once, in threads that start where the calling one is.

    A single one is done in the calling thread.
    """
    if len(acts) == 1:
        return (acts[0](),)
    done: list[T | None] = [None] * len(acts)
    failed: list[BaseException] = []

    def go(index: int) -> None:
        try:
            done[index] = acts[index]()
        except BaseException as error:
            failed.append(error)

    threads = [
        threading.Thread(target=go, args=(index,), daemon=True) for index in range(len(acts))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return tuple(item for item in done if item is not None)
