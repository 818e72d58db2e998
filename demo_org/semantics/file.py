"""Files: a version that is uploaded makes its document, and the links by which its owner and its record see it.

Object Reference, "ContentVersion": without ContentDocumentId a new document is made; FirstPublishLocationId shares it
with that record. A note ("ContentNote") is a document of the type SNOTE with the same id.
"""

import base64
import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
_FILE_TYPES = {
    "pdf": "PDF", "doc": "WORD", "docx": "WORD_X", "xls": "EXCEL", "xlsx": "EXCEL_X", "ppt": "POWER_POINT",
    "pptx": "POWER_POINT_X", "txt": "TEXT", "csv": "CSV", "png": "PNG", "jpg": "JPG", "jpeg": "JPG", "zip": "ZIP",
    "html": "HTML", "xml": "XML", "snote": "SNOTE",
}  # fmt: skip
_SHOWN = 255  # characters of a text that its preview has


def attachment_before_insert(unit: "Unit", row: Row) -> None:  # noqa: ARG001 - rules share one signature
    """Measure an attachment."""
    row["BodyLength"] = len(base64.b64decode(row.get("Body") or ""))


def document_before_insert(unit: "Unit", row: Row) -> None:
    """A document knows the size of its bytes, and whose it is."""
    attachment_before_insert(unit, row)
    row["AuthorId"] = row.get("AuthorId") or unit.user_id


def attachment_before_update(unit: "Unit", old: Row, changes: Row) -> None:  # noqa: ARG001 - see above
    """Measure an attachment anew."""
    if "Body" in changes:
        changes["BodyLength"] = len(base64.b64decode(changes["Body"] or ""))


def version_before_insert(unit: "Unit", row: Row) -> None:
    """Derive type, size and checksum from the bytes; put the version on top of its document or make that, too."""
    if row.get("VersionData") is None and row.get("ContentUrl") is None:
        raise SalesforceFault(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [VersionData]",
                              ("VersionData",))  # fmt: skip
    data = base64.b64decode(row.get("VersionData") or "")
    path = row.get("PathOnClient") or row.get("Title") or ""
    extension = PurePosixPath(path).suffix.lstrip(".") or None
    row["Title"] = row.get("Title") or PurePosixPath(path).stem
    row |= {
        "ContentSize": len(data),
        "Checksum": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "FileExtension": extension,
        "FileType": _FILE_TYPES.get((extension or "").lower(), (extension or "unknown").upper()),
        "IsLatest": 1, "IsMajorVersion": 1, "PublishStatus": "P", "ContentModifiedDate": unit.stamp_text,
        "ContentModifiedById": unit.user_id, "Origin": row.get("Origin") or "C",
        "ContentLocation": row.get("ContentLocation") or "S", "SharingOption": row.get("SharingOption") or "A",
        "SharingPrivacy": row.get("SharingPrivacy") or "N", "RatingCount": 0, "PositiveRatingCount": 0,
        "NegativeRatingCount": 0,
    }  # fmt: skip
    if row["FileType"] in {"TEXT", "SNOTE", "CSV"}:
        row["TextPreview"] = data.decode("utf-8", "replace")[:_SHOWN] or None
    if row.get("ContentDocumentId") is None:
        row["ContentDocumentId"] = unit.add("ContentDocument", _document(row))
    number = unit.scalar("SELECT count(*) FROM ContentVersion WHERE ContentDocumentId = ?", (row["ContentDocumentId"],))
    row["VersionNumber"] = str(number + 1)


def version_after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """A new version replaces the one on top, and is what the document shows; a first one is shared."""
    if old is not None:
        return
    document = new["ContentDocumentId"]
    for other in unit.rows("ContentVersion", "ContentDocumentId = ? AND IsLatest = 1 AND Id <> ?",
                           (document, new["Id"])):  # fmt: skip
        unit.patch("ContentVersion", other["Id"], {"IsLatest": 0})
    unit.patch("ContentDocument", document, {**_document(new), "LatestPublishedVersionId": new["Id"]})
    if new["VersionNumber"] == "1":
        _link(unit, document, new["OwnerId"], "I")
        if new.get("FirstPublishLocationId"):
            _link(unit, document, new["FirstPublishLocationId"], "V")


def link_before_insert(unit: "Unit", row: Row) -> None:
    """A link lets those who see the record view the document, unless it says otherwise; it exists once."""
    if unit.row("ContentDocument", row.get("ContentDocumentId")) is None:
        return
    row["ShareType"] = row.get("ShareType") or "V"
    row["Visibility"] = row.get("Visibility") or "AllUsers"
    there = unit.rows("ContentDocumentLink", "ContentDocumentId = ? AND LinkedEntityId = ? AND IsDeleted = 0",
                      (row["ContentDocumentId"], row.get("LinkedEntityId")))  # fmt: skip
    if there:
        message = "This file is already shared with this record."
        raise SalesforceFault(400, "DUPLICATE_VALUE", message, ("LinkedEntityId",))


def note_before_insert(unit: "Unit", row: Row) -> None:
    """A note is a document of its own kind: its id and its text are those of the document."""
    text = base64.b64decode(row.get("Content") or "").decode("utf-8", "replace")
    row["Id"] = unit.org.new_id("ContentDocument")
    row |= {
        "FileType": "SNOTE", "FileExtension": "snote", "ContentSize": len(text.encode()), "IsReadOnly": 0,
        "TextPreview": text[:_SHOWN] or None, "ContentModifiedDate": unit.stamp_text,
    }  # fmt: skip
    unit.add("ContentDocument", {"Id": row["Id"], "OwnerId": row["OwnerId"], "PublishStatus": "P", "IsArchived": 0,
                                 "Title": row["Title"]})  # fmt: skip


def note_after_save(unit: "Unit", old: Row | None, new: Row) -> None:
    """Each save of a note is a version of its document."""
    if old is not None and (old["Content"], old["Title"]) == (new["Content"], new["Title"]):
        return
    values = {"ContentDocumentId": new["Id"], "Title": new["Title"], "PathOnClient": f"{new['Title']}.snote",
              "VersionData": new.get("Content") or "", "OwnerId": new["OwnerId"]}  # fmt: skip
    version = unit.insert("ContentVersion", values)
    unit.org.connection.execute(
        "UPDATE ContentNote SET LatestPublishedVersionId = ? WHERE Id = ?", (version, new["Id"])
    )


def note_after_delete(unit: "Unit", row: Row) -> None:
    """A note that goes takes its document along."""
    document = unit.row("ContentDocument", row["Id"])
    if document is not None and not document["IsDeleted"]:
        unit.delete("ContentDocument", row["Id"])


def _document(version: Row) -> Row:
    shown = ("Title", "OwnerId", "PublishStatus", "ContentSize", "FileType", "FileExtension", "ContentModifiedDate",
             "Description", "SharingOption", "SharingPrivacy")  # fmt: skip
    return {name: version.get(name) for name in shown} | {"IsArchived": 0}


def _link(unit: "Unit", document: str, shared_with: str, share: str) -> None:
    unit.add("ContentDocumentLink", {"ContentDocumentId": document, "LinkedEntityId": shared_with, "ShareType": share,
                                     "Visibility": "AllUsers"})  # fmt: skip
