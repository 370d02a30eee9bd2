"""The one gate every JSON body passes before anything else looks at it.

What parsers disagree about never gets in, so that what was checked is what is stored, hashed and read elsewhere:

    413  body-too-large         more than 1 MiB
    415  media-type             not ``application/json``, or a charset other than UTF-8
    422  body-empty             no JSON text at all
         not-utf8               not UTF-8, an encoded surrogate included
         byte-order-mark        RFC 8259, section 8.1: a JSON text does not begin with one
         json-malformed         not JSON (RFC 8259): NaN and Infinity, a trailing comma, a raw control character
         json-too-deep          objects and arrays nested more than 32 deep, the body itself being the first
         json-duplicate-key     an object names a key twice, however the key is escaped
         json-lone-surrogate    an escaped surrogate without its partner
         json-nul               an escaped NUL character in a value or a key
         json-number-range      an integer beyond ±(2^53 - 1), or a number too large for a float, e.g. ``1e999``
         json-not-object        the body is not an object

The gate parses once and throws the result away; the caller's model parses again, strictly, and refuses unknown fields.
The parser finds most of this on its own. Only a body that holds something suspicious (an escaped NUL, a long run of
digits, a large exponent, many brackets) is walked value by value: the usual body costs one parse and one scan.
"""

import re
from dataclasses import dataclass
from email.message import Message
from math import isfinite
from typing import Any, Final, TypeAlias

import jiter
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**53 - 1
MAX_POINTER: Final = 200

UTF8_JSON: Final = frozenset({"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"})
"""The spellings nearly every client sends; any other is parsed."""

_BLANK: Final = b" \t\r\n"
_ESCAPED_NUL: Final = b"\\u0000"
_LONG_NUMBER: Final = "0" * len(str(MAX_INTEGER))
_LARGE_EXPONENT: Final = "0e000"
_WHERE: Final = re.compile(r" at line \d+ column \d+$")

_SHAPES: Final = bytes.maketrans(b"0123456789+Ee[{", b"00000000000ee[[")
"""Digits look like ``0``, exponents like ``e`` and openers like ``[``, so that plain searches find what is suspicious.
A plus counts as a digit, so that ``1e+999`` looks like ``1e999``."""

_MALFORMED: Final = ("json-malformed", "the body is not valid JSON")
_PARSER_SAYS: Final = (
    ("Detected duplicate key", "json-duplicate-key", "an object names the same key twice"),
    ("recursion limit exceeded", "json-too-deep", f"nested more than {MAX_DEPTH} deep"),
    ("number out of range", "json-number-range", "a number is out of range"),
    ("lone leading surrogate", "json-lone-surrogate", "an escaped surrogate stands alone"),
    ("unexpected end of hex escape", "json-lone-surrogate", "an escaped surrogate stands alone"),
)
"""How the parser's messages begin. They may quote the body, so only our own words and the place go out."""

_Container: TypeAlias = dict[str, Any] | list[Any]


class GateRefused(Exception):
    """The body does not come in.

    ``status`` is 413, 415 or 422, ``code`` one of the module's list. ``detail`` repeats nothing of the body.
    ``pointer`` is a JSON pointer (RFC 6901) to the value, or to the object with the bad key; None where it is not known
    or longer than 200 characters.
    """

    def __init__(self, status: int, code: str, detail: str, pointer: str | None = None) -> None:
        """Keep what a problem document needs."""
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer


@dataclass(slots=True)
class _Fault:
    """What the walk found; ``path`` grows from the value outward while the walk returns."""

    code: str
    detail: str
    path: list[str]


def check_media_type(header: str | None) -> None:
    """Refuse (415) a Content-Type that is not JSON in UTF-8; parameters other than ``charset`` mean nothing here."""
    if header in UTF8_JSON:
        return
    parsed = Message()
    parsed["content-type"] = (header or "").replace("\r", " ").replace("\n", " ")
    media_type = (header or "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise GateRefused(415, "media-type", "the body must be application/json")
    try:
        charsets: list[object] = [value for name, value in parsed.get_params(failobj=[]) if name.lower() == "charset"]
    except (ValueError, TypeError):  # pieces of a parameter (RFC 2231) that cannot be put in order
        raise GateRefused(415, "media-type", "the parameters cannot be read") from None
    # A charset in the extended notation of RFC 2231 comes as three parts; JSON has no use for it.
    if not all(isinstance(charset, str) and charset.lower() in ("utf-8", "utf8") for charset in charsets):
        raise GateRefused(415, "media-type", "the body must be UTF-8")


async def read_body(scope: Scope, receive: Receive, limit: int = MAX_BYTES) -> bytes:
    """The whole body of an ASGI request, at most ``limit`` bytes.

    A larger announced length is refused (413) before anything is read, a larger actual one as soon as it shows.
    Raises starlette's ClientDisconnect when the client leaves before the end.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and _exceeds(value, limit):
            raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def check(body: bytes) -> None:
    """Let a JSON object through, or raise GateRefused; nothing else is raised, whatever the bytes."""
    if len(body) > MAX_BYTES:
        raise _too_large(MAX_BYTES)
    try:
        value = jiter.from_json(body, allow_inf_nan=False, cache_mode="none", catch_duplicate_keys=True)
    except ValueError as error:
        raise _unparsed(body, str(error)) from None
    if type(value) is not dict:
        raise GateRefused(422, "json-not-object", "the body must be a JSON object", "")
    if _suspicious(body):
        fault = _fault(value, MAX_DEPTH)
        if fault is not None:
            raise GateRefused(422, fault.code, fault.detail, _pointer(fault.path))


def _suspicious(body: bytes) -> bool:
    """Whether something may stand in the body that the parser lets through and the gate does not."""
    shapes = body.translate(_SHAPES).decode("latin-1")  # a text is searched faster than bytes
    return (
        _LONG_NUMBER in shapes
        or _LARGE_EXPONENT in shapes
        or shapes.count("[") > MAX_DEPTH
        or (b"\\" in body and _ESCAPED_NUL in body)
    )


def _fault(container: _Container, room: int) -> _Fault | None:
    """The first thing wrong inside, None if there is nothing; ``room`` is how many levels are left with this one."""
    if room == 0:
        return _Fault("json-too-deep", f"nested more than {MAX_DEPTH} deep", [])
    items = container.items() if isinstance(container, dict) else enumerate(container)
    for key, item in items:
        if type(key) is str and "\0" in key:
            return _Fault("json-nul", "a key holds a NUL character", [])
        if type(item) is str and "\0" not in item:
            continue  # most values, at the least cost
        fault = _fault(item, room - 1) if isinstance(item, (dict, list)) else _scalar_fault(item)
        if fault is not None:
            fault.path.append(str(key))
            return fault
    return None


def _scalar_fault(item: object) -> _Fault | None:
    """What is wrong with a string, number, boolean or null."""
    if isinstance(item, str):
        return _Fault("json-nul", "a text holds a NUL character", []) if "\0" in item else None
    if isinstance(item, int):
        wrong = not -MAX_INTEGER <= item <= MAX_INTEGER
        return _Fault("json-number-range", "an integer is beyond plus or minus 2^53 - 1", []) if wrong else None
    if isinstance(item, float) and not isfinite(item):
        return _Fault("json-number-range", "a number is too large for a float", [])
    return None


def _pointer(path: list[str]) -> str | None:
    """The JSON pointer of a path that runs from the value outward."""
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in reversed(path))
    return pointer if len(pointer) <= MAX_POINTER else None


def _unparsed(body: bytes, message: str) -> GateRefused:
    """The refusal of a body the parser could not take."""
    if not body.strip(_BLANK):
        return GateRefused(422, "body-empty", "the body is empty", "")
    if body.startswith(b"\xef\xbb\xbf"):
        return GateRefused(422, "byte-order-mark", "the body begins with a byte order mark")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return GateRefused(422, "not-utf8", f"the body is not UTF-8 at byte {error.start + 1}")
    code, words = next(((code, words) for start, code, words in _PARSER_SAYS if message.startswith(start)), _MALFORMED)
    where = _WHERE.search(message)
    return GateRefused(422, code, words + where[0] if where else words)


def _exceeds(announced: bytes, limit: int) -> bool:
    """Whether an announced Content-Length is above the limit; one that is no number is left to the count."""
    digits = announced.strip().lstrip(b"0")
    return digits.isdigit() and (len(digits) > len(str(limit)) or int(digits) > limit)


def _too_large(limit: int) -> GateRefused:
    """The refusal of a body above the limit, in bytes."""
    return GateRefused(413, "body-too-large", f"the body is larger than {limit} bytes")
