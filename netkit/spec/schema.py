"""
What is wrong by the schema, in words; the only file that imports jsonschema.

It is asked only about documents that are known to be wrong, since to import it costs more than
all the rest of ``validate``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from netkit.spec import formats, language, quick
from netkit.spec.report import Finding, counted, escape, listed, meant, shown

KINDS = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "null",
}


def check(document: Any) -> tuple[Finding, ...]:
    """Find all that is wrong with a document by the schema; nothing when it is right."""
    schema = language.schema()
    if quick.is_valid(document, schema):
        return ()
    from jsonschema import Draft202012Validator, FormatChecker

    checker = FormatChecker(formats=())
    for form in formats.READERS:
        checker.checks(form)(_holds(form))
    validator = Draft202012Validator(schema, format_checker=checker)
    return tuple(finding for error in validator.iter_errors(document) for finding in explain(error))


def _holds(form: str) -> Callable[[object], bool]:
    return lambda value: formats.objection(form, value) is None


def explain(error: Any) -> Iterator[Finding]:
    """Say in words what a validation error means; several findings where it bundles several."""
    at = "".join(f"/{escape(step)}" for step in error.absolute_path)
    teller = TELLERS.get(error.validator)
    if teller is None:
        yield Finding(at, error.message)
    else:
        yield from teller(error, at)


def _wrong_type(error: Any, at: str) -> Iterator[Finding]:
    allowed = (
        [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    )
    yield _mistaken(error.instance, allowed, at)


def _mistaken(value: Any, kinds: Iterable[str], at: str) -> Finding:
    allowed = listed([KINDS[kind] for kind in dict.fromkeys(kinds)])
    hint = ""
    if isinstance(value, str) and value.isdecimal() and {"integer", "number"} & set(kinds):
        hint = "write the number without quotes"
    if isinstance(value, str) and value.lower() in {"true", "false", "yes", "no", "on", "off"}:
        hint = "write true or false, without quotes" if "boolean" in kinds else ""
    return Finding(at, f"{shown(value)} is not allowed here: {allowed}", hint)


def _unknown_key(error: Any, at: str) -> Iterator[Finding]:
    if error.validator_value is not False:
        return
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            yield Finding(
                f"{at}/{escape(key)}",
                f"{shown(key)} is not a key of this object: {listed(known)}",
                meant(key, known),
                at_key=True,
            )


def _missing_key(error: Any, at: str) -> Iterator[Finding]:
    # jsonschema yields one error a key and names it only in its message
    missing = next(key for key in error.validator_value if error.message.startswith(repr(key)))
    yield Finding(at, f"the key {missing} is missing")


def _wrong_name(error: Any, at: str) -> Iterator[Finding]:
    for inner in error.context or [error]:
        key = inner.instance
        said = (
            formats.objection(error.validator_value.get("format", ""), key)
            if isinstance(key, str)
            else None
        )
        yield Finding(f"{at}/{escape(key)}", said or inner.message, at_key=True)


def _wrong_format(error: Any, at: str) -> Iterator[Finding]:
    said = formats.objection(error.validator_value, error.instance)
    if isinstance(error.parent, type(None)) and _is_name_of(error):
        yield Finding(f"{at}/{escape(error.instance)}", said or error.message, at_key=True)
    else:
        yield Finding(at, said or error.message)


def _is_name_of(error: Any) -> bool:
    """Say whether the error is about a key: it then came by way of ``propertyNames``."""
    return len(error.schema_path) > 1 and error.schema_path[-2] == "propertyNames"


def _not_listed(error: Any, at: str) -> Iterator[Finding]:
    words = [shown(word) for word in error.validator_value]
    yield Finding(
        at,
        f"{shown(error.instance)} is not one of {listed(words)}",
        meant(str(error.instance), words),
    )


def _not_the_one(error: Any, at: str) -> Iterator[Finding]:
    yield Finding(
        at, f"{shown(error.instance)} is not allowed here: {shown(error.validator_value)}"
    )


def _out_of_bounds(error: Any, at: str) -> Iterator[Finding]:
    schema, unit = error.schema, error.schema.get("unit", "")
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        bounds = f"more than {schema['exclusiveMinimum']}, at most {high}"
    elif low is None or high is None:
        bounds = f"at least {low}" if high is None else f"at most {high}"
    else:
        bounds = f"{low} to {high}"
    known = unit if unit in {"bytes", "hops", "seconds", "milliseconds"} else ""
    yield Finding(at, f"{error.instance} is out of bounds: {bounds} {known}".rstrip())


def _wrong_count(error: Any, at: str) -> Iterator[Finding]:
    schema = error.schema
    is_list = isinstance(error.instance, list)
    if isinstance(error.instance, str):
        yield Finding(at, f"the text is too long: at most {error.validator_value} characters")
        return
    low = schema.get("minItems" if is_list else "minProperties", 0)
    high = schema.get("maxItems" if is_list else "maxProperties")
    noun = "entry" if is_list else "key"
    allowed = f"{low}" if low == high else f"at least {low}" if high is None else f"{low} to {high}"
    of = "" if is_list else f" of {listed(list(schema.get('properties', {})))}"
    found = counted(len(error.instance), noun).replace("entrys", "entries")
    yield Finding(at, f"{found} here: {allowed} allowed{of}")


def _no_branch(error: Any, at: str) -> Iterator[Finding]:
    """Follow the branch that was meant: the one whose type, and kind of device, is the value's."""
    branches: dict[int, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    meant_branches = [errors for errors in branches.values() if not any(map(_is_other, errors))]
    if meant_branches:
        for inner in min(meant_branches, key=_wrongness):
            yield from explain(inner)
    elif isinstance(error.instance, dict) and any(_is_kind(inner) for inner in error.context):
        yield from _no_kind(error, at)
    else:
        yield _mistaken(error.instance, _kinds(error.context), at)


def _is_other(error: Any) -> bool:
    """Say whether an error means that quite another branch was meant."""
    return (not error.relative_path and error.validator in {"type", "const"}) or _is_kind(error)


def _is_kind(error: Any) -> bool:
    return list(error.relative_path) == ["type"] and error.validator == "const"


def _wrongness(errors: list[Any]) -> tuple[int, int]:
    """Prefer the branch that went wrong deepest within, then the one with fewest errors."""
    return (-max(len(error.relative_path) for error in errors), len(errors))


def _kinds(errors: Iterable[Any]) -> Iterator[str]:
    for error in errors:
        if error.validator == "type":
            yield from (
                [error.validator_value]
                if isinstance(error.validator_value, str)
                else error.validator_value
            )
        elif error.validator == "const" and error.validator_value is False:
            yield "false"
        elif error.validator in {"enum", "const"}:
            yield "string"


def _no_kind(error: Any, at: str) -> Iterator[Finding]:
    kinds = [inner.validator_value for inner in error.context if _is_kind(inner)]
    kind = error.instance.get("type")
    yield Finding(
        f"{at}/type", f"{shown(kind)} is not one of {listed(kinds)}", meant(str(kind), kinds)
    )


def _not_exactly_one(error: Any, at: str) -> Iterator[Finding]:
    """Explain ``oneOf`` of required keys."""
    keys = [branch["required"][0] for branch in error.validator_value]
    found = [key for key in keys if key in error.instance]
    if found:
        yield Finding(at, f"{listed(found, last='and')} exclude each other: one of {listed(keys)}")
    else:
        yield Finding(at, f"one of {listed(keys)} is missing")


KINDS["false"] = "false"

Teller = Callable[[Any, str], Iterator[Finding]]

TELLERS: Mapping[str, Teller] = {
    "type": _wrong_type,
    "additionalProperties": _unknown_key,
    "required": _missing_key,
    "propertyNames": _wrong_name,
    "format": _wrong_format,
    "enum": _not_listed,
    "const": _not_the_one,
    "minimum": _out_of_bounds,
    "maximum": _out_of_bounds,
    "exclusiveMinimum": _out_of_bounds,
    "minLength": _wrong_count,
    "maxLength": _wrong_count,
    "minItems": _wrong_count,
    "maxItems": _wrong_count,
    "minProperties": _wrong_count,
    "maxProperties": _wrong_count,
    "anyOf": _no_branch,
    "oneOf": _not_exactly_one,
}
