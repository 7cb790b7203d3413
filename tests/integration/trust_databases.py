#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""trust_databases.py DIR: writes hostile package databases into DIR, and DIR/list, a line each: FILE, a tab,
the packages that may come out of it (none: it must be refused). Each holds one honest package, `good`."""
import gzip
import io
import os
import subprocess
import sys
import tarfile

OUT = sys.argv[1]
cases = []


def desc(name="good", version="1-1", **more):
    fields = {"FILENAME": f"{name}-{version}-any.pkg.tar.zst", "NAME": name, "VERSION": version, "DESC": "x",
              "CSIZE": "10", "ISIZE": "20", "SHA256SUM": "a" * 64, "ARCH": "any", **more}
    return "".join(f"%{key}%\n{value}\n\n" for key, value in fields.items() if value is not None)


def member(path, data=b"", kind=tarfile.REGTYPE, link="", pax=None):
    info = tarfile.TarInfo(path)
    info.type, info.linkname, info.size, info.pax_headers = kind, link, len(data), pax or {}
    return info, data


GOOD = member("good-1-1/desc", desc().encode())


def tar(*members):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as t:
        for info, data in members:
            t.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def case(name, packages, *members, octets=None):
    octets = octets if octets is not None else gzip.compress(tar(GOOD, *members))
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(octets)
    cases.append(f"{name}\t{packages}\n")


def bad(name, text, path="bad-1-1/desc"):
    case(name, "good", member(path, text if isinstance(text, bytes) else text.encode()))


case("honest", "good other", member("other-1-1/", kind=tarfile.DIRTYPE), member("other-1-1/desc", desc("other").encode()))
bad("all-nul", bytes(4096), "findnewest-0.3-4/desc")
bad("a-nul", desc("bad").replace("x", "x\0y"))
bad("climbs", desc("../../../etc/bad"), "../../../etc/bad-1-1/desc")
bad("climbs-by-version", desc("bad", "1/../../../x-1"), "bad-1/../../../x-1/desc")
bad("absolute", desc("/bad"), "/bad-1-1/desc")
bad("two-dots", desc(".."), "..-1-1/desc")
bad("another-directory", desc("bad"), "good2-1-1/desc")
bad("another-file", desc("bad", FILENAME="../../good-1-1-any.pkg.tar.zst"))
bad("a-file-of-another", desc("bad", FILENAME="good-1-1-any.pkg.tar.zst"))
bad("a-heading-as-a-value", desc("bad", DESC="%NAME%\ngood"))
bad("escape-sequences", desc("bad", DESC="\x1b]0;x\x07"))
bad("two-names", desc("bad") + "%NAME%\ngood\n\n")
bad("no-sum-but-words", desc("bad", SHA256SUM="z" * 64))
bad("sizes-past-all", desc("bad", CSIZE="99999999999999999999"))
bad("negative-size", desc("bad", ISIZE="-1"))
bad("a-signature-that-is-none", desc("bad", PGPSIG="****"))
bad("huge-desc", desc("bad", DESC="x" * 300000))
bad("a-long-line", desc("bad", DESC="x" * 9000))
bad("a-long-name", desc("b" * 300), "b" * 300 + "-1-1/desc")
case("symlinked-desc", "good", member("bad-1-1/desc", kind=tarfile.SYMTYPE, link="/etc/passwd"))
case("linked-desc", "good", member("bad-1-1/desc", kind=tarfile.LNKTYPE, link="good-1-1/desc"))
case("a-device", "good", member("bad-1-1/desc", kind=tarfile.CHRTYPE))
case("other-files", "good", member("good-1-1/files", b"%FILES%\netc/passwd\n"), member("good-1-1/depends", b"%DEPENDS%\nbad\n"),
     member(".MTREE", b"#mtree\n"), member("ALPM_DB_VERSION", b"9\n"))
case("twice", "good", member("good-1-1/desc", desc(CSIZE="99").encode()))
case("two-versions", "good", member("good-2-1/desc", desc(version="2-1").encode()))
case("pax-path", "good", member("ok", desc("bad").encode(), pax={"path": "../../bad-1-1/desc"}))
whole = tar(GOOD)
case("nothing", "", octets=b"")
case("words", "", octets=b"<!DOCTYPE html><html>Please log in</html>" * 100)
case("cut", "", octets=gzip.compress(whole)[:-20])
case("cut-tar", "", octets=whole[:700])
case("twice-packed", "", octets=gzip.compress(gzip.compress(whole)))
case("bomb", "", octets=gzip.compress(tar(GOOD, member("x-1-1/files", bytes(200 << 20))), 1))
case("rar", "", octets=b"Rar!\x1a\x07\x01\0" + whole)
case("rar4", "", octets=b"Rar!\x1a\x07\0" + whole)
case("xar", "", octets=b"xar!\0\x1c\0\1" + whole)
case("lha", "", octets=b"\x20\0-lh5-" + whole)
case("cab", "", octets=b"MSCF\0\0\0\0" + whole)
case("7z", "", octets=b"7z\xbc\xaf\x27\x1c\0\4" + whole)
case("warc", "", octets=b"WARC/1.0\r\n" + whole)
case("mtree", "", octets=b"#mtree\n./good-1-1/desc type=file\n")
for form in ("cpio", "newc", "zip", "shar", "ar"):
    tree = os.path.join(OUT, "tree", "good-1-1")
    os.makedirs(tree, exist_ok=True)
    with open(os.path.join(tree, "desc"), "w", encoding="ascii") as f:
        f.write(desc())
    made = subprocess.run(["bsdtar", "-C", os.path.join(OUT, "tree"), "--format", form, "-cf", "-", "good-1-1"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if made.stdout:
        case(form, "", octets=made.stdout)
for program in ("bzip2", "lzma", "lz4", "compress"):
    try:
        made = subprocess.run([program, "-c"], input=whole, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        continue
    if made.stdout:
        case(program, "", octets=made.stdout)

with open(os.path.join(OUT, "list"), "w", encoding="ascii") as f:
    f.writelines(cases)
