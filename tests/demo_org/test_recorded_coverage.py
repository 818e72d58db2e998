"""Every recorded body has a test that holds the demo org against it, or a reason why it has none."""

import ast
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from wire_client import RECORDED

_PERSONS = "an org with person accounts, which are a feature of their own"
#: a recording, or a pattern of several, and why no test reads it
NOT_COVERED = {
    "crm_sales_opportunities/*": "rows of a made-up seller, no answer of an org; the loader reads them",
    "cumulusci/cumulusci/tasks/apex/*": "runs Apex tests; there is no Apex here",
    "cumulusci/cumulusci/tests/cassettes/GET_sobjects_Account_PersonAccount_describe.yaml": _PERSONS,
    "cumulusci/cumulusci/utils/salesforce/tests/cassettes/ManualEdit_*": "a 500 without a body, put in by hand",
    "cumulusci/cumulusci/utils/yaml/*": "a page of a code host, no answer of an org",
    "dbt_salesforce_seeds/*": "rows with hashed values, no answer of an org; the loader reads them",
    "derived/schema_union.json": "put together from the describes, no answer of an org",
    "describe/Account_PersonAccount_describe.json": _PERSONS,
    "licences/*": "licences of the recordings",
    "MANIFEST.md": "tells where the recordings come from",
    "object-reference/*": "pages of a reference, no answer of an org",
    "rest/postman/GET__services.apps.oauth.usage.ID..tokens.json": "an administrator's list of apps; not served",
    "rest/postman/POST__services.oauth2.register.json": "an app of one's own is not registered at a demo org",
}


@pytest.fixture(scope="module")
def recordings() -> set[str]:
    """Every recording, by its path below the folder of them all."""
    if not RECORDED.exists():
        pytest.skip("the recorded bodies are not beside this checkout")
    return {each.relative_to(RECORDED).as_posix() for each in RECORDED.rglob("*") if each.is_file()}


@pytest.fixture(scope="module")
def covered(recordings) -> set[str]:
    """The recordings that stand as a literal text in a test, which is how tests name the one they read."""
    texts = {
        node.value
        for path in Path(__file__).parent.glob("*.py")
        if path.name != Path(__file__).name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return recordings & texts


def test_every_recording_is_held_against_the_demo_org(recordings, covered):
    """What a real org answered and nobody compares is a promise nobody keeps."""
    found = sorted(
        each for each in recordings - covered if not any(fnmatchcase(each, pattern) for pattern in NOT_COVERED)
    )

    assert found == []


def test_no_reason_for_a_missing_test_is_stale(recordings, covered):
    """A reason goes when its test comes."""
    missing = recordings - covered
    stale = [
        pattern
        for pattern in NOT_COVERED
        if not any(fnmatchcase(each, pattern) for each in missing) or pattern in covered
    ]

    assert stale == []
