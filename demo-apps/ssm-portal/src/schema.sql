-- The SSM Portal's own data. Instants are Unix milliseconds. "No access" is the absence of a row.
CREATE TABLE IF NOT EXISTS institution (
    id INTEGER PRIMARY KEY,
    short_name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    legal_name TEXT NOT NULL,
    country TEXT NOT NULL,
    lei TEXT NOT NULL,
    significance TEXT NOT NULL CHECK (significance IN ('SI', 'LSI', 'NONE')),
    third_party TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS institution_by_third_party ON institution (third_party, short_name);

CREATE TABLE IF NOT EXISTS process_type (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    for_less_significant INTEGER NOT NULL,
    open_to_third_parties INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY,
    iss TEXT NOT NULL,
    sub TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT NOT NULL,
    third_party TEXT NOT NULL,
    institution TEXT NOT NULL,
    app_admin INTEGER NOT NULL,
    search_text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    UNIQUE (iss, sub)
) STRICT;
CREATE INDEX IF NOT EXISTS account_newest ON account (third_party, created_at DESC, id);
CREATE INDEX IF NOT EXISTS account_newest_of_all ON account (created_at DESC, id);

CREATE TABLE IF NOT EXISTS permission (
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    process_type_id INTEGER NOT NULL REFERENCES process_type (id),
    institution_id INTEGER NOT NULL REFERENCES institution (id),
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
    PRIMARY KEY (account_id, process_type_id, institution_id)
) STRICT, WITHOUT ROWID;

-- Who changed or took away what; only ever added to.
CREATE TABLE IF NOT EXISTS trail (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_iss TEXT NOT NULL,
    actor_sub TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    event TEXT NOT NULL,
    account_id INTEGER,
    process_type_id INTEGER,
    institution_id INTEGER,
    level_before INTEGER,
    level_after INTEGER,
    detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS trail_of_account ON trail (account_id, id);
