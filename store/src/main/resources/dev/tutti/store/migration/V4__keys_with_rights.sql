-- What a key lets its holder do, and what the cloud has cost.
-- Scopes are separated by commas, patterns of models by line feeds; none is every model.
ALTER TABLE keys ADD COLUMN scopes TEXT NOT NULL DEFAULT 'INFER';
ALTER TABLE keys ADD COLUMN models TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN tier TEXT NOT NULL DEFAULT 'GUEST';
ALTER TABLE keys ADD COLUMN rpm INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN tpm INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN concurrent INTEGER NOT NULL DEFAULT 0;
-- -1 is no bound.
ALTER TABLE keys ADD COLUMN budget_cents INTEGER NOT NULL DEFAULT -1;
ALTER TABLE keys ADD COLUMN priority_max INTEGER NOT NULL DEFAULT 9;
ALTER TABLE keys ADD COLUMN local INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keys ADD COLUMN weight REAL NOT NULL DEFAULT 1;
ALTER TABLE keys ADD COLUMN address TEXT;
ALTER TABLE keys ADD COLUMN expires_at INTEGER;
ALTER TABLE keys ADD COLUMN used_at INTEGER;

-- Those that were made for the hub's owner might do everything, and still may.
UPDATE keys SET scopes = 'INFER,ADMIN,TOOLS,NODES'
  WHERE name IN ('first', 'command line on the hub''s machine');

-- Millionths of a euro by calendar month (UTC, 2026-01) and by who asked.
CREATE TABLE spent (
  month     TEXT    NOT NULL,
  principal TEXT    NOT NULL,
  micro_eur INTEGER NOT NULL,
  PRIMARY KEY (month, principal)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 4;
