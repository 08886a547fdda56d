# Restores a base backup and looks at it, part by part: trial-restore PART DATA KEYS [VALUE]
# KEYS is a folder with the archiver's variables. What is wrong goes to standard error, and ends it with another code than 0.
set -u
part=$1 data=$2 keys=$3 value=${4:-}
work=${data%/*}
log=$work/server.log
export TMPDIR=/tmp PGHOST=$work PGUSER=postgres
# The programs belong to the version of the data.
[[ ! -s $data/PG_VERSION ]] || PATH=/usr/lib/postgresql/$(<"$data/PG_VERSION")/bin:$PATH

fetch() {
    mkdir -p "$work" && chmod 700 "$work" && envdir "$keys" wal-g backup-fetch "$data" "$value" || exit 1
    [[ -s $data/PG_VERSION && -s $data/backup_label ]] || {
        echo "it was fetched, but holds no data folder with a backup_label" >&2
        exit 1
    }
}

# A server that nobody reaches and that reaches nobody: no port, no archiving, no background workers, so that neither a
# scheduled job nor a subscription of the original runs here. What the backup has been configured with counts for nothing,
# but for the libraries that its data may need.
settings() {
    cat <<END
listen_addresses = ''
unix_socket_directories = '$work'
hba_file = '$work/hba'
shared_preload_libraries = '$1'
archive_mode = off
restore_command = 'envdir "$keys" wal-g wal-fetch "%f" "%p"'
recovery_target = 'immediate'
recovery_target_timeline = 'current'
recovery_target_action = 'promote'
hot_standby = off
max_worker_processes = 0
max_logical_replication_workers = 0
max_wal_senders = 0
max_connections = 20
max_prepared_transactions = 200
max_locks_per_transaction = 512
shared_buffers = 32MB
autovacuum = off
fsync = off
full_page_writes = off
END
}

# With hot standby off, the server takes connections when recovery has ended; it is said to have started before.
recover() {
    libraries=$(postgres -D "$data" -C shared_preload_libraries 2>/dev/null)
    echo "local all all peer" >"$work/hba"
    settings "$libraries" >"$data/postgresql.conf"
    : >"$data/postgresql.auto.conf"
    rm -f "$data/standby.signal"
    : >"$data/recovery.signal"
    pg_ctl start -D "$data" -l "$log" -s -w -t "$value" >/dev/null 2>&1
    while pg_ctl status -D "$data" >/dev/null 2>&1; do
        ! grep -q '^ready' "$data/postmaster.pid" || return 0
        sleep 0.2
    done
    said=$(grep -E '(FATAL|PANIC|ERROR):' "$log" | sed -E 's/^.*(FATAL|PANIC|ERROR): +//' | tail -n 3)
    echo "${said:-$(tail -n 3 "$log")}" >&2
    exit 1
}

databases() {
    psql -X -A -t -q -d postgres -c "select datname from pg_database where datallowconn order by datname"
}

# The name is a value of a connection string, in which two characters mean something.
read_all() {
    name=${value//\\/\\\\}
    pg_dump --no-sync --dbname="dbname='${name//\'/\\\'}'" >/dev/null
}

checksums() {
    pg_ctl stop -D "$data" -m fast -s -w -t "$value" || exit 1
    if LC_ALL=C pg_controldata "$data" | grep -q '^Data page checksum version: *0$'; then
        echo off
        return
    fi
    said=$(pg_checksums --check -D "$data" 2>&1) && echo on && return
    grep -E 'error:' <<<"$said" | head -n 3 >&2
    exit 1
}

case $part in
    fetch) fetch ;;
    recover) recover ;;
    databases) databases ;;
    read) read_all ;;
    checksums) checksums ;;
esac
