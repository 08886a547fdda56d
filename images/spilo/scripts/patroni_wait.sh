#!/bin/bash
# Waits until this member has a role, then runs a command.
#
#   patroni_wait.sh [--role primary] [--interval 60] [--timeout SECONDS] -- COMMAND…
#
# It asks plain http on port 8008 and nothing else, as Spilo's does: with TLS on the REST API it waits in vain.
set -u

role=primary
interval=60
timeout=

while [[ $# -gt 0 ]]; do
    case $1 in
        -r | --role) role=$2 && shift 2 ;;
        -i | --interval) interval=$2 && shift 2 ;;
        -t | --timeout) timeout=$2 && shift 2 ;;
        --) shift && break ;;
        *) echo "usage: $0 [--role ROLE] [--interval S] [--timeout S] -- COMMAND" >&2 && exit 1 ;;
    esac
done
[[ $# -gt 0 ]] || exit 0

has_role() {
    [[ $(curl --silent --output /dev/null --write-out '%{http_code}' "http://localhost:8008/$role") == 200 ]]
}

while ! has_role; do
    [[ -n $timeout && $SECONDS -ge $timeout ]] && exit 2
    sleep "$interval"
done
exec "$@"
