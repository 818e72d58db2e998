"""Replay ids on the wire: an eight-byte number, the highest byte first, and two zero bytes (recorded)."""

_NUMBER, _WHOLE = 8, 10


def written(position: int) -> bytes:
    """The replay id of a position on the bus."""
    return position.to_bytes(_NUMBER, "big") + bytes(_WHOLE - _NUMBER)


def read(replay_id: bytes) -> int | None:
    """The position of a replay id; None if it is none. Clients that keep the number alone send eight bytes."""
    if len(replay_id) not in {_NUMBER, _WHOLE} or any(replay_id[_NUMBER:]):
        return None
    return int.from_bytes(replay_id[:_NUMBER], "big")
