-- What billing is told: positions, drafts, counters, events, exports (printed by `abonent derive`).

CREATE TABLE charging_position (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE charging_position_number START 10001 INCREMENT 50;

CREATE TABLE charging_draft (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE charging_draft_number START 10001 INCREMENT 50;

CREATE TABLE charging_counter (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE charging_counter_number START 10001 INCREMENT 50;

CREATE TABLE charging_event (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    booked text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{booked}')) STORED,
    account text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{account}') STORED,
    product_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{product,id}') STORED,
    customer_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{customer,id}') STORED,
    type text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{type}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX charging_event_booked ON charging_event (booked, id);
CREATE INDEX charging_event_account ON charging_event (account, id);
CREATE INDEX charging_event_product_id ON charging_event (product_id, id);
CREATE INDEX charging_event_customer_id ON charging_event (customer_id, id);
CREATE INDEX charging_event_type ON charging_event (type, id);
CREATE SEQUENCE charging_event_number START 10001 INCREMENT 50;

CREATE TABLE charging_export (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE charging_export_number START 10001 INCREMENT 50;
