"""However an org misbehaves while people work, the store is the org as soon as it answers properly again."""

import pytest
from machine.passes import prove
from machine.rules import Life, let_live

#: programs of this file in the usual run
PROGRAMS = 60


@pytest.mark.timeout(1800)  # for a machine that does much else
def test_the_store_equals_the_org_after_any_program_of_changes_and_faults(life: Life):
    """Sessions end, answers break off, counts are wrong, limits are reached: nothing is lost and nothing made up."""
    let_live(life, programs=PROGRAMS, faulty=True)

    life.must_be_well()
    assert life.programs >= PROGRAMS
    assert life.compared >= PROGRAMS
    prove(life.world())
