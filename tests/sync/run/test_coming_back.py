"""What was outside of the closure for a while comes back as it is now, not as it was."""

from datetime import timedelta
from typing import Any


def test_a_customer_that_changed_while_it_had_no_deal_comes_back_as_it_is(followed: Any) -> None:
    """A snapshot reads only what belongs to deals; what the mirror holds beside it is read again before it is shown."""
    followed.sync()
    parent = followed.accounts[5]
    followed.org.update("Account", followed.accounts[0], {"ParentId": None})
    followed.sync()
    followed.org.update("Account", parent, {"Name": "Renamed"})
    followed.org.clock.move(by=timedelta(hours=1))
    followed.sync(snapshot=True)
    followed.org.clock.move(by=timedelta(hours=1))
    followed.org.update("Account", followed.accounts[0], {"ParentId": parent})
    followed.sync()

    assert followed.ask("SELECT name FROM closure.account WHERE id = :id", id=parent) == [("Renamed",)]
    assert followed.proof().drift_rows == 0
