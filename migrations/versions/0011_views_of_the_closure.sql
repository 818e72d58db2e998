-- The contract that a deal names and the contact that a quote names need not belong to the closure. Where they do not,
-- the mirror may hold a copy of them that nobody keeps up to date; it is not shown.

CREATE OR REPLACE VIEW cs_v1.deal AS
SELECT deal.org_id, deal.id AS deal_id, deal.name,
       deal.accountid AS customer_id, account.name AS customer_name,
       deal.amount, coalesce(deal.currencyisocode, org.currency) AS currency,
       deal.closedate AS close_on, won.won_at,
       deal.ownerid AS owner_id, owner.name AS owner_name,
       deal.type, deal.stagename AS stage, deal.leadsource AS lead_source,
       contract.id AS contract_id,
       coalesce(contract.enddate,
                (contract.startdate + make_interval(months => contract.contractterm::int) - interval '1 day')::date
               ) AS due_on,
       member.entered_at AS synced_at, deal.systemmodstamp AS modified_at,
       brief.version AS brief_version, brief.completeness,
       handoff.state AS handoff_state,
       member.reason = 'closing_soon' AS is_draft
  FROM closure.opportunity AS deal
  JOIN ops.org ON org.org_id = deal.org_id
  JOIN ops.scope_member AS member ON member.org_id = deal.org_id AND member.opportunity_id = deal.id
  LEFT JOIN salesforce.account ON account.org_id = deal.org_id AND account.id = deal.accountid
            AND account.tombstone IS NULL
  LEFT JOIN salesforce."user" AS owner ON owner.org_id = deal.org_id AND owner.id = deal.ownerid
  LEFT JOIN salesforce.contract ON contract.org_id = deal.org_id AND contract.id = deal.contractid
            AND contract.tombstone IS NULL
            AND (contract.accountid = deal.accountid OR EXISTS (
                 SELECT FROM closure.opportunity AS other
                  WHERE other.org_id = contract.org_id AND other.accountid = contract.accountid))
  LEFT JOIN LATERAL (
       SELECT scope.conditions -> 'stages' AS stages FROM ops.scope
        WHERE scope.org_id = deal.org_id ORDER BY scope.version DESC LIMIT 1
       ) AS chosen ON true
  LEFT JOIN LATERAL (
       SELECT min(change.createddate) AS won_at
         FROM salesforce.opportunityhistory AS change
         LEFT JOIN salesforce.opportunitystage AS stage
           ON stage.org_id = change.org_id AND coalesce(stage.apiname, stage.masterlabel) = change.stagename
          AND stage.tombstone IS NULL
        WHERE change.org_id = deal.org_id AND change.opportunityid = deal.id AND change.tombstone IS NULL
          AND member.reason <> 'closing_soon'
          AND CASE WHEN chosen.stages IS NULL THEN stage.iswon ELSE jsonb_exists(chosen.stages, change.stagename) END
       ) AS won ON true
  LEFT JOIN LATERAL (
       SELECT version, completeness FROM cs.brief
        WHERE brief.org_id = deal.org_id AND brief.deal_id = deal.id ORDER BY version DESC LIMIT 1
       ) AS brief ON true
  LEFT JOIN cs.handoff ON handoff.org_id = deal.org_id AND handoff.deal_id = deal.id
        AND member.reason <> 'closing_soon';

CREATE OR REPLACE VIEW cs_v1.timeline_entry AS
SELECT entry.org_id, entry.deal_id, entry.entry_id, entry.kind, entry.at, entry.title, entry.body,
       contact.name AS who, owner.name AS owner, entry.status
  FROM (SELECT org_id, whatid AS deal_id, id AS entry_id, 'task' AS kind,
               coalesce(completeddatetime, activitydate::timestamptz, createddate) AS at,
               subject AS title, description AS body, whoid, ownerid, status FROM closure.task
        UNION ALL
        SELECT org_id, whatid, id, 'event', coalesce(startdatetime, activitydatetime, activitydate::timestamptz),
               subject, description, whoid, ownerid, NULL FROM closure.event
        UNION ALL
        SELECT org_id, parentid, id, 'note', createddate, title, body, NULL, ownerid, NULL FROM closure.note
        UNION ALL
        SELECT org_id, opportunityid, id, 'quote', createddate, name, description, contactid, ownerid, status
          FROM closure.quote) AS entry
  LEFT JOIN salesforce.contact ON contact.org_id = entry.org_id AND contact.id = entry.whoid
            AND contact.tombstone IS NULL
            AND (entry.kind <> 'quote'
                 OR EXISTS (SELECT FROM closure.opportunity AS deal
                             WHERE deal.org_id = contact.org_id AND deal.accountid = contact.accountid)
                 OR EXISTS (SELECT FROM closure.opportunitycontactrole AS role
                             WHERE role.org_id = contact.org_id AND role.contactid = contact.id)
                 OR EXISTS (SELECT FROM closure.task WHERE task.org_id = contact.org_id AND task.whoid = contact.id)
                 OR EXISTS (SELECT FROM closure.event WHERE event.org_id = contact.org_id AND event.whoid = contact.id))
  LEFT JOIN salesforce."user" AS owner ON owner.org_id = entry.org_id AND owner.id = entry.ownerid;
