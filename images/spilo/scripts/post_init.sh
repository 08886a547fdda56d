#!/bin/bash
# Makes the roles and extensions that Spilo's clusters have. Harmless when they are there: it runs at every promotion.
#
#   post_init.sh HUMAN_ROLE CONNECTION
set -eu

human_role=$1
connection=$2

databases() {
    psql -X -t -A -d "$connection" -c 'SELECT datname FROM pg_catalog.pg_database WHERE datallowconn'
}

psql -X -q -v ON_ERROR_STOP=1 -v human_role="$human_role" -d "$connection" -f /scripts/roles.sql
while IFS= read -r database; do
    PGDATABASE=$database psql -X -q -v ON_ERROR_STOP=1 -d "$connection" -v database="$database" -f /scripts/extensions.sql
done < <(databases)
