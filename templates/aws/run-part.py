#!/usr/bin/env python3
"""Runs this machine's part in a container, with what its secrets say.

    run-part start   writes its files and becomes its container
    run-part files   writes files that are others by now, and has the running part take them up
"""
import json
import os
import subprocess
import sys
from pathlib import Path

LIB = Path(__file__).parent
PART = json.loads(Path(os.environ.get("PULUMI_SPILO_PART", "/etc/pulumi-spilo/part.json")).read_text())


def secret(*words):
    done = subprocess.run([LIB / "aws-call", "secret", *words], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"error: {PART['name']}: its secret cannot be read, so it does not start")
    return json.loads(done.stdout)


def write_files():
    """Says whether any of them was another before. Each is whole at any time."""
    folder = Path(PART["files"]["folder"])
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    changed = False
    for name, entry in secret(PART["files"]["secret"]).items():
        path = folder / name
        if path.exists() and path.read_text() == entry["content"]:
            continue
        unfinished = folder / f".{name}.unfinished"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(entry["content"])
        os.chown(unfinished, PART["owner"]["uid"], PART["owner"]["gid"])
        os.chmod(unfinished, entry["mode"])
        unfinished.rename(path)
        changed = True
    return changed


def start():
    write_files()
    told = PART.get("environment")
    environment = secret(told["secret"], told["version"]) if told else {}
    watchdog = os.environ.get("PULUMI_SPILO_WATCHDOG", "/dev/watchdog")
    if PART["watchdog"] and os.path.exists(watchdog):
        os.chown(watchdog, PART["owner"]["uid"], PART["owner"]["gid"])
        PART["arguments"].append(f"--device={watchdog}:/dev/watchdog")
    # Values go by the environment: command lines are open to everybody on the machine.
    names = [f"--env={name}" for name in sorted(environment)]
    command = ["docker", "run", *PART["arguments"], *names, PART["image"], *PART["command"]]
    os.execvpe("docker", command, {**os.environ, **environment})


def files():
    if write_files() and PART["reload"]:
        subprocess.run(["docker", "exec", PART["name"], *PART["reload"]], check=True)


{"start": start, "files": files}[sys.argv[1]]()
