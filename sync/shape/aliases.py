"""Which custom fields fill which line of the brief: the one table to change when an org uses other names.

Every name is tried on the label and on the API name of the org's custom fields, without regard to case, spaces,
punctuation and the ending `__c`: labels drift from API names in real orgs. The first name that matches wins.
"""

import re
from functools import lru_cache

DEAL = ("Opportunity",)
DEAL_FIRST = ("Opportunity", "Contract", "Account")
CUSTOMER_FIRST = ("Account", "Opportunity")
PERSON = ("OpportunityContactRole", "Contact")

#: brief line -> (objects to look on, names to look for), in order of preference
ALIASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "segment": (CUSTOMER_FIRST, ("Segment", "Customer Segment", "Market Segment", "Tier", "Customer Tier", "ARR Band")),
    "pain": (DEAL, ("Identified Pain", "Pain", "Pain Points", "Business Problem", "Business Pain", "Challenges")),
    "why_now": (DEAL, ("Why Now", "Compelling Event", "Trigger Event")),
    "why_us": (DEAL, ("Why Us", "Win Reason", "Won Reason", "Reason Won", "Closed Won Reason", "Closed Won Notes")),
    "use_cases": (DEAL, ("Use Cases", "Use Case", "Primary Use Case")),
    "expected_roi": (DEAL, ("Metrics", "ROI", "Expected ROI", "Business Case")),
    "success_criteria": (DEAL, ("Success Criteria", "Success Metrics", "Desired Outcome", "Desired Outcomes")),
    "go_live_criteria": (DEAL, ("Go Live Criteria", "Acceptance Criteria")),
    "champion": (DEAL, ("Champion", "Champion Contact", "Champion Name")),
    "economic_buyer": (DEAL, ("Economic Buyer", "Economic Buyer Name", "Budget Holder")),
    "executive_sponsor": (DEAL, ("Exec Sponsor", "Executive Sponsor")),
    "technical_lead": (DEAL, ("Technical Lead", "Technical Contact", "Technical Buyer")),
    "billing_contact": (DEAL, ("Billing Contact", "Invoice Contact")),
    "detractor": (DEAL, ("Detractor", "Detractors", "Blocker", "Skeptic")),
    "arr": (DEAL_FIRST, ("ARR", "Annual Recurring Revenue", "ARR Amount", "New ARR")),
    "acv": (DEAL_FIRST, ("ACV", "Annual Contract Value")),
    "tcv": (DEAL_FIRST, ("TCV", "Total Contract Value")),
    "mrr": (DEAL_FIRST, ("MRR", "Monthly Recurring Revenue")),
    "discount": (DEAL_FIRST, ("Discount", "Discount Percent", "Total Discount", "Discount Total")),
    "start_on": (DEAL_FIRST, ("Start Date", "Contract Start Date", "Subscription Start Date", "SBQQ__StartDate")),
    "term_months": (
        DEAL_FIRST,
        ("Term Months", "Contract Term Months", "Subscription Term", "Contract Term", "Term", "SBQQ__RenewalTerm"),
    ),
    "renewal_on": (DEAL_FIRST, ("Renewal Date", "Contract End Date", "Subscription End Date", "End Date")),
    "auto_renew": (DEAL_FIRST, ("Auto Renew", "Auto Renewal", "Automatic Renewal", "Auto Renews")),
    "notice_period": (DEAL_FIRST, ("Notice Period", "Notice Period Days", "Cancellation Notice", "Notice Days")),
    "opt_out_on": (DEAL_FIRST, ("Opt Out Date", "Notice Date", "Notice Deadline")),
    "payment_terms": (DEAL_FIRST, ("Payment Terms", "Billing Terms", "Billing Frequency")),
    "contract_link": (DEAL_FIRST, ("Contract Link", "Contract URL", "Signed Contract")),
    "commitments": (DEAL, ("Commitments", "Promises", "Commitments Made", "What Was Promised")),
    "special_conditions": (DEAL_FIRST, ("Special Conditions", "Non Standard Terms", "Special Terms", "Concessions")),
    "competitors": (
        DEAL,
        ("Competitors", "Competition", "Main Competitors", "Main Competitor", "Primary Competitor", "Competitor"),
    ),
    "incumbent": (DEAL, ("Incumbent", "Current Vendor", "Incumbent Vendor", "Current Generators")),
    "objections": (DEAL, ("Objections", "Objections Raised")),
    "decision_criteria": (DEAL, ("Decision Criteria",)),
    "decision_process": (DEAL, ("Decision Process",)),
    "paper_process": (DEAL, ("Paper Process", "Procurement Process")),
    "kickoff_on": (DEAL, ("Kickoff Date", "Kick Off Date", "Kickoff")),
    "go_live_on": (DEAL, ("Go Live Date", "Go Live Target", "Target Go Live", "Target Go Live Date", "Go Live")),
    "implementation_notes": (DEAL, ("Implementation Notes", "Implementation", "Onboarding Notes")),
    "integrations": (DEAL, ("Integrations", "Required Integrations")),
    "tech_stack": (CUSTOMER_FIRST, ("Tech Stack", "Technology Stack")),
    "security_review": (DEAL, ("Security Review", "Security Review Status")),
    "data_migration": (DEAL, ("Data Migration", "Migration", "Migration Notes")),
    "partner": (DEAL, ("Implementation Partner", "Partner", "Partner Name")),
    "red_flags": (DEAL, ("Risks", "Red Flags", "Known Risks")),
    "handoff_notes": (DEAL, ("Handoff Notes", "Handover Notes", "CS Handoff Notes")),
    "loss_reason": (DEAL, ("Loss Reason", "Lost Reason", "Reason Lost", "Closed Lost Reason")),
    "recording_link": (DEAL, ("Gong", "Gong Link", "Gong URL", "Call Recording", "Call Recordings", "Recording Link")),
    "proposal_link": (DEAL, ("PandaDoc", "PandaDoc Link", "Proposal Link", "Proposal URL", "Proposal")),
    "folder_link": (DEAL, ("Google Drive", "Drive Folder", "Drive Link", "Deal Folder", "Shared Folder", "SharePoint")),
    "influence": (PERSON, ("Influence", "Influence Level", "Level of Influence")),
    "sentiment": (PERSON, ("Sentiment", "Attitude", "Relationship", "Stance")),
    "csm": (CUSTOMER_FIRST, ("CSM", "Customer Success Manager", "Technical Account Manager", "Success Manager")),
    "partner_manager": (CUSTOMER_FIRST, ("Partner Manager", "Channel Manager", "Partner Account Manager")),
    "solutions_engineer": (DEAL, ("Solutions Engineer", "Sales Engineer", "Solution Engineer", "SE")),
}

#: part that a person plays -> words of OpportunityContactRole.Role that say so, best first
ROLES: dict[str, tuple[str, ...]] = {
    "champion": ("Champion", "Internal Champion", "Coach", "Advocate"),
    "economic_buyer": (
        "Economic Buyer", "Economic Decision Maker", "Budget Holder", "Decision Maker", "Final Approver", "Approver",
    ),
    "executive_sponsor": ("Executive Sponsor", "Exec Sponsor", "Sponsor"),
    "signer": ("Signer", "Signatory", "Contract Signer", "Contract Signatory"),
    "technical_lead": (
        "Technical Lead", "Technical Buyer", "Technical Decision Maker", "Technical Evaluator", "Evaluator",
    ),
    "billing_contact": ("Billing Contact", "Billing", "Accounts Payable", "Procurement", "Purchasing"),
    "detractor": ("Detractor", "Blocker", "Opponent", "Skeptic", "Negative Influencer"),
}  # fmt: skip

#: words in the subject or title that make an activity a discovery conversation
DISCOVERY = re.compile(r"\b(discovery|first call|intro call|needs|qualification)\b", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def plain(name: str) -> str:
    """Reduce a label or an API name to what two people would agree on, e.g. `Go_Live_Date__c` to `golivedate`."""
    return re.sub(r"[^a-z0-9]", "", name.lower().removesuffix("__c"))


#: role word -> (part, rank of the word among that part's words)
PART_OF_ROLE: dict[str, tuple[str, int]] = {
    plain(word): (part, rank) for part, words in ROLES.items() for rank, word in enumerate(words)
}

#: (object, name) -> (brief line, rank among its sources)
LINE_OF_FIELD: dict[tuple[str, str], list[tuple[str, int]]] = {}
for _line, (_objects, _names) in ALIASES.items():
    for _place, _object in enumerate(_objects):
        for _rank, _name in enumerate(_names):
            LINE_OF_FIELD.setdefault((_object, plain(_name)), []).append((_line, _place * 100 + _rank))
