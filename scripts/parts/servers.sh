# Servers of our own for the tests: on 127.0.0.1, on free ports, in a scratch folder, stopped at the end.
# Sourced by scripts/test and scripts/conformance.
# shellcheck shell=bash

scratch=
postgres_data=
postgres_bin=
server_pids=()
webdriver=

# make_scratch: a folder that is gone at the end. PostgreSQL runs as another user and must get through.
make_scratch() {
  scratch=$(mktemp -d)
  chmod 711 "$scratch"
}

# is_free PORT: nobody listens there.
is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_ports N: the first of N free ports in a row.
free_ports() {
  local base port taken
  for _ in {1..200}; do
    base=$((20000 + RANDOM % 12000))
    taken=
    for ((port = base; port < base + $1; port++)); do
      is_free "$port" || taken=yes
    done
    [ -n "$taken" ] || { echo "$base"; return; }
  done
  echo "no free port" >&2
  return 1
}

# wait_for_port PORT PID: until the server listens; fails when it has ended, or after 60 s.
wait_for_port() {
  for _ in {1..600}; do
    is_free "$1" || return 0
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# start_postgres: an empty cluster without fsync; exports IDP_TEST_POSTGRES. PostgreSQL refuses to run as root.
start_postgres() {
  local port options
  [ -z "$postgres_data" ] || return 0
  postgres_bin=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
  [ -n "$postgres_bin" ] || { echo "PostgreSQL is not installed" >&2; return 1; }
  postgres_bin=$(dirname "$postgres_bin")
  port=$(free_ports 1) || return 1
  mkdir "$scratch/postgres" || return 1
  [ "$(id -u)" -ne 0 ] || chown postgres "$scratch/postgres"
  (cd / && as_postgres "$postgres_bin/initdb" -D "$scratch/postgres/data" -U postgres -A trust -E UTF8 \
    --locale=C.UTF-8 --no-sync >"$scratch/initdb.log") || { cat "$scratch/initdb.log" >&2; return 1; }
  options="-p $port -k $scratch/postgres -c listen_addresses=127.0.0.1 -c fsync=off"
  options+=" -c synchronous_commit=off -c full_page_writes=off -c max_connections=300"
  postgres_data=$scratch/postgres/data
  (cd / && as_postgres "$postgres_bin/pg_ctl" -D "$postgres_data" -l "$scratch/postgres/log" -s -w -o "$options" start) \
    || { cat "$scratch/postgres/log" >&2; postgres_data=; return 1; }
  export IDP_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
}

# start_server LOG COMMAND...: in a session of its own, so that its children can be found when it is stopped.
start_server() {
  local log=$1
  shift
  setsid "$@" </dev/null >"$log" 2>&1 &
  server_pids+=($!)
}

# stop_session LEADER: asks every process of a session to end, and kills after 5 s what has not.
stop_session() {
  local signal=TERM members
  for _ in {1..50}; do
    members=$(members_of "$1")
    [ -n "$members" ] || break
    # shellcheck disable=SC2086 # several process ids
    [ -z "$signal" ] || kill -s "$signal" $members 2>/dev/null
    signal=
    sleep 0.1
  done
  # shellcheck disable=SC2086
  [ -z "$members" ] || kill -s KILL $members 2>/dev/null
  wait "$1" 2>/dev/null
}

# members_of LEADER: the process ids of its session, from /proc/PID/stat after the name in brackets.
members_of() {
  local file line state session
  for file in /proc/[0-9]*/stat; do
    { read -r line <"$file"; } 2>/dev/null || continue
    read -r state _ _ session _ <<<"${line##*) }"
    if [ "$session" = "$1" ] && [ "$state" != Z ]; then
      echo "${line%% *}"
    fi
  done
}

# start_webdriver: one chromedriver; exports its address as IDP_TEST_WEBDRIVER.
start_webdriver() {
  local port
  [ -z "$webdriver" ] || return 0
  port=$(free_ports 1) || return 1
  start_server "$scratch/chromedriver.log" chromedriver --port="$port"
  wait_for_port "$port" "$!" || { cat "$scratch/chromedriver.log" >&2; return 1; }
  webdriver=$!
  export IDP_TEST_WEBDRIVER="http://127.0.0.1:$port"
}

# stop_servers: stops what was started here and removes the scratch folder.
stop_servers() {
  local pid
  for pid in "${server_pids[@]}"; do
    stop_session "$pid"
  done
  server_pids=()
  webdriver=
  if [ -n "$postgres_data" ]; then
    (cd / && as_postgres "$postgres_bin/pg_ctl" -D "$postgres_data" -s -m immediate stop)
    postgres_data=
  fi
  [ -z "$scratch" ] || rm -rf "$scratch"
  scratch=
}
