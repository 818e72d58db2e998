"""What people choose about the lines of a brief counts; what they leave out is found by what fields are called."""

from decimal import Decimal
from typing import Any

import pytest
from aggregates import ANA, BEN, row, won_deal
from test_shape_brief import item, rules

from sync.errors import MappingInvalid
from sync.shape.mapping import BriefMapping, problems_of, read_mapping, write_mapping
from sync.shape.suggest import OrgField, mapped_lines, suggestions

DOCUMENT = {
    "amount_means": "arr",
    "heavy_discount_percent": 15,
    "fields": {"success_criteria": ["Opportunity.Goals__c", "Account.Goals__c"], "champion": []},
    "roles": {"champion": ["Fan"]},
    "families": {"Platform": "recurring", "Days": "one_off"},
}
KNOWN = {("Opportunity", "Goals__c"): "textarea", ("Account", "Goals__c"): "textarea"}


def chosen(**parts: Any) -> BriefMapping:
    """A mapping."""
    return read_mapping(parts)


def problems(**parts: Any) -> str:
    """What is wrong with a mapping as a document."""
    with pytest.raises(MappingInvalid) as refused:
        read_mapping(parts)
    return " ".join(refused.value.problems)


def test_a_mapping_is_read_back_as_it_was_written():
    """What is exported can be applied."""
    assert write_mapping(read_mapping(DOCUMENT)) == DOCUMENT
    assert write_mapping(read_mapping({})) == {}


def test_a_chosen_field_fills_its_line_although_its_name_says_nothing():
    """The second field fills where the first is empty."""
    mapping = chosen(fields={"success_criteria": ["Opportunity.Zz_1__c", "Account.Zz_2__c"]})
    customer = row("001", name="Acme", custom={"Zz_2__c": "Rotas in May"})
    found = item(won_deal(mapping=mapping, customer=customer), "what_success_means", "success_criteria")

    assert (found["value"], found["source"]["object"]) == ("Rotas in May", "Account")


def test_a_line_that_was_given_no_field_is_not_filled_by_its_name():
    """People can say that a field with the right name means something else."""
    found = item(won_deal(mapping=chosen(fields={"success_criteria": []})), "what_success_means", "success_criteria")

    assert (found["value"], found["state"]) == (None, "not_mapped")


def test_a_field_of_salesforces_own_can_be_chosen():
    """Some orgs write into standard fields what others make fields for."""
    aggregate = won_deal(mapping=chosen(fields={"success_criteria": ["Opportunity.NextStep"]}), deal={"nextstep": "Go"})

    assert item(aggregate, "what_success_means", "success_criteria")["value"] == "Go"


def test_a_label_counts_more_than_an_api_name():
    """Labels are kept up to date; API names stay what they were on the first day."""
    labels = {
        ("Opportunity", "Success_Criteria__c"): "Old criteria, do not use",
        ("Opportunity", "Zz_7__c"): "Success Criteria",
    }
    custom = {"Success_Criteria__c": "Old", "Zz_7__c": "New"}

    assert item(won_deal(custom=custom, labels=labels), "what_success_means", "success_criteria")["value"] == "New"


def test_further_words_for_a_role_are_understood():
    """Orgs rename the values of the role."""
    roles = [row("00K1", contactid=ANA, role="Fan"), row("00K2", contactid=BEN, role="Coach")]
    champion = item(won_deal(mapping=read_mapping(DOCUMENT), roles=roles), "who_bought", "champion")

    assert champion["value"]["name"] == "Ana Ruiz"


def test_families_say_what_recurs():
    """CS renews what is paid again; the name of a family says so where nobody does."""
    by_name = item(won_deal(), "what_was_sold", "line_item")
    other = won_deal(products={"01t000000000001AAA": row("01t000000000001AAA", name="Seats", family="Days")})
    unknown = item(other, "what_was_sold", "line_item")
    told = item(won_deal(mapping=read_mapping(DOCUMENT), products=other.products), "what_was_sold", "line_item")

    assert [each["value"]["kind"] for each in (by_name, unknown, told)] == ["recurring", None, "one_off"]


def test_the_amount_is_what_people_say_it_means():
    """An amount is never taken for recurring revenue by guess."""
    without = {"Go_Live_Date__c": "2026-09-01"}
    silent, told = (
        item(won_deal(custom=without, mapping=mapping), "money", "arr")
        for mapping in (BriefMapping(), chosen(amount_means="arr"))
    )

    assert (silent["value"], silent["state"]) == (None, "not_mapped")
    assert (told["value"], told["state"]) == (Decimal("20000.00"), "inferred")


def test_a_discount_is_heavy_where_people_say():
    """20 percent is nothing in one market and a scandal in another."""
    assert "heavy_discount" not in rules(won_deal())
    assert "heavy_discount" in rules(won_deal(mapping=read_mapping(DOCUMENT)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"field": {}}, "did you mean fields?"),
        ({"fields": {"succes_criteria": []}}, "did you mean success_criteria?"),
        ({"fields": {"champion": ["Case.X__c"]}}, "is no field of Opportunity, Account, Contract"),
        ({"fields": {"champion": ["Champion__c"]}}, "write Object.Field__c"),
        ({"fields": {"champion": ["Opportunity.X; DROP"]}}, "write Object.Field__c"),
        ({"fields": {"champion": 7}}, "must be a list of fields"),
        ({"fields": ["champion"]}, "fields must be a table"),
        ({"roles": {"champion": ["", "x"]}}, "must be a list of words"),
        ({"roles": {"boss": ["x"]}}, "roles has no 'boss'"),
        ({"families": {"Days": "sometimes"}}, "must be one of recurring, one_off"),
        ({"amount_means": "mrr"}, "must be one of tcv, acv, arr"),
        ({"heavy_discount_percent": 0}, "above 0"),
        ({"heavy_discount_percent": "x"}, "above 0"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_named_with_what_to_write(wrong, said):
    """A misspelt line must never silently mean an empty one."""
    assert said in problems(**wrong)


def test_a_field_that_the_org_lacks_or_that_cannot_fill_the_line_is_named():
    """Wrong fields are told before they make empty lines."""
    mapping = chosen(fields={"success_criteria": ["Opportunity.Goal__c"], "go_live_on": ["Opportunity.Flag__c"]})
    told = problems_of(mapping, {**KNOWN, ("Opportunity", "Flag__c"): "boolean"})

    assert "did you mean Opportunity.Goals__c?" in told[0]
    assert "is of type boolean, and the line needs a day" in told[1]
    assert problems_of(read_mapping(DOCUMENT), KNOWN) == []


def field(label: str, name: str = "Zz__c", *, kind: str = "textarea", rate: float | None = 0.5, on="Opportunity"):
    """A field of the org."""
    return OrgField(object_name=on, name=name, label=label, type=kind, custom=True, fill_rate=rate)


def test_suggestions_go_by_label_type_and_filling():
    """The likeliest field comes first; one that can't fill the line is none."""
    fields = [
        field("Customer success criteria (agreed)", "A__c"),
        field("Success Criterias", "B__c"),
        field("Success criteria met", "C__c", rate=0.0),
        field("Weather", "D__c"),
        field("Zz", "Success_Criteria_Text__c"),
    ]
    found = suggestions("success_criteria", fields)

    assert {each.field.name for each in found} <= {"A__c", "B__c", "C__c", "Success_Criteria_Text__c"}
    assert found[0].field.name == "B__c"
    assert "D__c" not in {each.field.name for each in found}
    assert suggestions("go_live_on", [field("Go-live date", "E__c", kind="boolean")]) == ()
    assert suggestions("go_live_on", [field("Go-live date", "E__c", kind="date")])[0].score == 1.0


def test_every_line_tells_what_fills_it():
    """The page of the mapping needs no second question."""
    mapping = chosen(fields={"champion": []})
    in_force = {"success_criteria": (("Opportunity", "B__c"),), "champion": ()}
    lines = {line.key: line for line in mapped_lines([field("Success Criterias", "B__c")], in_force, mapping)}

    assert lines["success_criteria"].fields == ("Opportunity.B__c",)
    assert (lines["success_criteria"].fill_rate, lines["success_criteria"].suggestions) == (0.5, ())
    assert (lines["champion"].chosen, lines["success_criteria"].chosen) == (True, False)
    assert lines["success_criteria"].section == "What success means"
