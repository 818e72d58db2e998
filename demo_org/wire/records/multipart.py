"""Reads bodies that come in parts: a JSON record and the file that belongs to it (multipart/form-data)."""

from dataclasses import dataclass
from email.message import Message

from demo_org.errors import SalesforceFault


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPart:
    """One part of the body."""

    name: str
    content_type: str
    data: bytes
    filename: str | None = None


def is_multipart(content_type: str) -> bool:
    """Whether a body of this type comes in parts."""
    return content_type.lower().startswith("multipart/")


def form_parts(content_type: str, body: bytes) -> list[FormPart]:
    """The parts of a body, in their order."""
    boundary = _parameters(content_type).get_param("boundary", header="content-type")
    if not isinstance(boundary, str) or not boundary:
        raise _unreadable("the Content-Type has no boundary")
    # The line break in front of a boundary belongs to the boundary; the first one may stand at the very beginning.
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1", errors="replace"))
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise _unreadable("the parts don't end with the boundary")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> FormPart:
    head, blank, data = piece.partition(b"\r\n\r\n")
    if not blank:
        raise _unreadable("a part has no empty line behind its headers")
    message = Message()
    for line in head.decode("utf-8", errors="replace").strip().splitlines():
        name, _, value = line.partition(":")
        message[name.strip()] = value.strip()
    return FormPart(
        name=str(message.get_param("name", "", header="content-disposition")),
        content_type=message.get_content_type(),
        data=data,
        filename=message.get_filename(),
    )


def _parameters(content_type: str) -> Message:
    message = Message()
    message["content-type"] = content_type
    return message


def _unreadable(why: str) -> SalesforceFault:
    return SalesforceFault(400, "INVALID_MULTIPART_REQUEST", f"The multipart request can't be read: {why}")
