"""Live passes alone make the store equal to the org: each asks for little, and together they ask for everything."""

import pytest
from machine.passes import prove
from machine.rules import Life, let_live

#: programs of this file in the usual run
PROGRAMS = 20


@pytest.mark.timeout(1800)  # for a machine that does much else
def test_some_live_passes_make_the_store_equal_to_the_org(life: Life):
    """Nobody needs a deep pass to see what people did; only new fields and objects wait for their turn longer."""
    let_live(life, programs=PROGRAMS, kinds=("live",), disturbed=True, reshaped=False, quietly="quiet live")

    life.must_be_well()
    assert life.programs >= PROGRAMS
    assert life.compared >= PROGRAMS
    prove(life.world())
