-- What every process needs: history, events, timers, the domain's clock, console accounts.

-- Raised inside a writing statement whose compare-and-set found no row; undoes the whole statement.
CREATE FUNCTION abonent_require(hits bigint, what text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF hits = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'AB409', MESSAGE = what;
    END IF;
    RETURN hits;
END
$$;

-- A time on the wire as UTC text with milliseconds, which sorts as the instants do. Immutable although a cast to
-- timestamptz is not: shapes admit only times with an offset, which no session setting can shift. Not LANGUAGE sql:
-- that is parsed anew for each generated column of each insert, which took a sixth of inserting an order.
CREATE FUNCTION abonent_utc(moment text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN to_char(moment::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
END
$$;

CREATE TABLE state_history (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resource text NOT NULL,
    resource_id text NOT NULL,
    attribute text NOT NULL,
    old_state text,
    new_state text,
    reason text,
    at timestamptz NOT NULL,
    by text NOT NULL,
    correlation_id text NOT NULL
);
CREATE INDEX state_history_of ON state_history (resource, resource_id, seq);

CREATE TABLE event (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    type text NOT NULL,
    resource text NOT NULL,
    resource_id text NOT NULL,
    old_state text,
    new_state text,
    at timestamptz NOT NULL,
    by text NOT NULL,
    correlation_id text NOT NULL,
    doc jsonb
) WITH (toast_tuple_target = 8160); -- as in kit/derive
CREATE INDEX event_of ON event (resource, resource_id, seq);

CREATE TABLE timer (
    key text PRIMARY KEY,
    due_at timestamptz NOT NULL,
    job text NOT NULL,
    args jsonb NOT NULL
);
CREATE INDEX timer_due ON timer (due_at);

CREATE TABLE domain_clock (
    only_row boolean PRIMARY KEY CHECK (only_row),
    real_base timestamptz NOT NULL,
    domain_base timestamptz NOT NULL,
    rate double precision NOT NULL CHECK (rate > 0)
);

CREATE TABLE account (
    name text PRIMARY KEY,
    display_name text NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL,
    party text,
    language text NOT NULL DEFAULT 'en',
    theme text NOT NULL DEFAULT 'light'
);
