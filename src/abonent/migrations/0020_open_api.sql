-- The rest of the TM Forum resources (printed by `abonent derive`).

CREATE TABLE party_account (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX party_account_doc ON party_account USING gin (doc jsonb_path_ops);
CREATE SEQUENCE party_account_number START 10001 INCREMENT 50;

CREATE TABLE settlement_account (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX settlement_account_doc ON settlement_account USING gin (doc jsonb_path_ops);
CREATE SEQUENCE settlement_account_number START 10001 INCREMENT 50;

CREATE TABLE financial_account (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX financial_account_doc ON financial_account USING gin (doc jsonb_path_ops);
CREATE SEQUENCE financial_account_number START 10001 INCREMENT 50;

CREATE TABLE billing_cycle_specification (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX billing_cycle_specification_doc ON billing_cycle_specification USING gin (doc jsonb_path_ops);
CREATE SEQUENCE billing_cycle_specification_number START 10001 INCREMENT 50;

CREATE TABLE bill_format (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX bill_format_doc ON bill_format USING gin (doc jsonb_path_ops);
CREATE SEQUENCE bill_format_number START 10001 INCREMENT 50;

CREATE TABLE bill_presentation_media (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX bill_presentation_media_doc ON bill_presentation_media USING gin (doc jsonb_path_ops);
CREATE SEQUENCE bill_presentation_media_number START 10001 INCREMENT 50;

CREATE TABLE permission (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    user_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{user,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX permission_user_id ON permission (user_id, id);
CREATE INDEX permission_doc ON permission USING gin (doc jsonb_path_ops);
CREATE SEQUENCE permission_number START 10001 INCREMENT 50;

CREATE TABLE user_role (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX user_role_doc ON user_role USING gin (doc jsonb_path_ops);
CREATE SEQUENCE user_role_number START 10001 INCREMENT 50;

CREATE TABLE service_catalog (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_catalog_doc ON service_catalog USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_catalog_number START 10001 INCREMENT 50;

CREATE TABLE service_category (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_category_doc ON service_category USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_category_number START 10001 INCREMENT 50;

CREATE TABLE service_candidate (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_candidate_doc ON service_candidate USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_candidate_number START 10001 INCREMENT 50;

CREATE TABLE import_job (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{status}') STORED,
    creation_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{creationDate}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX import_job_status ON import_job (status, id);
CREATE INDEX import_job_creation_date ON import_job (creation_date DESC NULLS LAST, id);
CREATE INDEX import_job_doc ON import_job USING gin (doc jsonb_path_ops);
CREATE SEQUENCE import_job_number START 10001 INCREMENT 50;

CREATE TABLE service_import_job (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{status}') STORED,
    creation_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{creationDate}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_import_job_status ON service_import_job (status, id);
CREATE INDEX service_import_job_creation_date ON service_import_job (creation_date DESC NULLS LAST, id);
CREATE INDEX service_import_job_doc ON service_import_job USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_import_job_number START 10001 INCREMENT 50;

CREATE TABLE export_job (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{status}') STORED,
    creation_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{creationDate}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX export_job_status ON export_job (status, id);
CREATE INDEX export_job_creation_date ON export_job (creation_date DESC NULLS LAST, id);
CREATE INDEX export_job_doc ON export_job USING gin (doc jsonb_path_ops);
CREATE SEQUENCE export_job_number START 10001 INCREMENT 50;

CREATE TABLE service_export_job (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{status}') STORED,
    creation_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{creationDate}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_export_job_status ON service_export_job (status, id);
CREATE INDEX service_export_job_creation_date ON service_export_job (creation_date DESC NULLS LAST, id);
CREATE INDEX service_export_job_doc ON service_export_job USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_export_job_number START 10001 INCREMENT 50;

CREATE TABLE catalog_file (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE catalog_file_number START 10001 INCREMENT 50;

CREATE TABLE agreement (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{status}') STORED,
    name text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{name}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX agreement_status ON agreement (status, id);
CREATE INDEX agreement_name ON agreement (name, id);
CREATE INDEX agreement_doc ON agreement USING gin (doc jsonb_path_ops);
CREATE SEQUENCE agreement_number START 10001 INCREMENT 50;

CREATE TABLE agreement_specification (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX agreement_specification_doc ON agreement_specification USING gin (doc jsonb_path_ops);
CREATE SEQUENCE agreement_specification_number START 10001 INCREMENT 50;

CREATE TABLE query_service_qualification (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX query_service_qualification_state ON query_service_qualification (state, id);
CREATE INDEX query_service_qualification_doc ON query_service_qualification USING gin (doc jsonb_path_ops);
CREATE SEQUENCE query_service_qualification_number START 10001 INCREMENT 50;

CREATE TABLE cancel_work_order (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    work_order_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{workOrder,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX cancel_work_order_state ON cancel_work_order (state, id);
CREATE INDEX cancel_work_order_work_order_id ON cancel_work_order (work_order_id, id);
CREATE INDEX cancel_work_order_doc ON cancel_work_order USING gin (doc jsonb_path_ops);
CREATE SEQUENCE cancel_work_order_number START 10001 INCREMENT 50;

CREATE TABLE service_test_specification (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    name text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{name}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX service_test_specification_name ON service_test_specification (name, id);
CREATE INDEX service_test_specification_doc ON service_test_specification USING gin (doc jsonb_path_ops);
CREATE SEQUENCE service_test_specification_number START 10001 INCREMENT 50;

CREATE TABLE cancel_service_order (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    service_order_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{serviceOrder,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX cancel_service_order_state ON cancel_service_order (state, id);
CREATE INDEX cancel_service_order_service_order_id ON cancel_service_order (service_order_id, id);
CREATE INDEX cancel_service_order_doc ON cancel_service_order USING gin (doc jsonb_path_ops);
CREATE SEQUENCE cancel_service_order_number START 10001 INCREMENT 50;

CREATE TABLE party_interaction (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{status}') STORED,
    creation_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{creationDate}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX party_interaction_status ON party_interaction (status, id);
CREATE INDEX party_interaction_creation_date ON party_interaction (creation_date DESC NULLS LAST, id);
CREATE INDEX party_interaction_doc ON party_interaction USING gin (doc jsonb_path_ops);
CREATE SEQUENCE party_interaction_number START 10001 INCREMENT 50;
