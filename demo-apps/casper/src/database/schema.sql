-- CASPER's own data. People are known by (iss, sub) only; instants are Unix milliseconds.

CREATE TABLE IF NOT EXISTS collection (
    code       TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    frequency  TEXT NOT NULL,
    deadline   TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    owner_iss  TEXT,
    owner_sub  TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS entity (
    code       TEXT PRIMARY KEY,
    legal_name TEXT NOT NULL,
    country    TEXT NOT NULL,
    lei        TEXT NOT NULL,
    level      TEXT NOT NULL
) STRICT;

-- One row a person, made at the first sign-in. The rest is a copy of the latest claims.
CREATE TABLE IF NOT EXISTS account (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    iss              TEXT NOT NULL,
    sub              TEXT NOT NULL,
    name             TEXT NOT NULL,
    sort_name        TEXT NOT NULL,
    email            TEXT NOT NULL,
    third_party      TEXT,
    third_party_name TEXT,
    level_path       TEXT NOT NULL,
    data_submitter   INTEGER NOT NULL,
    user_admin       INTEGER NOT NULL,
    collection_owner INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    signed_in_at     INTEGER NOT NULL,
    UNIQUE (iss, sub)
) STRICT;

CREATE INDEX IF NOT EXISTS account_by_third_party ON account (third_party, sort_name, id);
CREATE INDEX IF NOT EXISTS account_by_name ON account (sort_name, id);

-- Keyed by (iss, sub) and not by account: a person may be assigned before the first sign-in.
-- asleep_since: the portal took the group away; someone responsible must confirm (O32).
CREATE TABLE IF NOT EXISTS assignment (
    iss              TEXT NOT NULL,
    sub              TEXT NOT NULL,
    role             TEXT NOT NULL CHECK (role IN ('WEB_DATA_SUBMITTER', 'WEB_USER_ADMIN')),
    collection       TEXT NOT NULL REFERENCES collection (code),
    entity           TEXT NOT NULL REFERENCES entity (code),
    assigned_by_name TEXT NOT NULL,
    assigned_by_iss  TEXT,
    assigned_by_sub  TEXT,
    assigned_at      INTEGER NOT NULL,
    asleep_since     INTEGER,
    PRIMARY KEY (iss, sub, role, collection, entity)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS assignment_by_pair ON assignment (collection, entity);

-- Written in the transaction of the change that it tells of; never changed, never deleted.
CREATE TABLE IF NOT EXISTS audit (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    event       TEXT NOT NULL,
    actor_iss   TEXT,
    actor_sub   TEXT,
    actor_name  TEXT NOT NULL,
    subject_iss TEXT NOT NULL,
    subject_sub TEXT NOT NULL,
    role        TEXT,
    collection  TEXT,
    entity      TEXT
) STRICT;

CREATE INDEX IF NOT EXISTS audit_by_subject ON audit (subject_iss, subject_sub, id);

CREATE TRIGGER IF NOT EXISTS audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE (ABORT, 'audit rows are never changed'); END;

CREATE TRIGGER IF NOT EXISTS audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE (ABORT, 'audit rows are never deleted'); END;
