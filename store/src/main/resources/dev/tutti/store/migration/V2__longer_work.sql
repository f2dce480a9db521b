-- Longer work: tasks whose client does not wait, files and batches.
-- In texts that may be missing, '' is "none". Lists are in the order of `seq`, which only grows.

CREATE TABLE files (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT    NOT NULL UNIQUE,
  principal  TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  purpose    TEXT    NOT NULL,
  bytes      INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT;

CREATE TABLE batches (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  id             TEXT    NOT NULL UNIQUE,
  principal      TEXT    NOT NULL,
  endpoint       TEXT    NOT NULL,
  input_file     TEXT    NOT NULL,
  metadata       TEXT    NOT NULL,
  priority       INTEGER NOT NULL,
  type           TEXT    NOT NULL,
  node           TEXT    NOT NULL,
  substitute     INTEGER NOT NULL,
  session        TEXT    NOT NULL,
  outputs_live   INTEGER,
  state          TEXT    NOT NULL,
  -- Whether its time ran out before all its items had ended.
  late           INTEGER NOT NULL,
  total          INTEGER NOT NULL,
  completed      INTEGER NOT NULL,
  failed         INTEGER NOT NULL,
  output_file    TEXT,
  error_file     TEXT,
  errors         TEXT    NOT NULL,
  created_at     INTEGER NOT NULL,
  expires_at     INTEGER NOT NULL,
  in_progress_at INTEGER,
  finalizing_at  INTEGER,
  cancelling_at  INTEGER,
  ended_at       INTEGER
) STRICT;

CREATE INDEX batches_open ON batches (state)
  WHERE state IN ('VALIDATING', 'IN_PROGRESS', 'FINALIZING', 'CANCELLING');

-- One row for each unit of work. `epoch` and `claim` are those of its last claim; a result is
-- written together with the state, and only over RUNNING with the same two.
CREATE TABLE items (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,
  id           TEXT    NOT NULL UNIQUE,
  batch        TEXT    NOT NULL,
  line         INTEGER NOT NULL,
  custom_id    TEXT    NOT NULL,
  principal    TEXT    NOT NULL,
  endpoint     TEXT    NOT NULL,
  model        TEXT    NOT NULL,
  priority     INTEGER NOT NULL,
  type         TEXT    NOT NULL,
  node         TEXT    NOT NULL,
  substitute   INTEGER NOT NULL,
  session      TEXT    NOT NULL,
  body         BLOB    NOT NULL,
  state        TEXT    NOT NULL,
  epoch        INTEGER NOT NULL,
  claim        INTEGER NOT NULL,
  attempts     INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  started_at   INTEGER,
  ended_at     INTEGER,
  status       INTEGER,
  content_type TEXT    NOT NULL,
  result       BLOB    NOT NULL,
  -- Bytes of body and result.
  size         INTEGER NOT NULL
) STRICT;

CREATE INDEX items_waiting ON items (priority DESC, line, seq, model) WHERE state = 'QUEUED';
CREATE INDEX items_expiring ON items (expires_at) WHERE state = 'QUEUED';
CREATE INDEX items_running ON items (epoch) WHERE state = 'RUNNING';
CREATE INDEX items_of_batch ON items (batch, line);
CREATE INDEX tasks_ended ON items (ended_at) WHERE batch = '' AND ended_at IS NOT NULL;

-- How much is kept, counted by the database itself so that it is right after every rollback.
CREATE TABLE items_kept (
  one   INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  items INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;

INSERT INTO items_kept VALUES (1, 0, 0);

CREATE TRIGGER items_come AFTER INSERT ON items BEGIN
  UPDATE items_kept SET items = items + 1, bytes = bytes + NEW.size;
END;

CREATE TRIGGER items_grow AFTER UPDATE OF size ON items BEGIN
  UPDATE items_kept SET bytes = bytes + NEW.size - OLD.size;
END;

CREATE TRIGGER items_go AFTER DELETE ON items BEGIN
  UPDATE items_kept SET items = items - 1, bytes = bytes - OLD.size;
END;

PRAGMA user_version = 2;
