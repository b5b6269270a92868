#!/usr/bin/env bash
# postgres: rows into a server of its own and back, by binary COPY, against psql's COPY of text.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
[ -x "$bin/initdb" ] || { echo "no PostgreSQL server here (Debian package postgresql)"; exit 0; }
make -s build/release/bench/postgres
folder=$(mktemp -d /tmp/atelier-bench-XXXXXX)
as=() # the server refuses to be root
[ "$(id -u)" -ne 0 ] || { as=(runuser -u postgres --); chown postgres "$folder"; }
trap '"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null; rm -rf "$folder"' EXIT
"${as[@]}" "$bin/initdb" -D "$folder/data" -A trust -U postgres --locale=C -E UTF8 --no-sync >/dev/null
"${as[@]}" "$bin/pg_ctl" -w -D "$folder/data" -l "$folder/log" -o \
  "-c listen_addresses=127.0.0.1 -p 54329 -k $folder -c fsync=off -c max_wal_size=8GB" start >/dev/null
mkdir -p "$folder/shop"
build/release/bench/postgres "postgresql://postgres@127.0.0.1:54329/postgres" "$folder/shop" "${ROWS:-5000000}"
