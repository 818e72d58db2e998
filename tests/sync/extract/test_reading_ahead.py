"""Many sets of children are read side by side and ahead of who stores them, for no more calls than one by one."""

import threading
from datetime import timedelta

import pytest
from tiny_org import NOW, TinyOrg, selection_of

from sync.errors import ResultTruncated
from sync.extract.aggregate import PARENTS_PER_QUERY, children
from sync.extract.parts import CALLS_AT_ONCE
from sync.salesforce.composite import MAX_QUERIES
from sync.scope.catalog import STANDARD

CHILDREN = ("OpportunityLineItem", "OpportunityContactRole", "OpportunityHistory")
ALL = {name: selection_of(name) for name in CHILDREN}
PATIENCE = 10  # seconds until a call gives up waiting for its neighbour


def deals(count):
    return [f"006{number:015d}" for number in range(count)]


def lines(parents, *, each=1):
    return [
        {"Id": f"00k{number:06d}{parent[9:]}", "OpportunityId": parent, "SystemModstamp": stamp()}
        for parent in parents
        for number in range(each)
    ]


def stamp():
    return (NOW - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def read(org, parents, *names):
    return children(org, STANDARD, ALL, dict.fromkeys(names or CHILDREN, parents))


def test_sets_come_object_by_object_and_in_the_order_of_their_parents():
    """Whoever stores them can finish one object before the next begins."""
    org = TinyOrg()
    parents = deals(9 * PARENTS_PER_QUERY)
    org.rows["OpportunityLineItem"] = lines(parents)

    sets = list(read(org, parents))

    assert [each.object_name for each in sets] == [name for name in CHILDREN for _ in range(9)]
    assert [parent for each in sets[:9] for parent in each.parent_ids] == parents
    assert sum(len(each.records) for each in sets) == len(parents)


@pytest.mark.parametrize("each", [1, 3])
def test_reading_side_by_side_costs_no_more_calls(each):
    """Every call is billed, so none is sent that is half full while another might fill it."""
    org = TinyOrg(batch=PARENTS_PER_QUERY)
    parents = deals(4 * PARENTS_PER_QUERY)
    org.rows["OpportunityLineItem"] = lines(parents, each=each)

    assert len(list(read(org, parents))) == 4 * len(CHILDREN)

    pages = 4 * each + 4 * (len(CHILDREN) - 1)
    assert len(org.calls) <= -(-pages // MAX_QUERIES) + 1


def test_several_calls_are_under_way_together():
    """An org far away answers a burst of changed deals as fast as calls side by side allow."""
    together = threading.Barrier(CALLS_AT_ONCE)
    org = TinyOrg()
    org.on_call = lambda: together.wait(PATIENCE) if len(org.calls) <= CALLS_AT_ONCE else None

    sets = list(read(org, deals(CALLS_AT_ONCE * MAX_QUERIES * PARENTS_PER_QUERY), "OpportunityLineItem"))

    assert len(sets) == CALLS_AT_ONCE * MAX_QUERIES


def test_the_next_sets_are_read_while_one_is_stored_but_not_all_of_them():
    """Nobody waits for the org while the store works, and what waits fits into memory."""
    org = TinyOrg()
    calls = 20
    asked = threading.Semaphore(0)
    org.on_call = asked.release
    sets = read(org, deals(calls * MAX_QUERIES * PARENTS_PER_QUERY), "OpportunityLineItem")

    next(sets)
    ahead = 0
    while ahead <= 1 and asked.acquire(timeout=PATIENCE):
        ahead += 1

    assert ahead > 1
    assert len(org.calls) < 3 * CALLS_AT_ONCE
    sets.close()
    assert len(org.calls) < 3 * CALLS_AT_ONCE


def test_an_incomplete_set_among_many_is_an_error():
    """What came before it was complete and may have been stored; the pass that stored it is undone."""
    org = TinyOrg(batch=5)
    parents = deals(8 * PARENTS_PER_QUERY)
    org.rows["OpportunityLineItem"] = lines(parents[-1:], each=20)
    org.on_call = lambda: org.rows["OpportunityLineItem"].pop() if len(org.calls) == 3 else None

    with pytest.raises(ResultTruncated):
        list(read(org, parents, "OpportunityLineItem"))


def test_what_a_call_raises_reaches_who_asked():
    """A spent budget or a lost session in a thread is as loud as anywhere."""
    org = TinyOrg()

    def refuse():
        if len(org.calls) == 2:
            raise RuntimeError("no more")

    org.on_call = refuse

    with pytest.raises(RuntimeError, match="no more"):
        list(read(org, deals(30 * PARENTS_PER_QUERY)))
