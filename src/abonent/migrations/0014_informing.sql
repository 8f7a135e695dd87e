-- Rules of what clients are told, deposits asked for, contracts (printed by `abonent derive`).

CREATE TABLE contract_template (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE contract_template_number START 10001 INCREMENT 50;

CREATE TABLE contract (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    since text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{since}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX contract_state ON contract (state, id);
CREATE INDEX contract_since ON contract (since DESC NULLS LAST, id);
CREATE SEQUENCE contract_number START 10001 INCREMENT 50;

CREATE TABLE contract_file (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE contract_file_number START 10001 INCREMENT 50;

CREATE TABLE payment_request (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    since text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{since}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX payment_request_state ON payment_request (state, id);
CREATE INDEX payment_request_since ON payment_request (since DESC NULLS LAST, id);
CREATE SEQUENCE payment_request_number START 10001 INCREMENT 50;

CREATE TABLE deposit_policy (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE deposit_policy_number START 10001 INCREMENT 50;

CREATE TABLE communication_rule (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    scope text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{scope}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX communication_rule_scope ON communication_rule (scope, id);
CREATE SEQUENCE communication_rule_number START 10001 INCREMENT 50;
