"""A snapshot reads each object in the way the org allows, and says what it could not read."""

from tiny_org import TinyOrg, selection_of

from sync.errors import BulkUnsupported, FieldHidden, ObjectMissing
from sync.extract.snapshot import Snapshot
from sync.salesforce.bulk import BulkJob, BulkPage, BulkState


class JobOrg(TinyOrg):
    """Takes bulk jobs, unless told to refuse them."""

    def __init__(self, *refusals):
        super().__init__()
        self.refusals = list(refusals)
        self.statements = []
        self.removed = []

    def start_bulk(self, soql, *, object_name, include_deleted=False):
        """Start a job, or raise the next refusal."""
        if self.refusals and self.refusals[0].object_name == object_name:
            raise self.refusals.pop(0)
        self.statements.append((object_name, soql, include_deleted))
        return BulkJob(id=f"750{len(self.statements)}", object_name=object_name)

    def bulk_pages(self, job):
        """One page per job."""
        text = f'"Id"\n"{job.id}"\n'.encode()
        more = {"locator": None, "next_locator": None}
        yield BulkPage(object_name=job.object_name, expected_rows=1, columns=("Id",), chunks=iter([text]), **more)

    def bulk_state(self, job):
        """Always ready."""
        return BulkState(state="JobComplete", records_processed=1, error=None)

    def delete_bulk(self, job):
        """Note the removal."""
        self.removed.append(job.id)


def snapshot_of(org, *names):
    snapshot = Snapshot(org, {name: selection_of(name, "Secret__c") for name in names})
    snapshot.start(names)
    return snapshot


def test_every_way_to_an_object_is_streamed():
    """Contacts are reached by account and by role: two jobs, one stream."""
    snapshot = snapshot_of(JobOrg(), "Contact")

    assert [b"".join(page.chunks) for page in snapshot.stream("Contact")] == [b'"Id"\n"7501"\n', b'"Id"\n"7502"\n']


def test_objects_that_bulk_jobs_refuse_come_page_by_page():
    """All of them, in pieces that fit into memory."""
    org = JobOrg(BulkUnsupported(object_name="Note", detail="not supported by the Bulk API"))
    org.rows["Note"] = [{"Id": f"002{number:04d}"} for number in range(4_500)]
    snapshot = snapshot_of(org, "Note")

    sizes = [len(records) for records in snapshot.records("Note")]

    assert sizes == [2000, 2000, 500]
    assert list(snapshot.stream("Note")) == []


def test_the_stages_are_always_read_whole_as_records():
    """A handful of rows is no job."""
    org = JobOrg()
    org.rows["OpportunityStage"] = [{"Id": "01J1"}]
    snapshot = snapshot_of(org, "OpportunityStage")

    assert list(snapshot.records("OpportunityStage")) == [[{"Id": "01J1"}]]
    assert org.statements == []


def test_a_field_hidden_since_the_description_is_left_out_and_reported():
    """Its old values stay; the rest of the object is read."""
    snapshot = snapshot_of(JobOrg(FieldHidden(object_name="Account", field_name="Secret__c")), "Account")

    assert [error.field_name for error in snapshot.hidden] == ["Secret__c"]
    assert not snapshot.selections["Account"].has("Secret__c")
    assert len(snapshot.jobs["Account"]) == 1


def test_an_object_that_is_not_there_fails_alone():
    """The other objects are read."""
    snapshot = snapshot_of(JobOrg(ObjectMissing(object_name="Quote")), "Quote", "Task")

    assert list(snapshot.failed) == ["Quote"]
    assert list(snapshot.jobs) == ["Task"]


def test_finished_jobs_are_removed_from_salesforce():
    """Results are customer data and need not lie around for a week."""
    org = JobOrg()
    snapshot = snapshot_of(org, "Account", "Contact")

    snapshot.finish()

    assert org.removed == ["7501", "7502", "7503"]
