"""Ids of what is ours: UUIDs that grow with time, so that rows which were made together lie together."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Make a UUID of version 7 (RFC 9562): milliseconds since 1970 first, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76  # the version
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)  # the variant
