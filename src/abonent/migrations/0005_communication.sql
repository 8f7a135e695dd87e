-- Messages by time, and the templates they are written from; as `abonent derive` prints them.
ALTER TABLE communication_message
    ADD COLUMN send_time text COLLATE "C" GENERATED ALWAYS AS (abonent_utc(doc #>> '{sendTime}')) STORED;
CREATE INDEX communication_message_send_time ON communication_message (send_time DESC NULLS LAST, id);

CREATE TABLE message_template (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX message_template_doc ON message_template USING gin (doc jsonb_path_ops);
CREATE SEQUENCE message_template_number START 10001 INCREMENT 50;
