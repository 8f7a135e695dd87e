-- Numbers on their way from other operators (printed by `abonent derive`).

CREATE TABLE porting_request (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    product_order_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{productOrder,id}') STORED,
    phone_number text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{phoneNumber}') STORED,
    since text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{since}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX porting_request_state ON porting_request (state, id);
CREATE INDEX porting_request_product_order_id ON porting_request (product_order_id, id);
CREATE INDEX porting_request_phone_number ON porting_request (phone_number, id);
CREATE INDEX porting_request_since ON porting_request (since DESC NULLS LAST, id);
CREATE SEQUENCE porting_request_number START 10001 INCREMENT 50;
