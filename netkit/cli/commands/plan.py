"""``netkit plan`` and ``netkit diff``: one look, told as what is to do, or as what is wrong."""

from __future__ import annotations

from typing import Annotated

from netkit.apply.prospect import Prospect, prospect
from netkit.apply.session import reading
from netkit.cli.commands.transact import note, prospect_data
from netkit.cli.told import story
from netkit.cli.told.envelope import DIFFERENCES, OK, reply
from netkit.cli.told.screen import remark, say
from netkit.cli.told.veil import veil
from netkit.cli.typed.chosen import chosen
from netkit.cli.typed.options import Adopt, Explain, IgnoreExtra, Json, Name, Target, again
from netkit.cli.typed.parameter import Option
from netkit.errors import NetkitError, UsageError
from netkit.plan.script import script

DIFFERENT = 3
FORMATS = ("text", "json", "sh")

Format = Annotated[
    str,
    Option(
        "--format",
        metavar="text|json|sh",
        help="For people, for machines, or as a shell script that builds the same.",
        autocompletion=lambda incomplete: [f for f in FORMATS if f.startswith(incomplete)],
    ),
]
Steps = Annotated[bool, Option("--steps", help="Show the commands below the changes.")]
Detailed = Annotated[
    bool, Option("--detailed-exitcode", help="End with 3 when there is something to do.")
]


def plan(
    spec: Target,
    *,
    name: Name = None,
    format: Format = "text",
    steps: Steps = False,
    explain: Explain = False,
    adopt: Adopt = False,
    detailed_exitcode: Detailed = False,
    as_json: Json = False,
) -> int:
    """
    Show what apply would do, and run nothing.

    Examples:
        netkit plan examples/shop.json
        netkit plan --explain examples/shop.json
        netkit plan --format sh examples/shop.json > shop.sh
    """
    if format not in FORMATS:
        raise UsageError(f"there is no --format {format!r}", hint=f"one of {', '.join(FORMATS)}")
    planned = _look(spec, name, adopt=adopt)
    if as_json or format == "json":
        reply("plan", prospect_data(planned), status=DIFFERENCES if planned.changes else OK)
    elif format == "sh":
        if planned.reservations:
            raise NetkitError(
                "a script cannot say what plugins give only when they are asked",
                hint="netkit plan shows what is known; netkit apply asks",
            )
        say(script(planned.steps, explain=explain).rstrip("\n"))
        note(planned)
    else:
        _tell(planned, again("apply", spec, name), steps=steps or explain, explain=explain)
    return DIFFERENT if detailed_exitcode and planned.changes else 0


def diff(
    spec: Target, *, name: Name = None, ignore_extra: IgnoreExtra = False, as_json: Json = False
) -> int:
    """
    Show how the network differs from its spec.

    Ends with 3 when it does, with 0 when all is in order: + is missing, - is too much, ~ is not as
    the spec says.

    Examples:
        netkit diff examples/shop.json
        netkit diff shop
        netkit diff examples/shop.json && echo in order
    """
    planned = _look(spec, name, ignore_extra=ignore_extra)
    if as_json:
        reply("diff", prospect_data(planned), status=DIFFERENCES if planned.changes else OK)
    elif planned.changes:
        acts, hide = story.acts(planned), veil(planned.guesses)
        for line in story.told(acts):
            say(hide(line))
        say(f"{planned.name}: {story.summed(story.counted(acts), story.DIFFERING)}")
        note(planned)
        remark(f"next: {again('apply', spec, name)}")
    else:
        say(f"{planned.name}: in order")
        note(planned)
    return DIFFERENT if planned.changes else 0


def _look(
    spec: str, name: str | None, *, adopt: bool = False, ignore_extra: bool = False
) -> Prospect:
    topology = chosen(spec, name)
    with reading() as session:
        return prospect(session, topology, adopt=adopt, ignore_extra=ignore_extra)


def _tell(planned: Prospect, further: str, *, steps: bool, explain: bool) -> None:
    if not planned.changes:
        say(f"{planned.name}: nothing to do")
        note(planned)
        return
    acts, hide = story.acts(planned), veil(planned.guesses)
    for line in story.told(acts):
        say(hide(line))
    if steps:
        for call in planned.reservations:
            say(str(call))
        for line in story.commands(planned.steps, explain=explain):
            say(hide(line))
        say("")
    count = story.summed(story.counted(acts), story.TO_DO)
    say(f"{planned.name}: {count}, by {len(planned.steps) + len(planned.reservations)} commands")
    note(planned)
    remark(f"next: {further}")
