-- Files of work orders (printed by `abonent derive`).

CREATE TABLE work_order_attachment (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE work_order_attachment_number START 10001 INCREMENT 50;
