#!/bin/bash
# Brings a WAL file from the archive, unless it is one to keep away from: restore-wal NAME PATH HISTORY COMMAND…
# HISTORY is the URL at which Patroni tells where timelines have ended.
#
# A leader that was cut off together with the archive ends its timeline there with commits that nobody was told of; and
# before a former leader is rewound, Patroni archives all that it has. A standby that replays such commits has left the
# others for good: PostgreSQL looks into the archive first, and on the old timeline it cannot know better. So what reaches
# beyond the point where a newer timeline has begun is not brought; the leader streams it. And an archive that does not
# answer must not keep a standby from the leader, either.
set -u
name=${1:?which file} path=${2:?where to} patroni=${3:?where Patroni is asked}
shift 3

# A standby asks for one file after the other before it turns to the leader, or leads itself.
silent=${TMPDIR:-/tmp}/archive-silent
unanswered() {
    echo "$name: the archive does not answer" >&2
    exit 1
}
endpoint=$(cat "${ARCHIVE_ENVIRONMENT:-/run/etc/wal-e.d/env}/AWS_ENDPOINT" 2>/dev/null)
if [[ -n $endpoint ]]; then
    [[ -z $(find "$silent" -newermt '10 seconds ago' 2>/dev/null) ]] || unanswered
    # Any answer will do, whoever gives it. A server that stands still takes connections all the same.
    curl --silent --insecure --max-time 2 --output /dev/null "$endpoint" || {
        touch "$silent"
        unanswered
    }
fi

# A segment of 16 MiB, in a timeline: anything else is brought as it is.
[[ $name =~ ^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$ ]] || exec "$@" "$name" "$path"
timeline=$((16#${BASH_REMATCH[1]}))
segment=$((16#${BASH_REMATCH[2]} * 256 + 16#${BASH_REMATCH[3]}))

refuse() {
    echo "$name: reaches beyond the end of timeline $timeline, it is not brought from the archive" >&2
    exit 1
}

# What the leader has written down in etcd: [[1, 201414440, "reason", …], …], with positions as numbers.
identity=/etc/identity
ended=$(curl --silent --insecure --max-time 2 --cert "$identity/tls.crt" --key "$identity/tls.key" "$patroni" 2>/dev/null)
[[ $ended =~ \[$timeline,\ *([0-9]+), ]] && ((segment >= BASH_REMATCH[1] >> 24)) && refuse

# A history has a line for each timeline before it: its number, and where the next one began.
begins_within() {
    local known at _
    while read -r known at _; do
        [[ $known == "$timeline" && $at =~ ^([0-9A-F]+)/([0-9A-F]+)$ ]] || continue
        ((segment < 16#${BASH_REMATCH[1]} * 256 + (16#${BASH_REMATCH[2]} >> 24))) || return 0
    done <"$1"
    return 1
}

# Which the leader has sent before, or which the archive has by now.
next=$(printf '%08X.history' $((timeline + 1)))
fetched=$path.history-of-next
trap 'rm -f "$fetched"' EXIT
[[ -e ${path%/*}/$next ]] || "$@" "$next" "$fetched" >/dev/null 2>&1 || true
for history in "${path%/*}"/*.history "$fetched"; do
    [[ -f $history ]] && begins_within "$history" && refuse
done
"$@" "$name" "$path"
