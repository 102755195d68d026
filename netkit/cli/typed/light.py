"""
Parameters without pydantic.

From 0.27 on typer converts every value through a pydantic TypeAdapter, whose import takes longer
than reading, planning and running a small network. Texts and numbers need none. This knows one
private field of typer's; where that is not there, nothing is changed, and netkit is only slower.
"""

from __future__ import annotations

from typing import Any

import typer

from netkit.cli.typed.parameter import CONVERTERS

NAMES = {int: "a whole number", float: "a number", list[int]: "a whole number"}


class Plain:
    """
    The conversion of one parameter.

    Args:
        annotation: One of CONVERTERS.
    """

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self.convert = CONVERTERS[annotation]

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Convert what was typed."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        try:
            return self.convert(value)
        except ValueError:
            wanted = NAMES.get(self.annotation, "that")
            raise typer.BadParameter(f"{value!r} is not {wanted}", ctx=ctx, param=param) from None


class Light:
    """Makes the parameters of a command light; its own, and ``--help``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give the parameters."""
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc] # a command's, beside it
        for param in params:
            lighten(param)
        return params


def lighten(param: Any) -> None:
    """Let a parameter convert by itself, where it can."""
    descriptor = getattr(param, "type_descriptor", None)
    annotation = getattr(descriptor, "annotation", None)
    if annotation in CONVERTERS and hasattr(param, "_runtime_param"):
        param._runtime_param = Plain(annotation)
