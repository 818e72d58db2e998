"""However often passes are killed, and whatever happens while they read, the store is the org after the next one."""

import pytest
from machine.passes import prove
from machine.rules import Life, let_live

#: programs of this file in the usual run
PROGRAMS = 60


@pytest.mark.timeout(1800)  # for a machine that does much else
def test_the_store_equals_the_org_after_any_program_of_changes_and_kills(life: Life):
    """A pass that ends anywhere leaves nothing behind, and what happens between two of its calls is not lost."""
    let_live(life, programs=PROGRAMS, disturbed=True, killed=True, kinds=("live", "live", "deep", "deep", "snapshot"))

    life.must_be_well()
    assert life.programs >= PROGRAMS
    assert life.compared >= PROGRAMS
    prove(life.world())
