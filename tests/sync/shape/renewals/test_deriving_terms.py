"""From a customer's records to its terms: which record tells the last day, the value, and what continues what."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.renewals.ledger import Ledger
from models.renewals.problem import Fault
from models.renewals.term import Confidence, Kind, Provenance, Step
from models.term import KnownTerm
from sync.shape.lookup import map_fields
from sync.shape.mapping import AmountMeans, BriefMapping
from sync.shape.renewals.book import Book, Org
from sync.shape.renewals.derive import derive_terms
from sync.shape.renewals.fields import fields_of

LABELS = {
    ("Opportunity", name): name
    for name in (
        "ARR__c", "MRR__c", "TCV__c", "Start_Date__c", "Term_Months__c", "Renewal_Date__c", "Renewed_Opportunity__c",
        "ARR_Up_For_Renewal__c", "SBQQ__RenewedContract__c",
    )
} | {("Contract", name): name for name in ("Evergreen__c", "Auto_Renew__c", "ARR__c", "Annual_Uplift__c")}  # fmt: skip
FIRST, SECOND, THIRD = (f"006{number:012}AAA" for number in (1, 2, 3))
CONTRACT, OTHER = (f"800{number:012}AAA" for number in (1, 2))


def org(**values: Any) -> Org:
    """An org with the usual fields, in Tokyo."""
    given = {"mapping": BriefMapping(), "currency": "USD", "time_zone": ZoneInfo("Asia/Tokyo"), **values}
    return Org(fields=fields_of(LABELS, map_fields(LABELS, frozenset(), given["mapping"])), **given)


def deal(record_id: str = FIRST, *, arr: Any = 100, **values: Any) -> dict[str, Any]:
    """A won deal of July 2025; names that end in __c are the org's own fields."""
    custom = {name: values.pop(name) for name in list(values) if name.endswith("__c")}
    given = {"closedate": date(2025, 7, 20), "stagename": "Closed Won", "type": "New Business", **values}
    return {"id": record_id, "custom": {"ARR__c": arr, **custom}, **given}


def contract(record_id: str = CONTRACT, **values: Any) -> dict[str, Any]:
    """An activated contract from August 2025 to July 2026."""
    custom = {name: values.pop(name) for name in list(values) if name.endswith("__c")}
    dates = {"startdate": date(2025, 8, 1), "enddate": date(2026, 7, 31), "contractterm": 12}
    return {"id": record_id, "status": "Activated", "statuscode": "Activated", "custom": custom, **dates, **values}


def derived(*deals: dict[str, Any], about: Org | None = None, **parts: Any) -> dict[str, KnownTerm]:
    """The terms of a customer with these records."""
    contracts = {each["id"]: each for each in parts.pop("contracts", ())}
    book = Book(org=about or org(), customer_id="001", deals=deals, contracts=contracts, **parts)
    return {each.term.term_id: each for each in derive_terms(book)}


def only(found: dict[str, KnownTerm]) -> KnownTerm:
    """The one term there is."""
    [known] = found.values()
    return known


def test_the_contract_comes_first_and_the_term_says_so():
    """Whoever doubts a date finds the field that told it."""
    found = only(derived(deal(contractid=CONTRACT, Renewal_Date__c="2026-01-01"), contracts=[contract()]))

    assert (found.term.start, found.term.due, found.term.atr) == (date(2025, 8, 1), date(2026, 7, 31), 100)
    assert (found.term.provenance, found.term.confidence) == (Provenance.CONTRACT, Confidence.HIGH)
    assert found.why == (
        {"of": "due_on", "object": "Contract", "field": "EndDate", "record_id": CONTRACT},
        {"of": "atr", "object": "Opportunity", "field": "ARR__c", "record_id": FIRST},
    )
    assert found.term.is_active


@pytest.mark.parametrize(
    ("given", "due", "provenance", "confidence"),
    [
        ({"Renewal_Date__c": "2026-06-30"}, date(2026, 6, 30), Provenance.EXPLICIT_FIELDS, Confidence.MEDIUM),
        (
            {"Start_Date__c": "2025-08-01", "Term_Months__c": 24.0},
            date(2027, 7, 31), Provenance.START_AND_TERM, Confidence.MEDIUM,
        ),
        ({"Term_Months__c": "1 year"}, date(2026, 7, 19), Provenance.START_AND_TERM, Confidence.LOW),
        ({}, None, None, Confidence.LOW),
    ],
)  # fmt: skip
def test_without_a_contract_the_next_record_tells(given, due, provenance, confidence):
    """The less sure a day is, the lower its confidence; none is invented."""
    found = only(derived(deal(**given))).term

    assert (found.due, found.provenance, found.confidence) == (due, provenance, confidence)


def test_a_contract_without_an_end_is_told_by_its_term_then_by_its_orders():
    """Start and months first, as Salesforce computes it: from 31 January a month ends with February."""
    by_term = contract(enddate=None, startdate=date(2026, 1, 31), contractterm=1)
    by_order = contract(enddate=None, contractterm=None)
    orders = {CONTRACT: [{"id": "801", "enddate": date(2026, 5, 31)}]}

    assert only(derived(deal(contractid=CONTRACT), contracts=[by_term])).term.due == date(2026, 2, 28)
    found = only(derived(deal(contractid=CONTRACT), contracts=[by_order], orders=orders)).term
    assert (found.due, found.provenance) == (date(2026, 5, 31), Provenance.ORDER)


def test_the_close_date_of_an_open_renewal_is_the_last_resort():
    """It is a guess of sales, and has the lowest confidence."""
    draft = deal(SECOND, closedate=date(2026, 8, 15), Renewed_Opportunity__c=FIRST)
    found = only(derived(deal(), drafts=[draft])).term

    assert (found.due, found.provenance, found.confidence) == (
        date(2026, 8, 15), Provenance.RENEWAL_CLOSE_DATE, Confidence.LOW,
    )  # fmt: skip


def test_the_signature_of_the_customer_counts_then_the_day_of_the_win_where_the_org_is():
    """At 20:00 UTC it is the next day in Tokyo."""
    won = {"id": "008", "stagename": "Closed Won", "createddate": datetime(2025, 7, 15, 20, tzinfo=UTC)}
    by_win = only(derived(deal(), history={FIRST: [won]})).term
    signed = contract(customersigneddate=date(2025, 7, 9))
    by_hand = only(derived(deal(contractid=CONTRACT), contracts=[signed], history={FIRST: [won]})).term

    assert by_win.signed_on == date(2025, 7, 16)
    assert by_hand.signed_on == date(2025, 7, 9)
    assert only(derived(deal())).term.signed_on == date(2025, 7, 20)


def test_an_upsell_under_the_contract_is_annual_value_from_its_start_and_no_term_of_its_own():
    """What is invoiced for the rest of the year does not matter."""
    more = deal(SECOND, arr=50, type="Upsell", contractid=CONTRACT, amount=25, Start_Date__c="2026-02-01")
    found = only(derived(more, deal(contractid=CONTRACT), contracts=[contract()]))

    assert found.term.steps == (Step(date(2025, 8, 1), Decimal(100)), Step(date(2026, 2, 1), Decimal(150)))
    assert (found.deal_id, found.deal_ids) == (FIRST, (FIRST, SECOND))


def test_a_contracted_rise_comes_with_each_anniversary_and_is_marked():
    """Five percent a year on the value of then."""
    years = contract(enddate=date(2028, 7, 31), contractterm=36, Annual_Uplift__c=5)
    found = only(derived(deal(contractid=CONTRACT), contracts=[years])).term

    assert [(step.on.year, step.arr, step.is_escalator) for step in found.steps] == [
        (2025, 100, False), (2026, 105, True), (2027, Decimal("110.25"), True),
    ]  # fmt: skip


def test_what_an_amount_means_is_asked_and_not_guessed():
    """Without a field for the value, and nobody saying what amounts mean, there is no value: it is listed."""
    whole = deal(arr=None, amount=Decimal(300), Start_Date__c="2025-08-01", Term_Months__c=36)
    unknown = only(derived(whole)).term
    values = {
        means: only(derived(whole, about=org(mapping=BriefMapping(amount_means=means)))).term.atr
        for means in AmountMeans
    }

    assert [problem.fault for problem in Ledger([unknown]).problems] == [Fault.NO_VALUE]
    assert values == {AmountMeans.TCV: 100, AmountMeans.ACV: 300, AmountMeans.ARR: 300}
    assert only(derived(deal(arr=None, MRR__c=10, Term_Months__c=12))).term.atr == 120
    assert only(derived(deal(arr=None, TCV__c=240, Term_Months__c=24))).term.atr == 120


def test_the_value_on_the_last_day_can_be_said_outright():
    """A field for what is up for renewal wins over what follows from the deals."""
    found = only(derived(deal(contractid=CONTRACT, ARR_Up_For_Renewal__c=90), contracts=[contract()])).term

    assert (found.first_arr, found.atr) == (100, 90)


def test_the_value_of_a_contract_is_the_whole_of_it():
    """Its upsells are in it already."""
    more = deal(SECOND, arr=50, type="Upsell", contractid=CONTRACT)
    found = only(derived(deal(arr=None, contractid=CONTRACT), more, contracts=[contract(ARR__c=140)])).term

    assert found.atr == 140


def test_deals_of_one_contract_in_two_currencies_are_listed():
    """They can't be added up."""
    more = deal(SECOND, type="Upsell", contractid=CONTRACT, currencyisocode="EUR")
    found = only(derived(deal(contractid=CONTRACT), more, contracts=[contract()])).term

    assert found.currency == "XXX"


@pytest.mark.parametrize("kind", ["Pilot", "Paid trial"])
def test_pilots_are_told_by_their_type(kind):
    """A trial is no customer yet."""
    assert only(derived(deal(type=kind))).term.kind is Kind.PILOT


def test_services_are_told_by_what_was_sold():
    """A deal with nothing but training never renews."""
    items = {FIRST: [{"id": "00k", "product2id": "01t", "totalprice": Decimal(9000)}]}

    assert only(derived(deal(), items=items, families={"01t": "Services"})).term.kind is Kind.ONE_OFF
    assert only(derived(deal(), items=items, families={"01t": "Software"})).term.kind is Kind.FIXED


def test_an_evergreen_contract_has_no_last_day_and_is_no_problem():
    """A contract that only lacks its end is one."""
    endless = contract(enddate=None, contractterm=None)
    said = contract(enddate=None, contractterm=None, Evergreen__c=True)

    assert only(derived(deal(contractid=CONTRACT), contracts=[said])).term.kind is Kind.EVERGREEN
    lacking = only(derived(deal(contractid=CONTRACT), contracts=[endless])).term
    assert [problem.fault for problem in Ledger([lacking]).problems] == [Fault.NO_DUE_DAY]


def after(record_id: str = SECOND, **values: Any) -> dict[str, Any]:
    """A renewal that begins in August 2026."""
    return deal(record_id, **{"type": "Renewal", "Start_Date__c": "2026-08-01", "Term_Months__c": 12, **values})


def test_a_renewal_is_linked_by_contract_by_lookup_and_else_by_the_day():
    """What nobody wrote down is inferred, and says so by its confidence."""
    old = deal(contractid=CONTRACT)
    by_contract = derived(old, after(SBQQ__RenewedContract__c=CONTRACT[:15]), contracts=[contract()])[SECOND]
    by_lookup = derived(old, after(Renewed_Opportunity__c=FIRST), contracts=[contract()])[SECOND]
    by_day = derived(old, after(), contracts=[contract()])[SECOND]

    assert [each.term.renews for each in (by_contract, by_lookup, by_day)] == [(CONTRACT,)] * 3
    assert by_lookup.term.confidence is Confidence.MEDIUM
    assert by_day.term.confidence is Confidence.LOW
    assert {"of": "renews", "object": "Opportunity", "field": "AccountId", "record_id": SECOND} in by_day.why


def test_nothing_is_inferred_beyond_ninety_days_or_for_what_is_no_renewal():
    """A new deal of an old customer is not its renewal by chance."""
    old = deal(contractid=CONTRACT)

    assert derived(old, after(Start_Date__c="2026-10-29"), contracts=[contract()])[SECOND].term.renews == (CONTRACT,)
    assert derived(old, after(Start_Date__c="2026-10-30"), contracts=[contract()])[SECOND].term.renews == ()
    assert derived(old, after(type="New Business"), contracts=[contract()])[SECOND].term.renews == ()


def test_one_term_is_inferred_to_be_renewed_once():
    """Two renewals of the same day don't both continue the same term by guess."""
    found = derived(deal(contractid=CONTRACT), after(), after(THIRD), contracts=[contract()])

    assert sorted(found[key].term.renews for key in (SECOND, THIRD)) == [(), (CONTRACT,)]


def test_a_renewal_that_prolongs_the_same_contract_is_a_term_of_its_own():
    """Where the end of a contract is moved, the first term ends on the day before the renewal begins."""
    moved = contract(enddate=date(2027, 7, 31), contractterm=24)
    found = derived(deal(contractid=CONTRACT), after(contractid=CONTRACT, arr=120), contracts=[moved])

    assert (found[CONTRACT].term.due, found[CONTRACT].term.atr) == (date(2026, 7, 31), 100)
    assert (found[SECOND].term.start, found[SECOND].term.due) == (date(2026, 8, 1), date(2027, 7, 31))
    assert found[SECOND].term.renews == (CONTRACT,)
    unmoved = derived(deal(contractid=CONTRACT), after(contractid=CONTRACT), contracts=[contract()])
    assert (unmoved[CONTRACT].term.due, unmoved[SECOND].term.due) == (date(2026, 7, 31), date(2027, 7, 31))


def test_a_contract_that_no_deal_names_belongs_to_the_one_deal_of_its_time():
    """With less confidence; where two deals could be meant it belongs to neither."""
    alone = only(derived(deal(), contracts=[contract()]))
    two = derived(deal(), deal(SECOND), contracts=[contract()])

    assert (alone.term.term_id, alone.term.confidence) == (CONTRACT, Confidence.MEDIUM)
    assert set(two) == {FIRST, SECOND}
