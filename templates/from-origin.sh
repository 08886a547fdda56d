#!/bin/bash
# Reads another cluster's archive: from-origin base OPTION… brings a base backup, from-origin wal NAME PATH a WAL file for a
# cluster that is made from there, and from-origin follow NAME PATH one for a cluster that follows the other. All by the
# image's own scripts.
#
# To PostgreSQL, a command that fails says that the archive ends here, and it would go on without what is missing. So only
# what is not there fails; what could not be asked for is asked again, and then ends the recovery, which Patroni begins
# afresh.
set -u
doing=${1:?base, wal or follow}
shift
while IFS= read -r line; do
    [[ -z $line ]] || export "${line%%=*}=${line#*=}"
done <"${ORIGIN_VARIABLES:-/etc/identity/origin.env}" || exit 255
scripts=${SCRIPTS:-/scripts}

[[ $doing != base ]] || exec python3 "$scripts/clone_with_wale.py" "$@"

# Who follows asks for ever, and has the other cluster itself to ask: an archive that is gone must not end it.
if [[ $doing == follow ]]; then
    timeout 60 "$scripts/restore_command.sh" "$@" || exit 1
    exit 0
fi

not_there=74
for seconds in ${PAUSES:-1 2 4 8 16}; do
    "$scripts/restore_command.sh" "$@"
    code=$?
    ((code != 0)) || exit 0
    ((code != not_there)) || exit 1
    echo "$1: the archive is asked again in $seconds s, after exit code $code" >&2
    sleep "$seconds"
done
exit 255
