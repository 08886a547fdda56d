#!/bin/bash
# Finds the data volume of this machine's part by its id, formats it if it is empty and has never been used, mounts it,
# and lets the file system grow with it. Where anything is not as it has to be it says so, and touches nothing.
set -euo pipefail
. "${PULUMI_SPILO_NODE:-/etc/pulumi-spilo/node.env}"
lib=$(dirname "$0")

complain() {
    echo "error: volume $VOLUME of $PART: $*" >&2
    exit 1
}

# An NVMe disk is numbered as it comes; the volume's id is its serial number, without the hyphen.
device() {
    lsblk --nodeps --noheadings --paths --output NAME,SERIAL |
        awk -v serial="${VOLUME/-/}" '$2 == serial { print $1; exit }'
}

# Has it ever been formatted? A volume that has and is empty has lost its data, and is not to be taken for a new one.
used() {
    local code=0
    "$lib/aws-call" marked "$MARK" || code=$?
    ((code < 2)) || complain "whether it is new is not known, so nothing is formatted"
    return "$code"
}

deadline=$((SECONDS + WAIT))
until disk=$(device) && [[ -n $disk ]]; do
    ((SECONDS < deadline)) ||
        complain "not attached after $WAIT s, so nothing starts. Attach it, then: systemctl start pulumi-spilo"
    sleep 1
done

code=0
type=$(blkid --probe --output value --match-tag TYPE "$disk") || code=$?
if [[ $code == 2 ]]; then
    if used; then complain "empty, though it has held data: nothing is formatted. Attach the right volume, or restore it from a snapshot"; fi
    mkfs.ext4 -q -E lazy_itable_init=1 "$disk"
elif [[ $code != 0 || $type != ext4 ]]; then
    complain "holds ${type:-something that is not known} and not ext4: nothing is formatted"
fi

mkdir -p "$MOUNT"
mountpoint --quiet "$MOUNT" || mount -o noatime "$disk" "$MOUNT"

owner=$MOUNT/.pulumi-spilo
if [[ -e $owner ]]; then
    [[ $(<"$owner") == "$OWNER" ]] || {
        found=$(<"$owner")
        umount "$MOUNT"
        complain "is that of $found, and this is $OWNER: nothing starts"
    }
elif [[ -n $(find "$MOUNT" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit) ]]; then
    umount "$MOUNT"
    complain "holds files of somebody else: nothing starts"
else
    # A crash between formatting and this is made up for here.
    if used; then
        umount "$MOUNT"
        complain "empty, though it has held data: nothing starts. Attach the right volume, or restore it from a snapshot"
    fi
    mkdir -p "$MOUNT/data"
    echo "$OWNER" >"$owner"
    sync
fi
if [[ ! -e $owner.marked ]]; then
    "$lib/aws-call" mark "$MARK" || complain "it cannot be marked as used, so nothing starts"
    touch "$owner.marked"
fi
# Does nothing when it is as large as the volume already.
grown=$(resize2fs "$disk" 2>&1) || echo "warning: volume $VOLUME: its file system did not grow: $grown" >&2
