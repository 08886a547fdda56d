#!/bin/bash
# Makes a Debian root file system and imports it as a Docker image, for hosts that can pull no image.
#
#   make-base.sh TAG [WORK-FOLDER]
#
# Needs root (debootstrap makes device nodes) and docker on PATH. Packages come from debootstrap's default mirror.
# The tag appears only when the image is complete. An interrupted run leaves nothing but a folder that the next run
# with the same work folder removes; two runs with one work folder take turns.
set -euo pipefail

readonly tag=${1:?usage: make-base.sh TAG [WORK-FOLDER]}
readonly suite=trixie
readonly lock_timeout_s=900

fail() {
  echo "make-base: $*" >&2
  exit 1
}

[[ $EUID -eq 0 ]] || fail "debootstrap needs root: run as root, or make $tag with docker pull debian:$suite-slim"
command -v debootstrap >/dev/null || fail "debootstrap is not installed: apt-get install debootstrap"
command -v docker >/dev/null || fail "docker is not on PATH"

readonly given_work=${2:-}
work=${given_work:-$(mktemp -d -t make-base.XXXXXX)}
readonly work
readonly rootfs=$work/rootfs
mkdir -p "$work"

# debootstrap mounts /proc inside; removing through a mount would reach the host's.
remove_rootfs() {
  local mount
  while read -r mount; do
    umount --lazy "$mount"
  done < <(awk -v under="$rootfs/" 'index($2, under) == 1 { print $2 }' /proc/mounts | sort -r)
  rm -rf --one-file-system "$rootfs"
}

child=
clean_up() {
  trap - EXIT INT TERM HUP
  if [[ -n $child ]] && kill -0 "$child" 2>/dev/null; then
    kill -TERM -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  remove_rootfs
  [[ -n $given_work ]] || rm -rf "$work"
}

# Bash runs a trap only between commands, so whatever takes long runs as a job of its own and is waited for.
# A job inherits the lock: if only this shell is killed, the next run waits until the orphaned job has ended.
run() {
  set -m
  "$@" &
  child=$!
  set +m
  wait "$child"
  child=
}

use_host_settings() {
  printf 'APT::Install-Recommends "0";\nAPT::Install-Suggests "0";\n' >"$rootfs/etc/apt/apt.conf.d/50small"
  apt-config dump 2>/dev/null | grep -iE '^Acquire::https?(::[^:]+)*::Proxy' \
    >"$rootfs/etc/apt/apt.conf.d/60proxy" || rm -f "$rootfs/etc/apt/apt.conf.d/60proxy"
}

shrink() {
  rm -rf "$rootfs"/var/lib/apt/lists/* "$rootfs"/var/cache/apt/*.bin "$rootfs"/var/cache/apt/archives/*.deb \
    "$rootfs"/usr/share/{doc,man,info,locale}/* "$rootfs"/var/log/*
  : >"$rootfs/etc/machine-id"
  rm -f "$rootfs/etc/hostname" "$rootfs/etc/resolv.conf"
}

import_image() {
  tar --numeric-owner -C "$rootfs" -c . | docker import --change 'CMD ["bash"]' - "$tag"
}

exec 9>"$work/lock"
flock --timeout "$lock_timeout_s" 9 ||
  fail "another run has held $work/lock for $lock_timeout_s s: stop it, or give another work folder"
trap clean_up EXIT
trap 'exit 143' TERM HUP
trap 'exit 130' INT

if docker image inspect "$tag" >/dev/null 2>&1; then
  echo "$tag is there already"
  exit 0
fi
remove_rootfs
run debootstrap --variant=minbase --include=ca-certificates "$suite" "$rootfs"
use_host_settings
shrink
run import_image
