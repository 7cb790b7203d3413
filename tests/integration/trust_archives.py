#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""trust_archives.py DIR CANARY [--long]: writes hostile archives into DIR, and DIR/list, a line each:
FILE, a tab, what the error must say. CANARY is the directory that none may touch; it lies beside ROOT,
two levels above the staging directory's inside. Written by hand, header by header (POSIX pax, "ustar
Interchange Format"; GNU tar's manual): no library would write these."""
import gzip
import io
import lzma
import os
import random
import subprocess
import sys

OUT, CANARY = sys.argv[1], sys.argv[2]
LONG = "--long" in sys.argv


def number(value, size):
    """Octal where it fits, else base-256, negative too."""
    if 0 <= value < 8 ** (size - 1):
        return b"%0*o" % (size - 1, value) + b"\0"
    octets = bytearray(value.to_bytes(size, "big", signed=True))
    octets[0] |= 0x80
    return bytes(octets)


def header(name, kind=b"0", size=0, link=b"", mode=0o644, uid=0, gnu=False, bad_sum=False):
    h = bytearray(512)

    def put(at, octets):
        h[at:at + len(octets)] = octets
    put(0, name[:100])
    put(100, b"%07o\0" % mode)
    put(108, number(uid, 8))
    put(116, number(0, 8))
    put(124, number(size, 12))
    put(136, number(1700000000, 12))
    put(148, b" " * 8)
    put(156, kind)
    put(157, link[:100])
    put(257, b"ustar  \0" if gnu else b"ustar\00000")
    put(148, b"%06o\0 " % (sum(h) + bad_sum))
    return bytes(h)


def entry(name, kind=b"0", data=b"", claimed=None, **more):
    size = len(data) if claimed is None else claimed
    return header(name, kind, size, **more) + data + bytes(-len(data) % 512)


def pax(*records, kind=b"x"):
    body = b""
    for record in records:
        length = len(record) + 3
        while len(b"%d %s\n" % (length, record)) != length:
            length = len(b"%d %s\n" % (length, record))
        body += b"%d %s\n" % (length, record)
    return entry(b"PaxHeaders/x", kind, body)


def d(name, **more):
    return entry(name, b"5", mode=0o755, **more)


def f(name, data=b"hostile\n", **more):
    return entry(name, b"0", data, **more)


def s(name, to, **more):
    return entry(name, b"2", link=to, **more)


def h(name, to, **more):
    return entry(name, b"1", link=to, **more)


END = bytes(1024)
AFTER = f(b"after")
UP = b"../../canary"
INSIDE = os.fsencode(CANARY)
cases = []


def case(name, says, *entries, end=END):
    cases.append((name + ".tar", says, b"".join(entries) + end))


def packed(name, says, octets, how):
    cases.append((name, says, how(octets)))


# --- out of the directory by name
case("absolute", "'%s/absolute' is absolute" % CANARY, f(INSIDE + b"/absolute"), AFTER)
case("absolute-slashes", "is absolute", f(b"///etc/alarmstrap-canary"))
case("upwards", "'../../canary/up' leads upwards", f(UP + b"/up"))
case("upwards-inside", "'a/../../../canary/up' leads upwards", d(b"a"), f(b"a/../../../canary/up"))
case("upwards-dot", "leads upwards", f(b"./../../canary/up"))
case("upwards-directory", "leads upwards", d(b"a/.."))
case("pax-upwards", "'../../canary/up' leads upwards", pax(b"path=" + UP + b"/up"), f(b"innocent"))
case("pax-global-upwards", "leads upwards", pax(b"path=" + UP + b"/up", kind=b"g"),
     pax(b"path=" + UP + b"/up"), f(b"innocent"))
case("gnu-long-upwards", "leads upwards", entry(b"././@LongLink", b"L", UP + b"/" + b"x" * 200 + b"\0", gnu=True),
     f(b"innocent", gnu=True))
# --- through links
case("file-through-symlink", "'s/file' leads through 's'", s(b"s", UP), f(b"s/file"))
case("directory-through-symlink", "'s/dir' leads through 's'", s(b"s", INSIDE), d(b"s/dir"))
case("symlink-two-hops", "'a/file' leads through 'a'", s(b"b", UP), s(b"a", b"b"), f(b"a/file"))
case("symlink-two-hops-deep", "'d/a/file' leads through 'd/a'", d(b"d"), s(b"b", INSIDE), s(b"d/a", b"../b"),
     f(b"d/a/file"))
case("symlink-by-another-name", "leads through 's'", s(b"./s/", UP), f(b".//s/./file"))
case("file-over-symlink", "'s' comes twice, as different things", s(b"s", UP + b"/file"), f(b"s"))
case("pax-symlink", "leads through 's'", pax(b"linkpath=" + UP), s(b"s", b"innocent"), f(b"s/file"))
case("hardlink-out", "leads upwards", h(b"h", UP + b"/file"), f(b"h"))
case("hardlink-absolute", "is absolute", h(b"h", INSIDE + b"/file"), f(b"h"))
case("hardlink-with-content", "leads upwards", h(b"h", UP + b"/file", data=b"through it\n"))
case("hardlink-to-symlink", "hard link to 's', which is no earlier regular file", s(b"s", UP + b"/file"),
     h(b"h", b"s"), f(b"h"))
case("hardlink-through-symlink", "no earlier regular file", s(b"s", UP), h(b"h", b"s/file"), f(b"h"))
case("hardlink-to-nothing", "'nothing', which is no earlier regular file", h(b"h", b"nothing"))
case("hardlink-to-itself", "no earlier regular file", f(b"h"), h(b"h", b"./h"))
# --- another type at the same name
case("directory-then-symlink", "'d' comes twice, as different things", d(b"d"), s(b"d", UP), f(b"d/file"))
case("parent-then-symlink", "'d' comes twice, as different things", f(b"d/x"), s(b"d", UP), f(b"d/file"))
case("symlink-then-directory", "'s' comes twice, as different things", s(b"s", UP), d(b"s"), f(b"s/file"))
case("file-then-directory", "comes twice", f(b"x"), d(b"x"), f(b"x/y"))
case("root-is-a-symlink", "the root is no directory", s(b".", UP), f(b"file"))
case("device-then-file", "'dev/x' comes twice, as different things", entry(b"dev/x", b"3"), f(b"dev/x"))
case("fifo-then-file", "'x' comes twice", entry(b"x", b"6"), f(b"x"))
case("hardlink-to-device", "no earlier regular file", entry(b"n", b"4"), h(b"h", b"n"))
# --- devices alone are left out; what is left is no root
case("device", "holds no root filesystem", entry(b"dev/mem", b"3", mode=0o666), entry(b"dev/sda", b"4", mode=0o666),
     entry(b"pipe", b"6"))
# --- setuid where it may not be: of an owner that chown(2) would pass over, of none at all
case("setuid-of-nobody", "su: owner out of range", pax(b"uid=4294967295"), f(b"su", mode=0o4755))
case("setuid-negative-owner", "su: owner out of range", f(b"su", mode=0o4755, uid=-1))
# --- too much
case("huge-sparse", "file: 1152921504606846976 bytes are too many", pax(
    b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.realsize=1152921504606846976"),
     f(b"file", b"1\n0\n1\n".ljust(513, b"\0")))
beyond = "it has content beyond its size"
far = b"1\n1099511627776\n1\n".ljust(513, b"\0")
case("sparse-beyond-its-size", "file: " + beyond, pax(
    b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.realsize=10"), f(b"file", far))
case("sparse-beyond-no-size", "file: " + beyond, pax(
    b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.realsize=0"), f(b"file", far))
case("sparse-0.1-beyond-its-size", "file: " + beyond, pax(
    b"GNU.sparse.size=10", b"GNU.sparse.numblocks=1", b"GNU.sparse.map=1099511627776,1"), f(b"file", b"x"))
many = [pax(b"GNU.sparse.major=1", b"GNU.sparse.minor=0", b"GNU.sparse.realsize=4294967296") +
        f(b"hole%d" % i, b"1\n0\n1\n".ljust(513, b"\0")) for i in range(5)]
case("many-sparse", "hole4: unpacks to more than", *many)
case("file-of-5-gib", "file: 5368709120 bytes are too many", f(b"file", claimed=5 << 30))
case("negative-size", "file: broken archive", f(b"innocent"), f(b"file", claimed=-1))
case("pax-negative-size", "file: broken archive", f(b"innocent"), pax(b"size=-5"), f(b"file"))
case("pax-size-too-long", "file: broken archive", f(b"innocent"), pax(b"size=99999999999999999999"), f(b"file"))
packed("bomb.tar.gz", "zeros: ", f(b"zeros", bytes(64 << 20)) + END, lambda o: gzip.compress(o, 1))
packed("bomb.tar.xz", "zeros: ", f(b"zeros", bytes(64 << 20)) + END, lambda o: lzma.compress(o, preset=0))
packed("bomb.tar.zst", "zeros: ", f(b"zeros", bytes(64 << 20)) + END, lambda o: subprocess.run(
    ["zstd", "-qc"], input=o, stdout=subprocess.PIPE, check=True).stdout)
packed("twice.tar.gz.gz", "compressed more than once", f(b"file") + END, lambda o: gzip.compress(gzip.compress(o)))
million = gzip.compress(b"".join(header(b"e/%06d" % i) for i in range(10000)), 1) * 100
packed("a-million-empty-entries.tar.gz", "e/", million + gzip.compress(END), bytes)
# --- names
case("long-name", "too long", pax(b"path=" + b"n/" * 2500), f(b"short"))
case("long-component", "has a name too long", pax(b"path=" + b"n" * 300), f(b"short"))
case("deep", "too long", pax(b"path=" + b"d/" * 2040 + b"f"), f(b"short"), pax(b"path=" + b"d/" * 2100 + b"f"),
     f(b"short"))
case("long-link", "symlink to nothing", pax(b"linkpath=" + b"l" * 5000), s(b"link", b"short"))
case("no-name", "without a name", f(b""))
case("nul-in-a-pax-path", "holds no root filesystem", pax(b"path=ok\0/../../../canary/up"), f(b"short"))
case("nul-in-a-pax-link", "no earlier regular file", pax(b"linkpath=" + UP[:0] + b"ok\0" + UP + b"/file"),
     h(b"h", b"short"))
case("control-characters", "\\x1b[2J", f(b"../\x1b[2J\nok"))
# --- no archive, or a part of one
parts = [d(b"etc"), f(b"etc/os-release", b"ID=x\n"), pax(b"path=a"), f(b"b"), f(b"c", b"c" * 2000)]
ends = ["etc", "etc/os-release", "etc/os-release", "a", "c"]  # the last name that could be read
whole, at = b"".join(parts), 0
case("cut-at-0", "broken archive", end=b"")
for part, last, before in zip(parts, ends, [None] + ends):
    if before:
        case("cut-in-the-header-at-%d" % at, "after %s: broken archive" % before, whole[:at + 300], end=b"")
    at += len(part)
    case("cut-before-the-header-at-%d" % at, "after %s: broken archive" % last, whole[:at], end=b"")
case("cut-in-content", "c: broken archive", whole[:-512], end=b"")
case("wrong-sum", "after innocent: broken archive", f(b"innocent"), f(b"file", bad_sum=True))
packed("rar.tar", "broken archive", b"Rar!\x1a\x07\x01\0" + bytes(4096), bytes)
packed("zip.tar", "broken archive", b"PK\3\4" + bytes(4096), bytes)
packed("iso.tar", "holds no root filesystem", bytes(32768) + b"\1CD001\1" + bytes(4096), bytes)
packed("cut.tar.gz", "broken archive", gzip.compress(whole + END)[:-9], bytes)
if LONG:
    def names():
        dice = random.Random(1)
        for i in range(600000):
            yield header(b"e/%06d-%s" % (i, dice.randbytes(40).hex().encode()))
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=1) as g:
        for one in names():
            g.write(one)
        g.write(END)
    cases.append(("more-than-500000-names.tar.gz", "more than 500000 ", stream.getvalue()))

with open(os.path.join(OUT, "list"), "w", encoding="utf-8") as table:
    for name, says, octets in cases:
        with open(os.path.join(OUT, name), "wb") as file:
            file.write(octets)
        table.write(f"{name}\t{says}\n")
