-- Pools of numbers, SIM cards and ports with their reservations; what ending a product costs, and equipment that has to come
-- back (printed by `abonent derive`).

CREATE TABLE resource_pool (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    category text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{category}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX resource_pool_category ON resource_pool (category, id);
CREATE INDEX resource_pool_doc ON resource_pool USING gin (doc jsonb_path_ops);
CREATE SEQUENCE resource_pool_number START 10001 INCREMENT 50;

CREATE TABLE resource_reservation (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    reservation_state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{reservationState}') STORED,
    external_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{externalId}') STORED,
    product_order_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{productOrder,id}') STORED,
    resource_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{resource,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX resource_reservation_reservation_state ON resource_reservation (reservation_state, id);
CREATE INDEX resource_reservation_external_id ON resource_reservation (external_id, id);
CREATE INDEX resource_reservation_product_order_id ON resource_reservation (product_order_id, id);
CREATE INDEX resource_reservation_resource_id ON resource_reservation (resource_id, id);
CREATE INDEX resource_reservation_doc ON resource_reservation USING gin (doc jsonb_path_ops);
CREATE SEQUENCE resource_reservation_number START 10001 INCREMENT 50;

CREATE TABLE ending_rule (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    product_offering_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{productOffering,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX ending_rule_product_offering_id ON ending_rule (product_offering_id, id);
CREATE INDEX ending_rule_doc ON ending_rule USING gin (doc jsonb_path_ops);
CREATE SEQUENCE ending_rule_number START 10001 INCREMENT 50;

CREATE TABLE equipment_return (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    due_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{dueDate}')) STORED,
    product_order_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{productOrder,id}') STORED,
    product_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{product,id}') STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX equipment_return_state ON equipment_return (state, id);
CREATE INDEX equipment_return_due_date ON equipment_return (due_date, id);
CREATE INDEX equipment_return_product_order_id ON equipment_return (product_order_id, id);
CREATE INDEX equipment_return_product_id ON equipment_return (product_id, id);
CREATE INDEX equipment_return_doc ON equipment_return USING gin (doc jsonb_path_ops);
CREATE SEQUENCE equipment_return_number START 10001 INCREMENT 50;
