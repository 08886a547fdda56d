"""`wal-push` and `wal-fetch`. WAL files lie where barman-cloud puts them, and in its form."""

import os
import re
import sys

from objects import ObjectStore

NOT_FOUND = 74  # WAL-G's own exit code for an object that is not in the archive
SEGMENT = re.compile(r"[0-9A-F]{24}")


def push(archive, path):
    """Stores a WAL segment, a history file or a backup label file, compressed."""
    store = ObjectStore.from_environment(archive)
    if store is None:
        return archive.run("cloud_walarchive", "--lz4", after=[path])
    import lz4.frame

    with open(path, "rb") as file:
        content = lz4.frame.compress(file.read())
    status, answer = store.put(key_of(archive, os.path.basename(path)), content)
    return 0 if status == 200 else refused(archive, status, answer)


def fetch(archive, name, path):
    """Brings a WAL file back. Another exit code than 0 lets PostgreSQL look elsewhere."""
    store = ObjectStore.from_environment(archive)
    if store is None:
        code = archive.run("cloud_walrestore", "--no-partial", after=[name, path])
        return NOT_FOUND if code == 1 else code
    status, answer = store.get(key_of(archive, name))
    if status == 404 and b"NoSuchKey" in answer:
        return NOT_FOUND
    if status != 200:
        return refused(archive, status, answer)
    import lz4.frame

    unfinished = f"{path}.unfinished"
    with open(unfinished, "wb") as file:
        file.write(lz4.frame.decompress(answer))
    os.replace(unfinished, path)
    return 0


def key_of(archive, name):
    """Segments and what is named after one lie in a folder of their timeline and log; history files do not."""
    folder = f"{name[:16]}/" if SEGMENT.match(name) else ""
    return f"{archive.folder}/wals/{folder}{name}.lz4"


def refused(archive, status, answer):
    if b"NoSuchBucket" in answer:
        reason = f"bucket {archive.bucket} does not exist"
    else:
        found = re.search(rb"<Message>(.*?)</Message>", answer)
        reason = f"the S3 server answered {status}" + (f": {found[1].decode()}" if found else "")
    print(f"wal-g: {reason}", file=sys.stderr)
    return 1
