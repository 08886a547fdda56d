#!/bin/bash
# Makes the root file system of a machine that is like Debian's image for EC2: cloud-init, a user who is root by sudo, and
# the kernel for clouds.
#
#   make-root.sh ROOT-FOLDER MIRROR PARTUUID [PACKAGE...]
#
# Needs root, and mounts that are nobody else's (unshare --mount): what is mounted inside goes with this process. The
# further packages are those that a prepared image has.
set -euo pipefail

readonly root=${1:?usage: make-root.sh ROOT-FOLDER MIRROR PARTUUID [PACKAGE...]} mirror=${2:?} partition=${3:?}
readonly suite=bookworm
packages=(
    systemd-sysv dbus udev kmod linux-image-cloud-amd64
    cloud-init openssh-server sudo
    systemd-resolved iproute2 netbase ca-certificates e2fsprogs
    "${@:4}"
)

# Whatever serves this machine's packages serves the other one's.
debootstrap --variant=minbase "$suite" "$root" "$mirror"
cat >"$root/etc/apt/sources.list" <<SOURCES
deb $mirror $suite main
deb $mirror $suite-updates main
SOURCES
printf 'APT::Install-Recommends "0";\nAPT::Install-Suggests "0";\n' >"$root/etc/apt/apt.conf.d/50small"
apt-config dump 2>/dev/null | grep -iE '^Acquire::https?(::[^:]+)*::Proxy' \
    >"$root/etc/apt/apt.conf.d/60proxy" || rm -f "$root/etc/apt/apt.conf.d/60proxy"

in_root() { chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
# Nothing is started here.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
in_root apt-get update -qq
in_root apt-get install -qq -y -o Dpkg::Options::=--force-unsafe-io "${packages[@]}"
rm "$root/usr/sbin/policy-rc.d"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"

cat >"$root/etc/cloud/cloud.cfg.d/95_image.cfg" <<'CONFIG'
# As Debian's images for EC2 have it, but for where user data come from: there is no EC2.
datasource_list: [NoCloud]
# Of others, their making takes minutes where a processor is emulated.
ssh_genkeytypes: [ed25519]
apt: { preserve_sources_list: true }
locale: C.UTF-8
system_info:
  default_user:
    name: admin
    lock_passwd: true
    gecos: Debian
    groups: [adm, sudo]
    sudo: ["ALL=(ALL) NOPASSWD:ALL"]
    shell: /bin/bash
CONFIG
echo "PARTUUID=$partition / ext4 defaults,noatime 0 0" >"$root/etc/fstab"

in_root systemctl --quiet enable systemd-networkd systemd-networkd-wait-online
# Nothing here is about these, and each takes its time where a processor is emulated.
in_root systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer dpkg-db-backup.timer getty@tty1.service systemd-timesyncd.service

# A machine makes its own. And the kernel has built in what it finds its disk with.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/var/lib/dbus/machine-id" "$root"/boot/initrd*
: >"$root/etc/machine-id"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb \
    "$root"/usr/share/{doc,man,info,locale}/* "$root"/var/log/*.log
