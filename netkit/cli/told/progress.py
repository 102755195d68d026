"""A bar for what takes longer than a second, where somebody watches."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from netkit.cli.told.screen import is_terminal

PATIENCE = 1.0


class Progress:
    """
    Told how many steps are done; draws from the second second on, on a terminal only.

    Args:
        title: What is being done.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.begun = time.monotonic()
        self.bar: Any = None
        self.task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            with suppress(OSError):
                self.bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Take note that ``done`` of ``total`` steps are done; a terminal may have gone."""
        with suppress(OSError):
            if self.bar is None:
                if not is_terminal(sys.stderr) or time.monotonic() - self.begun < PATIENCE:
                    return
                self._draw(total)
            self.bar.update(self.task, completed=done, total=total)

    def _draw(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(stderr=True)
        self.bar = Bar(*columns, TimeElapsedColumn(), console=console, transient=True)
        self.task = self.bar.add_task(self.title, total=total)
        self.bar.start()
