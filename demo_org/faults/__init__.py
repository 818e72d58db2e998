"""Ways in which the demo org misbehaves when told to: kinds in a catalogue, an engine that decides when they strike.

The engine knows neither HTTP nor gRPC, so that all wires of the org share one.
"""

from demo_org.faults.catalogue import KINDS
from demo_org.faults.engine import Faults, Strike
from demo_org.faults.kinds import BadFault, Call, Ending, Kind, Powers, Sending
from demo_org.faults.order import read_file

__all__ = ["KINDS", "BadFault", "Call", "Ending", "Faults", "Kind", "Powers", "Sending", "Strike", "read_file"]
