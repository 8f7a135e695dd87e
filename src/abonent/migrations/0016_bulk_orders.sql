-- Bulk orders of a business and their lines (printed by `abonent derive`).

CREATE TABLE bulk_order (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    created text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{created}')) STORED,
    customer_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{customer,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX bulk_order_state ON bulk_order (state, id);
CREATE INDEX bulk_order_created ON bulk_order (created DESC NULLS LAST, id);
CREATE INDEX bulk_order_customer_id ON bulk_order (customer_id, id);
CREATE SEQUENCE bulk_order_number START 10001 INCREMENT 50;

CREATE TABLE bulk_order_line (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    bulk_order text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{bulkOrder}') STORED,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    external_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{externalId}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX bulk_order_line_bulk_order ON bulk_order_line (bulk_order, id);
CREATE INDEX bulk_order_line_state ON bulk_order_line (state, id);
CREATE INDEX bulk_order_line_external_id ON bulk_order_line (external_id, id);
CREATE SEQUENCE bulk_order_line_number START 10001 INCREMENT 50;
