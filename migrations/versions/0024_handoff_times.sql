-- What a brief could not be quick about: deals that had been won before anybody looked.
ALTER TABLE cs.handoff ADD COLUMN was_found boolean NOT NULL DEFAULT false;

-- Rewrites cs.brief once. Writers name their columns, so old code goes on writing.
ALTER TABLE cs.brief ADD COLUMN segment text GENERATED ALWAYS AS (
    jsonb_path_query_first(document::jsonb, '$.sections[*].items[*]?(@.key == "segment").value') #>> '{}') STORED;

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
       member.reason = 'closing_soon' AS is_draft,
       brief.csm ->> 'user_id' AS csm_id, brief.csm ->> 'name' AS csm_name, brief.arr,
       brief.segment
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
       SELECT version, completeness, csm, arr, segment FROM cs.brief
        WHERE brief.org_id = deal.org_id AND brief.deal_id = deal.id ORDER BY version DESC LIMIT 1
       ) AS brief ON true
  LEFT JOIN cs.handoff ON handoff.org_id = deal.org_id AND handoff.deal_id = deal.id
        AND member.reason <> 'closing_soon';

CREATE OR REPLACE VIEW cs_v1.handoff AS
SELECT deal.org_id, deal.deal_id, deal.name, deal.customer_id, deal.customer_name, deal.owner_id, deal.owner_name,
       deal.csm_id, deal.csm_name, deal.amount, deal.currency, deal.completeness,
       coalesce(handoff.state, 'waiting') AS state,
       deal.won_at, least(handoff.waiting_since, deal.synced_at) AS readable_at, handoff.acknowledged_at, handoff.acknowledged_by,
       handoff.acknowledged_version, deal.brief_version, handoff.kickoff_on, handoff.first_value_on, handoff.sentiment,
       CASE WHEN NOT coalesce(handoff.was_found, false)
            THEN floor(extract(epoch FROM least(handoff.waiting_since, deal.synced_at) - deal.won_at))::bigint
       END AS seconds_to_brief,
       floor(extract(epoch FROM handoff.acknowledged_at - least(handoff.waiting_since, deal.synced_at)))::bigint AS seconds_to_acknowledge,
       handoff.kickoff_on - (deal.won_at AT TIME ZONE 'UTC')::date AS days_to_kickoff,
       handoff.first_value_on - (deal.won_at AT TIME ZONE 'UTC')::date AS days_to_first_value,
       handoff.updated_at, handoff.updated_by,
       deal.segment, coalesce((deal.won_at AT TIME ZONE 'UTC')::date, deal.close_on) AS won_on,
       coalesce(handoff.was_found, false) AS was_found
  FROM cs_v1.deal
  LEFT JOIN cs.handoff ON handoff.org_id = deal.org_id AND handoff.deal_id = deal.deal_id
 WHERE NOT deal.is_draft;
