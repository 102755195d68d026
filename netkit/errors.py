"""
Everything that can go wrong, as one tree.

    NetkitError                 1   failed
    ├── UsageError              2   a wrong argument
    │   └── SpecError           2   a wrong spec: many problems, each with its place
    ├── ConflictError           1   something of somebody else's is in the way
    ├── CommandError            1   a tool refused
    │   ├── ExistsError         1   ... since it is there already
    │   ├── AbsentError         1   ... since it is not there
    │   └── LackingError        5   ... since the machine lacks a right or a feature
    ├── VerifyError             1   the kernel is not as it was told to be
    ├── UnwrittenError          1   standard output is full
    ├── LockedError             4   another netkit is writing
    ├── MissingError            5   the machine lacks something
    ├── StrandedError           6   failed, and could not roll back
    └── InterruptedByUserError  130 the user, or the system, asked netkit to stop

``main()`` alone catches them; nothing else chooses an exit code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netkit.value import Value

if TYPE_CHECKING:
    from typing import Self


class Problem(Value, frozen=True):
    """
    One thing wrong with a document, or in the way of it, and where.

    Args:
        pointer: JSON pointer (RFC 6901) to the value; empty for the whole document.
        message: What was found and what is allowed.
        hint: The nearest right word, or another way out.
        line: 1-based; 0 when unknown.
        column: 1-based; 0 when unknown.
    """

    pointer: str
    message: str
    hint: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        where = f"{self.pointer}: " if self.pointer else ""
        return f"{place}{where}{self.message}"


class NetkitError(Exception):
    """
    What netkit raises on purpose.

    Args:
        message: What is wrong, in one sentence, naming the object.
        hint: The way out, where one is known.

    ``problems`` are what is wrong, each with its place in the spec, where it is about places.
    """

    exit_code = 1
    code = "failed"
    problems: tuple[Problem, ...] = ()

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @classmethod
    def at(cls, *problems: Problem, hint: str = "") -> Self:
        """Say all that is wrong at places of a spec, a line each; what is the same only once."""
        found = tuple(dict.fromkeys(problems))
        error = cls("\n".join(map(str, found)), hint=hint)
        error.problems = found
        return error

    def __str__(self) -> str:
        return self.message


class UsageError(NetkitError):
    """An argument that cannot be meant."""

    exit_code = 2
    code = "usage"


class SpecError(UsageError):
    """All that is wrong with a spec, at once."""

    code = "spec"

    def __init__(self, problems: tuple[Problem, ...], *, source: str = "spec") -> None:
        self.source = source
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{source}: {count}, nothing was changed")
        self.problems = problems


class ConflictError(NetkitError):
    """Something of somebody else's has the name, the address or the place."""

    code = "conflict"


class CommandError(NetkitError):
    """
    A tool refused.

    Args:
        command: The line as one would type it.
        returncode: The tool's exit code.
        said: What it wrote to standard error.
        pointer: Where in the spec the command came from.

    ``step`` is the step that failed, for who knows what it was for.
    """

    code = "command"

    def __init__(
        self, command: str, returncode: int, said: str, *, pointer: str = "", hint: str = ""
    ) -> None:
        self.command = command
        self.returncode = returncode
        self.said = said.strip()
        self.pointer = pointer
        self.step: object = None
        super().__init__(command, hint=hint)

    def __str__(self) -> str:
        lines = [
            self.command,
            f"  said: {self.said or '(nothing)'} (exit code {self.returncode})",
        ]
        if self.pointer:
            lines.append(f"  from: {self.pointer}")
        return "\n".join(lines)


class ExistsError(CommandError):
    """A tool refused, since the object is there already."""

    code = "exists"


class AbsentError(CommandError):
    """A tool refused, since the object is not there."""

    code = "absent"


class LackingError(CommandError):
    """A tool refused, since the machine lacks a right or a feature of the kernel."""

    exit_code = 5
    code = "missing"


class VerifyError(NetkitError):
    """The commands went through, and yet the kernel differs from what was asked."""

    code = "verify"


class UnwrittenError(NetkitError):
    """Standard output takes no more; what was to be done may be done."""

    code = "unwritten"


class LockedError(NetkitError):
    """Another netkit is writing."""

    exit_code = 4
    code = "locked"


class MissingError(NetkitError):
    """The machine lacks a tool, a right or a feature of the kernel."""

    exit_code = 5
    code = "missing"


class StrandedError(NetkitError):
    """Failed, and could not go back either."""

    exit_code = 6
    code = "stranded"


class InterruptedByUserError(NetkitError):
    """The user, or the system, asked netkit to stop."""

    exit_code = 130
    code = "interrupted"
