-- The rules are those of models/renewals; a test holds both against each other over terms of all sorts.
-- The functions run with the rights of their owner: who may read the views needs no rights on the tables behind them.

-- The day up to which an org is known, in its time zone; in UTC where it does not tell a known one.
CREATE FUNCTION cs_v1.day_of(at timestamptz, zone text) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (coalesce(at, now()) AT TIME ZONE coalesce(zone, 'UTC'))::date;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN (coalesce(at, now()) AT TIME ZONE 'UTC')::date;
END $$;

-- A year's worth of a term on a day: of the last step before it. Steps are [day, worth, whether the contract foresaw it].
CREATE FUNCTION cs_v1.arr_on(steps jsonb, day date) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((SELECT (step ->> 1)::numeric FROM jsonb_array_elements(steps) WITH ORDINALITY AS listed (step, place)
                      WHERE (step ->> 0)::date <= day ORDER BY place DESC LIMIT 1), 0)
$$;

-- Every term that holds together, with how it ended as seen on a day and as known at an instant. Where rates are given,
-- all values are in one currency, and terms without a rate are left out; else each is in its own, and what comes after in
-- another currency has no value beside it.
CREATE FUNCTION cs_v1.terms_in(
    as_of date, known_at timestamptz, grace_days integer, orgs text[], wanted text, rates jsonb
) RETURNS TABLE (
    org_id text, term_id text, deal_id text, customer_id text, kind text, start_on date, due_on date, atr numeric,
    currency text, steps jsonb, signed_on date, status text, renewal_signed_on date, renewed_arr numeric, is_auto boolean,
    is_early_replace boolean, last_on date, counts boolean, provenance text, confidence text, rate numeric
)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000000 SET search_path = pg_catalog, pg_temp SET jit = off AS $$
WITH known AS MATERIALIZED (
    SELECT term.*, term.kind IN ('pilot', 'one_off') AS is_beside, coalesce(term.atr, 0) * unit.rate AS worth, unit.rate
      FROM cs.term
     CROSS JOIN LATERAL (
           SELECT CASE WHEN terms_in.rates IS NULL OR term.currency IS NOT DISTINCT FROM terms_in.wanted THEN 1
                       ELSE (terms_in.rates ->> term.currency)::numeric END AS rate
           ) AS unit
     WHERE CASE WHEN terms_in.known_at IS NULL THEN term.known_to IS NULL
                ELSE term.known_from <= terms_in.known_at
                     AND (term.known_to IS NULL OR term.known_to > terms_in.known_at) END
       AND (terms_in.orgs IS NULL OR term.org_id = ANY(terms_in.orgs)) AND unit.rate > 0
), sound AS MATERIALIZED (
    SELECT known.* FROM known
     WHERE known.is_beside OR (
           known.start_on IS NOT NULL AND (known.kind <> 'fixed' OR known.due_on IS NOT NULL)
       AND (known.due_on IS NULL OR known.due_on >= known.start_on)
       AND jsonb_array_length(known.steps) > 0
       AND NOT EXISTS (SELECT FROM jsonb_array_elements(known.steps) AS step
                        WHERE (step ->> 1)::numeric < 0 OR (step ->> 1)::numeric IN ('NaN', 'Infinity')))
), link AS (
    SELECT DISTINCT after.org_id, after.term_id AS after_id, after.signed_on, after.start_on,
           CASE WHEN terms_in.rates IS NOT NULL OR after.currency IS NOT DISTINCT FROM before.currency
                THEN cs_v1.arr_on(after.steps, after.start_on) * after.rate END AS first_arr, before.term_id AS before_id, before.worth
      FROM sound AS after CROSS JOIN LATERAL unnest(after.renews) AS named (term_id)
      JOIN sound AS before ON before.org_id = after.org_id AND before.term_id = named.term_id
     WHERE NOT after.is_beside AND before.term_id <> after.term_id
       AND (before.start_on IS NULL OR after.start_on > before.start_on)
       AND (before.due_on IS NULL OR after.signed_on IS NULL OR after.signed_on - before.due_on <= 90)
), rounded AS (
    SELECT link.*, CASE WHEN count(*) OVER whole = 1 THEN first_arr
                        WHEN sum(worth) OVER whole = 0 THEN round(first_arr / count(*) OVER whole, 2)
                        ELSE round(first_arr * worth / sum(worth) OVER whole, 2) END AS part,
           before_id = max(before_id COLLATE "C") OVER whole AS is_last
      FROM link WINDOW whole AS (PARTITION BY link.org_id, link.after_id)
), shared AS (
    -- the last of several takes what is left, so that the parts add up
    SELECT rounded.*, CASE WHEN is_last THEN first_arr - (sum(part) OVER whole - part) ELSE part END AS share
      FROM rounded WINDOW whole AS (PARTITION BY rounded.org_id, rounded.after_id)
), successor AS (
    SELECT shared.org_id, shared.before_id, min(shared.signed_on) AS signed_on, min(shared.start_on) AS start_on,
           CASE WHEN bool_and(shared.share IS NOT NULL) THEN sum(shared.share) END AS renewed_arr
      FROM shared WHERE shared.signed_on <= terms_in.as_of GROUP BY 1, 2
), seen AS (
    SELECT sound.*, successor.signed_on AS followed_on, successor.start_on AS follows_on, successor.renewed_arr,
           sound.due_on IS NOT NULL AND successor.signed_on IS NULL AND sound.auto_renews AND sound.is_active
           AND terms_in.as_of > sound.due_on AND sound.lost_on IS NULL AS is_auto
      FROM sound LEFT JOIN successor ON successor.org_id = sound.org_id AND successor.before_id = sound.term_id
)
SELECT seen.org_id, seen.term_id, seen.deal_id, seen.customer_id, seen.kind, seen.start_on, seen.due_on, seen.worth,
       CASE WHEN terms_in.rates IS NULL THEN seen.currency ELSE terms_in.wanted END, seen.steps, seen.signed_on,
       CASE WHEN seen.kind <> 'fixed' THEN NULL
            WHEN terms_in.as_of < seen.due_on THEN CASE WHEN seen.followed_on IS NULL THEN 'open' ELSE 'secured' END
            WHEN seen.followed_on IS NOT NULL THEN CASE WHEN seen.followed_on <= seen.due_on THEN 'on_time' ELSE 'late' END
            WHEN seen.is_auto THEN 'on_time'
            WHEN (seen.lost_on <= terms_in.as_of AND terms_in.as_of > seen.due_on)
                 OR terms_in.as_of - seen.due_on > terms_in.grace_days THEN 'lost'
            ELSE 'pending' END,
       seen.followed_on, CASE WHEN seen.is_auto THEN seen.worth WHEN seen.followed_on IS NULL THEN 0 ELSE seen.renewed_arr END, seen.is_auto,
       coalesce(seen.follows_on <= seen.due_on, false),
       CASE WHEN seen.due_on IS NULL THEN least(seen.ended_on, seen.follows_on - 1)
            WHEN seen.is_auto THEN NULL
            ELSE least(seen.due_on, seen.follows_on - 1) END,
       seen.kind = 'fixed' AND coalesce(seen.due_on <= terms_in.as_of AND seen.signed_on <= terms_in.as_of, false),
       seen.provenance, seen.confidence, seen.rate
  FROM seen
$$;

CREATE FUNCTION cs_v1.terms_on(
    as_of date, known_at timestamptz DEFAULT NULL, grace_days integer DEFAULT 30, only_org text DEFAULT NULL
) RETURNS TABLE (
    org_id text, term_id text, deal_id text, customer_id text, kind text, start_on date, due_on date, atr numeric,
    currency text, steps jsonb, signed_on date, status text, renewal_signed_on date, renewed_arr numeric, is_auto boolean,
    is_early_replace boolean, last_on date, counts boolean, provenance text, confidence text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT org_id, term_id, deal_id, customer_id, kind, start_on, due_on, atr, currency, steps, signed_on, status,
           renewal_signed_on, renewed_arr, is_auto, is_early_replace, last_on, counts, provenance, confidence
      FROM cs_v1.terms_in(terms_on.as_of, terms_on.known_at, terms_on.grace_days,
                          CASE WHEN terms_on.only_org IS NOT NULL THEN ARRAY[terms_on.only_org] END, NULL, NULL)
$$;

CREATE VIEW cs_v1.term AS
SELECT term.org_id, term.term_id, term.deal_id, term.customer_id, account.name AS customer_name, term.contract_id,
       term.kind, term.start_on, term.due_on, term.atr, term.currency, term.signed_on, term.renews, term.lost_on,
       term.notice_on, term.ended_on, term.auto_renews, term.is_active, term.provenance, term.confidence, term.known_from
  FROM cs.term
  LEFT JOIN salesforce.account ON account.org_id = term.org_id AND account.id = term.customer_id
            AND account.tombstone IS NULL
 WHERE term.known_to IS NULL;

CREATE VIEW cs_v1.renewal_outcome AS
SELECT seen.org_id, seen.term_id, seen.deal_id, seen.customer_id, account.name AS customer_name, seen.start_on,
       seen.due_on, seen.due_on - today.day AS days_left, seen.atr, seen.currency, seen.signed_on, seen.status,
       seen.renewal_signed_on, seen.renewed_arr, least(seen.renewed_arr, seen.atr) AS capped_arr,
       seen.is_auto, seen.is_early_replace, seen.counts, seen.provenance, seen.confidence, today.day AS as_of
  FROM ops.org
  CROSS JOIN LATERAL (SELECT cs_v1.day_of(org.watermark, org.time_zone) AS day) AS today
  CROSS JOIN LATERAL cs_v1.terms_on(today.day, only_org => org.org_id) AS seen
  LEFT JOIN salesforce.account ON account.org_id = seen.org_id AND account.id = seen.customer_id
            AND account.tombstone IS NULL
 WHERE seen.kind = 'fixed';

-- What a year of each customer is worth on the first day of each month; months before the first term are left out.
CREATE VIEW cs_v1.arr_monthly AS
SELECT seen.org_id, month.first_on, seen.customer_id, seen.currency, sum(cs_v1.arr_on(seen.steps, month.first_on)) AS arr
  FROM ops.org
  CROSS JOIN LATERAL (SELECT cs_v1.day_of(org.watermark, org.time_zone) AS day) AS today
  CROSS JOIN LATERAL cs_v1.terms_on(today.day, only_org => org.org_id) AS seen
  CROSS JOIN LATERAL (
       SELECT first::date AS first_on
         FROM generate_series(date_trunc('month', seen.start_on - 1 + interval '1 month'),
                              least(seen.last_on, today.day), interval '1 month') AS first
       ) AS month
 WHERE seen.kind IN ('fixed', 'evergreen') AND seen.signed_on <= today.day AND seen.start_on <= today.day
 GROUP BY 1, 2, 3, 4;
