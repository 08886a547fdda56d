#!/bin/sh
# The container's first process: prepares the folders, configures, then supervises until it is told to stop.

if [ "$1" = init ]; then
    exec /usr/bin/dumb-init --single-child --rewrite 1:0 -- /bin/sh /launch.sh
fi

# A member with an expired certificate would be turned away by all others. What the archive's server is checked with is
# left out: a database does without its archive for a while.
certificates-in-force "${SSL_CERTIFICATE_FILE:-}" "${SSL_RESTAPI_CERTIFICATE_FILE:-}" "${ETCD3_CERT:-}" \
    --trusted "${SSL_CA_FILE:-}" "${SSL_RESTAPI_CA_FILE:-}" "${ETCD3_CACERT:-}" || exit 1

mkdir -p "$PGLOG" "$PGDATA" "$RW_DIR/tmp" "$RW_DIR/certs" "$RW_DIR/service"
for day in 0 1 2 3 4 5 6 7; do
    [ -f "$PGLOG/postgresql-$day.csv" ] || touch "$PGLOG/postgresql-$day.csv"
done
chown postgres:postgres "$RW_DIR/certs"
chown -R postgres:postgres "$PGROOT"
chmod -R go-w "$PGROOT"
chmod 1777 "$RW_DIR/tmp"
chmod 0700 "$PGDATA"

# A configuration that cannot be made is an exit, so that the engine shows why the container does not run.
python3 /scripts/configure_spilo.py || exit 1

if [ -d "$WALE_ENV_DIR" ]; then
    chpst -u postgres /scripts/patroni_wait.sh --timeout 3600 -- \
        envdir "$WALE_ENV_DIR" /scripts/postgres_backup.sh "$PGDATA" &
fi

stop() {
    # Patroni first: it needs its time to shut PostgreSQL down, and the rest does not matter before that.
    sv -w 86400 stop /run/service/patroni
    sv -w 86400 force-stop /run/service/*
    exit 0
}
trap stop TERM QUIT INT

runsvdir -P /run/service &
wait
