-- Certificates take the place of credentials. Who joined before has to be invited anew: until then
-- its uuid is ''.
ALTER TABLE nodes DROP COLUMN credential_hash;

ALTER TABLE nodes ADD COLUMN uuid TEXT NOT NULL DEFAULT '';

ALTER TABLE nodes ADD COLUMN certified_at INTEGER;

-- Invitations that nobody has used. `sealed` is what the token's secret is proved against, closed
-- with a key that is not in this file.
CREATE TABLE invites (
  id         TEXT    NOT NULL PRIMARY KEY,
  node       TEXT    NOT NULL,
  role       TEXT    NOT NULL,
  sealed     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whose certificates are good for nothing any more.
CREATE TABLE revoked (
  uuid       TEXT    NOT NULL PRIMARY KEY,
  node       TEXT    NOT NULL,
  revoked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 5;
