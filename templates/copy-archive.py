"""Copies what is archived to a second bucket: copy-archive

Cron starts it every minute on each member; it goes on where its member leads, and ends elsewhere, or when it goes on
already. PostgreSQL's own archiving knows nothing of it: a second bucket that is away holds nothing up, and gets what it
lacks when it is back.

What is in the second bucket is never written over, and goes by its own age alone: whatever happens to the first one,
by mistake or by malice, does not reach it. An archiver with the second bucket's variables lets go of what is too old.
"""

import fcntl
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

FIRST = os.environ.get("FIRST_VARIABLES", "/run/etc/wal-e.d/env")
SECOND = os.environ.get("SECOND_VARIABLES", "/etc/identity/second.env")
LOOK_S = float(os.environ.get("LOOK_SECONDS", 10))
# Everything is compared again this often; in between, only what is newer than what was in step.
WHOLE_S = 600
# So many keys before the newest one are looked at as well: they do not come in their order.
OVERLAP = 64
# WAL files at a time: each is in memory, and the member has to share that with PostgreSQL.
AT_ONCE = 2
# What is larger is copied part by part.
PART_BYTES = 16 << 20
MOST_PARTS = 9000
LEAST_BACKUPS = 2

WAL = re.compile(r"/(?P<timeline>[0-9A-F]{8})(?P<number>[0-9A-F]{16})(\.[a-z0-9.]+)?$")
# Both archivers' ways to end a backup: what they write last.
ENDS = re.compile(r"(?P<backup>.*/base/[^/]+/)backup\.info$|(?P<sentinel>.*/basebackups_005/[^/]+)_backup_stop_sentinel\.json$")


def main():
    lock = open(os.path.join(tempfile.gettempdir(), "copy-archive.lock"), "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    if not leads():
        return 0
    made_of = times_of_files()
    first, second = Bucket(first_variables()), Bucket(second_variables())
    rule = Retention(second)
    ended = threading.Event()
    # A base backup takes its time, in which WAL has to go on.
    works = [Copying("WAL", copy_wal(first, second, rule)), Copying("base backups", copy_backups(first, second, rule))]
    threads = [threading.Thread(target=work.go_on, args=(ended,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    # Other keys, another program, another leader: cron begins anew.
    while times_of_files() == made_of and leads():
        time.sleep(LOOK_S)
    ended.set()
    for thread in threads:
        thread.join(60)
    return 0


def leads():
    query = ["psql", "-X", "-t", "-A", "-d", "postgres", "-c", "SELECT pg_catalog.pg_is_in_recovery()"]
    try:
        return subprocess.run(query, capture_output=True, text=True, timeout=30, check=False).stdout.strip() == "f"
    except subprocess.TimeoutExpired:
        return False


def times_of_files():
    return [os.stat(file).st_mtime_ns for file in (__file__, SECOND)]


def first_variables():
    """The archiver's own, a file each."""
    values = {}
    for name in os.listdir(FIRST):
        with open(os.path.join(FIRST, name), encoding="utf-8") as file:
            values[name] = file.read().rstrip("\n")
    return values


def second_variables():
    with open(SECOND, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)


class Bucket:
    """The folder of a bucket in which this cluster keeps its archive."""

    def __init__(self, variables):
        self.variables = variables
        path = (variables.get("WALG_S3_PREFIX") or variables["WALE_S3_PREFIX"]).partition("://")[2]
        self.name, _, self.folder = path.rstrip("/").partition("/")
        self.client = client(variables)

    def list(self, under, after=""):
        """Key, size and time of every object below, by key without the folder."""
        found = {}
        start = {"StartAfter": f"{self.folder}{after}"} if after else {}
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.name, Prefix=f"{self.folder}{under}", **start):
            for entry in page.get("Contents", []):
                found[entry["Key"][len(self.folder) :]] = entry
        return found

    def copy_to(self, other, key, size):
        content = self.client.get_object(Bucket=self.name, Key=self.folder + key)["Body"]
        if size <= PART_BYTES:
            other.client.put_object(Bucket=other.name, Key=other.folder + key, Body=content.read())
            return
        from boto3.s3.transfer import TransferConfig

        part = max(PART_BYTES, size // MOST_PARTS)
        config = TransferConfig(multipart_threshold=part, multipart_chunksize=part, use_threads=False)
        other.client.upload_fileobj(content, other.name, other.folder + key, Config=config)


def client(variables):
    os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    os.environ.setdefault("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")
    import boto3
    from botocore.config import Config

    return boto3.session.Session(
        aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
        region_name=variables.get("AWS_REGION") or "us-east-1",
    ).client(
        "s3",
        endpoint_url=variables.get("AWS_ENDPOINT"),
        verify=variables.get("WALG_S3_CA_CERT_FILE") or None,
        config=Config(
            s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=60, retries={"max_attempts": 2}
        ),
    )


class Copying:
    """Looks again and again, and says when that begins or ceases to fail."""

    def __init__(self, what, look):
        self.what = what
        self.look = look
        self.failing = False

    def go_on(self, ended):
        while not ended.is_set():
            try:
                self.look(ended)
                if self.failing:
                    say(f"{self.what}: the second bucket has all that it lacked")
                self.failing = False
            except Exception as error:  # whatever it is, it is tried again
                if not self.failing:
                    say(f"{self.what}: not copied, and tried again: {error}")
                self.failing = True
            ended.wait(LOOK_S)


def say(text):
    print(f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} copy-archive: {text}", flush=True)


def copy_wal(first, second, rule):
    state = {"after": "", "whole": 0.0}

    def look(ended):
        if time.monotonic() >= state["whole"]:
            state.update(after="", whole=time.monotonic() + WHOLE_S)
        here = first.list("/wal", state["after"])
        there = second.list("/wal", state["after"])
        # Oldest first: what is restored ends at the first file that is not there.
        lacking = sorted((number_of(key), key) for key in here if key not in there and not rule.is_past(key))
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                copying = [
                    pool.submit(lambda key: ended.is_set() or first.copy_to(second, key, here[key]["Size"]), key)
                    for _, key in lacking
                ]
                try:
                    for one in copying:
                        one.result()
                finally:
                    for one in copying:
                        one.cancel()
        except Exception:
            state["whole"] = 0.0
            raise
        if len(here) > OVERLAP:
            state["after"] = sorted(here)[-OVERLAP]

    return look


def number_of(key):
    """Of a WAL file, whichever timeline it is of; what is none comes first."""
    found = WAL.search(key)
    return found["number"] if found else ""


def copy_backups(first, second, rule):
    def look(ended):
        here, there = first.list("/base"), second.list("/base")
        rule.apply_in_time(there)
        for end, parts in newest_first(here):
            if end in there or rule.is_too_old(here[end]["LastModified"]):
                continue
            # What ends it comes last: before, it is none.
            for key in [*parts, end]:
                if key not in there and not ended.is_set():
                    first.copy_to(second, key, here[key]["Size"])
            if not ended.is_set():
                say(f"{end} and what belongs to it is in the second bucket")

    return look


def newest_first(objects):
    """Each whole base backup: what ends it, and its other objects."""
    ends = sorted((end for end in objects if ENDS.match(end)), key=lambda end: objects[end]["LastModified"])
    for end in reversed(ends):
        found = ENDS.match(end)
        folder = found["backup"] or f"{found['sentinel']}/"
        yield end, [key for key in objects if key.startswith(folder) and key != end]


class Retention:
    """The rule of the first bucket, by what is in the second one."""

    def __init__(self, second):
        self.second = second
        self.known = None
        # Of the oldest backup that stays while others have gone: its end, and the number of its first WAL file.
        self.oldest = None

    def apply_in_time(self, there):
        """After each backup that has come, and when this program has begun."""
        ends = {key for key in there if ENDS.match(key)}
        if ends == self.known:
            return
        self.oldest = self.choose()
        if self.oldest is not None:
            self.archiver("delete", "before", "FIND_FULL", self.oldest["backup_name"], "--confirm")
        self.known = ends

    def choose(self):
        """As many days as are kept, and at least as many backups within them; never fewer than two."""
        retain = max(int(first_variables().get("BACKUP_NUM_TO_RETAIN") or 5), LEAST_BACKUPS)
        since = datetime.now(timezone.utc) - timedelta(days=retain)
        backups = sorted(self.backups(), key=lambda backup: backup["at"])
        old = [backup for backup in backups if backup["at"] <= since]
        return old[-1] if len(backups) - len(old) >= retain and len(old) >= LEAST_BACKUPS else None

    def backups(self):
        said = self.archiver("backup-list", "--json")
        line = next((line for line in said.splitlines() if line.lstrip().startswith("[")), "[]")
        for backup in json.loads(line):
            at = re.sub(r"\.\d+", "", backup["time"]).replace("Z", "+00:00")
            yield {**backup, "at": datetime.fromisoformat(at)}

    def archiver(self, *command):
        environment = {**os.environ, **self.second.variables, "TMPDIR": tempfile.gettempdir()}
        done = subprocess.run(["wal-g", *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"wal-g {command[0]} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
        return done.stdout

    def is_too_old(self, ended):
        return self.oldest is not None and ended < self.oldest["at"]

    def is_past(self, wal):
        """Whether only backups that have gone need it. A history belongs to all."""
        if self.oldest is None or not WAL.search(wal):
            return False
        return number_of(wal) < self.oldest["wal_file_name"][8:24]


if __name__ == "__main__":
    sys.exit(main())
