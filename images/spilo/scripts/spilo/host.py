"""What the host says: this member's name and how much memory it may use."""

import os
import socket

LIMIT_FILES = ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max")  # cgroup 1, 2
MIB = 1 << 20


def name():
    return socket.gethostname()


def memory_mib(limit_files=LIMIT_FILES):
    """The container's memory limit in MiB, or the host's memory if that is less or no limit is set."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MIB
    for path in limit_files:
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                limit = file.read().strip()
            return min(physical, int(limit) // MIB) if limit != "max" else physical
    return physical


def listen_address():
    """Every address: by IPv6's wildcard where it takes IPv4 too, else by IPv4's."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            probe.bind(("::1", 0))
        return "::"
    except OSError:
        return "0.0.0.0"
