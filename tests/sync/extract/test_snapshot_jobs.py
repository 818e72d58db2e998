"""A complete reading of an object begins in the way the org allows, and says what it could not read."""

from dataclasses import replace
from functools import partial

import pytest
from tiny_org import TinyOrg, selection_of

from sync.errors import BulkUnsupported, FieldHidden, ObjectMissing
from sync.extract.snapshot import Wanted, begin, page_of_records
from sync.salesforce.bulk import BulkJob
from sync.scope.closure import snapshot_queries


class JobOrg(TinyOrg):
    """Takes bulk jobs, unless told to refuse them."""

    def __init__(self, *refusals):
        super().__init__()
        self.refusals = list(refusals)
        self.statements = []

    def start_bulk(self, soql, *, object_name, include_deleted=False):
        """Start a job, or raise the next refusal."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.statements.append((object_name, soql, include_deleted))
        return BulkJob(id=f"750{len(self.statements)}", object_name=object_name)


def wanted(name, *fields):
    return Wanted(selection=selection_of(name, *fields), statements=partial(snapshot_queries, name))


def test_every_way_to_an_object_is_a_job_of_its_own():
    """Contacts are reached by account and by role."""
    org = JobOrg()

    jobs = [begin(org, wanted("Contact"), number).job for number in range(2)]

    assert [job.id for job in jobs] == ["7501", "7502"]
    assert "AccountId IN" in org.statements[0][1]
    assert "OpportunityContactRole" in org.statements[1][1]


def test_archived_activities_are_asked_for_too():
    """A plain query hides them, queryAll shows deleted ones, so those are left out."""
    org = JobOrg()
    begin(org, wanted("Task", "IsDeleted"), 0)

    ((_, soql, include_deleted),) = org.statements
    assert include_deleted
    assert "IsDeleted = false" in soql


def test_objects_that_bulk_jobs_refuse_are_said_to_be_so():
    """Only this may change the way an object is read."""
    with pytest.raises(BulkUnsupported):
        begin(JobOrg(BulkUnsupported(object_name="Note", detail="not supported by the Bulk API")), wanted("Note"), 0)


def test_without_a_job_an_object_comes_page_by_page():
    """Each page needs nothing but the last id, so a reading goes on after a restart."""
    org = JobOrg()
    org.rows["Note"] = [{"Id": f"002{number:04d}"} for number in range(4_500)]
    begun = begin(org, replace(wanted("Note"), by_pages=True), 0)

    sizes, after = [], None
    while not sizes or after is not None:
        records, after = page_of_records(org, "Note", begun.query, after_id=after)
        sizes.append(len(records))

    assert begun.job is None
    assert org.statements == []
    assert sizes == [2000, 2000, 500]


def test_a_field_hidden_since_the_description_is_left_out_and_reported():
    """Its old values stay; the rest of the object is read."""
    org = JobOrg(FieldHidden(object_name="Account", field_name="Secret__c"))
    begun = begin(org, wanted("Account", "Secret__c"), 0)

    assert begun.hidden == ("Secret__c",)
    assert not begun.selection.has("Secret__c")
    assert "Secret__c" not in org.statements[0][1]


def test_a_condition_that_can_not_be_asked_is_an_error():
    """A field that was not selected can't be left out."""
    with pytest.raises(FieldHidden):
        begin(JobOrg(FieldHidden(object_name="Opportunity", field_name="IsWon")), wanted("Account"), 0)


def test_an_object_that_is_not_there_is_an_error():
    """The other objects are read."""
    with pytest.raises(ObjectMissing):
        begin(JobOrg(ObjectMissing(object_name="Quote")), wanted("Quote"), 0)
