-- Who logs in, with what, and what each may do. Of what is secret a hash alone is kept, but for the
-- secrets of one-time codes, which are encrypted under the master key.
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  -- In lower case.
  name TEXT NOT NULL,
  -- scrypt with its parameters; null: none was set yet.
  password TEXT,
  password_changed_at INTEGER,
  disabled INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  last_login_at INTEGER,
  UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE account_grant (
  account_id TEXT NOT NULL REFERENCES account (id),
  -- A project's name; empty: everywhere.
  project TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  PRIMARY KEY (account_id, project)
) STRICT;

CREATE TABLE session (
  id TEXT PRIMARY KEY,
  -- SHA-256 of what the cookie holds.
  hash TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES account (id),
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  -- It ends then, however much it is used.
  expires_at INTEGER NOT NULL,
  address TEXT,
  last_address TEXT,
  user_agent TEXT
) STRICT;
CREATE INDEX session_by_account ON session (account_id);

CREATE TABLE api_token (
  id TEXT PRIMARY KEY,
  -- SHA-256 of the token.
  hash TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  -- JSON list of grants that bound those of its account; null: the account's own.
  grants TEXT,
  created_at INTEGER NOT NULL,
  -- Null: never.
  expires_at INTEGER,
  last_used_at INTEGER,
  last_address TEXT
) STRICT;
CREATE INDEX api_token_by_account ON api_token (account_id);

CREATE TABLE totp (
  account_id TEXT PRIMARY KEY REFERENCES account (id),
  -- Encrypted.
  secret BLOB NOT NULL,
  -- Null: no code of it was given yet, and none is asked for.
  confirmed_at INTEGER,
  -- The newest step of 30 s whose code was used; none up to it is taken again.
  last_step INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_code (
  account_id TEXT NOT NULL REFERENCES account (id),
  -- Keyed hash.
  hash TEXT NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (account_id, hash)
) STRICT;

-- One-time links with which somebody sets their password.
CREATE TABLE setup_link (
  -- SHA-256 of the token in it.
  hash TEXT PRIMARY KEY,
  -- Null: it makes the first administrator.
  account_id TEXT REFERENCES account (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
