"""What the store must say of an org, computed from the org's own tables and sharing no code with the sync."""

from oracle.comparison import Oracle
from oracle.memory import Memory

__all__ = ["Memory", "Oracle"]
