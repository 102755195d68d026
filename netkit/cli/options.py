"""The words that several commands share, so that one word means one thing everywhere."""

from __future__ import annotations

import shlex
from typing import Annotated

from netkit.cli.complete import namespaces, specs
from netkit.cli.parameter import Argument, Option

Spec = Annotated[str, Argument(metavar="SPEC", help="A JSON or YAML file; - is standard input.")]
Specs = Annotated[
    list[str], Argument(metavar="SPEC", help="JSON or YAML files; - is standard input.")
]
Target = Annotated[
    str,
    Argument(
        metavar="SPEC|NAME",
        help="The file, or the name under which it was applied.",
        autocompletion=specs,
    ),
]
Applied = Annotated[
    str | None,
    Argument(metavar="NAME", help="Only this spec.", autocompletion=specs),
]
Name = Annotated[
    str | None,
    Option(
        "--name", metavar="NAME", help="Instead of the spec's own name; NAME- is the prefix then."
    ),
]
Json = Annotated[bool, Option("--json", help="Answer in JSON, for machines.")]
DryRun = Annotated[bool, Option("--dry-run", help="Print the lines to type, and run nothing.")]
Explain = Annotated[bool, Option("--explain", help="Show each command with its reason.")]
Adopt = Annotated[
    bool,
    Option("--adopt", help="Take over what has a name of the spec's, whosever it is."),
]
IgnoreExtra = Annotated[bool, Option("--ignore-extra", help="Leave alone what was added by hand.")]
LockTimeout = Annotated[
    float,
    Option("--lock-timeout", metavar="SECONDS", help="Wait so long for another netkit."),
]
KeepFailed = Annotated[
    bool, Option("--keep-failed", help="After a failure leave all as it is, to look at.")
]
Force = Annotated[
    bool,
    Option("--force", help="Remove namespaces even where processes or devices live in them."),
]
Netns = Annotated[
    str | None,
    Option(
        "--netns",
        "-n",
        metavar="NS",
        help="Where: a namespace's name or path, or the pid of a process in it.",
        autocompletion=namespaces,
    ),
]
Within = Annotated[
    str,
    Argument(
        metavar="NS",
        help="A namespace: its name, SPEC/NAME, its path, or the pid of a process in it.",
        autocompletion=namespaces,
    ),
]


def again(command: str, spec: str, name: str | None) -> str:
    """Write the line that does another thing with the same spec."""
    words = ["netkit", command, spec, *(() if name is None else ("--name", name))]
    return shlex.join(words)
