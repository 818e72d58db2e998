"""The words of a deal: who is meant, which numbers, which product; all its texts are filled from one set of them."""

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from demo_org.story.cast import Customer
from demo_org.story.plots import Plot

_SENTENCE = re.compile(r"(^|(?<![ap]\.m)[.!?][\"”]?\s+|\n(?:\d\. )?)([a-z])")

Words = dict[str, str | int]


def words_of(customer: Customer, plot: Plot, rng: Random) -> Words:
    """Draw the numbers and name the people of a deal."""
    words: Words = {
        "account": customer.name, "short": customer.short, "city": customer.city, "ehr": customer.system,
        "product": plot.product, "sites": customer.sites, "units": customer.units, "law": customer.law,
        "seller_first": customer.seller.first, "se_first": customer.engineer.first,
        "csm_first": customer.success.first,
    }  # fmt: skip
    for part, person in customer.people.items():
        words |= {part: person.name, f"{part}_first": person.first, f"{part}_title": person.title}
    for name, (low, high) in plot.numbers.items():
        words[name] = f"{_round(rng.randint(low, high)):,}"
    words["incumbent"] = tell(plot.texts["incumbent"], words)
    rivals = [tell(each, words) for each in rng.sample(plot.texts["competitors"], 2)]
    words |= {"competitor": rivals[0], "rival": rivals[1]}
    return words


def tell(text: str, words: Mapping[str, Any]) -> str:
    """Fill a text; a word that does not exist is a mistake in the plot, and said so by KeyError."""
    return text.format_map(words)


def sentence(text: str, words: Mapping[str, Any]) -> str:
    """Fill a text and begin its sentences with capitals, whatever word stands there."""
    return _SENTENCE.sub(lambda found: found[1] + found[2].upper(), tell(text, words))


def _round(number: int) -> int:
    """Numbers as people say them: 4,137 requests are about 4,100."""
    if number >= 1000:
        return round(number, -2)
    return round(number, -1) if number >= 200 else number
