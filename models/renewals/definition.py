"""What each number means, in words and as a formula, for whoever reads a dashboard."""


def _definition(key: str, name: str, formula: str, text: str) -> dict[str, str]:
    return {"key": key, "name": name, "formula": formula, "text": text}


DEFINITIONS: tuple[dict[str, str], ...] = (
    _definition(
        "logo_renewal_rate", "Logo renewal rate",
        "customers with a settled term that are still customers / customers with a settled term",
        "Of the customers that were up for renewal, how many stayed. What is pending is not settled.",
    ),
    _definition(
        "term_renewal_rate", "Term renewal rate", "renewed terms / settled terms",
        "Of the commitments that were up for renewal, how many were renewed, on time or late.",
    ),
    _definition(
        "gross_renewal_rate", "Gross renewal rate", "sum of min(renewed ARR, ATR) / sum of ATR",
        "Of the value that was up for renewal, how much was kept; growth of one term never hides the loss of another.",
    ),
    _definition(
        "net_renewal_rate", "Net renewal rate", "sum of renewed ARR / sum of ATR",
        "Of the value that was up for renewal, how much there is after the renewals, growth included.",
    ),
    _definition(
        "on_time_rate", "On-time renewal rate", "terms signed on the due day or before / settled terms",
        "How many of the commitments were renewed before they ran out.",
    ),
    _definition(
        "floor", "Floor and ceiling", "renewed / (settled + pending); (renewed + pending) / (settled + pending)",
        "Where the term rate will end if all that is pending is lost, and if all of it is renewed.",
    ),
    _definition(
        "grr", "Gross revenue retention (GRR)", "(start - churn - contraction) / start",
        "Of the whole base of a day, how much is left on another, without what anybody bought more.",
    ),
    _definition(
        "nrr", "Net revenue retention (NRR)", "(start - churn - contraction + expansion) / start",
        "The same with what those customers bought more; new customers don't count.",
    ),
    _definition(
        "atr", "Available to renew (ATR)", "a year's worth of a term on its last day",
        "The ending year's value with everything that was bought in between, without one-off services.",
    ),
)  # fmt: skip
