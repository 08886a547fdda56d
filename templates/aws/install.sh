#!/bin/bash
# Installs what this machine needs and a prepared image has already: a container runtime, the images of what runs on it.
set -euo pipefail

again() {
    for _ in 1 2 3 4 5 6; do
        "$@" && return
        sleep 10
    done
    echo "error: $*: did not work" >&2
    exit 1
}

# One by one: of several names, `command -v` is content with any. Docker confines containers with AppArmor's parser.
lacks() {
    for program in docker apparmor_parser curl python3 mkfs.ext4; do
        command -v "$program" >/dev/null || return 0
    done
    return 1
}

export DEBIAN_FRONTEND=noninteractive
if lacks; then
    again apt-get update -q
    again apt-get install -q -y --no-install-recommends docker.io apparmor curl python3 e2fsprogs ca-certificates
fi
# Patroni feeds a watchdog where there is one; a machine without one has the kernel's own.
[[ -e /dev/watchdog ]] || modprobe softdog 2>/dev/null || true
systemctl enable --now docker
# Actions log in as the image's own user, who is root by sudo already, and talk to the engine.
if id admin >/dev/null 2>&1; then usermod --append --groups docker admin; fi
for part in /etc/pulumi-spilo/*.json; do
    image=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["image"])' "$part")
    docker image inspect "$image" >/dev/null 2>&1 || again docker pull --quiet "$image"
done
systemctl daemon-reload
systemctl enable --now --no-block pulumi-spilo.service pulumi-spilo-refresh.timer
[[ ! -e /etc/pulumi-spilo/pooler.json ]] || systemctl enable --now --no-block pulumi-spilo-pooler.service
# Last, as the part does without it: sessions of Systems Manager, by which actions may come.
. "${PULUMI_SPILO_NODE:-/etc/pulumi-spilo/node.env}"
if [[ $SSM_AGENT == yes ]]; then
    agent=amazon-ssm-agent
    if ! systemctl cat "$agent" >/dev/null 2>&1; then
        package=/run/$agent.deb
        url=$S3_URL/amazon-ssm-$REGION/latest/debian_$(dpkg --print-architecture)/$agent.deb
        again curl --fail --silent --show-error --location --output "$package" "$url"
        dpkg --install "$package"
        rm "$package"
    fi
    systemctl enable --now "$agent"
fi
