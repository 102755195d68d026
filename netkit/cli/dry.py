"""What ``--dry-run`` shows instead of doing it."""

from __future__ import annotations

from netkit.apply.prospect import Prospect
from netkit.cli import story
from netkit.cli.envelope import reply
from netkit.cli.screen import remark, say


def rehearse(command: str, planned: Prospect, *, as_json: bool) -> None:
    """Print the lines that would be run."""
    if as_json:
        reply(command, {"dry_run": True} | prospect_data(planned))
        return
    for item in planned.steps:
        say(str(item.step))
    if not planned.steps:
        remark(f"{planned.name}: nothing to do")


def prospect_data(planned: Prospect) -> dict[str, object]:
    """Give a plan as plain values."""
    acts = story.acts(planned)
    return {
        "name": planned.name,
        "summary": story.counted(acts),
        "changes": story.as_data(acts),
        "steps": story.steps_as_data(planned.steps),
    }
