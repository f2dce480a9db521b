-- Moments are milliseconds since 1970-01-01T00:00Z, durations are milliseconds.

CREATE TABLE meta (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE nodes (
  id              TEXT    NOT NULL PRIMARY KEY,
  role            TEXT    NOT NULL,
  host            TEXT    NOT NULL,
  credential_hash TEXT    NOT NULL,
  machine_key     TEXT    NOT NULL,
  approved_at     INTEGER,
  removed         INTEGER NOT NULL,
  drained         INTEGER NOT NULL,
  label           TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE backends (
  id       TEXT    NOT NULL PRIMARY KEY,
  node     TEXT    NOT NULL,
  url      TEXT    NOT NULL,
  slots    INTEGER,
  added_by TEXT    NOT NULL,
  drained  INTEGER NOT NULL,
  facts    TEXT,
  seen_at  INTEGER
) STRICT;

CREATE TABLE models_seen (
  model   TEXT    NOT NULL PRIMARY KEY,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  id         TEXT    NOT NULL PRIMARY KEY,
  name       TEXT    NOT NULL,
  sha256     TEXT    NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- Ids only grow, so the newest n rows are those above max(id) - n.
CREATE TABLE usage (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  task           TEXT    NOT NULL,
  at             INTEGER NOT NULL,
  principal      TEXT    NOT NULL,
  dialect        TEXT    NOT NULL,
  type           TEXT    NOT NULL,
  model_asked    TEXT    NOT NULL,
  model_answered TEXT,
  node           TEXT,
  backend        TEXT,
  prompt_tokens  INTEGER NOT NULL,
  cached_tokens  INTEGER NOT NULL,
  output_tokens  INTEGER NOT NULL,
  queued_ms      INTEGER NOT NULL,
  first_ms       INTEGER,
  total_ms       INTEGER NOT NULL,
  attempts       INTEGER NOT NULL,
  outcome        TEXT    NOT NULL,
  failure        TEXT
) STRICT;

CREATE INDEX usage_at ON usage (at);

PRAGMA user_version = 1;
