
CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE node (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  container_subnet TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- Of its intent; rises with each change of it.
  revision INTEGER NOT NULL,
  -- SignedManifest as JSON; null before the first.
  manifest TEXT,
  UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE node_key (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  node_id TEXT NOT NULL REFERENCES node (id),
  use TEXT NOT NULL CHECK (use IN ('sign', 'seal', 'wg')),
  public_key TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE enroll_token (
  -- SHA-256 of the token.
  hash TEXT PRIMARY KEY,
  expires_at INTEGER NOT NULL,
  used_by TEXT
) STRICT;

-- Sections that a node was told, by their SHA-256; those of old revisions go.
CREATE TABLE section_blob (
  node_id TEXT NOT NULL REFERENCES node (id),
  sha256 TEXT NOT NULL,
  content TEXT NOT NULL,
  last_revision INTEGER NOT NULL,
  PRIMARY KEY (node_id, sha256)
) STRICT;

CREATE TABLE project (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- Volumes and secrets go once its containers are gone.
  purging INTEGER NOT NULL DEFAULT 0,
  UNIQUE (tenant_id, name)
) STRICT;

CREATE TABLE part (
  -- Keyed hash of the content, so that equal parts are one and the name gives nothing away.
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('compose')),
  content BLOB NOT NULL
) STRICT;

CREATE TABLE release (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES project (id),
  number INTEGER NOT NULL,
  parent_id TEXT REFERENCES release (id),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  compose_part TEXT REFERENCES part (id),
  source_folder TEXT,
  warnings TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('rolling', 'done', 'rolled_back', 'failed', 'superseded')),
  -- JSON of a Reason.
  reason TEXT,
  UNIQUE (project_id, number)
) STRICT;

CREATE TABLE service (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES project (id),
  name TEXT NOT NULL,
  -- JSON of its routes, without what follows from the service itself.
  routes TEXT NOT NULL,
  UNIQUE (project_id, name)
) STRICT;

CREATE TABLE network (
  project_id TEXT NOT NULL REFERENCES project (id),
  -- What the firewall and the names know it by.
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  internal INTEGER NOT NULL,
  external INTEGER NOT NULL,
  PRIMARY KEY (project_id, key)
) STRICT;

CREATE TABLE pin (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES project (id),
  reference TEXT NOT NULL,
  digest TEXT,
  image_id TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE revision (
  id TEXT PRIMARY KEY,
  service_id TEXT NOT NULL REFERENCES service (id),
  -- The RFC 8785 text that was hashed.
  spec TEXT NOT NULL,
  spec_hash TEXT NOT NULL,
  pin_id TEXT NOT NULL REFERENCES pin (id),
  -- Encrypted JSON record; null: no variables.
  environment BLOB,
  created_at INTEGER NOT NULL,
  UNIQUE (service_id, spec_hash)
) STRICT;

CREATE TABLE volume (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES project (id),
  name TEXT NOT NULL,
  engine_name TEXT NOT NULL,
  node_id TEXT NOT NULL REFERENCES node (id),
  generation INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('ready', 'moving', 'restoring')),
  labels TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  removed_at INTEGER, options TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE UNIQUE INDEX volume_by_name ON volume (project_id, name) WHERE removed_at IS NULL;

CREATE TABLE deployment (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES project (id),
  service_id TEXT NOT NULL REFERENCES service (id),
  slot INTEGER NOT NULL,
  revision_id TEXT NOT NULL REFERENCES revision (id),
  node_id TEXT NOT NULL REFERENCES node (id),
  release_id TEXT NOT NULL REFERENCES release (id),
  kind TEXT NOT NULL CHECK (kind IN ('service', 'job')),
  want TEXT NOT NULL CHECK (want IN ('run', 'retire', 'absent')),
  replaces TEXT REFERENCES deployment (id),
  start_order TEXT NOT NULL CHECK (start_order IN ('beside', 'stop_first')),
  order_reason TEXT,
  container_name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- When its node reported that its container is gone; it is in no manifest after that.
  gone_at INTEGER
) STRICT;
CREATE UNIQUE INDEX deployment_runs ON deployment (service_id, slot) WHERE want = 'run';
CREATE INDEX deployment_live ON deployment (node_id) WHERE gone_at IS NULL;

CREATE TABLE address (
  node_id TEXT NOT NULL REFERENCES node (id),
  address TEXT NOT NULL,
  -- Null: free since freed_at.
  deployment_id TEXT REFERENCES deployment (id),
  freed_at INTEGER,
  PRIMARY KEY (node_id, address)
) STRICT;
CREATE INDEX address_by_deployment ON address (deployment_id);

CREATE TABLE rollout_slot (
  release_id TEXT NOT NULL REFERENCES release (id),
  service_id TEXT NOT NULL REFERENCES service (id),
  slot INTEGER NOT NULL,
  deployment_id TEXT NOT NULL REFERENCES deployment (id),
  -- The one that it takes the place of and that serves on where it fails.
  old_id TEXT REFERENCES deployment (id),
  change TEXT NOT NULL CHECK (change IN ('created', 'replaced', 'unchanged', 'removed')),
  state TEXT NOT NULL CHECK (state IN ('rolling', 'done', 'rolled_back', 'failed', 'superseded')),
  -- Routes of the service before this release, to go back to.
  routes_before TEXT NOT NULL,
  reason TEXT,
  PRIMARY KEY (release_id, service_id, slot)
) STRICT;

CREATE TABLE secret_version (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  -- Null: for every project that has none of that name itself.
  project_id TEXT REFERENCES project (id),
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  value BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX secret_by_number
  ON secret_version (tenant_id, coalesce(project_id, ''), name, number);

-- What was sealed to a node, once: sealing again would change every hash.
CREATE TABLE sealed (
  node_id TEXT NOT NULL REFERENCES node (id),
  -- A secret version's or a revision's id.
  subject TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (node_id, subject)
) STRICT;

-- What nodes reported. Never read to decide what is wanted, only how far it is.
CREATE TABLE observed_node (
  node_id TEXT PRIMARY KEY REFERENCES node (id),
  at INTEGER NOT NULL,
  -- The last report without its deployments, as JSON.
  report TEXT NOT NULL
) STRICT;

CREATE TABLE observed_deployment (
  deployment_id TEXT PRIMARY KEY REFERENCES deployment (id),
  at INTEGER NOT NULL,
  -- DeploymentReport as JSON.
  report TEXT NOT NULL
) STRICT;

CREATE TABLE change (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  project TEXT,
  subject TEXT NOT NULL,
  summary TEXT NOT NULL
) STRICT;
CREATE INDEX change_by_project ON change (project, seq);

CREATE TABLE idempotency (
  key TEXT PRIMARY KEY,
  request_hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE request_mark (
  key_id TEXT PRIMARY KEY REFERENCES node_key (id),
  -- Decimal digits of a 63-bit number.
  mark TEXT NOT NULL
) STRICT;

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

INSERT INTO setting VALUES ('epoch', '{"n":1,"id":"ep_aaaaaaaaaaaaaaaaaaaaaaaaaa"}');
INSERT INTO node VALUES ('nod_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'main', 'box', '10.200.7.0/24', 1, 0, NULL);
INSERT INTO node_key VALUES ('key_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'main', 'nod_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'sign', 'public', 1);
INSERT INTO request_mark VALUES ('key_aaaaaaaaaaaaaaaaaaaaaaaaaa', '1887436800000000000');
INSERT INTO registry VALUES ('main', 'reg.lan:5000', 1, '["cache.lan:5000/hub"]', NULL, NULL, NULL, 1);
INSERT INTO project VALUES ('prj_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'main', 'shop', 1, 0);
INSERT INTO volume VALUES ('vol_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'prj_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'scratch', 'skerry-shop.scratch', 'nod_aaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 'ready', '{}', 1, NULL, '{"type":"tmpfs","device":"tmpfs"}');
INSERT INTO account VALUES ('acc_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'main', 'ada', 'scrypt$17$8$1$c2FsdA==$aGFzaA==', 1, 0, 1, NULL);
INSERT INTO account_grant VALUES ('acc_aaaaaaaaaaaaaaaaaaaaaaaaaa', '', 'admin');
INSERT INTO session VALUES ('ses_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'aa', 'acc_aaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 1, 2, '192.0.2.1', NULL, NULL);
INSERT INTO api_token VALUES ('tok_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'bb', 'acc_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'scrape', '[{"role":"viewer","project":null}]', 1, NULL, NULL, NULL);
INSERT INTO totp VALUES ('acc_aaaaaaaaaaaaaaaaaaaaaaaaaa', X'00', 1, 0);
INSERT INTO recovery_code VALUES ('acc_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'cc', NULL);
INSERT INTO setup_link VALUES ('dd', NULL, 1, 2);
PRAGMA user_version=5;
