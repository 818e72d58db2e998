"""When faults strike: what they match, how often, at random, out of a file; and that they leave no trace."""

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_client import BASE, client_of, error_of

from demo_org.clock import Clock
from demo_org.faults import KINDS, Call, Faults, read_file

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TESTS = Path(__file__).parent
OUTAGE = {"kind": "maintenance_503"}


@pytest.fixture
def faults():
    return Faults(Clock(frozen_at=NINE))


def query(object_name="Account", *, part=False, agent="", method="GET"):
    target = f"{BASE}/query?q=SELECT+Id+FROM+{object_name}"
    statement = f"SELECT Id FROM {object_name}"
    return Call(
        method=method, target=target, kind="query", object_name=object_name, statement=statement, part=part,
        headers={"user-agent": agent},
    )  # fmt: skip


def struck(faults, *calls):
    """The kinds that strike each call."""
    return [[each.kind.name for each in faults.strike(call)] for call in calls]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_has_a_test_and_says_what_it_does(kind):
    """What is not tried can't be relied on: each kind is named in a test of its own group."""
    sources = "".join(path.read_text(encoding="utf-8") for path in TESTS.glob("test_faults*.py"))

    assert re.search(rf"\b{kind.name}\b", sources), f"no test names {kind.name}"
    assert re.fullmatch(r"[A-Z0-9].*\.", kind.doc)
    assert all(each.doc for each in kind.parameters.values())


@pytest.mark.parametrize(
    ("described", "other"),
    [
        ({"object": "account"}, query("Contact")),
        ({"object": ["Lead", "Account"]}, query("Contact")),
        ({"path": "FROM.Account"}, query("Contact")),
        ({"method": "get"}, query(method="POST")),
        ({"statement": "FROM Account"}, query("Contact")),
        ({"call": "query"}, Call(method="GET", target=f"{BASE}/limits", kind="limits")),
        ({"agent": "baton"}, query(agent="somebody")),
        ({"part": False}, query(part=True)),
    ],
)
def test_a_fault_strikes_what_it_matches_and_nothing_else(faults, described, other):
    """By object, path, method, kind of call, client, and whether it is a part of a composite call."""
    faults.replace([{"kind": "query_timeout", "times": 0} | described])

    assert struck(faults, query(agent="baton/1"), other, query(agent="baton/1")) == [
        ["query_timeout"],
        [],
        ["query_timeout"],
    ]


def test_a_fault_strikes_as_often_as_it_was_told(faults):
    """Once unless told otherwise, the nth only, or for ever."""
    faults.replace([OUTAGE | {"times": 2}])
    assert struck(faults, *[query()] * 3) == [["maintenance_503"]] * 2 + [[]]

    faults.replace([OUTAGE | {"nth": [2, 4], "times": 0}])
    assert [bool(each) for each in struck(faults, *[query()] * 5)] == [False, True, False, True, False]

    faults.replace([OUTAGE | {"times": 0}])
    assert all(struck(faults, *[query()] * 20))


def test_a_fault_lasts_from_one_instant_to_another_by_the_orgs_clock():
    """Outages of a story are written down beforehand."""
    clock = Clock(frozen_at=NINE)
    faults = Faults(clock)
    faults.replace([OUTAGE | {"times": 0, "from": "2026-03-02T09:10:00Z", "until": "2026-03-02T09:20:00Z"}])
    found = []
    for minute in (0, 10, 19, 20):
        clock.freeze(NINE.replace(minute=minute))
        found += [bool(each) for each in struck(faults, query())]

    assert found == [False, True, True, False]


def test_several_faults_strike_one_call_with_one_answer_among_them(faults):
    """A slow outage of an org whose clock is off: but never two answers."""
    faults.replace([OUTAGE, {"kind": "date_skewed"}, {"kind": "slow"}, {"kind": "login_page"}, {"kind": "hang"}])

    assert struck(faults, query(), query()) == [["maintenance_503", "date_skewed", "slow"], ["login_page", "hang"]]


def test_faults_are_added_to_those_that_wait(faults):
    """A story of troubles is told step by step; setting faults anew ends all former ones."""
    faults.replace([OUTAGE | {"times": 2}])
    first = struck(faults, query())
    faults.add([{"kind": "slow"}])
    both = struck(faults, query())
    faults.add([{"kind": "login_page"}])
    faults.replace([])

    assert (first, both) == ([["maintenance_503"]], [["maintenance_503", "slow"]])
    assert faults.idle


def test_what_struck_is_told_in_order(faults):
    """The log tells what a client had to cope with."""
    faults.replace([OUTAGE | {"name": "Monday", "object": "Contact"}])
    struck(faults, query(), query("Contact"))

    assert faults.log() == [
        {
            "number": 1,
            "at": "2026-03-02T09:00:00.000Z",
            "kind": "maintenance_503",
            "name": "Monday",
            "method": "GET",
            "target": f"{BASE}/query?q=SELECT+Id+FROM+Contact",
            "call": "query",
            "object": "Contact",
            "part": False,
        }
    ]


EVENT_KINDS = [kind.name for kind in KINDS.values() if kind.of_events]
assert EVENT_KINDS == [
    "event_duplicated", "event_reordered", "event_lost", "event_gap", "event_overflow", "event_undecodable",
    "stream_ended", "replay_expired", "replay_corrupted", "stream_refused", "stream_unauthenticated",
]  # fmt: skip


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_faults_of_events_strike_deliveries_and_subscriptions_only(faults, kind):
    """One engine for all wires: whoever delivers events asks it, requests are left alone."""
    faults.replace([{"kind": kind, "object": "Account", "times": 0}])
    moments = {
        moment: [faults.event(moment, topic="/data/ChangeEvents", object_name=name) for name in ("Account", "Lead")]
        for moment in ("DELIVER", "SUBSCRIBE")
    }

    assert struck(faults, query()) == [[]]
    assert [None, None] in moments.values()
    assert [kind, None] in moments.values()


@pytest.mark.parametrize(
    ("described", "message"),
    [
        ({"kind": "maintenance"}, "there is no fault 'maintenance'; did you mean maintenance_503 or maintenance_page?"),
        ({"kind": "slow", "second": 2}, "slow has no 'second'; did you mean seconds"),
        ({"kind": "slow", "seconds": "2"}, "slow: seconds can't be '2'; it is how late"),
        ({"kind": "slow", "times": True}, "slow: times can't be True"),
        ({"kind": "slow", "times": -1}, "slow: times can't be below 0"),
        ({"kind": "slow", "path": "("}, "path is no regular expression"),
        ({"kind": "slow", "from": "noon"}, "from is no instant"),
        ("slow", "a fault is an object such as"),
    ],
)
def test_a_slip_in_a_fault_is_told_with_what_is_known(faults, described, message):
    """A fault that silently never strikes would make a test prove nothing."""
    with pytest.raises(Exception, match=re.escape(message)):
        faults.replace([described])


def test_faults_come_out_of_a_file(tmp_path, faults):
    """TOML with instants, for a demonstration or a soak test."""
    file = tmp_path / "faults.toml"
    file.write_text(
        """
        [[faults]]
        name = "Monday's outage"
        kind = "maintenance_503"
        times = 0
        until = 2026-03-02T10:00:00Z

        [random]
        seed = 7
        rate = 1.0
        kinds = ["date_skewed"]
        """,
        encoding="utf-8",
    )
    faults.replace(read_file(file))

    assert struck(faults, query()) == [["maintenance_503", "date_skewed"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[fault]]", "there is no table fault; write [[faults]] and [random]"),
        ("[[faults]]\nkind = 'slo'", "there is no fault 'slo'; did you mean slow?"),
        ("[[faults]", "Expected ']]'"),
        ("[random]\nkinds = ['hangs']", "there is no fault 'hangs'; did you mean hang"),
    ],
)
def test_a_bad_file_of_faults_is_told_in_a_sentence(tmp_path, text, message):
    """Before the org starts, not when the fault should strike."""
    file = tmp_path / "faults.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match=re.escape(message)):
        read_file(file)


@given(
    seed=st.integers(0, 2**31), rate=st.floats(0, 1), names=st.lists(st.sampled_from(["Account", "Lead"]), max_size=40)
)
def test_the_same_seed_and_the_same_calls_give_the_same_faults(seed, rate, names):
    """A soak test that failed can be run again."""
    logs = []
    for _ in range(2):
        faults = Faults(Clock(frozen_at=NINE))
        faults.replace({"random": {"seed": seed, "rate": rate}})
        for name in names:
            faults.strike(query(name))
        logs.append(faults.log())

    assert logs[0] == logs[1]
    assert len(logs[0]) <= len(names) if rate < 1 else len(logs[0]) == len(names)


def test_other_seeds_give_other_faults(faults):
    """And about as many as the rate says."""
    found = []
    for seed in (1, 2):
        faults.replace({"random": {"seed": seed, "rate": 0.3}})
        found.append(struck(faults, *[query()] * 500))

    assert found[0] != found[1]
    assert all(100 < sum(map(bool, each)) < 200 for each in found)


@pytest.fixture(scope="module")
def client():
    with client_of(bulk_delay=0.0) as client:
        account = client.make("Account", Name="Acme")
        client.org.load("Contact", ["LastName", "AccountId"], [[f"P{n}", account] for n in range(450)])
        yield client


def work(client):
    """What a reading client does; errors are the point of it."""
    part = {"method": "GET", "url": f"{BASE}/query?q=SELECT+Id,Name+FROM+Contact", "referenceId": "one"}
    job = {"operation": "query", "query": "SELECT Id FROM Contact"}
    asks = [
        lambda: client.grant("client_credentials", client_secret=client.credentials.client_secret),
        lambda: client.get("sobjects"),
        lambda: client.get("sobjects/Contact/describe"),
        lambda: client.query("SELECT Id, Name FROM Contact", **{"Sforce-Query-Options": "batchSize=200"}),
        lambda: client.get(
            client.query("SELECT Id FROM Contact", **{"Sforce-Query-Options": "batchSize=200"})["nextRecordsUrl"]
        ),
        lambda: client.post("composite", json={"compositeRequest": [part]}),
        lambda: client.get(f"jobs/query/{client.post('jobs/query', json=job).json()['id']}"),
    ]
    for ask in asks:
        try:
            ask()
        except (httpx.HTTPError, ValueError, LookupError, TypeError):
            continue


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000),
    rate=st.floats(0.1, 1),
    kinds=st.lists(
        # Those two would make this test wait: for the client's patience, for the server to listen again.
        st.sampled_from(sorted({name for name, kind in KINDS.items() if not kind.changes_truth} - {"hang", "refused"})),
        min_size=1,
        max_size=8,
    ),
)
def test_no_mixture_of_faults_changes_the_truth_and_none_outlives_its_end(client, seed, rate, kinds):
    """Whatever a client had to bear, the org's records are what they were, and afterwards all is well."""
    before = client.get("/demo/truth/Contact").json()
    chosen = [{"kind": kind, "seconds": 0.01} if kind == "slow" else kind for kind in kinds]
    client.post("/demo/faults", json={"random": {"seed": seed, "rate": rate, "kinds": chosen}}).raise_for_status()
    work(client)
    client.delete("/demo/faults").raise_for_status()

    client.log_in()
    assert client.get("/demo/truth/Contact").json() == before
    assert client.query("SELECT Id, Name FROM Contact")["totalSize"] == 450
    assert client.bulk("SELECT Id FROM Contact")["numberRecordsProcessed"] == 450
    assert client.get("/demo/faults/log").json() == []


def test_a_statement_can_be_too_slow_until_it_asks_for_less(client):
    """A sync splits a reading that times out; Bulk jobs are known by their statements, too."""
    fault = {"kind": "query_timeout", "times": 0, "statement": "^(?!.*WHERE).*FROM Contact"}
    client.patch("/demo/faults", json=[fault]).raise_for_status()
    job = {"operation": "query"}
    whole, part = "SELECT Id FROM Contact", "SELECT Id FROM Contact WHERE LastName LIKE 'P1%'"
    statuses = [
        [client.get("query", params={"q": each}).status_code for each in (whole, part)],
        [client.post("jobs/query", json=job | {"query": each}).status_code for each in (whole, part)],
    ]
    client.delete("/demo/faults")

    assert statuses == [[400, 200], [400, 200]]


def test_kinds_are_listed_with_their_parameters(client):
    """Whoever writes faults can ask the org what there is."""
    listed = client.get("/demo/faults/kinds").json()

    assert [each["kind"] for each in listed["kinds"]] == list(KINDS)
    assert listed["matching"]["times"] == {"default": 1, "doc": "strikes in all; 0 is for ever"}
    assert error_of(client.post("/demo/faults", json={"random": {"sed": 1}}))[2].startswith("random has no 'sed'")
