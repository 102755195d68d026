"""
A quick verdict by the schema: is the document right?

Importing jsonschema takes longer than all else that ``validate`` does, and a right document needs
none of its explanations. So the schema is compiled here into functions that say only yes or no;
on no, jsonschema is asked what is wrong. The schema stays the one truth: a keyword that is not
known here makes the whole answer no, and tests hold that both always agree.

Source: JSON Schema 2020-12, validation and applicator vocabularies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Sized
from operator import ge, gt, le
from typing import Any

from netkit.spec.formats import READERS, objection

Test = Callable[[Any], bool]

ANNOTATIONS = frozenset(
    {"$schema", "$id", "$defs", "title", "description", "unit", "examples", "default"}
)
TYPES: dict[str, Test] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}


ROOT = "#"
BESIDE = frozenset({"additionalProperties"})  # handled with ``properties``


class UnknownKeywordError(Exception):
    """The schema says something that only jsonschema understands."""


def judge(schema: Mapping[str, Any]) -> Test:
    """Compile a schema into a test that says no also when it cannot tell."""
    compiler = _Compiler(schema)

    def verdict(document: Any) -> bool:
        try:
            return compiler.reference({"$ref": ROOT})(document)
        except UnknownKeywordError:
            return False

    return verdict


def is_valid(document: Any, schema: Mapping[str, Any]) -> bool:
    """Say whether a document follows the schema; False also when that cannot be told here."""
    return judge(schema)(document)


class _Compiler:
    """Turns schemas into tests; each definition once, when a document first comes to it."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.definitions: Mapping[str, Any] = {ROOT: root, **root.get("$defs", {})}
        self.compiled: dict[str, Test] = {}

    def test(self, schema: Mapping[str, Any]) -> Test:
        """Compile one schema."""
        if unknown := schema.keys() - KEYWORDS.keys() - ANNOTATIONS - BESIDE:
            raise UnknownKeywordError(sorted(unknown))
        tests = [compile_(self, schema) for word, compile_ in KEYWORDS.items() if word in schema]
        if "additionalProperties" in schema and "properties" not in schema:
            tests.append(self.properties(schema))
        if len(tests) == 1:
            return tests[0]

        def every(value: Any) -> bool:
            for test in tests:  # noqa: SIM110 -- a generator for all() costs half as much again
                if not test(value):
                    return False
            return True

        return every

    def reference(self, schema: Mapping[str, Any]) -> Test:
        name = schema["$ref"].removeprefix("#/$defs/")

        def follow(value: Any) -> bool:
            test = self.compiled.get(name)
            if test is None:
                test = self.compiled[name] = self.test(self.definitions[name])
            return test(value)

        return follow

    def properties(self, schema: Mapping[str, Any]) -> Test:
        known = {key: self.test(value) for key, value in schema.get("properties", {}).items()}
        rest = schema.get("additionalProperties", True)
        other = (lambda _: rest) if isinstance(rest, bool) else self.test(rest)

        def each(value: Any) -> bool:
            if isinstance(value, dict):
                for key, item in value.items():
                    if not known.get(key, other)(item):
                        return False
            return True

        return each

    def items(self, schema: Mapping[str, Any]) -> Test:
        test = self.test(schema["items"])
        return lambda value: not isinstance(value, list) or all(map(test, value))

    def names(self, schema: Mapping[str, Any]) -> Test:
        test = self.test(schema["propertyNames"])
        return lambda value: not isinstance(value, dict) or all(map(test, value))

    def any_of(self, schema: Mapping[str, Any]) -> Test:
        tests = [self.test(branch) for branch in schema["anyOf"]]
        return lambda value: any(test(value) for test in tests)

    def one_of(self, schema: Mapping[str, Any]) -> Test:
        tests = [self.test(branch) for branch in schema["oneOf"]]
        return lambda value: sum(test(value) for test in tests) == 1


def _type(_: _Compiler, schema: Mapping[str, Any]) -> Test:
    allowed = schema["type"]
    if isinstance(allowed, str):
        return TYPES[allowed]
    tests = [TYPES[word] for word in allowed]
    return lambda value: any(test(value) for test in tests)


def _choice(words: Sequence[Any]) -> Test:
    kinds = {(type(word), word) for word in words}
    return lambda value: not isinstance(value, dict | list) and (type(value), value) in kinds


def _format(_: _Compiler, schema: Mapping[str, Any]) -> Test:
    form = schema["format"]
    if form not in READERS:
        raise UnknownKeywordError(form)
    return lambda value: objection(form, value) is None


def _required(_: _Compiler, schema: Mapping[str, Any]) -> Test:
    keys = frozenset(schema["required"])
    return lambda value: not isinstance(value, dict) or keys <= value.keys()


def _number(word: str, holds: Callable[[float, float], bool]) -> Compile:
    def compile_(_: _Compiler, schema: Mapping[str, Any]) -> Test:
        bound = schema[word]
        is_number = TYPES["number"]
        return lambda value: not is_number(value) or holds(value, bound)

    return compile_


def _length(word: str, kind: type[Sized], holds: Callable[[int, int], bool]) -> Compile:
    def compile_(_: _Compiler, schema: Mapping[str, Any]) -> Test:
        bound = schema[word]
        return lambda value: not isinstance(value, kind) or holds(len(value), bound)

    return compile_


Compile = Callable[[_Compiler, Mapping[str, Any]], Test]

# In this order: what is cheap and tells most goes first.
KEYWORDS: dict[str, Compile] = {
    "type": _type,
    "const": lambda _, schema: _choice([schema["const"]]),
    "enum": lambda _, schema: _choice(schema["enum"]),
    "required": _required,
    "minimum": _number("minimum", ge),
    "maximum": _number("maximum", le),
    "exclusiveMinimum": _number("exclusiveMinimum", gt),
    "minLength": _length("minLength", str, ge),
    "maxLength": _length("maxLength", str, le),
    "minItems": _length("minItems", list, ge),
    "maxItems": _length("maxItems", list, le),
    "minProperties": _length("minProperties", dict, ge),
    "maxProperties": _length("maxProperties", dict, le),
    "format": _format,
    "$ref": _Compiler.reference,
    "properties": _Compiler.properties,
    "propertyNames": _Compiler.names,
    "items": _Compiler.items,
    "anyOf": _Compiler.any_of,
    "oneOf": _Compiler.one_of,
}
