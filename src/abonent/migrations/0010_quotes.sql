-- Quotes, the policy for what is not in the catalogue, and assessments by engineers (printed by `abonent derive`).

CREATE TABLE quote (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    quote_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{quoteDate}')) STORED,
    external_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{externalId}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX quote_state ON quote (state, id);
CREATE INDEX quote_quote_date ON quote (quote_date DESC NULLS LAST, id);
CREATE INDEX quote_external_id ON quote (external_id, id);
CREATE INDEX quote_doc ON quote USING gin (doc jsonb_path_ops);
CREATE SEQUENCE quote_number START 10001 INCREMENT 50;

CREATE TABLE quote_policy (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX quote_policy_doc ON quote_policy USING gin (doc jsonb_path_ops);
CREATE SEQUENCE quote_policy_number START 10001 INCREMENT 50;

CREATE TABLE engineering_assessment (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    kind text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{kind}') STORED,
    requested_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{requestedDate}')) STORED,
    due_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{dueDate}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX engineering_assessment_state ON engineering_assessment (state, id);
CREATE INDEX engineering_assessment_kind ON engineering_assessment (kind, id);
CREATE INDEX engineering_assessment_requested_date ON engineering_assessment (requested_date DESC NULLS LAST, id);
CREATE INDEX engineering_assessment_due_date ON engineering_assessment (due_date, id);
CREATE INDEX engineering_assessment_doc ON engineering_assessment USING gin (doc jsonb_path_ops);
CREATE SEQUENCE engineering_assessment_number START 10001 INCREMENT 50;
