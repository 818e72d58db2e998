"""Which deals make one commitment: the one that began it, and those that changed it while it ran."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sync.shape.aggregate import Row
from sync.shape.renewals.book import Book
from sync.shape.value import day

#: an unnamed contract that starts this close to the win is taken for the deal's own
NEAR = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What becomes one term."""

    term_id: str
    deal: Row
    #: what was bought or given up while it ran, oldest first
    changes: tuple[Row, ...] = ()
    contract: Row | None = None
    #: the contract was not named by the deal, only found beside it
    is_guessed: bool = False
    #: the term that was there before, where the deal prolongs a contract and makes no new one
    prolongs: str | None = None
    #: where it prolongs: the day on which the deal says that it begins
    begins: date | None = None
    #: the day before what prolongs it begins, where the contract has been given a later end
    ends: date | None = None

    @property
    def deals(self) -> tuple[Row, ...]:
        """All deals of it."""
        return (self.deal, *self.changes)


def commitments(book: Book) -> list[Commitment]:
    """Sort the deals of a customer into commitments; the first deal of a contract began it.

    A renewal that names the contract of an earlier deal prolongs it: that is a commitment of its own.
    """
    of_contract: dict[str, list[Row]] = defaultdict(list)
    alone: list[Row] = []
    for deal in book.deals:
        key = _contract_of(book, deal)
        if key is None:
            alone.append(deal)
        else:
            of_contract[key].append(deal)
    guessed = _guessed(book, alone, of_contract)
    found = [
        Commitment(term_id=deal["id"], deal=deal)
        if deal["id"] not in guessed
        else Commitment(term_id=guessed[deal["id"]]["id"], deal=deal, contract=guessed[deal["id"]], is_guessed=True)
        for deal in alone
    ]
    for key, deals in of_contract.items():
        found += _of_one_contract(book, book.contracts[key], deals)
    return sorted(found, key=lambda each: each.term_id)


def _contract_of(book: Book, deal: Row) -> str | None:
    amended = book.org.fields.ids("amended_contract", "Opportunity", deal)
    named = next((each for key in amended for each in book.contracts if each[:15] == key[:15]), deal.get("contractid"))
    return named if named in book.contracts else None


def _of_one_contract(book: Book, contract: Row, deals: list[Row]) -> Iterator[Commitment]:
    ordered = sorted(deals, key=lambda deal: (_is_change(book, deal), book.won_on(deal) or date.max, deal["id"]))
    first, later = ordered[0], ordered[1:]
    prolonging = [deal for deal in later if book.is_renewal(deal)]
    changes = tuple(deal for deal in later if deal not in prolonging)
    yield from _chain(book, contract, [first, *sorted(prolonging, key=lambda deal: _begins(book, deal))], changes)


def _chain(book: Book, contract: Row, deals: list[Row], changes: tuple[Row, ...]) -> Iterator[Commitment]:
    """The first term of a contract, and those that prolong it.

    The end of a contract that was prolonged is moved, or it is not: whichever is later, it or the start of what comes
    after, tells. A deal that does not say when it begins has no start, and is listed.
    """
    end = day(contract.get("enddate"))
    before: str | None = None
    for number, deal in enumerate(deals):
        follows = _begins(book, deals[number + 1]) if number + 1 < len(deals) else date.max
        was_moved = end is not None and follows <= end
        holds_end = number == 0 or (end is not None and _begins(book, deal) <= end)
        key = contract["id"] if number == 0 else deal["id"]
        yield Commitment(
            term_id=key,
            deal=deal,
            changes=changes if number == 0 else (),
            contract=contract if number == 0 or (holds_end and not was_moved) else None,
            prolongs=before,
            begins=None if number == 0 else book.org.fields.day("start_on", "Opportunity", deal),
            ends=follows - timedelta(days=1) if was_moved else None,
        )
        before = key


def _begins(book: Book, deal: Row) -> date:
    return book.org.fields.day("start_on", "Opportunity", deal) or date.max


def _is_change(book: Book, deal: Row) -> bool:
    """Whether people call it a change of something that is there."""
    words = ("upsell", "expansion", "add-on", "amendment", "existing business", "downgrade", "upgrade")
    amended = book.org.fields.ids("amended_contract", "Opportunity", deal)
    return bool(amended) or any(word in book.words_of(deal) for word in words)


def _guessed(book: Book, alone: list[Row], of_contract: dict[str, list[Row]]) -> dict[str, Row]:
    """Contracts that no deal names, each for the one deal that was won about when it starts."""
    claims: dict[str, list[tuple[timedelta, str]]] = defaultdict(list)
    for deal in alone:
        won_on = book.won_on(deal)
        for key, contract in book.contracts.items():
            start = day(contract.get("startdate"))
            if key not in of_contract and start and won_on and abs(start - won_on) <= NEAR:
                claims[deal["id"]].append((abs(start - won_on), key))
    wanted: dict[str, list[str]] = defaultdict(list)
    for deal_id, near in claims.items():
        wanted[min(near)[1]].append(deal_id)
    return {deal_ids[0]: book.contracts[key] for key, deal_ids in wanted.items() if len(deal_ids) == 1}
