"""What is written ``${…}`` and ``$[…]``, worked out as Asterisk does (main/pbx_variables.c, main/ast_expr2.y)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from pbx.verify.words import cut, cut_out

Look = Callable[[str, str | None], str]
"""From a variable's or a function's name, and the arguments of a function (None for a variable), to what it holds."""

_SLICED: Final = re.compile(r"(?P<name>.*?)(?::(?P<begin>-?\d+))?(?::(?P<length>-?\d+))?", re.DOTALL)
_CALLED: Final = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
_TOKEN: Final = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[<>!]=|[|&=<>+*/%()!-]|[^\s|&=<>!+*/%()"-]+)')
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_LEVELS: Final = (("|",), ("&",), ("=", "!=", "<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))
"""Operators of two sides, those that bind least first."""


def substitute(text: str, look: Look) -> str:
    """A text with everything in ``${…}`` and ``$[…]`` replaced, from within; what comes out is not looked at again."""
    if "$" not in text:
        return text
    return "".join(_piece(piece, look) for piece in cut(text))


def _piece(piece: str, look: Look) -> str:
    if piece.startswith("$["):
        return expression(substitute(piece[2:-1], look))
    if not piece.startswith("${"):
        return piece
    name, opening, arguments = piece[2:-1].partition("(")
    if opening and arguments.endswith(")"):
        return look(substitute(name, look), substitute(arguments[:-1], look))
    return _sliced(substitute(piece[2:-1], look), look)


def _sliced(written: str, look: Look) -> str:
    """``NAME``, ``NAME:begin:length`` or ``FUNCTION(…):begin:length``."""
    found = _SLICED.fullmatch(written)
    if found is None:  # the name takes anything
        return ""
    function = _CALLED.fullmatch(found["name"])
    value = look(function[1], function[2]) if function else look(found["name"], None)
    if found["begin"] is None:
        return value
    begin, length = int(found["begin"]), int(found["length"]) if found["length"] else None
    if length is not None and length < 0:
        return cut_out(value, begin, None)[:length]
    return cut_out(value, begin, length)


def true(condition: str) -> bool:
    """Whether a condition holds (``pbx_checkcondition``): a number that is not 0, or any other text at all."""
    said = condition.strip() if condition[:1].isspace() else condition
    number = re.match(r"\d+", said)
    return bool(int(number[0])) if number else bool(said)


def expression(text: str) -> str:
    """The value of an expression whose variables are already replaced; comparisons give 1 or 0."""
    tokens = [found[1] for found in _TOKEN.finditer(text)]
    return _level(_Tokens(tokens), 0)


class _Tokens:
    """The tokens yet to be read."""

    def __init__(self, tokens: list[str]) -> None:
        self._waiting = tokens[::-1]

    def first(self) -> str:
        """The next one, which stays; empty at the end."""
        return self._waiting[-1] if self._waiting else ""

    def take(self) -> str:
        """The next one."""
        return self._waiting.pop() if self._waiting else ""


def _level(tokens: _Tokens, level: int) -> str:
    if level == len(_LEVELS):
        return _single(tokens)
    left = _level(tokens, level + 1)
    while tokens.first() in _LEVELS[level]:
        left = _two_sided(tokens.take(), left, _level(tokens, level + 1))
    return left


def _single(tokens: _Tokens) -> str:
    word = tokens.take()
    if word == "(":
        inside = _level(tokens, 0)
        tokens.take()
        return inside
    if word == "!":
        return "0" if _holds(_single(tokens)) else "1"
    if word == "-":
        return _number(-float(_single(tokens) or 0))
    return word[1:-1] if word.startswith('"') else word


def _two_sided(operator: str, left: str, right: str) -> str:
    if operator == "|":
        return left if _holds(left) else right if _holds(right) else "0"
    if operator == "&":
        return left if _holds(left) and _holds(right) else "0"
    if operator in _LEVELS[2]:
        return "1" if _compare(operator, left, right) else "0"
    one, other = float(left or 0), float(right or 0)
    if operator in "/%" and not other:
        return "0"
    results: dict[str, Callable[[], float]] = {
        "+": lambda: one + other,
        "-": lambda: one - other,
        "*": lambda: one * other,
        "/": lambda: one / other,
        "%": lambda: one % other,
    }
    return _number(results[operator]())


def _compare(operator: str, left: str, right: str) -> bool:
    """As numbers where both sides are some, else as texts."""
    one: float | str = left
    other: float | str = right
    if _NUMBER.fullmatch(left) and _NUMBER.fullmatch(right):
        one, other = float(left), float(right)
    elif operator not in {"=", "!="}:
        one, other = left, right
    results: dict[str, Callable[[], bool]] = {
        "=": lambda: one == other,
        "!=": lambda: one != other,
        "<": lambda: one < other,  # type: ignore[operator]  # both are of one type
        ">": lambda: one > other,  # type: ignore[operator]
        "<=": lambda: one <= other,  # type: ignore[operator]
        ">=": lambda: one >= other,  # type: ignore[operator]
    }
    return results[operator]()


def _holds(value: str) -> bool:
    """Empty and 0 are false (``is_zero_or_null``)."""
    return bool(value) and not (_NUMBER.fullmatch(value) and float(value) == 0)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"


def allowed(characters: str) -> str:
    """The characters that ``FILTER`` lets pass: ranges, escapes, and single ones (funcs/func_strings.c)."""
    return "".join(_allowed(characters))


def _allowed(characters: str) -> Iterator[str]:
    at, signs = 0, _escapes(characters)
    while at < len(signs):
        if signs[at + 1 : at + 2] == ["-"] and at + 2 < len(signs):
            yield from map(chr, range(ord(signs[at]), ord(signs[at + 2]) + 1))
            at += 3
        else:
            yield signs[at]
            at += 1


def _escapes(characters: str) -> list[str]:
    found = re.findall(r"\\x[0-9a-fA-F]{2}|\\.|.", characters, re.DOTALL)
    return [chr(int(f"0{each[1:]}", 0)) if each[:2] == "\\x" else each[-1] for each in found]
