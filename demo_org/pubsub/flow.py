"""The flow of one subscription: what was asked for, what is owed, and when something has to happen without an event.

Pure bookkeeping with times as arguments; demo_org.pubsub.subscribe does the waiting and the sending.
"""

from dataclasses import dataclass

from demo_org.pubsub.refusals import count_invalid, not_fed, topic_changed
from demo_org.pubsub.settings import PubSubSettings

MOST_OWED = 100  # events a client may have asked for at a time (Pub/Sub API guide)


@dataclass(slots=True, kw_only=True)
class Flow:
    """Events owed to a subscriber, and its deadlines."""

    settings: PubSubSettings
    #: when something was last sent, by a clock that only goes forth
    sent_at: float
    checked_at: float
    #: events still to be delivered
    owed: int = 0
    #: since when nothing is owed
    satisfied_at: float | None = None
    topic_name: str = ""

    def ask(self, number: int, topic_name: str) -> None:
        """Take a request for more events."""
        if number <= 0:
            raise count_invalid()
        if topic_name and self.topic_name and topic_name != self.topic_name:
            raise topic_changed()
        self.owed = min(self.owed + number, MOST_OWED)
        self.satisfied_at = None

    def sent(self, number: int, now: float) -> None:
        """Note that events (or none) were sent."""
        self.owed = max(0, self.owed - number)  # an event that a fault doubled counts like any other
        self.sent_at = now
        if self.owed == 0 and self.satisfied_at is None:
            self.satisfied_at = now

    def keep_alive_due(self, now: float) -> bool:
        """Whether a subscriber that waits for events must hear that it is not forgotten."""
        return self.owed > 0 and now >= self.sent_at + self.settings.keep_alive

    def session_due(self, now: float) -> bool:
        """Whether to look at the session again."""
        if now < self.checked_at + self.settings.auth_check:
            return False
        self.checked_at = now
        return True

    def check_fed(self, now: float) -> None:
        """End a stream whose subscriber got everything and does not ask again."""
        if self.satisfied_at is not None and now >= self.satisfied_at + self.settings.fetch_patience:
            raise not_fed()

    def wait(self, now: float) -> float:
        """Seconds until something is due without an event or a request."""
        due = self.checked_at + self.settings.auth_check
        if self.owed > 0:
            due = min(due, self.sent_at + self.settings.keep_alive)
        elif self.satisfied_at is not None:
            due = min(due, self.satisfied_at + self.settings.fetch_patience)
        return max(0.0, due - now)
