#!/bin/bash
# Patroni's callback: on_role_change.sh HUMAN_ROLE COMMAND… on_role_change ROLE SCOPE
# After a promotion the roles are made anew if they are missing, and statistics are gathered.
set -u

human_role=$1
shift
"$@"

[[ ${*: -3:1} == on_role_change && ${*: -2:1} == primary ]] || exit 0

in_recovery() {
    [[ $(psql -X -t -A -d postgres -c 'SELECT pg_catalog.pg_is_in_recovery()') != f ]]
}

# Patroni calls before the end of recovery.
for ((second = 0; second < 30; second++)); do
    if ! in_recovery; then
        vacuumdb --all --analyze-only >/dev/null 2>&1 &
        exec /scripts/post_init.sh "$human_role" dbname=postgres
    fi
    sleep 1
done
