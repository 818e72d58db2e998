"""Ids are unique within one org only: the API says so instead of guessing, and takes the org where it is needed."""

import stored_deals as stored
from sqlalchemy import text

from models.schema import metadata

SECOND = "00D000000000002AAA"
DEAL, BOTH = stored.deal_id(1), {"org": [stored.ORG_ID, SECOND]}


def _two_orgs(store):
    """The same records in a second org, with a name of its own and a brief of its own."""
    stored.fill(store, [{"id": DEAL, "name": "First"}])
    stored.brief(store, DEAL, '{"deal_id": "x", "sections": [], "risks": [], "of": "the first"}')
    with store.writing() as session:
        for table in (
            "ops.org",
            "ops.scope_member",
            "salesforce.opportunity",
            "salesforce.account",
            "salesforce.user",
            "cs.brief",
        ):
            schema, name = table.split(".")
            session.execute(text(f'CREATE TEMPORARY TABLE copied ON COMMIT DROP AS SELECT * FROM {schema}."{name}"'))
            session.execute(text("UPDATE copied SET org_id = :org"), {"org": SECOND})
            # What the store works out of a brief can't be written.
            columns = ", ".join(
                f'"{column.name}"' for column in metadata.tables[table].columns if column.computed is None
            )
            session.execute(text(f'INSERT INTO {schema}."{name}" ({columns}) SELECT {columns} FROM copied'))
            session.execute(text("DROP TABLE copied"))
        session.execute(text("UPDATE salesforce.opportunity SET name = 'Second' WHERE org_id = :o"), {"o": SECOND})
        session.execute(text("UPDATE salesforce.account SET name = 'Second' WHERE org_id = :o"), {"o": SECOND})
        session.execute(
            text("UPDATE cs.brief SET document = replace(document::text, 'first', 'second')::json WHERE org_id = :o"),
            {"o": SECOND},
        )


def test_an_id_that_two_orgs_have_is_not_guessed(store, client_of):
    """A rep never gets the other company's deal because its id is the same."""
    _two_orgs(store)
    client = client_of(store)
    for path in (f"/api/v1/deals/{DEAL}", f"/api/v1/deals/{DEAL}/brief", f"/api/v1/customers/{stored.ACME}"):
        answer = client.get(path)

        assert (answer.status_code, answer.json()["type"]) == (409, "urn:baton:problem:several_orgs")
        assert SECOND in answer.json()["detail"]


def test_the_org_decides_which_of_equal_ids_is_meant(store, client_of):
    """With the org every id is unique."""
    _two_orgs(store)
    client = client_of(store)
    for org, name, of in ((stored.ORG_ID, "First", "the first"), (SECOND, "Second", "the second")):
        asked = {"org": org}

        assert client.get(f"/api/v1/deals/{DEAL}", params=asked).json()["name"] == name
        assert client.get(f"/api/v1/deals/{DEAL}/brief", params=asked).json()["of"] == of
        customer = client.get(f"/api/v1/customers/{stored.ACME}", params=asked).json()
        assert [deal["name"] for deal in customer["won_deals"]] == [name]
        assert [deal["name"] for deal in client.get("/api/v1/deals", params=asked).json()["data"]] == [name]
        assert len(client.get("/api/v1/customers", params=asked).json()["data"]) == 1


def test_a_deal_of_another_org_is_not_found(store, client_of):
    """An id alone says nothing once an org is named."""
    stored.fill(store, [{"id": DEAL, "name": "First"}])
    client = client_of(store)

    assert client.get(f"/api/v1/deals/{DEAL}").status_code == 200
    assert client.get(f"/api/v1/deals/{DEAL}", params={"org": SECOND}).status_code == 404


def test_lists_show_the_deals_of_all_orgs_page_by_page(store, client_of):
    """Equal ids neither hide nor repeat each other at the edge of a page."""
    _two_orgs(store)
    client = client_of(store)
    first = client.get("/api/v1/deals", params={"limit": 1}).json()
    second = client.get("/api/v1/deals", params={"limit": 1, "cursor": first["next_cursor"]}).json()

    assert {row["org_id"] for page in (first, second) for row in page["data"]} == {stored.ORG_ID, SECOND}
    assert second["next_cursor"] is None
    assert client.get("/api/v1/deals", params=BOTH).json()["data"] == client.get("/api/v1/deals").json()["data"]
