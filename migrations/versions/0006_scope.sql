CREATE TABLE ops.scope (
    org_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    conditions JSONB NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    set_by TEXT NOT NULL,
    applied_at TIMESTAMP WITH TIME ZONE,
    applied_on DATE,
    PRIMARY KEY (org_id, version)
);

-- A deal was won when it first moved to a stage that counts as won: the stages of the scope or, where it names none,
-- those that Salesforce calls won. A draft was not won, whatever its history holds.
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

-- Customers have deals; drafts neither make one nor count.
CREATE OR REPLACE VIEW cs_v1.customer AS
SELECT account.org_id, account.id AS customer_id, account.name, account.industry, account.website,
       account.numberofemployees AS employees, account.billingcountry AS country,
       account.parentid AS parent_id, parent.name AS parent_name,
       account.ownerid AS owner_id, owner.name AS owner_name,
       sums.deals, sums.amount_by_currency, sums.first_won_on, sums.last_won_on,
       account.systemmodstamp AS modified_at
  FROM (SELECT org_id, accountid, sum(deals)::bigint AS deals, min(first_won_on) AS first_won_on,
               max(last_won_on) AS last_won_on,
               coalesce(jsonb_object_agg(currency, amount) FILTER (WHERE amount IS NOT NULL), '{}') AS amount_by_currency
          FROM (SELECT deal.org_id, deal.accountid, coalesce(deal.currencyisocode, org.currency, 'unknown') AS currency,
                       count(*) AS deals, sum(deal.amount) AS amount,
                       min(deal.closedate) AS first_won_on, max(deal.closedate) AS last_won_on
                  FROM closure.opportunity AS deal
                  JOIN ops.org ON org.org_id = deal.org_id
                  JOIN ops.scope_member AS member
                    ON member.org_id = deal.org_id AND member.opportunity_id = deal.id
                   AND member.reason <> 'closing_soon'
                 GROUP BY 1, 2, 3) AS by_currency
         GROUP BY 1, 2) AS sums
  JOIN salesforce.account ON account.org_id = sums.org_id AND account.id = sums.accountid AND account.tombstone IS NULL
  LEFT JOIN salesforce.account AS parent ON parent.org_id = account.org_id AND parent.id = account.parentid
            AND parent.tombstone IS NULL
  LEFT JOIN salesforce."user" AS owner ON owner.org_id = account.org_id AND owner.id = account.ownerid;
