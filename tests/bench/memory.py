#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""memory.py COMMAND…: runs it and prints the peak memory of it and all that it starts, in MiB: of the
processes alive at one time, the sum of what each had resident at most (VmHWM). Pages shared between them
count for each. Looks every two milliseconds."""
import os, subprocess, sys, time


def status(pid):
    """(parent, peak in KiB); a process that is gone, or ended and not waited for, has none."""
    try:
        with open(f"/proc/{pid}/status") as file:
            fields = dict(line.split(":", 1) for line in file)
        return int(fields["PPid"]), int(fields["VmHWM"].split()[0])
    except (OSError, KeyError, ValueError):
        return None


def total(root):
    seen = {int(p): status(p) for p in os.listdir("/proc") if p.isdigit()}
    family, grown = {root}, True
    while grown:
        more = {p for p, s in seen.items() if s and s[0] in family} - family
        family |= more
        grown = bool(more)
    return sum(seen[p][1] for p in family if seen.get(p))


child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
peak = 0
while child.poll() is None:
    peak = max(peak, total(child.pid))
    time.sleep(0.002)
print(f"{peak / 1024:.1f}")
sys.exit(child.returncode)
