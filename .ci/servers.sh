# Read by .ci/run: finds PostgreSQL and Redis, or starts throwaway ones.
#
# Sets TEST_DATABASE_URL and TEST_REDIS_URL; fails when none works. Call stop_servers at the end.

throwaway=

# Say whether a server answers; $1: its address.
answers() {
    "$python" - "$1" <<'PY' >/dev/null 2>&1
import sys

address = sys.argv[1]
if address.startswith("postgres"):
    import psycopg2

    psycopg2.connect(address, connect_timeout=3).close()
else:
    import redis

    redis.Redis.from_url(address, socket_connect_timeout=3, socket_timeout=3).ping()
PY
}

free_port() {
    "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

first_answering() {
    local address
    for address in "$@"; do
        if answers "$address"; then
            printf '%s\n' "$address"
            return
        fi
    done
    return 1
}

make_throwaway_folder() {
    [ -n "$throwaway" ] || throwaway=$(mktemp -d /tmp/zona-ci.XXXXXX)
    chmod 755 "$throwaway"
}

# PostgreSQL refuses to run as root; then its own user runs it.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
    else
        "$@"
    fi
}

start_postgres() {
    local binaries port data
    binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    if [ -z "$binaries" ]; then
        apt_install postgresql || return 1
        binaries=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    fi
    make_throwaway_folder
    data=$throwaway/postgres
    mkdir "$data"
    [ "$(id -u)" -ne 0 ] || chown postgres: "$data"
    port=$(free_port)
    as_postgres "$binaries/initdb" -D "$data/db" -U postgres -A trust -E UTF8 >/dev/null
    as_postgres "$binaries/pg_ctl" -D "$data/db" -l "$data/log" -w \
        -o "-p $port -k $data -c fsync=off -c listen_addresses=127.0.0.1" start >/dev/null
    TEST_DATABASE_URL=postgres://postgres@127.0.0.1:$port/postgres
    printf '%s\n' "$binaries" >"$throwaway/postgres.binaries"
}

start_redis() {
    local port
    command -v redis-server >/dev/null || apt_install redis-server || return 1
    make_throwaway_folder
    port=$(free_port)
    redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no \
        --dir "$throwaway" >"$throwaway/redis.log" 2>&1 &
    printf '%s\n' $! >"$throwaway/redis.pid"
    TEST_REDIS_URL=redis://127.0.0.1:$port/0
    local attempt
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        answers "$TEST_REDIS_URL" && return
        sleep 0.5
    done
    return 1
}

find_servers() {
    if [ -n "${TEST_DATABASE_URL:-}" ]; then
        answers "$TEST_DATABASE_URL" || { say "TEST_DATABASE_URL does not answer"; return 1; }
    else
        TEST_DATABASE_URL=$(first_answering \
            postgres://postgres@127.0.0.1:5432/postgres \
            postgres://postgres:postgres@127.0.0.1:5432/postgres) || start_postgres || {
            say "No PostgreSQL: set TEST_DATABASE_URL, run one on port 5432, or install it."
            return 1
        }
    fi
    if [ -n "${TEST_REDIS_URL:-}" ]; then
        answers "$TEST_REDIS_URL" || { say "TEST_REDIS_URL does not answer"; return 1; }
    else
        TEST_REDIS_URL=$(first_answering redis://127.0.0.1:6379/0) || start_redis || {
            say "No Redis: set TEST_REDIS_URL, run one on port 6379, or install it."
            return 1
        }
    fi
    export TEST_DATABASE_URL TEST_REDIS_URL
}

# Remove databases that a run which was cut short has left; $1: the run's name.
drop_leftovers() {
    [ -n "${TEST_DATABASE_URL:-}" ] || return 0
    "$python" - "$TEST_DATABASE_URL" "test_zona_$1_" <<'PY' || true
import sys

import psycopg2
from psycopg2 import sql

connection = psycopg2.connect(sys.argv[1], connect_timeout=3)
connection.autocommit = True
with connection.cursor() as cursor:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [sys.argv[2]])
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
PY
}

stop_servers() {
    [ -n "$throwaway" ] || return 0
    if [ -e "$throwaway/postgres.binaries" ]; then
        as_postgres "$(cat "$throwaway/postgres.binaries")/pg_ctl" -D "$throwaway/postgres/db" \
            -m immediate stop >/dev/null 2>&1 || true
    fi
    [ ! -e "$throwaway/redis.pid" ] || kill "$(cat "$throwaway/redis.pid")" 2>/dev/null || true
    rm -rf "$throwaway"
}
