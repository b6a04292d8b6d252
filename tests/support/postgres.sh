#!/bin/sh
# Runs a command beside a private PostgreSQL 15 that listens on a Unix socket only, and removes it afterwards.
#   postgres.sh run COMMAND…   COMMAND sees SEGUE_TEST_POSTGRES, the URL of the administration database; its status is returned.
set -eu

programs=${SEGUE_POSTGRES_PROGRAMS:-/usr/lib/postgresql/15/bin}

if [ "${1:-}" != run ] || [ $# -lt 2 ]; then
  echo "usage: $0 run COMMAND…" >&2
  exit 2
fi
shift

folder=$(mktemp -d "${TMPDIR:-/tmp}/segue-postgres.XXXXXX")
# The server refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as_postgres() { setpriv --reuid postgres --regid postgres --init-groups -- "$@"; }
else
  as_postgres() { "$@"; }
fi
chmod 755 "$folder"

stop() {
  as_postgres "$programs/pg_ctl" --pgdata="$folder/data" --mode=immediate --wait stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

as_postgres "$programs/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
  --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
# Nothing here has to survive a crash: without waiting for the disk the tests take a fraction of the time.
as_postgres "$programs/pg_ctl" --pgdata="$folder/data" --log="$folder/data/server.log" --wait --silent start --options="\
 -c listen_addresses= -c unix_socket_directories=$folder -c fsync=off -c full_page_writes=off -c max_connections=100" \
  || { cat "$folder/data/server.log" >&2; exit 1; }

export SEGUE_TEST_POSTGRES="postgresql://postgres@/postgres?host=$folder"
status=0
"$@" || status=$?
exit $status
