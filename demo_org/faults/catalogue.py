"""Every kind of fault by its name."""

from collections.abc import Mapping

from demo_org.faults import answers, events, refused, states, travel
from demo_org.faults.kinds import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (*refused.KINDS, *travel.KINDS, *answers.KINDS, *states.KINDS, *events.KINDS)
}
