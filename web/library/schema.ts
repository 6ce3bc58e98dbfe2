/** The tables of a library, as steps from one version to the next; `PRAGMA user_version` counts the steps taken. */

/** Kept in `PRAGMA application_id`, so that a library is told from any other SQLite file: "Cuts" in ASCII. */
export const APPLICATION_ID = 0x43757473;

/**
 * Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese. Word by word nothing in them
 * is found, so texts with such letters stand in a second index, by runs of three letters.
 */
export const UNSPACED = "\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u9FFF\uF900-\uFAFF";

/** How `words` takes texts apart; what is compared with its terms has to be taken apart alike. */
export const TOKENIZER = "porter unicode61 remove_diacritics 2";

function unspaced(row: "new" | "old"): string {
  return `${row}.title || ${row}.body || ${row}.note || ${row}.tags GLOB '*[${UNSPACED}]*'`;
}

/**
 * Step n turns version n into version n + 1. A step that has shipped is never changed: a new one is added.
 *
 * Times are milliseconds since 1970. `cutout.tags` repeats the names of a cutout's tags for the sake of full text,
 * whose index takes all of its columns from one row; triggers keep both right, whoever writes. `cutout.title_hash` is
 * no trigger's work, since SQLite takes no accents off: whoever writes a title writes `titleHash` of it too.
 *
 * `source` holds what is shown of a cutout that is opened, up to a megabyte of it, apart from what lists and searches read.
 *
 * SQLite reads every view and trigger before it answers anything, so one word that came later than 3.37 (of 2021, the
 * first with STRICT) would close the file to the SQLite that Python and many systems have: group_concat(ORDER BY), of
 * 3.44, did.
 */
export const STEPS: readonly string[] = [
  `
CREATE TABLE asset (
  sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
  type TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE batch (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE cutout (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('text', 'page', 'image', 'video')),
  title TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  tags TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  site TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  anchor TEXT CHECK (anchor IS NULL OR json_valid(anchor)),
  asset BLOB REFERENCES asset (sha256),
  icon BLOB REFERENCES asset (sha256),
  batch INTEGER REFERENCES batch (id),
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  trashed INTEGER,
  title_hash INTEGER
) STRICT;
CREATE INDEX cutout_created ON cutout (created, id) WHERE trashed IS NULL;
CREATE INDEX cutout_trashed ON cutout (trashed) WHERE trashed IS NOT NULL;
CREATE INDEX cutout_kind ON cutout (kind, created) WHERE trashed IS NULL;
CREATE INDEX cutout_address ON cutout (address) WHERE address <> '';
CREATE INDEX cutout_site ON cutout (site, created) WHERE site <> '';
CREATE INDEX cutout_batch ON cutout (batch) WHERE batch IS NOT NULL;
CREATE INDEX cutout_title_hash ON cutout (title_hash) WHERE title_hash IS NOT NULL;
CREATE INDEX cutout_asset ON cutout (asset) WHERE asset IS NOT NULL;
CREATE INDEX cutout_icon ON cutout (icon) WHERE icon IS NOT NULL;

CREATE TABLE source (
  cutout INTEGER PRIMARY KEY REFERENCES cutout (id) ON DELETE CASCADE,
  html TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  icon_address TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE tag (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL CHECK (name <> ''),
  folded TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  space TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE cutout_tag (
  cutout INTEGER NOT NULL REFERENCES cutout (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  tag INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
  origin TEXT NOT NULL CHECK (origin IN ('person', 'model', 'removed')),
  model INTEGER REFERENCES model (id),
  probability REAL,
  at INTEGER NOT NULL,
  PRIMARY KEY (cutout, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX cutout_tag_tag ON cutout_tag (tag, cutout);

CREATE TABLE space (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  dim INTEGER NOT NULL
) STRICT;

CREATE TABLE vector (
  space INTEGER NOT NULL REFERENCES space (id),
  cutout INTEGER NOT NULL REFERENCES cutout (id) ON DELETE CASCADE,
  passage INTEGER NOT NULL,
  scale REAL NOT NULL,
  row BLOB NOT NULL,
  PRIMARY KEY (cutout, space, passage)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
  cutout INTEGER PRIMARY KEY REFERENCES cutout (id) ON DELETE CASCADE,
  round INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  query TEXT NOT NULL,
  place INTEGER NOT NULL,
  cutout INTEGER NOT NULL REFERENCES cutout (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX event_cutout ON event (cutout);

CREATE TABLE event_above (
  event INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  place INTEGER NOT NULL,
  cutout INTEGER NOT NULL REFERENCES cutout (id) ON DELETE CASCADE,
  PRIMARY KEY (event, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_above_cutout ON event_above (cutout);

CREATE TABLE undo (
  id INTEGER PRIMARY KEY,
  action INTEGER NOT NULL,
  at INTEGER NOT NULL,
  what TEXT NOT NULL,
  change BLOB NOT NULL
) STRICT;

CREATE TABLE answered (
  request TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  result TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE words USING fts5 (
  title, body, note, tags, address,
  content = 'cutout', content_rowid = 'id',
  tokenize = '${TOKENIZER}', prefix = '3'
);
CREATE TRIGGER words_insert AFTER INSERT ON cutout BEGIN
  INSERT INTO words (rowid, title, body, note, tags, address)
  VALUES (new.id, new.title, new.body, new.note, new.tags, new.address);
END;
CREATE TRIGGER words_delete AFTER DELETE ON cutout BEGIN
  INSERT INTO words (words, rowid, title, body, note, tags, address)
  VALUES ('delete', old.id, old.title, old.body, old.note, old.tags, old.address);
END;
CREATE TRIGGER words_update AFTER UPDATE OF title, body, note, tags, address ON cutout BEGIN
  INSERT INTO words (words, rowid, title, body, note, tags, address)
  VALUES ('delete', old.id, old.title, old.body, old.note, old.tags, old.address);
  INSERT INTO words (rowid, title, body, note, tags, address)
  VALUES (new.id, new.title, new.body, new.note, new.tags, new.address);
END;

CREATE VIRTUAL TABLE runs USING fts5 (
  title, body, note, tags, content = 'cutout', content_rowid = 'id', tokenize = 'trigram'
);
CREATE TRIGGER runs_insert AFTER INSERT ON cutout WHEN ${unspaced("new")} BEGIN
  INSERT INTO runs (rowid, title, body, note, tags) VALUES (new.id, new.title, new.body, new.note, new.tags);
END;
CREATE TRIGGER runs_delete AFTER DELETE ON cutout WHEN ${unspaced("old")} BEGIN
  INSERT INTO runs (runs, rowid, title, body, note, tags)
  VALUES ('delete', old.id, old.title, old.body, old.note, old.tags);
END;
CREATE TRIGGER runs_leave AFTER UPDATE OF title, body, note, tags ON cutout WHEN ${unspaced("old")} BEGIN
  INSERT INTO runs (runs, rowid, title, body, note, tags)
  VALUES ('delete', old.id, old.title, old.body, old.note, old.tags);
END;
CREATE TRIGGER runs_enter AFTER UPDATE OF title, body, note, tags ON cutout WHEN ${unspaced("new")} BEGIN
  INSERT INTO runs (rowid, title, body, note, tags) VALUES (new.id, new.title, new.body, new.note, new.tags);
END;

CREATE TRIGGER job_insert AFTER INSERT ON cutout BEGIN
  INSERT INTO job (cutout) VALUES (new.id);
END;
CREATE TRIGGER job_update AFTER UPDATE OF title, body, note ON cutout BEGIN
  INSERT INTO job (cutout) VALUES (new.id) ON CONFLICT DO UPDATE SET round = round + 1;
END;

CREATE VIEW tag_names AS
SELECT DISTINCT cutout, group_concat(name, char(10)) OVER (
  PARTITION BY cutout ORDER BY name ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
) AS names
FROM cutout_tag JOIN tag ON tag.id = tag WHERE origin = 'person';

CREATE TRIGGER tags_insert AFTER INSERT ON cutout_tag WHEN new.origin = 'person' BEGIN
  UPDATE cutout SET tags = (SELECT names FROM tag_names WHERE cutout = new.cutout) WHERE id = new.cutout;
END;
CREATE TRIGGER tags_update AFTER UPDATE OF origin ON cutout_tag BEGIN
  UPDATE cutout SET tags = coalesce((SELECT names FROM tag_names WHERE cutout = new.cutout), '')
  WHERE id = new.cutout;
END;
CREATE TRIGGER tags_delete AFTER DELETE ON cutout_tag WHEN old.origin = 'person' BEGIN
  UPDATE cutout SET tags = coalesce((SELECT names FROM tag_names WHERE cutout = old.cutout), '')
  WHERE id = old.cutout;
END;
CREATE TRIGGER tags_renamed AFTER UPDATE OF name ON tag BEGIN
  UPDATE cutout_tag SET origin = origin WHERE tag = new.id AND origin = 'person'; -- tags_update does the rest
END;
`,
];
