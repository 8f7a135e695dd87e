-- Visits and crews, as `abonent derive` prints them; tests/actions/test_schema.py holds them against the registry.
CREATE TABLE appointment (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{status}') STORED,
    starts_at text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{validFor,startDateTime}')) STORED,
    crew text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{relatedEntity,0,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX appointment_status ON appointment (status, id);
CREATE INDEX appointment_starts_at ON appointment (starts_at, id);
CREATE INDEX appointment_crew ON appointment (crew, id);
CREATE INDEX appointment_doc ON appointment USING gin (doc jsonb_path_ops);
CREATE SEQUENCE appointment_number START 10001 INCREMENT 50;

CREATE TABLE search_time_slot (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    status text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{status}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX search_time_slot_status ON search_time_slot (status, id);
CREATE INDEX search_time_slot_doc ON search_time_slot USING gin (doc jsonb_path_ops);
CREATE SEQUENCE search_time_slot_number START 10001 INCREMENT 50;

CREATE TABLE work_order (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    order_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{orderDate}')) STORED,
    external_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{externalId}') STORED,
    expected_completion_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{expectedCompletionDate}')) STORED,
    appointment_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{appointment,id}') STORED,
    crew text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{relatedEntity,0,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX work_order_state ON work_order (state, id);
CREATE INDEX work_order_order_date ON work_order (order_date DESC NULLS LAST, id);
CREATE INDEX work_order_external_id ON work_order (external_id, id);
CREATE INDEX work_order_expected_completion_date ON work_order (expected_completion_date, id);
CREATE INDEX work_order_appointment_id ON work_order (appointment_id, id);
CREATE INDEX work_order_crew ON work_order (crew, id);
CREATE INDEX work_order_doc ON work_order USING gin (doc jsonb_path_ops);
CREATE SEQUENCE work_order_number START 10001 INCREMENT 50;

CREATE TABLE crew (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    name text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{name}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX crew_name ON crew (name, id);
CREATE INDEX crew_doc ON crew USING gin (doc jsonb_path_ops);
CREATE SEQUENCE crew_number START 10001 INCREMENT 50;

CREATE TABLE crew_absence (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    crew_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{crew,id}') STORED,
    ends_at text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{validFor,endDateTime}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX crew_absence_crew_id ON crew_absence (crew_id, id);
CREATE INDEX crew_absence_ends_at ON crew_absence (ends_at, id);
CREATE INDEX crew_absence_doc ON crew_absence USING gin (doc jsonb_path_ops);
CREATE SEQUENCE crew_absence_number START 10001 INCREMENT 50;

CREATE TABLE crew_day (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE crew_day_number START 10001 INCREMENT 50;
