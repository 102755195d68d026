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

TRUTHS = frozenset({"true", "false", "yes", "no", "on", "off"})
KINDS = {
    "false": "false",
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
    verdict = quick.judge(schema)
    if verdict(document):
        return ()
    from jsonschema import Draft202012Validator, FormatChecker

    checker = FormatChecker(formats=())
    for form in formats.READERS:
        checker.checks(form)(_holds(form))
    validator = Draft202012Validator(schema, format_checker=checker)
    return tuple(
        finding
        for error in validator.iter_errors(_suspect(document, verdict))
        for finding in explain(error)
    )


def _suspect(document: Any, verdict: quick.Test) -> Any:
    """Leave out networks and namespaces that are right: jsonschema takes a ms for each."""
    if not isinstance(document, dict):
        return document
    suspect = dict(document)
    for section in ("networks", "namespaces"):
        entries = document.get(section)
        if isinstance(entries, dict):
            suspect[section] = {
                key: value
                for key, value in entries.items()
                if not verdict({"name": "t", section: {key: value}})
            }
    return suspect


def is_valid_but_for_gaps(document: Mapping[str, Any]) -> bool:
    """Say whether a document is right but for entries of lists that were taken out."""
    lists = {key: value for key, value in document.items() if isinstance(value, list)}
    whole = {key: [item for item in value if item is not None] for key, value in lists.items()}
    return quick.is_valid({**document, **whole}, language.schema())


def _holds(form: str) -> Callable[[object], bool]:
    return lambda value: formats.objection(form, value) is None


def explain(error: Any) -> Iterator[Finding]:
    """Say in words what a validation error means; several findings where it bundles several."""
    at = "".join(f"/{escape(step)}" for step in error.absolute_path)
    yield from TELLERS[error.validator](error, at)


def _wrong_type(error: Any, at: str) -> Iterator[Finding]:
    allowed = (
        [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
    )
    yield _mistaken(error.instance, allowed, at)


def _mistaken(value: Any, kinds: Iterable[str], at: str) -> Finding:
    kinds = tuple(dict.fromkeys(kinds))
    allowed = listed([KINDS[kind] for kind in kinds])
    found = shown(value, quoted=True)
    hint = ""
    if isinstance(value, str) and value.isdecimal() and not {"integer", "number"}.isdisjoint(kinds):
        hint = "write the number without quotes"
    elif isinstance(value, str) and value.lower() in TRUTHS and "boolean" in kinds:
        hint = "write true or false, without quotes"
    return Finding(at, f"{found} is not allowed here, only {allowed}", hint)


def _unknown_key(error: Any, at: str) -> Iterator[Finding]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            yield Finding(
                f"{at}/{escape(key)}",
                f"{shown(key)} is not a key of this object: {listed(known)}",
                meant(key, known) or _type_hint(error),
                at_key=True,
            )


def _type_hint(error: Any) -> str:
    """Point at a forgotten type, where an object of the language may be of several."""
    is_one_of_several = error.parent is not None and any(map(_is_kind, error.parent.context))
    is_untyped = error.parent is not None and any(
        inner.validator == "required" and "type" in inner.validator_value
        for inner in error.parent.context
    )
    return "is the key type missing?" if is_untyped and not is_one_of_several else ""


def _missing_key(error: Any, at: str) -> Iterator[Finding]:
    # jsonschema yields one error a key and names it only in its message
    missing = next(key for key in error.validator_value if error.message.startswith(repr(key)))
    yield Finding(at, f"the key {missing} is missing")


def _wrong_format(error: Any, at: str) -> Iterator[Finding]:
    said = formats.objection(error.validator_value, error.instance)
    if _is_name_of(error):
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
        at, f"{shown(error.instance)} is not allowed here, only {shown(error.validator_value)}"
    )


def _out_of_bounds(error: Any, at: str) -> Iterator[Finding]:
    schema, unit = error.schema, error.schema.get("unit", "")
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        bounds = f"more than {schema['exclusiveMinimum']}, at most {high}"
    else:
        bounds = f"{low} to {high}"
    known = unit if unit in {"bytes", "hops", "seconds", "milliseconds"} else ""
    yield Finding(at, f"{error.instance} is out of bounds: {bounds} {known}".rstrip())


def _wrong_count(error: Any, at: str) -> Iterator[Finding]:
    schema = error.schema
    if isinstance(error.instance, dict):
        yield _one_of(list(schema["properties"]), error, at)
        return
    if isinstance(error.instance, str):
        yield Finding(at, f"the text is too long: at most {error.validator_value} characters")
        return
    low, high = schema.get("minItems", 0), schema.get("maxItems")
    allowed = f"at least {low}" if high is None else f"{low}" if low == high else f"{low} to {high}"
    yield Finding(at, f"{counted(len(error.instance), 'item')} in this list: {allowed} allowed")


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
    if not error.relative_path and error.validator in {"type", "const"}:
        return True
    return _is_kind(error) or _is_without_kind(error)


def _is_kind(error: Any) -> bool:
    return list(error.relative_path) == ["type"] and error.validator == "const"


def _is_without_kind(error: Any) -> bool:
    """Say whether the branch knows no ``type``, and the value says one."""
    if error.relative_path or error.validator != "additionalProperties":
        return False
    return "type" in error.instance and "type" not in error.schema.get("properties", {})


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
    if isinstance(error.instance, dict):
        yield _one_of([branch["required"][0] for branch in error.validator_value], error, at)


def _one_of(keys: list[str], error: Any, at: str) -> Finding:
    found = [key for key in keys if key in error.instance]
    if found:
        return Finding(at, f"{listed(found, last='and')} exclude each other: one of {listed(keys)}")
    return Finding(at, f"one of {listed(keys)} is missing")


Teller = Callable[[Any, str], Iterator[Finding]]

TELLERS: Mapping[str, Teller] = {
    "type": _wrong_type,
    "additionalProperties": _unknown_key,
    "required": _missing_key,
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
