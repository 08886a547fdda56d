"""Sets tags in Patroni's configuration file, and leaves all else in it as it is.

    python3 - '{"nosync": true}' <set-tags.py

A tag that is null is taken out. Prints `changed` or `unchanged`; ends with 3 while the container has not configured
itself yet. Nothing of what stands in the file is ever printed: it holds passwords.
"""

import json
import os
import sys

import yaml

FOLDER = os.environ.get("RW_DIR", "/run")
NOT_YET = 3


def main():
    # Spilo writes the file at the container's first start, and then makes the service: after that the file is whole.
    if not os.path.exists(os.path.join(FOLDER, "service", "patroni")):
        return NOT_YET
    path = os.path.realpath(os.path.join(FOLDER, "postgres.yml"))
    with open(path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    wanted = with_tags(config, json.loads(sys.argv[1]))
    if wanted != config:
        replace(path, wanted)
    print("unchanged" if wanted == config else "changed")
    return 0


def with_tags(config, ours):
    tags = {**(config.get("tags") or {}), **ours}
    kept = {name: value for name, value in tags.items() if value is not None}
    others = {name: value for name, value in config.items() if name != "tags"}
    return {**others, "tags": kept} if kept else others


def replace(path, config):
    """As a whole, and on the disk before it is in the place of the former one: a container starts with either of them."""
    text = yaml.safe_dump(config, default_flow_style=False, width=120)
    if yaml.safe_load(text) != config:
        raise ValueError("it would not be read as it is written")
    former = os.stat(path)
    unfinished = f"{path}.unfinished"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchown(descriptor, former.st_uid, former.st_gid)
        os.fchmod(descriptor, former.st_mode & 0o7777)
        file.flush()
        os.fsync(descriptor)
    os.replace(unfinished, path)


try:
    sys.exit(main())
except OSError as error:
    sys.exit(f"{error.filename}: {error.strerror}")
except (yaml.YAMLError, AttributeError, ValueError) as error:
    sys.exit(f"Patroni's configuration cannot be changed ({type(error).__name__})")
