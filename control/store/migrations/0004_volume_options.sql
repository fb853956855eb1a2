-- What is mounted in a volume's place (driver_opts), as JSON; none: a folder of the engine's own.
ALTER TABLE volume ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
