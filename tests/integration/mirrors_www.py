#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""mirrors_www.py DIR: what the mirrors of tests/integration/mirrors have. DIR itself is a good one, its directories
are versions of it: each with a marker `sync`, a database `core.db` and packages."""
import functools
import gzip
import hashlib
import io
import os
import sys
import tarfile
import time

TOP = sys.argv[1]
DAY = 24 * 3600
NOW = int(time.time())
BIG = os.urandom(2_000_000)
SMALL = os.urandom(1000)


def desc(name, content, built):
    fields = {"FILENAME": f"{name}-1-1-any.pkg.tar.zst", "NAME": name, "BASE": name, "VERSION": "1-1", "DESC": os.urandom(200).hex(),
              "CSIZE": str(len(content)), "ISIZE": "20", "SHA256SUM": hashlib.sha256(content).hexdigest(),
              "ARCH": "any", "BUILDDATE": str(built)}
    return "".join(f"%{key}%\n{value}\n\n" for key, value in fields.items()).encode()


@functools.cache
def database(newest, packages):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for i in range(packages):
            name = "big" if i == 0 else f"p{i}"
            data = desc(name, BIG if i == 0 else SMALL, newest - i * 3600)
            entry = tarfile.TarInfo(f"{name}-1-1/desc")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def bomb():
    """Some KB that unpack to 200 MB."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("x-1-1/files")
        entry.size = 200 << 20
        tar.addfile(entry, io.BytesIO(bytes(entry.size)))
    return gzip.compress(out.getvalue(), 1, mtime=0)


def version(name, newest=NOW - DAY // 2, synced=NOW - 3600, packages=10, **files):
    """`synced` None: no marker. Others of `files` in place of what is made; None: not there."""
    where = os.path.join(TOP, name)
    os.makedirs(where, exist_ok=True)
    made = {"sync": f"{synced}\n".encode() if synced else None, "core.db": database(newest, packages),
            "big-1-1-any.pkg.tar.zst": BIG}
    made.update({key.replace("_", "."): value for key, value in files.items()})
    for file, data in made.items():
        if data is not None:
            with open(os.path.join(where, file), "wb") as out:
                out.write(data)


version("")
version("newer", newest=NOW - 3600, synced=NOW - 1800)
version("stale", newest=NOW - 5 * DAY, synced=NOW - 5 * DAY)
version("stalemarker", synced=NOW - 9 * DAY)
version("staledb", newest=NOW - 8 * DAY)
version("nodb", core_db=None)
version("junk", core_db=b"no database\n" * 100)
version("bomb", core_db=bomb())
version("liar", newest=NOW, synced=NOW, packages=9)
version("lacking", newest=NOW - DAY // 2)
os.remove(os.path.join(TOP, "lacking", "big-1-1-any.pkg.tar.zst"))
# What a root of ours meets, one after the other.
version("nomarker", synced=None)
version("dayback", newest=NOW - DAY)
version("weekback", newest=NOW - 7 * DAY)
version("fewer", packages=7)
version("ninth", packages=9)
version("twenty", newest=NOW - 20 * DAY, synced=None)
version("seventy", newest=NOW - 70 * DAY, synced=None)
version("seventymarked", newest=NOW - 70 * DAY, synced=NOW - 2 * DAY)
