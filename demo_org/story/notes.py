"""What the seller wrote into the deal's fields: pain, stakes, process, promises, risks."""

from datetime import date, timedelta
from typing import Any

from demo_org.story.arcs import Sort
from demo_org.story.plots import talk
from demo_org.story.rows import Row
from demo_org.story.sale import Sale


def qualification(sale: Sale) -> Row:
    """The custom fields of the deal, as far as they were filled in."""
    told = _renewed(sale) if sale.plan.sort is Sort.RENEWAL else _told(sale)
    fields: dict[str, tuple[str, Any]] = {
        "Identified_Pain__c": ("pain", told["pain"]),
        "Why_Now__c": ("why_now", told["why_now"]),
        "Why_Us__c": ("why_us", told["why_us"]),
        "Use_Case__c": ("pain", sale.pick("use_case")),
        "Metrics__c": ("pain" if sale.plan.sort is Sort.RENEWAL else "decision_criteria", sale.pick("metrics")),
        "Success_Criteria__c": ("success_criteria", told["success"]),
        "Decision_Criteria__c": ("decision_criteria", sale.pick("criteria")),
        "Decision_Process__c": ("decision_process", _of_kind(sale, "decision_process")),
        "Paper_Process__c": ("paper_process", _of_kind(sale, "paper_process")),
        "Competitors__c": ("competitors", _competitors(sale)),
        "Incumbent__c": ("pain", sale.say("{incumbent}") if sale.plan.sort is Sort.NEW else None),
        "Objections__c": ("objections", "\n".join(sale.some("objections", 2))),
        "Commitments__c": ("commitments", told["commitments"]),
        "Special_Conditions__c": ("commitments", sale.say(_price("special")) if sale.offer.heavy else None),
        "Risks__c": ("risks", told["risks"]),
        "Kickoff_Date__c": ("go_live", _workday(sale.term[0], sale) if told["project"] else None),
        "Go_Live_Date__c": ("go_live", sale.go_live if told["project"] else None),
        "Integrations__c": ("implementation", sale.pick("integrations") if told["project"] else None),
        "Data_Migration__c": ("implementation", sale.pick("migration") if told["project"] else None),
        "Implementation_Notes__c": ("implementation", sale.pick("implementation") if told["project"] else None),
        "Security_Review__c": ("security_review", sale.say(sale.rng.choice(talk()["security_review"]["texts"]))),
        "Champion__c": ("champion", sale.customer.people["champion"].ref),
        "Economic_Buyer__c": ("economic_buyer", sale.customer.people["buyer"].ref),
        "Payment_Terms__c": ("payment_terms", sale.rng.choice(talk()["payment"]["texts"])),
        "Notice_Period__c": ("payment_terms", sale.rng.choice(("30 days", "60 days", "90 days", "3 months"))),
    }  # fmt: skip
    row = {name: value for name, (gap, value) in fields.items() if gap not in sale.gaps and value}
    return row | _always(sale, told["description"])


def _always(sale: Sale, description: str) -> Row:
    row: Row = {
        "Description": description,
        "NextStep": _next_step(sale),
        "Solutions_Engineer__c": sale.customer.engineer.id,
    }
    if sale.course.priced:
        row |= {"ARR__c": sale.offer.recurring, "TCV__c": sale.offer.over(sale.plan.term)}
        row["Auto_Renew__c"] = sale.rng.random() < 0.6
    if sale.won:
        row["Win_Reason__c"] = sale.rng.choice(talk()["win_reason"]["texts"]) if "win_reason" not in sale.gaps else None
    return row


def _next_step(sale: Sale) -> str | None:
    if sale.won and sale.plan.sort is Sort.RENEWAL:
        return sale.say("First quarterly review with {csm_first}")
    step: str | None = talk()["next_step"].get(sale.course.changes[-1].stage)
    return None if step is None else sale.say(step)


def _told(sale: Sale) -> dict[str, Any]:
    """The story of a first deal, or of one more product."""
    promises = sale.some("promises", 3)
    risks = sale.some("risks", 2)
    if sale.offer.heavy:
        risks.append(sale.say(_price("risk")))
    description = sale.pick("description")
    if sale.plan.sort is Sort.EXPANSION and sale.former is not None:
        since = f"{sale.former.decided_at:%B %Y}"
        description = f"Customer since {since} ({sale.former.plan.plot.product}). {description}"
    return {
        "pain": sale.pick("pain"), "why_now": sale.pick("why_now"), "why_us": sale.pick("why_us"),
        "success": sale.pick("success"), "commitments": _listed(promises), "risks": _listed(risks),
        "description": description, "project": True,
    }  # fmt: skip


def _renewed(sale: Sale) -> dict[str, Any]:
    """The story of a renewal: what came of the first deal."""
    texts = talk()["renewal"]
    return {
        "pain": sale.pick("pain"), "why_now": sale.say(texts["why_now"]), "why_us": sale.say(texts["why_us"]),
        "success": sale.say(texts["success"]), "commitments": sale.say(texts["commitment"]),
        "risks": sale.say(texts["risk"]), "project": False,
        "description": sale.say("Renewal of the term that ends on {due}. {renewal_text}"),
    }  # fmt: skip


def _competitors(sale: Sale) -> str:
    both = sale.rng.random() < 0.4
    return sale.say("{competitor}; {rival}" if both else "{competitor}")


def _of_kind(sale: Sale, name: str) -> str:
    return sale.say(sale.rng.choice(sale.customer.kind.facts[name]))


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else "\n".join(f"- {text}" for text in texts)


def _workday(start: date, sale: Sale) -> date:
    day = start + timedelta(days=sale.rng.randint(2, 12))
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() >= 5 else 0)


def _price(name: str) -> str:
    text: str = talk()["reference_price"][name]
    return text
