#!/bin/sh
# Starts what the image is asked for. `postgres` behaves as the well-known image of that name does:
# an empty PGDATA becomes a database with POSTGRES_PASSWORD_FILE's password, and POSTGRES_DB in it.
set -eu
[ "${1:-postgres}" = postgres ] || exec "$@"
bin=$(echo /usr/lib/postgresql/*/bin)
export PATH="$bin:$PATH" PGDATA="${PGDATA:-/var/lib/postgresql/data}"
as_postgres() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }

mkdir -p "$PGDATA" /run/postgresql
chown postgres:postgres "$PGDATA" /run/postgresql
chmod 0700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  password=/run/postgresql/first-password
  (umask 077 && cat "${POSTGRES_PASSWORD_FILE:?name the file that holds the password}" >"$password")
  chown postgres "$password"
  rm -rf "$PGDATA.new"
  install -d -m 0700 -o postgres -g postgres "$PGDATA.new"
  as_postgres initdb -D "$PGDATA.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
    --auth-local=trust --auth-host=scram-sha-256 --pwfile="$password"
  rm -f "$password"
  echo "host all all all scram-sha-256" >>"$PGDATA.new/pg_hba.conf"
  if [ -n "${POSTGRES_DB:-}" ]; then
    as_postgres pg_ctl -D "$PGDATA.new" -o "-c listen_addresses=''" -w start
    as_postgres createdb -U postgres "$POSTGRES_DB"
    as_postgres pg_ctl -D "$PGDATA.new" -m fast -w stop
  fi
  # Whole or not at all: a stop in the middle leaves no half-made database behind.
  rmdir "$PGDATA"
  mv "$PGDATA.new" "$PGDATA"
fi
exec setpriv --reuid postgres --regid postgres --init-groups \
  postgres -D "$PGDATA" -c "listen_addresses=*"
