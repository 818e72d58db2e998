import pytest
from wire_client import BASE, error_of


def node(reference, url, method="POST", **body):
    return {"referenceId": reference, "url": f"{BASE}/sobjects/{url}", "method": method} | (
        {"body": body} if body else {}
    )


def graph(name, *nodes):
    return {"graphId": name, "compositeRequest": list(nodes)}


def ask(client, *graphs):
    answer = client.post("composite/graph", json={"graphs": list(graphs)})
    assert answer.status_code == 200, answer.text
    return answer.json()["graphs"]


def test_graphs_succeed_and_fail_on_their_own(client):
    """A failing node undoes its graph, and the other nodes say so; the next graph is kept."""
    client.post("/demo/calls/reset", json={})
    bad, good = ask(
        client,
        graph("bad", node("a", "Account/", Name="Undone"), node("c", "Contact/", AccountId="@{a.id}")),
        graph("good", node("a", "Account", Name="Kept"), node("c", "Contact", LastName="Doe", AccountId="@{a.id}")),
    )
    failed = bad["graphResponse"]["compositeResponse"]
    made = good["graphResponse"]["compositeResponse"]

    assert (bad["graphId"], bad["isSuccessful"], good["isSuccessful"]) == ("bad", False, True)
    assert [each["body"][0]["errorCode"] for each in failed] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert failed[0]["body"][0]["message"] == (
        "The transaction was rolled back since another operation in the same transaction failed."
    )
    assert [each["httpStatusCode"] for each in made] == [201, 201]
    assert client.query("SELECT count() FROM Account WHERE Name = 'Undone'")["totalSize"] == 0
    assert client.get("/demo/calls").json()["total"] == 2


def test_nodes_may_stand_in_any_order(client):
    """What a node refers to is carried out first; the answer keeps the order of the request."""
    (answered,) = ask(
        client,
        graph("g", node("c", "Contact", LastName="Doe", AccountId="@{a.id}"), node("a", "Account", Name="Later")),
    )
    contact, account = answered["graphResponse"]["compositeResponse"]

    assert answered["isSuccessful"]
    assert (contact["referenceId"], account["referenceId"]) == ("c", "a")
    stored = client.get(f"sobjects/Contact/{contact['body']['id']}").json()
    assert stored["AccountId"] == account["body"]["id"]


def test_after_fifteen_failed_graphs_the_rest_is_not_tried(client):
    """The limit of failures is 14; what comes after it is halted."""
    before = client.org.count("Account")
    graphs = [graph(f"g{n}", node("c", "Contact", FirstName="No last name")) for n in range(15)]
    *failed, last = ask(client, *graphs, graph("last", node("a", "Account", Name="Never")))

    assert not any(each["isSuccessful"] for each in [*failed, last])
    assert last["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert before == client.org.count("Account")


def chain(length):
    return [node("n1", "Account", Name="x")] + [
        node(f"n{n}", "Account", Name="x", ParentId=f"@{{n{n - 1}.id}}") for n in range(2, length + 1)
    ]


@pytest.mark.parametrize(
    ("graphs", "code"),
    [
        ([graph(f"g{n}", node("a", "Account", Name="x")) for n in range(76)], "LIMIT_EXCEEDED"),
        ([graph("g", *[node(f"n{n}", "Account", Name="x") for n in range(501)])], "LIMIT_EXCEEDED"),
        ([graph("g", *chain(16))], "LIMIT_EXCEEDED"),
        ([graph("g", node("a", "Account", Name="@{b.id}"), node("b", "Account", Name="@{a.id}"))], "INVALID_INPUT"),
        ([graph("g", node("a", "Account", Name="x")), graph("g", node("a", "Account", Name="x"))], "INVALID_INPUT"),
        ([graph("g", node("a", "Account/describe", method="PUT"))], "INVALID_INPUT"),
        ([graph("g", {"referenceId": "q", "url": f"{BASE}/query?q=SELECT+Id+FROM+Account", "method": "GET"})],
         "INVALID_INPUT"),
        ([{"compositeRequest": [node("a", "Account", Name="x")]}], "JSON_PARSER_ERROR"),
        ([], "INVALID_INPUT"),
    ],
)  # fmt: skip
def test_graphs_outside_their_limits_are_refused_whole(client, graphs, code):
    """75 graphs, 500 nodes, 15 levels, no cycles, nothing but records."""
    before = client.org.count("Account")

    assert error_of(client.post("composite/graph", json={"graphs": graphs}))[:2] == (400, code)
    assert before == client.org.count("Account")


def test_a_graph_may_be_fifteen_levels_deep(client):
    """One more is refused, fifteen are not."""
    (answered,) = ask(client, graph("g", *chain(15)))

    assert answered["isSuccessful"]
