-- Filters of lists that people keep by a name of their own: the address of the list and what stands after its "?".
CREATE TABLE saved_filter (
    account text NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    page text NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    PRIMARY KEY (account, page, name)
);
