"""After any sequence of what people and admins do in an org, and one pass, the store is the org: value by value."""

import pytest
from machine.passes import prove
from machine.rules import Life, let_live

#: programs of this file in the usual run
PROGRAMS = 60


@pytest.mark.timeout(1800)  # for a machine that does much else
def test_the_store_equals_the_org_after_any_program_of_changes(life: Life):
    """Whatever people do, in whatever order, one pass later CS reads what the org has."""
    let_live(life, programs=PROGRAMS)

    life.must_be_well()
    assert life.programs >= PROGRAMS
    assert life.compared >= PROGRAMS
    prove(life.world())
