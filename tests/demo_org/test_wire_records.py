from wire_client import BASE, error_of, recorded

TEXT_NOT_FOUND = "The requested resource does not exist"


def test_a_record_is_created_read_changed_and_deleted(client):
    """The life of a record through the REST API, with Salesforce's statuses."""
    made = client.post("sobjects/account/", json={"Name": "Acme", "NumberOfEmployees": 12})
    path = f"sobjects/Account/{made.json()['id']}"
    changed = client.patch(path, json={"Industry": "Biotechnology"})
    read = client.get(path, params={"fields": "Name,industry"}).json()
    deleted = client.delete(path)

    assert (201, f"{BASE}/{path}") == (made.status_code, made.headers["Location"])
    assert {"id", "success", "errors"} == set(made.json())
    assert (changed.status_code, deleted.status_code, deleted.content) == (204, 204, b"")
    assert (read["Name"], read["Industry"]) == ("Acme", "Biotechnology")
    assert {"type": "Account", "url": f"{BASE}/{path}"} == read["attributes"]
    assert error_of(client.get(path)) == (404, "ENTITY_IS_DELETED", "entity is deleted")


def test_a_whole_record_comes_without_asking_for_fields(client):
    """Every visible field, attributes first."""
    record = client.get(f"sobjects/Account/{client.make('Account', Name='Whole')}").json()

    assert next(iter(record)) == "attributes"
    assert {"Id", "Name", "OwnerId", "SystemModstamp", "IsDeleted"} <= set(record)
    assert record["CreatedDate"].endswith(".000+0000")


def test_refusals_of_writes_have_the_recorded_form(client):
    """Unknown fields, missing names, strange ids and objects: an array with message and code."""
    unknown = client.post("sobjects/Account", json={"Name": "x", "foo": 1})
    missing = client.post("sobjects/Account", json={})
    strange = client.get("sobjects/Account/23foo")

    assert set(recorded("rest/restforce/sobject/write_error_response.json")[0]) <= set(unknown.json()[0])
    assert error_of(unknown) == (400, "INVALID_FIELD", "No such column 'foo' on sobject of type Account")
    assert error_of(missing) == (400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]")
    assert missing.json()[0]["fields"] == ["Name"]
    assert recorded("rest/restforce/sobject/sobject_find_error_response.json") == strange.json()
    assert error_of(client.post("sobjects/Nothing", json={})) == (404, "NOT_FOUND", TEXT_NOT_FOUND)


def test_a_record_is_found_by_an_external_id(client):
    """Upsert creates once and changes afterwards; several matches are answered with their addresses."""
    client.post("/demo/fields", json={"object": "Account", "field": "Ext__c", "type": "string", "external_id": True})
    created = client.patch("sobjects/Account/Ext__c/E1", json={"Name": "By key"})
    updated = client.patch("sobjects/Account/Ext__c/E1", json={"Name": "Renamed"})
    client.make("Account", Name="Twin", Ext__c="E1")
    several = client.get("sobjects/Account/Ext__c/E1")

    assert (
        created.status_code,
        created.json()["created"],
        updated.status_code,
        updated.json()["created"],
    ) == (201, True, 200, False)
    assert (several.status_code, len(several.json())) == (300, 2)
    assert error_of(client.get("sobjects/Account/Industry/x"))[:2] == (404, "NOT_FOUND")


def test_lists_of_records_are_written_each_on_its_own(client):
    """One bad record does not stop the others; its code is called statusCode here."""
    records = [{"attributes": {"type": "Account"}, "Name": "L1"}, {"attributes": {"type": "Account"}}]
    first, second = client.post("composite/sobjects", json={"records": records}).json()
    change = [{"attributes": {"type": "Account"}, "id": first["id"], "Name": "L2"}]
    changed = client.patch("composite/sobjects", json={"records": change}).json()
    deleted = client.delete("composite/sobjects", params={"ids": first["id"]}).json()

    assert (first["success"], second["success"]) == (True, False)
    assert {key: second["errors"][0][key] for key in ("statusCode", "message")} == {
        "statusCode": "REQUIRED_FIELD_MISSING",
        "message": "Required fields are missing: [Name]",
    }
    assert [{"id": first["id"], "success": True, "errors": []}] == changed == deleted


def test_a_list_with_all_or_none_writes_nothing_when_one_fails(client):
    """The good ones are told that they were rolled back."""
    before = client.org.count("Contact")
    records = [{"attributes": {"type": "Contact"}, "LastName": "Good"}, {"attributes": {"type": "Contact"}}]
    outcome = client.post("composite/sobjects", json={"allOrNone": True, "records": records}).json()

    assert [each["errors"][0]["statusCode"] for each in outcome] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert before == client.org.count("Contact")


def test_records_are_read_back_by_ids_in_their_order(client):
    """One call; null where nothing is found."""
    one, two = client.make("Account", Name="One"), client.make("Account", Name="Two")
    gone = client.make("Account", Name="Gone")
    client.delete(f"sobjects/Account/{gone}")
    answer = client.post("composite/sobjects/Account", json={"ids": [two, gone, one[:15]], "fields": ["Id", "name"]})

    assert [each and each["Name"] for each in answer.json()] == ["Two", None, "One"]


def test_too_many_records_are_refused(client):
    """200 to write, 2,000 to read."""
    many = [{"attributes": {"type": "Account"}, "Name": "x"}] * 201
    assert client.post("composite/sobjects", json={"records": many}).status_code == 400
    ids = ["001000000000000AAA"] * 2001
    assert client.post("composite/sobjects/Account", json={"ids": ids, "fields": ["Id"]}).status_code == 400


def test_describes_are_conditional(client):
    """304 while nothing changes, the whole describe after a change of metadata."""
    first = client.get("sobjects/Contact/describe")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    same = client.get("sobjects/Contact/describe", headers=since)
    client.post("/demo/fields", json={"object": "Contact", "field": "Champion__c", "type": "boolean"})
    changed = client.get("sobjects/Contact/describe", headers=since)

    assert (first.status_code, same.status_code, changed.status_code) == (200, 304, 200)
    assert (b"", first.headers["ETag"]) == (same.content, same.headers["ETag"])
    assert "Champion__c" in {field["name"] for field in changed.json()["fields"]}


def test_a_describe_has_every_key_of_the_recorded_one(client):
    """57 keys a field, all keys of the object."""
    known = recorded("describe/Opportunity_describe.json")
    body = client.get("sobjects/Opportunity/describe").json()

    assert set(known) == set(body)
    assert set(known["fields"][0]) == set(body["fields"][0])
    assert body["urls"]["describe"] == f"{BASE}/sobjects/Opportunity/describe"


def test_the_global_list_knows_the_objects_that_are_switched_on(client):
    """An object switched off is gone from the list and has no describe."""
    client.post("/demo/objects/Quote", json={"enabled": False})
    names = {each["name"] for each in client.get("sobjects").json()["sobjects"]}
    gone = client.get("sobjects/Quote/describe")
    client.post("/demo/objects/Quote", json={"enabled": True})

    assert {"Account", "Opportunity", "User"} <= names
    assert "Quote" not in names
    assert recorded("rest/restforce/sobject/sobject_describe_error_response.json") == gone.json()
    assert client.get("sobjects/Quote/describe").status_code == 200
    assert client.get("sobjects/Quote").json()["objectDescribe"]["keyPrefix"] == "0Q0"


def test_a_post_may_stand_for_another_method(client):
    """Clients that can't send PATCH or DELETE say so in the address."""
    record = client.make("Account", Name="Posted")
    changed = client.post(f"sobjects/Account/{record}", params={"_HttpMethod": "PATCH"}, json={"Name": "Patched"})
    read = client.get(f"sobjects/Account/{record}", params={"fields": "Name"}).json()
    deleted = client.post(f"sobjects/Account/{record}", params={"_HttpMethod": "DELETE"})

    assert (changed.status_code, read["Name"], deleted.status_code) == (204, "Patched", 204)


def test_the_layouts_a_describe_points_at_are_there(client):
    """Each address in a describe is answered; the one layout shows every field users see, with its describe."""
    urls = client.get("sobjects/Opportunity/describe").json()["urls"]
    answers = {name: client.get(url) for name, url in urls.items() if url.startswith("/") and "{" not in url}
    long, compact = answers["layouts"].json(), answers["compactLayouts"].json()
    (layout,) = long["layouts"]
    items = [item for row in layout["detailLayoutSections"][0]["layoutRows"] for item in row["layoutItems"]]
    shown = {part["value"]: part["details"]["type"] for item in items for part in item["layoutComponents"]}
    (head,) = compact["compactLayouts"]

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert (shown["Name"], shown["Amount"], shown["CloseDate"]) == ("string", "currency", "date")
    assert layout == client.get(long["recordTypeMappings"][0]["urls"]["layout"]).json()
    assert head["fieldItems"][0]["layoutComponents"][0]["value"] == "Name"
    assert head == client.get(compact["urls"]["primary"]).json()
    assert head == client.get(compact["recordTypeCompactLayoutMappings"][0]["urls"]["compactLayout"]).json()
    assert error_of(client.get("sobjects/OpportunityHistory/describe/layouts"))[:2] == (404, "NOT_FOUND")
