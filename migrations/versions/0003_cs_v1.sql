-- The views that the API, dashboards and notebooks read: the CS words over the mirror, for deals that are `in` only.

CREATE VIEW cs_v1.deal AS
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
       handoff.state AS handoff_state
  FROM closure.opportunity AS deal
  JOIN ops.org ON org.org_id = deal.org_id
  JOIN ops.scope_member AS member ON member.org_id = deal.org_id AND member.opportunity_id = deal.id
  LEFT JOIN salesforce.account ON account.org_id = deal.org_id AND account.id = deal.accountid
            AND account.tombstone IS NULL
  LEFT JOIN salesforce."user" AS owner ON owner.org_id = deal.org_id AND owner.id = deal.ownerid
  LEFT JOIN salesforce.contract ON contract.org_id = deal.org_id AND contract.id = deal.contractid
            AND contract.tombstone IS NULL
  LEFT JOIN LATERAL (
       SELECT min(change.createddate) AS won_at
         FROM salesforce.opportunityhistory AS change
         JOIN salesforce.opportunitystage AS stage
           ON stage.org_id = change.org_id AND coalesce(stage.apiname, stage.masterlabel) = change.stagename
          AND stage.iswon AND stage.tombstone IS NULL
        WHERE change.org_id = deal.org_id AND change.opportunityid = deal.id AND change.tombstone IS NULL
       ) AS won ON true
  LEFT JOIN LATERAL (
       SELECT version, completeness FROM cs.brief
        WHERE brief.org_id = deal.org_id AND brief.deal_id = deal.id ORDER BY version DESC LIMIT 1
       ) AS brief ON true
  LEFT JOIN cs.handoff ON handoff.org_id = deal.org_id AND handoff.deal_id = deal.id;

CREATE VIEW cs_v1.customer AS
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
                  FROM closure.opportunity AS deal JOIN ops.org ON org.org_id = deal.org_id
                 GROUP BY 1, 2, 3) AS by_currency
         GROUP BY 1, 2) AS sums
  JOIN salesforce.account ON account.org_id = sums.org_id AND account.id = sums.accountid AND account.tombstone IS NULL
  LEFT JOIN salesforce.account AS parent ON parent.org_id = account.org_id AND parent.id = account.parentid
            AND parent.tombstone IS NULL
  LEFT JOIN salesforce."user" AS owner ON owner.org_id = account.org_id AND owner.id = account.ownerid;

CREATE VIEW cs_v1.stakeholder AS
SELECT role.org_id, role.opportunityid AS deal_id, role.id AS stakeholder_id,
       contact.id AS contact_id, contact.name, contact.title, contact.email, contact.phone,
       role.role, role.isprimary AS is_primary,
       touch.last_touch_on, coalesce(touch.touches, 0)::int AS touches
  FROM closure.opportunitycontactrole AS role
  LEFT JOIN salesforce.contact ON contact.org_id = role.org_id AND contact.id = role.contactid
            AND contact.tombstone IS NULL
  LEFT JOIN LATERAL (
       SELECT count(*) AS touches, max(activitydate) AS last_touch_on
         FROM (SELECT activitydate FROM salesforce.task
                WHERE task.org_id = role.org_id AND task.whatid = role.opportunityid AND task.whoid = role.contactid
                  AND task.tombstone IS NULL
                UNION ALL
               SELECT activitydate FROM salesforce.event
                WHERE event.org_id = role.org_id AND event.whatid = role.opportunityid AND event.whoid = role.contactid
                  AND event.tombstone IS NULL) AS activity
       ) AS touch ON true;

CREATE VIEW cs_v1.deal_item AS
SELECT item.org_id, item.opportunityid AS deal_id, item.id AS item_id,
       item.product2id AS product_id, coalesce(product.name, item.name) AS product,
       coalesce(product.productcode, item.productcode) AS product_code, product.family,
       item.quantity, item.listprice AS list_price, item.unitprice AS unit_price, item.discount,
       item.totalprice AS total, item.servicedate AS service_on, item.description
  FROM closure.opportunitylineitem AS item
  LEFT JOIN salesforce.product2 AS product ON product.org_id = item.org_id AND product.id = item.product2id
            AND product.tombstone IS NULL;

CREATE VIEW cs_v1.stage_change AS
SELECT change.org_id, change.opportunityid AS deal_id, change.createddate AS changed_at, change.stagename AS stage,
       change.amount, change.closedate AS close_on, change.probability,
       change.createdbyid AS changed_by_id, person.name AS changed_by
  FROM closure.opportunityhistory AS change
  LEFT JOIN salesforce."user" AS person ON person.org_id = change.org_id AND person.id = change.createdbyid;

CREATE VIEW cs_v1.timeline_entry AS
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
  LEFT JOIN salesforce."user" AS owner ON owner.org_id = entry.org_id AND owner.id = entry.ownerid;
