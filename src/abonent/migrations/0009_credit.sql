-- The credit check: tables version by version, payments that came late, the bureau's answers, cases that wait for a
-- person or a deposit. The one policy without versions, and without a check for gaps, goes.
DROP TABLE credit_policy;
DROP SEQUENCE credit_policy_number;

CREATE TABLE credit_table (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    in_force_from text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{inForceFrom}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX credit_table_in_force_from ON credit_table (in_force_from DESC NULLS LAST, id);
CREATE SEQUENCE credit_table_number START 10001 INCREMENT 50;

CREATE TABLE late_payment (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    customer_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{customer,id}') STORED,
    due_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{dueDate}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX late_payment_customer_id ON late_payment (customer_id, id);
CREATE INDEX late_payment_due_date ON late_payment (due_date DESC NULLS LAST, id);
CREATE SEQUENCE late_payment_number START 10001 INCREMENT 50;

CREATE TABLE bureau_answer (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE bureau_answer_number START 10001 INCREMENT 50;

CREATE TABLE credit_case (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    since text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{since}')) STORED,
    customer_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{customer,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX credit_case_state ON credit_case (state, id);
CREATE INDEX credit_case_since ON credit_case (since DESC NULLS LAST, id);
CREATE INDEX credit_case_customer_id ON credit_case (customer_id, id);
CREATE SEQUENCE credit_case_number START 10001 INCREMENT 50;

-- Orders that were waiting before there were cases get theirs.
INSERT INTO credit_case (id, doc)
SELECT o.id, jsonb_strip_nulls(jsonb_build_object(
    'id', o.id,
    'productOrder', jsonb_build_object('id', o.id, '@referredType', 'ProductOrder'),
    'customer', jsonb_build_object('id', c.party ->> 'id', 'name', c.party ->> 'name', '@referredType', 'Customer'),
    'state', CASE d.decision ->> 'outcome' WHEN 'refer' THEN 'referred' ELSE 'awaitingDeposit' END,
    'since', d.decision ->> 'at',
    'decision', d.decision,
    'monthly', coalesce((
        SELECT sum((p #>> '{price,taxIncludedAmount,value}')::numeric)
        FROM jsonb_array_elements(o.doc -> 'orderTotalPrice') p WHERE p ->> 'priceType' = 'recurring'), 0),
    'deposit', CASE d.decision ->> 'outcome' WHEN 'approveWithDeposit'
        THEN jsonb_build_object('unit', 'RUB', 'value', d.decision -> 'deposit') END,
    'trace', jsonb_build_array(jsonb_build_object(
        'at', d.decision ->> 'at', 'by', 'table',
        'what', CASE d.decision ->> 'outcome' WHEN 'refer' THEN 'referred' ELSE 'awaitingDeposit' END,
        'version', d.decision ->> 'rulesVersion', 'rule', d.decision ->> 'rule'))))
FROM product_order o
JOIN order_assessment a ON a.id = o.id
CROSS JOIN LATERAL (
    SELECT e.value AS decision FROM jsonb_array_elements(a.doc -> 'decision') WITH ORDINALITY e
    WHERE e.value ->> 'kind' = 'credit' ORDER BY e.ordinality DESC LIMIT 1) d
CROSS JOIN LATERAL (
    SELECT p.value AS party FROM jsonb_array_elements(o.doc -> 'relatedParty') p
    WHERE lower(p.value ->> 'role') = 'customer' LIMIT 1) c
WHERE o.state IN ('held', 'pending') AND NOT EXISTS (SELECT 1 FROM order_plan l WHERE l.id = o.id)
AND d.decision ->> 'outcome' IN ('refer', 'approveWithDeposit') AND NOT coalesce((d.decision ->> 'overridden')::bool, false);
