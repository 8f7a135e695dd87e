-- The hub: who wants to hear of changes, what he is to be sent, and how far the events were looked at.

CREATE TABLE hub_subscription (
    id text COLLATE "C" PRIMARY KEY,
    api text NOT NULL,                 -- base path of the API at whose hub it was made
    topic text COLLATE "C",            -- the topic of TMF688 it was made at, if it was one
    callback text NOT NULL,
    host text NOT NULL,                -- of the callback, with its port
    query text,
    more jsonb NOT NULL DEFAULT '{}',  -- @type and its like, as given
    secret text NOT NULL,
    role text NOT NULL,                -- who made it, and therefore what may be told
    party text,
    by text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
    since bigint NOT NULL,             -- events up to this one were before it
    created_at timestamptz NOT NULL DEFAULT now(),
    failures int NOT NULL DEFAULT 0,   -- in a row
    next_at timestamptz NOT NULL DEFAULT now(),
    leased_by text,
    leased_until timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_error text,
    delivered bigint NOT NULL DEFAULT 0,
    retried bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0
);

CREATE TABLE hub_delivery (
    subscription text COLLATE "C" NOT NULL REFERENCES hub_subscription ON DELETE CASCADE,
    seq bigint NOT NULL,               -- of the event
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts int NOT NULL DEFAULT 0,
    due_since timestamptz NOT NULL DEFAULT now(),
    tried_at timestamptz,
    ended_at timestamptz,
    status int,                        -- HTTP status of the last attempt
    error text,
    PRIMARY KEY (subscription, seq)
);
CREATE INDEX hub_delivery_pending ON hub_delivery (subscription, seq) WHERE state = 'pending';
CREATE INDEX hub_delivery_ended ON hub_delivery (ended_at) WHERE state <> 'pending';

-- Every event up to `seq` was looked at, but for those in hub_gap: numbers that were taken, whose rows were not there.
CREATE TABLE hub_cursor (
    only_row boolean PRIMARY KEY CHECK (only_row),
    seq bigint NOT NULL
);
INSERT INTO hub_cursor SELECT true, coalesce(max(seq), 0) FROM event;

-- `horizon`: when all transactions older than this have ended and the row is still not there, it was rolled back.
CREATE TABLE hub_gap (
    seq bigint PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT now(),
    horizon xid8
);

-- Topics of TMF688 and what they keep.

CREATE TABLE topic (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX topic_doc ON topic USING gin (doc jsonb_path_ops);
CREATE SEQUENCE topic_number START 10001 INCREMENT 50;

CREATE TABLE topic_event (
    id text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    doc jsonb NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE SEQUENCE topic_event_number START 10001 INCREMENT 50;
