"""Rows that others wrote come out of the API as deals, with nothing added, lost or rounded."""

from decimal import Decimal
from pathlib import Path

import pytest
from processes import DemoOrg, Stage

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"

pytestmark = pytest.mark.skipif(not FIXTURES.is_dir(), reason="the recorded data sets are not beside this checkout")


def _read(home, name):
    org = DemoOrg("--data", str(FIXTURES / name))
    stage = Stage(home, org)
    try:
        assert stage.run("sync", "run").returncode == 0
        return stage.api().listed("/api/v1/deals"), stage.api().listed("/api/v1/customers"), stage.prove()
    finally:
        stage.close()
        org.close()


def test_a_public_pipeline_comes_out_as_its_won_deals(open_home):
    """8,800 opportunities of a hardware seller are 4,238 deals of 85 customers, worth what the file says."""
    deals, customers, proof = _read(open_home, "crm_sales_opportunities")

    assert len(deals) == 4238
    assert len(customers) == len({deal["customer_id"] for deal in deals}) == 85
    assert sum(Decimal(str(deal["amount"])) for deal in deals) == 10_005_534
    assert proof["drift_rows"] == 0


def test_partly_hashed_rows_of_a_real_org_come_out_with_their_amounts_and_dates(open_home):
    """Ids that point nowhere, hashes where names were and missing amounts are no reason to fail."""
    deals, _, proof = _read(open_home, "dbt_salesforce_seeds")

    assert sorted((deal["name"], deal["amount"], deal["close_on"]) for deal in deals) == [
        ("$1m deal", 24120000, "2018-12-19"),
        ("Chewbaca", None, "2018-12-07"),
        ("Test", None, "2018-12-18"),
        ("Testing Opp Close", None, "2018-12-18"),
        ("lu test 3", None, "2018-12-13"),
    ]
    assert proof["drift_rows"] == 0
