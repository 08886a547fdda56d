#!/bin/bash
# Makes a standby's data from the leader's. Patroni calls it with --datadir=, --connstring= and --retries=.
# The checkpoint is a spread one, as Spilo's is: whoever is in a hurry overrides create_replica_methods.
set -u

retries=2
for argument in "$@"; do
    case $argument in
        --datadir=*) data_folder=${argument#*=} ;;
        --connstring=*) connection=${argument#*=} ;;
        --retries=*) retries=${argument#*=} ;;
    esac
done
[[ -n ${data_folder:-} && -n ${connection:-} ]] || exit 1

for ((attempt = 1; attempt <= retries + 1; attempt++)); do
    rm -rf "${data_folder:?}"
    pg_basebackup --pgdata="$data_folder" --wal-method=stream --dbname="$connection" && exit 0
    [[ $attempt -le $retries ]] && sleep $((attempt * 10))
done
exit 1
