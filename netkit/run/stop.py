"""
A wish to stop: noted whenever it comes, heeded only where nothing is under way.

A signal comes at any moment, also while a process or a thread is being started. An error raised
right there would leave it at work with nobody waiting for it, beside the way back.
"""

from __future__ import annotations

_wishes: list[Exception] = []


def wish(error: Exception) -> None:
    """Note that netkit is to stop; called by handlers of signals, so it does nothing else."""
    _wishes.append(error)


def heed() -> None:
    """
    Stop here, if that is wished; called where nothing is under way.

    Raises:
        Exception: The one that was wished.
    """
    if _wishes:
        raise _wishes.pop()


def forget() -> None:
    """Let no wish stand."""
    _wishes.clear()
