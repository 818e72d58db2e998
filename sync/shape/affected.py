"""Which briefs may say something else after a pass: from the records that it touched to the deals that show them."""

from sqlalchemy import text

from models.session import WriteSession

#: What a brief shows of an object, from the touched record to the deal: every step goes by an index, so the time grows
#: with what was touched and not with the store.
_AFFECTED = text("""
    WITH touched AS MATERIALIZED (SELECT DISTINCT object, id FROM pass_touched),
         account AS (SELECT id FROM touched WHERE object = 'Account'
                      UNION SELECT id FROM pass_left
                      UNION SELECT child.id FROM touched
                              JOIN salesforce.account AS child ON child.org_id = :org_id AND child.parentid = touched.id
                             WHERE touched.object = 'Account'
                      UNION SELECT contract.accountid FROM touched
                              JOIN salesforce.contract ON contract.org_id = :org_id AND contract.id = touched.id
                             WHERE touched.object = 'Contract'
                      UNION SELECT relation.accountid FROM touched
                              JOIN salesforce.accountcontactrelation AS relation
                                ON relation.org_id = :org_id AND relation.id = touched.id
                             WHERE touched.object = 'AccountContactRelation'
                      UNION SELECT member.accountid FROM touched
                              JOIN salesforce.accountteammember AS member
                                ON member.org_id = :org_id AND member.id = touched.id
                             WHERE touched.object = 'AccountTeamMember'
                      UNION SELECT "case".accountid FROM touched
                              JOIN salesforce."case" ON "case".org_id = :org_id AND "case".id = touched.id
                             WHERE touched.object = 'Case'
                      UNION SELECT contact.accountid FROM touched
                              JOIN salesforce.contact ON contact.org_id = :org_id AND contact.id = touched.id
                             WHERE touched.object = 'Contact'
                      UNION SELECT opportunity.accountid FROM touched
                              JOIN salesforce.opportunity
                                ON opportunity.org_id = :org_id AND opportunity.id = touched.id
                             WHERE touched.object = 'Opportunity')
    SELECT id FROM touched WHERE object = 'Opportunity'
     UNION SELECT id FROM pass_left
     UNION SELECT opportunity.id FROM account
             JOIN salesforce.opportunity ON opportunity.org_id = :org_id AND opportunity.accountid = account.id
     UNION SELECT opportunity.id FROM touched
             JOIN salesforce.opportunity ON opportunity.org_id = :org_id AND opportunity.ownerid = touched.id
            WHERE touched.object = 'User'
     UNION SELECT item.opportunityid FROM touched
             JOIN salesforce.opportunitylineitem AS item ON item.org_id = :org_id AND item.id = touched.id
            WHERE touched.object = 'OpportunityLineItem'
     UNION SELECT item.opportunityid FROM touched
             JOIN salesforce.opportunitylineitem AS item ON item.org_id = :org_id AND item.product2id = touched.id
            WHERE touched.object = 'Product2'
     UNION SELECT role.opportunityid FROM touched
             JOIN salesforce.opportunitycontactrole AS role ON role.org_id = :org_id AND role.id = touched.id
            WHERE touched.object = 'OpportunityContactRole'
     UNION SELECT role.opportunityid FROM touched
             JOIN salesforce.opportunitycontactrole AS role ON role.org_id = :org_id AND role.contactid = touched.id
            WHERE touched.object = 'Contact'
     UNION SELECT member.opportunityid FROM touched
             JOIN salesforce.opportunityteammember AS member ON member.org_id = :org_id AND member.id = touched.id
            WHERE touched.object = 'OpportunityTeamMember'
     UNION SELECT rival.opportunityid FROM touched
             JOIN salesforce.opportunitycompetitor AS rival ON rival.org_id = :org_id AND rival.id = touched.id
            WHERE touched.object = 'OpportunityCompetitor'
     UNION SELECT partner.opportunityid FROM touched
             JOIN salesforce.partner ON partner.org_id = :org_id AND partner.id = touched.id
            WHERE touched.object = 'Partner'
     UNION SELECT email.relatedtoid FROM touched
             JOIN salesforce.emailmessage AS email ON email.org_id = :org_id AND email.id = touched.id
            WHERE touched.object = 'EmailMessage'
     UNION SELECT link.linkedentityid FROM touched
             JOIN salesforce.contentdocumentlink AS link ON link.org_id = :org_id AND link.id = touched.id
            WHERE touched.object = 'ContentDocumentLink'
     UNION SELECT link.linkedentityid FROM touched
             JOIN salesforce.contentdocumentlink AS link
               ON link.org_id = :org_id AND link.contentdocumentid = touched.id
            WHERE touched.object = 'ContentDocument'
     UNION SELECT opportunity.id FROM touched
             JOIN salesforce.opportunity
               ON opportunity.org_id = :org_id AND opportunity.campaignid = touched.id
            WHERE touched.object = 'Campaign'
     UNION SELECT change.opportunityid FROM touched
             JOIN salesforce.opportunityhistory AS change ON change.org_id = :org_id AND change.id = touched.id
            WHERE touched.object = 'OpportunityHistory'
     UNION SELECT quote.opportunityid FROM touched
             JOIN salesforce.quote ON quote.org_id = :org_id AND quote.id = touched.id WHERE touched.object = 'Quote'
     UNION SELECT task.whatid FROM touched
             JOIN salesforce.task ON task.org_id = :org_id AND task.id = touched.id WHERE touched.object = 'Task'
     UNION SELECT event.whatid FROM touched
             JOIN salesforce.event ON event.org_id = :org_id AND event.id = touched.id WHERE touched.object = 'Event'
     UNION SELECT note.parentid FROM touched
             JOIN salesforce.note ON note.org_id = :org_id AND note.id = touched.id WHERE touched.object = 'Note'
""")


def affected_deals(session: WriteSession, org_id: str) -> list[str]:
    """Return the deals whose brief may have changed by what this pass touched."""
    # Without statistics the planner takes both for large, and reads whole tables to join them.
    session.execute(text("ANALYZE pass_touched"))
    session.execute(text("ANALYZE pass_left"))
    found = session.execute(_AFFECTED, {"org_id": org_id}).scalars().all()
    members = session.execute(
        text("SELECT id FROM closure.opportunity WHERE org_id = :org_id AND id = ANY(:ids) ORDER BY 1"),
        {"org_id": org_id, "ids": [deal_id for deal_id in found if deal_id]},
    )
    return list(members.scalars())
