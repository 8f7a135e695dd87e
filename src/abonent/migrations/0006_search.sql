-- What clients and addresses are found by: one entry each, kept by triggers, so it is true whoever writes (an action, an
-- import, the demo) and no other table pays for it. Orders and products are found by their numbers, which are indexed.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
    RAISE EXCEPTION USING ERRCODE = SQLSTATE,
        MESSAGE = 'The search needs the PostgreSQL extension pg_trgm, which could not be created: ' || SQLERRM,
        HINT = 'Install PostgreSQL''s contrib modules, let an administrator run "CREATE EXTENSION pg_trgm" in this'
            ' database, and migrate again.';
END
$$;

-- A text as it is compared: in small Latin letters, sound for sound, so that Cyrillic and its usual spellings in Latin
-- fall together (Щукин, Schukin, Shchukin), with single spaces for all punctuation. Letters go by a list, not by
-- lower(): that depends on the database's locale.
CREATE FUNCTION abonent_fold(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    folded text := translate(said,
        'ABCDEFGHIJKLMNOPQRSTUVWXYZАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ',
        'abcdefghijklmnopqrstuvwxyzабвгдеежзийклмнопрстуфхцчшщъыьэюя');
BEGIN
    folded := translate(folded, 'абвгдеёзийклмнопрстуфхцыэàáâäçèéêëìíîïñòóôöùúûüъь''’`',
                                'abvgdeeziiklmnoprstufhcieaaaaceeeeiiiinoooouuuu');
    folded := replace(replace(replace(replace(replace(replace(folded,
        'ж', 'zh'), 'ч', 'ch'), 'ш', 'sh'), 'щ', 'sh'), 'ю', 'iu'), 'я', 'ia');
    folded := replace(replace(replace(replace(folded, 'shch', 'sh'), 'sch', 'sh'), 'kh', 'h'), 'ts', 'c');
    folded := regexp_replace(folded, '[yj]([aou])', 'i\1', 'g');
    folded := replace(replace(translate(folded, 'yjw', 'iiv'), 'io', 'e'), 'ie', 'e');
    folded := regexp_replace(folded, '[\s!-/:-@\[-`{-~«»„“”–—№\u00a0]+', ' ', 'g');
    RETURN btrim(replace(folded, 'ii', 'i'));
END
$$;

-- A telephone number as digits with the country's code: +7 999 000-00-12, 8 (999) 000 00 12 and 9990000012 are one.
CREATE FUNCTION abonent_phone(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    digits text := regexp_replace(said, '\D', '', 'g');
BEGIN
    IF length(digits) = 11 AND digits LIKE '8%' THEN
        RETURN '7' || substr(digits, 2);
    END IF;
    RETURN CASE WHEN length(digits) = 10 AND said !~ '^\s*\+' THEN '7' || digits ELSE digits END;
END
$$;

-- words: everything a client is asked for by, folded, between spaces; title: his name alone, folded.
CREATE TABLE client_entry (
    id text COLLATE "C" PRIMARY KEY,
    party text COLLATE "C",
    title text COLLATE "C" NOT NULL,
    words text COLLATE "C" NOT NULL,
    phones text[] NOT NULL,
    kind text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    since text COLLATE "C",
    town text COLLATE "C"
);
CREATE INDEX client_entry_party ON client_entry (party);
CREATE INDEX client_entry_words ON client_entry USING gin (words gin_trgm_ops);
CREATE INDEX client_entry_phones ON client_entry USING gin (phones);
CREATE INDEX client_entry_since ON client_entry (since DESC NULLS LAST, id);

-- The words of names and addresses, for finding what a mistyped word may mean. A row a word and owner, so that two writers
-- never wait for each other.
CREATE TABLE search_word (
    owner text COLLATE "C",
    word text COLLATE "C",
    PRIMARY KEY (owner, word)
);
CREATE INDEX search_word_like ON search_word USING gin (word gin_trgm_ops);

CREATE FUNCTION abonent_write_words(whose text, folded text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    words text[] := ARRAY(SELECT DISTINCT w FROM unnest(string_to_array(folded, ' ')) w
                          WHERE length(w) > 2 AND w !~ '\d' ORDER BY w);
BEGIN
    DELETE FROM search_word WHERE owner = whose AND NOT word = ANY(words);
    INSERT INTO search_word SELECT whose, unnest(words) ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION abonent_write_client_entry(client text, doc jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told text[];
    numbers text[];
BEGIN
    SELECT coalesce(array_agg(DISTINCT abonent_phone(said #>> '{}')), '{}') INTO numbers
    FROM jsonb_path_query(doc, '$.contactMedium[*].characteristic.phoneNumber') said
    WHERE length(regexp_replace(said #>> '{}', '\D', '', 'g')) >= 5;
    SELECT array_agg(said #>> '{}') INTO told
    FROM jsonb_path_query_array(doc, '$.engagedParty.name') a,
         jsonb_path_query_array(doc, '$.contactMedium[*].characteristic.emailAddress') b,
         jsonb_path_query_array(doc, '$.contactMedium[*].characteristic.street1') c,
         jsonb_path_query_array(doc, '$.contactMedium[*].characteristic.street2') d,
         jsonb_path_query_array(doc, '$.contactMedium[*].characteristic.city') e,
         jsonb_path_query_array(doc, '$.contactMedium[*].characteristic.postCode') f,
         jsonb_path_query_array(doc, '$.account[*].id') g,
         jsonb_path_query_array(doc, '$.agreement[*].id') h,
         jsonb_path_query_array(doc, '$.agreement[*].name') i,
         jsonb_array_elements(a || b || c || d || e || f || g || h || i) said;
    INSERT INTO client_entry (id, party, title, words, phones, kind, state, since, town)
    VALUES (client, doc #>> '{engagedParty,id}', abonent_fold(coalesce(doc ->> 'name', client)),
            ' ' || abonent_fold(concat_ws(' ', doc ->> 'name', client, array_to_string(told, ' ')))
                || ' ' || array_to_string(numbers, ' ') || ' ',
            numbers, CASE WHEN doc #>> '{engagedParty,@referredType}' = 'Organization' THEN 'business' ELSE 'home' END,
            coalesce(doc ->> 'status', 'active'), abonent_utc(doc #>> '{validFor,startDateTime}'),
            jsonb_path_query_first(doc, '$.contactMedium[*].characteristic.city') #>> '{}')
    ON CONFLICT (id) DO UPDATE SET party = excluded.party, title = excluded.title, words = excluded.words,
        phones = excluded.phones, kind = excluded.kind, state = excluded.state, since = excluded.since,
        town = excluded.town;
    PERFORM abonent_write_words('client ' || client, abonent_fold(concat_ws(' ', doc ->> 'name',
        jsonb_path_query_first(doc, '$.contactMedium[*].characteristic.city') #>> '{}')));
END
$$;

CREATE FUNCTION abonent_keep_client_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM client_entry WHERE id = OLD.id;
        DELETE FROM search_word WHERE owner = 'client ' || OLD.id;
    ELSE
        PERFORM abonent_write_client_entry(NEW.id, NEW.doc);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER customer_entry AFTER INSERT OR UPDATE OF doc OR DELETE ON customer
    FOR EACH ROW EXECUTE FUNCTION abonent_keep_client_entry();
DO $$ BEGIN PERFORM abonent_write_client_entry(id, doc) FROM customer; END $$;

CREATE TABLE address_entry (
    id text COLLATE "C" PRIMARY KEY,
    words text COLLATE "C" NOT NULL,
    town text COLLATE "C"
);
CREATE INDEX address_entry_words ON address_entry USING gin (words gin_trgm_ops);
CREATE INDEX address_entry_town ON address_entry (town);

CREATE FUNCTION abonent_write_address_entry(address text, doc jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    said text := abonent_fold(concat_ws(' ', doc ->> 'name', doc ->> 'city', doc ->> 'streetType',
        doc ->> 'streetName', doc ->> 'streetNr', doc ->> 'postcode', doc ->> 'locality'));
BEGIN
    INSERT INTO address_entry (id, words, town) VALUES (address, ' ' || said || ' ', doc ->> 'city')
    ON CONFLICT (id) DO UPDATE SET words = excluded.words, town = excluded.town;
    PERFORM abonent_write_words('address ' || address, said);
END
$$;

CREATE FUNCTION abonent_keep_address_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM address_entry WHERE id = OLD.id;
        DELETE FROM search_word WHERE owner = 'address ' || OLD.id;
    ELSE
        PERFORM abonent_write_address_entry(NEW.id, NEW.doc);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER geographic_address_entry AFTER INSERT OR UPDATE OF doc OR DELETE ON geographic_address
    FOR EACH ROW EXECUTE FUNCTION abonent_keep_address_entry();
DO $$ BEGIN PERFORM abonent_write_address_entry(id, doc) FROM geographic_address; END $$;
