-- Whether longer work must not leave the owner's own machines.
ALTER TABLE items ADD COLUMN local INTEGER NOT NULL DEFAULT 0;

ALTER TABLE batches ADD COLUMN local INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 3;
