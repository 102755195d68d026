"""From a file to a document: size, encoding, syntax, duplicate keys; JSON here, YAML next door."""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from netkit.errors import Problem, SpecError
from netkit.spec import position
from netkit.spec.position import Place
from netkit.spec.report import Finding, escape, meant, nearest_existing, printable, unique
from netkit.spec.scalars import WrongNumberError, constant, failed, number, whole
from netkit.value import Value

MOST_BYTES = 10 * 2**20
MOST_FINDINGS = 200
STDIN = "-"
YAML_SUFFIXES = (".yaml", ".yml")
COMMENTS = ("//", "/*", "#")

BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)

# What the json module says, in words of ours; its sentence goes on when none of these begins it.
SAYINGS = {
    "Expecting property name enclosed in double quotes": (
        "a key in double quotes should stand here; a comma after the last one is not allowed"
    ),
    "Expecting ',' delimiter": "a comma, or the end of the list or object, should stand here",
    "Expecting ':' delimiter": "a colon should stand between key and value",
    "Expecting value": "a value should stand here",
    "Extra data": "the document ended before; one document a file",
    "Unterminated string": "the string that begins here does not end",
    "Invalid control character": "a line break or tab within a string is written \\n or \\t",
    "Invalid \\escape": "a backslash within a string is written \\\\",
    "Invalid \\uXXXX escape": "four hexadecimal digits should follow \\u",
    "Illegal trailing comma": "a comma after the last one is not allowed",
}


class Document(Value, frozen=True):
    """
    A document as written.

    Args:
        value: What it says.
        source: File name, for messages.
        locate: Gives the place of each pointer; True for the place of its key.
    """

    value: Any
    source: str
    locate: Callable[[Iterable[tuple[str, bool]]], dict[tuple[str, bool], Place]]

    def error(self, findings: Iterable[Finding]) -> SpecError:
        """Give all findings their lines and columns, in the order of the document."""
        kept = [
            Finding(
                nearest_existing(self.value, item.pointer), item.message, item.hint, item.at_key
            )
            for item in unique(findings)
        ]
        places = self.locate((item.pointer, item.at_key) for item in kept)
        problems = [
            Problem(
                printable(item.pointer),
                item.message,
                item.hint,
                *places.get((item.pointer, item.at_key), (0, 0)),
            )
            for item in kept
        ]
        problems.sort(key=lambda problem: (problem.line, problem.column))
        return SpecError(_capped(problems), source=self.source)


def _capped(problems: list[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= MOST_FINDINGS:
        return tuple(problems)
    rest = len(problems) - MOST_FINDINGS
    return (*problems[:MOST_FINDINGS], Problem("", f"and {rest:,} more of this kind"))


def load(path: str | os.PathLike[str]) -> Document:
    """
    Read a document from a file, or from standard input for ``-``.

    Raises:
        SpecError: There is no such file, or what it holds is no document.
    """
    name = os.fspath(path)
    if name == STDIN:
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
        return decoded(data, "standard input", None)
    return decoded(_read(name), name, "yaml" if name.lower().endswith(YAML_SUFFIXES) else "json")


def _read(name: str) -> bytes:
    try:
        with open(name, "rb", opener=_opener) as file:
            status = os.fstat(file.fileno())
            if status.st_size > MOST_BYTES:
                raise _too_large(name)
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise failed(name, "there is no such file", hint=_neighbour(name)) from None
    except IsADirectoryError:
        raise failed(name, "this is a directory, not a file") from None
    except ValueError as error:  # a NUL in the name
        raise failed(name, f"this cannot be a file name: {error}") from None
    except OSError as error:
        raise failed(name, f"the file cannot be read: {error.strerror}") from None


def _opener(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_CLOEXEC)


def _neighbour(name: str) -> str:
    folder, base = os.path.split(name)
    try:
        return meant(base, os.listdir(folder or "."))
    except OSError:
        return ""


def _too_large(source: str) -> SpecError:
    return failed(source, f"the file is too large for a spec: at most {MOST_BYTES // 2**20} MB")


def decoded(data: bytes, source: str, form: str | None) -> Document:
    """Read a document from bytes; the form as for ``loads``."""
    if len(data) > MOST_BYTES:
        raise _too_large(source)
    for mark, name in BOMS:
        if data.startswith(mark):
            raise failed(source, f"the file is {name}: a spec is written in UTF-8", (1, 1))
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode(errors="replace")) + 1
        raise failed(
            source,
            f"byte {data[error.start]:#04x} is not UTF-8: a spec is written in UTF-8",
            (line, column),
        ) from None
    return loads(text, source=source, form=form)


def loads(text: str, *, source: str = "spec", form: str | None = None) -> Document:
    """
    Read a document from text.

    Args:
        text: The document.
        source: What messages call it.
        form: json or yaml; None: JSON when it begins like an object of JSON, else YAML.

    Raises:
        SpecError: It is no document: broken, empty, too deep, with duplicate keys.
    """
    if len(text) > MOST_BYTES:
        raise _too_large(source)
    if not text.strip():
        raise failed(source, "the file is empty: a spec is an object with a name", (1, 1))
    if form == "yaml" or (form is None and text.lstrip()[0] not in "{["):
        from netkit.spec import yaml_source

        value, places = yaml_source.read(text, source=source)
        document = Document(value, source, lambda wanted: position.known(places, wanted))
    else:
        value = _json(text, source)
        document = Document(value, source, lambda wanted: position.in_json(text, wanted))
    if findings := list(_unfit(value)) if form == "yaml" or "\\u" in text else []:
        raise document.error(findings)
    return document


class _Duplicates:
    """Builds the objects of a document and notices keys said twice."""

    found = False

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        self.found |= len(value) < len(pairs)
        return value


def _json(text: str, source: str) -> Any:
    duplicates = _Duplicates()
    try:
        value = json.loads(
            text,
            object_pairs_hook=duplicates.object,
            parse_constant=constant,
            parse_int=whole,
            parse_float=number,
        )
    except json.JSONDecodeError as error:
        said = _said(error, text)
        raise failed(source, f"this is not JSON: {said}", (error.lineno, error.colno)) from None
    except WrongNumberError as error:
        raise failed(source, str(error), position.of_number(text, error.word)) from None
    except RecursionError:
        raise failed(source, "the document is nested too deeply") from None
    if duplicates.found:
        raise SpecError(tuple(position.duplicates(text)), source=source)
    return value


def _said(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text.rstrip()):
        return "it ends in the middle"
    if text.startswith(COMMENTS, error.pos):
        return "JSON has no comments; a spec in YAML may have some, behind #"
    ours = (ours for theirs, ours in SAYINGS.items() if error.msg.startswith(theirs))
    return next(ours, error.msg)


def _unfit(value: Any) -> Iterable[Finding]:
    """Find text that no file and no command could hold."""
    todo: list[tuple[str, Any]] = [("", value)]
    while todo:
        pointer, item = todo.pop()
        if isinstance(item, str):
            if found := re.search(UNFIT, item):
                yield Finding(pointer, f"the text holds {_named(found[0])}, which is not allowed")
        elif isinstance(item, dict):
            for key, child in item.items():
                if found := re.search(UNFIT, key):
                    yield Finding(
                        f"{pointer}/{escape(key)}",
                        f"the key holds {_named(found[0])}, which is not allowed",
                        at_key=True,
                    )
                todo.append((f"{pointer}/{escape(key)}", child))
        elif isinstance(item, list):
            todo.extend((f"{pointer}/{index}", child) for index, child in enumerate(item))


UNFIT = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]"


def _named(character: str) -> str:
    code = ord(character)
    if code == 0:
        return "a NUL character"
    return (
        "half a character (a lone surrogate)"
        if code >= 0xD800
        else f"a control character ({code:#04x})"
    )
