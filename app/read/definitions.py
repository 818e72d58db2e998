"""What every number means: those of renewals, which the ledger defines, and those of handoffs and of the sync."""

from models.renewals.definition import DEFINITIONS


def _definition(key: str, name: str, formula: str, text: str) -> dict[str, str]:
    return {"key": key, "name": name, "formula": formula, "text": text}


_HANDOFFS = (
    _definition(
        "seconds_to_brief", "Time to brief", "readable - won, in seconds: median (p50) and 95th percentile (p95)",
        "How soon after the winning the brief could be read here. Won is the first move to a won stage. Deals that had "
        "been won before they were followed are not timed.",
    ),
    _definition(
        "seconds_to_acknowledge", "Time to acknowledge", "acknowledged - readable, in seconds: p50 and p95",
        "How soon CS said that it has read the brief. Deals that wait are not in it, only in "
        "acknowledged_rate.",
    ),
    _definition(
        "days_to_kickoff", "Time to kickoff", "day of the kickoff - day of the winning (UTC): p50 and p95",
        "How soon the first meeting with the customer was. A kickoff that is planned for later is not in it.",
    ),
    _definition(
        "days_to_first_value", "Time to first value (TTFV)",
        "day of the first value - day of the winning (UTC): p50 and p95",
        "How soon the customer had the first success. CS says when that was; it is no first login.",
    ),
    _definition(
        "completeness_average", "Completeness", "sum of completeness / deals with a brief, in percent",
        "How much of what CS must know stands in the briefs, by weight. By seller it tells whose deals come with gaps.",
    ),
    _definition(
        "arr", "Book", "a year's worth of all terms in force on a day, by the CSM of their deals",
        "What each CSM looks after. due_in_90_days counts the terms that run out within 90 days, that day included.",
    ),
    _definition(
        "lag_seconds", "Sync lag", "now - the instant before which everything in Salesforce is in here, in seconds",
        "How far the store is behind Salesforce: fresh below 60 s, late below 900 s, else stale.",
    ),
)  # fmt: skip

_SATISFACTION = (
    _definition(
        "csat", "Customer satisfaction (CSAT)", "satisfied answers / answers",
        "The best two scores of a scale are satisfied; of a scale below 5 the best one. Surveys count on the day they "
        "were sent, or answered where nobody knows that day.",
    ),
    _definition(
        "nps", "Net promoter score (NPS)", "100 x (promoters - detractors) / answers",
        "Scores of 9 and 10 promote, 7 and 8 are passive, 0 to 6 detract. It lies between -100 and 100.",
    ),
    _definition(
        "response_rate", "Response rate", "answered surveys / surveys that were sent",
        "Surveys of which nobody knows when they were sent are in neither number.",
    ),
    _definition(
        "verdict", "Renewals by satisfaction", "the renewal rates of the customers that had said the same",
        "A customer counts by its last answer within a year before the due day; without one in a row of its own.",
    ),
)  # fmt: skip

_HEALTH = (
    _definition(
        "health_score", "Health score", "sum of weight x input / sum of weights, over the inputs that are known",
        "Weights: handoff 30, sponsor 20, usage 30, sentiment 20; each input is from 0 to 100. What is missing is left "
        "out with its weight, and is never 0. Below half of the weights there is no score.",
    ),
    _definition(
        "health_coverage", "Coverage", "weights of the inputs that are known / all weights, in percent",
        "How much the score rests on. What the CSM feels stands beside it and is no part of it.",
    ),
)  # fmt: skip

ALL_DEFINITIONS: tuple[dict[str, str], ...] = (*DEFINITIONS, *_HANDOFFS, *_SATISFACTION, *_HEALTH)
