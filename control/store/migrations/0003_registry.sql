-- What was said of image registries: how they are reached, and as whom.
CREATE TABLE registry (
  tenant_id TEXT NOT NULL,
  -- host[:port]
  host TEXT NOT NULL,
  plain_http INTEGER NOT NULL,
  -- JSON list of host[:port][/path], in the order that they are asked.
  mirrors TEXT NOT NULL,
  -- The three of a login are null together; the id is another one with each login.
  login_id TEXT,
  username TEXT,
  -- {username, password} as JSON, encrypted.
  login BLOB,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, host)
) STRICT;
