-- Requests to cancel an order or items of it (TMF622 cancelProductOrder).
CREATE TABLE cancel_product_order (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL,
    state text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{state}') STORED,
    product_order_id text COLLATE "C" GENERATED ALWAYS AS (doc #>> '{productOrder,id}') STORED,
    creation_date text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{creationDate}')) STORED
) WITH (toast_tuple_target = 8160);
CREATE INDEX cancel_product_order_state ON cancel_product_order (state, id);
CREATE INDEX cancel_product_order_product_order_id ON cancel_product_order (product_order_id, id);
CREATE INDEX cancel_product_order_creation_date ON cancel_product_order (creation_date DESC NULLS LAST, id);
CREATE INDEX cancel_product_order_doc ON cancel_product_order USING gin (doc jsonb_path_ops);
CREATE SEQUENCE cancel_product_order_number START 10001 INCREMENT 50;
