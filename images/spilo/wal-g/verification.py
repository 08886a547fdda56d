"""`wal-verify integrity`: is every WAL segment there, from the oldest base backup to the last segment?"""

import json
import re

import backups

SEGMENT = re.compile(r"^(?P<timeline>[0-9A-F]{8})(?P<log>[0-9A-F]{8})(?P<segment>[0-9A-F]{8})$")
SEGMENTS_A_LOG = 256  # of 16 MiB, as initdb makes them


def verify(archive, as_json):
    available = backups.complete(archive)
    start = position(available[0]["begin_wal"]) if available else None
    ranges = missing_and_found([position(name) for name in segment_names(archive)], start)
    status = "FAILURE" if any(part["status"] != "FOUND" for part in ranges) or not ranges else "OK"
    if as_json:
        print(json.dumps({"integrity": {"status": status, "details": ranges}}))
    else:
        print(f"integrity check status: {status}")
        for part in ranges:
            print(f"{part['timeline_id']:>3} {part['start_segment']} {part['end_segment']} {part['status']}")
    return 0


def missing_and_found(positions, start):
    """Ranges of segments on each timeline, found or missing, from `start` on."""
    ranges = []
    previous = None
    for timeline, number in sorted(set(positions)):
        if start is not None and (timeline, number) < start:
            continue
        follows = previous is not None and previous[0] == timeline
        if follows and number == previous[1] + 1:
            ranges[-1].update(end_segment=name_of(timeline, number), segments_count=ranges[-1]["segments_count"] + 1)
        else:
            if follows:
                ranges.append(part(timeline, previous[1] + 1, number - 1, "MISSING_LOST"))
            ranges.append(part(timeline, number, number, "FOUND"))
        previous = (timeline, number)
    return ranges


def part(timeline, first, last, status):
    return {
        "timeline_id": timeline,
        "start_segment": name_of(timeline, first),
        "end_segment": name_of(timeline, last),
        "segments_count": last - first + 1,
        "status": status,
    }


def position(name):
    found = SEGMENT.match(name)
    number = int(found["log"], 16) * SEGMENTS_A_LOG + int(found["segment"], 16)
    return int(found["timeline"], 16), number


def name_of(timeline, number):
    return f"{timeline:08X}{number // SEGMENTS_A_LOG:08X}{number % SEGMENTS_A_LOG:08X}"


def segment_names(archive):
    """The names of all segments in the archive. Compressed ones have a further suffix."""
    for key, _ in archive.objects("wals"):
        name, _, suffix = key.rpartition("/")[2].partition(".")
        if SEGMENT.match(name) and not suffix.startswith(("partial", "00")):
            yield name
