"""What sellers forget to write down: each deal gets the gaps a real one has, so that a brief has something to ask."""

from random import Random

from demo_org.story.arcs import Outcome, Plan, Sort
from demo_org.story.course import STAGES

#: gap -> how often a won deal has it
_FORGOTTEN = {
    "champion": 0.18,
    "success_criteria": 0.24,
    "commitments": 0.14,
    "economic_buyer": 0.12,
    "go_live": 0.13,
    "competitors": 0.2,
    "contract": 0.07,
    "single_thread": 0.07,
    "pain": 0.08,
    "risks": 0.3,
    "sponsor_role": 0.35,
    "sceptic_role": 0.4,
    "why_now": 0.15,
    "paper_process": 0.25,
    "security_review": 0.4,
    "payment_terms": 0.1,
}
#: what is not yet known before a stage is reached
_LEARNED_IN = {
    "Needs Analysis": ("pain", "why_now"),
    "Value Proposition": ("competitors", "why_us", "decision_criteria"),
    "Id. Decision Makers": ("economic_buyer", "decision_process", "success_criteria"),
    "Proposal/Price Quote": ("objections", "paper_process", "go_live", "security_review"),
    "Negotiation/Review": ("commitments", "risks", "payment_terms", "implementation"),
    "Closed Won": ("contract", "win_reason", "handover"),
}


def gaps_of(plan: Plan, stage: str, rng: Random) -> frozenset[str]:
    """What is missing in the deal's fields: not learned yet, or learned and not written down."""
    missing = {name for name, chance in _FORGOTTEN.items() if rng.random() < chance}
    if plan.sort is Sort.RENEWAL:
        missing |= {
            "paper_process",
            "security_review",
            "objections",
            "implementation",
            "decision_criteria",
            "decision_process",
        }
        missing -= {"single_thread", "contract"}
    if plan.outcome is not Outcome.WON:
        order = list(STAGES)
        for learned, names in _LEARNED_IN.items():
            if order.index(learned) > order.index(stage):
                missing |= set(names)
    return frozenset(missing)
