-- Signed requests: no counter of a key below its mark is taken after a start.
CREATE TABLE request_mark (
  key_id TEXT PRIMARY KEY REFERENCES node_key (id),
  -- Decimal digits of a 63-bit number.
  mark TEXT NOT NULL
) STRICT;
