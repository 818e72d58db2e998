"""Files are reached by links, which Salesforce shows only to who names the record or the file."""

from typing import Any

import pytest


def _file(followed: Any, deal: str) -> str:
    """A file on a deal; returns the id of its link."""
    values = {"Title": "Plan", "PathOnClient": "plan.txt", "VersionData": "aGVsbG8=", "FirstPublishLocationId": deal}
    followed.org.insert("ContentVersion", values)
    return str(followed.one("ContentDocumentLink", "LinkedEntityId", deal))


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_file_that_is_taken_from_a_deal_leaves_it(followed: Any, *, snapshot: bool) -> None:
    """A link can't be asked for by its id; who looks for one that is gone asks for all of its deal."""
    deal = followed.deals[0]
    link = _file(followed, deal)
    followed.sync()

    assert followed.ask("SELECT id FROM closure.contentdocumentlink") == [(link,)]
    assert followed.ask("SELECT title FROM closure.contentdocument") == [("Plan",)]

    followed.org.hard_delete("ContentDocumentLink", link)
    followed.org.update("Opportunity", deal, {"NextStep": "call"})
    followed.sync(snapshot=snapshot)

    assert followed.ask("SELECT id FROM closure.contentdocumentlink") == []
    assert followed.ask("SELECT id FROM closure.contentdocument") == []
    assert followed.proof().drift_rows == 0


def test_a_file_that_is_deleted_leaves_with_its_links(followed: Any) -> None:
    """The links that named the file are looked at again."""
    deal = followed.deals[0]
    _file(followed, deal)
    followed.sync()
    followed.org.delete("ContentDocument", followed.ask("SELECT id FROM closure.contentdocument")[0][0])
    followed.sync()

    assert followed.ask("SELECT id FROM closure.contentdocumentlink") == []
    assert followed.proof().drift_rows == 0
