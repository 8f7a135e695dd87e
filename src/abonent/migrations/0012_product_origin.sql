-- Products as they stood on any date are read from their events (domain/inventory/queries_past). One that came from
-- another system has no event of its beginning, so its first version is kept when it is changed for the first time.
CREATE TABLE product_origin (
    id text PRIMARY KEY,
    doc jsonb NOT NULL
);

CREATE FUNCTION abonent_keep_product_origin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO product_origin (id, doc) SELECT OLD.id, OLD.doc
    WHERE NOT EXISTS (
        SELECT FROM event WHERE resource = 'product' AND resource_id = OLD.id AND type = 'ProductCreateEvent')
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER product_origin_kept AFTER UPDATE ON product
    FOR EACH ROW WHEN (OLD.version = 1) EXECUTE FUNCTION abonent_keep_product_origin();

-- Who held a product before it was given to another client.
CREATE INDEX state_history_left ON state_history (old_state)
    WHERE resource = 'product' AND attribute = 'customer';
