"""Carries frames between two TAP devices, both ways, each frame after a delay and all in order.

    relay.py DEVICE DEVICE

It makes the devices, which go when it ends, and says `ready`. A line of its input is the delay from then on, one way,
in milliseconds, and is answered with the same line; nothing is carried before the first. It ends with its input.
"""

import collections
import contextlib
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
# Checksums and segments may be left for later (TUN_F_CSUM, TSO4, TSO6, TSO_ECN), as between two ends of a veth: what
# a sender writes at once then is one frame here, up to 64 KiB. The header that says so travels with it.
OFFLOADS = 0x01 | 0x02 | 0x04 | 0x08
LARGEST = 10 + 14 + 65536

# Read at once in one direction, so that a stream does not keep the other waiting.
BATCH = 32
# What may be under way in one direction, bytes. What comes on top is lost, as in a full switch.
CAPACITY = 64 << 20


def make_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
    fcntl.ioctl(device, TUNSETOFFLOAD, OFFLOADS)
    return device


class Direction:
    def __init__(self, source, sink):
        self.source = source
        self.sink = sink
        self.under_way = collections.deque()
        self.held = 0
        self.last_due = 0.0

    def take(self, delay):
        """Reads what waits at the source."""
        for _ in range(BATCH):
            try:
                frame = os.read(self.source, LARGEST)
            except BlockingIOError:
                return
            # A delay that has become shorter must not let a frame overtake the ones before it.
            self.last_due = max(self.last_due, time.monotonic() + delay)
            if self.held + len(frame) <= CAPACITY:
                self.held += len(frame)
                self.under_way.append((self.last_due, frame))

    def give(self):
        """Writes what is due."""
        while self.under_way and self.under_way[0][0] <= time.monotonic():
            frame = self.under_way.popleft()[1]
            self.held -= len(frame)
            # Where a device is down, the frame is lost.
            with contextlib.suppress(OSError):
                os.write(self.sink, frame)


def precise():
    """Wakes up when it is due: not up to 50 µs later to save power, and before whatever else keeps the machine busy."""
    with open("/proc/self/timerslack_ns", "w") as slack:
        slack.write("1")
    os.setpriority(os.PRIO_PROCESS, 0, -20)


def until_next(directions):
    """Seconds, or None when nothing is under way."""
    dues = [direction.under_way[0][0] for direction in directions if direction.under_way]
    return max(0.0, min(dues) - time.monotonic()) if dues else None


def relay(devices):
    directions = [Direction(*devices), Direction(*reversed(devices))]
    commands = sys.stdin.fileno()
    sources = []
    delay = 0.0
    text = ""
    while True:
        readable = select.select([*sources, commands], [], [], until_next(directions))[0]
        for direction in directions:
            if direction.source in readable:
                direction.take(delay)
            direction.give()
        if commands in readable:
            read = os.read(commands, 4096).decode()
            if not read:
                return
            *lines, text = (text + read).split("\n")
            for line in lines:
                delay = float(line) / 1000
                sources = devices
                print(line, flush=True)


precise()
made = [make_device(name) for name in sys.argv[1:3]]
print("ready", flush=True)
relay(made)
