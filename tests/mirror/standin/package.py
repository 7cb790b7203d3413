# Writes one Arch package: .BUILDINFO, .MTREE, .PKGINFO, .INSTALL and the files, as a compressed tar.
# SPDX-License-Identifier: GPL-3.0-or-later
import gzip
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

from . import special, tables
from .layout import EPOCH, Entry, Tree, merge, to_tar

PACKAGER = "alarmstrap tests <tests@localhost>"


def build(package, context, compression, directory):
    """Make a package in DIRECTORY/REPOSITORY; returns (name of the package, paths that are not directories)."""
    tree = make_tree(package, context)
    metadata = {".BUILDINFO": build_info(package), ".PKGINFO": package_info(package, tree)}
    scriptlet = tables.scriptlet_of(package.name)
    if scriptlet:
        metadata[".INSTALL"] = scriptlet
    metadata[".MTREE"] = mtree(metadata, tree)
    name = f"{package.name}-{package.full_version}-{package.arch}.pkg.tar.{compression.suffix}"
    write(Path(directory) / package.repository / name, metadata, tree, compression.command)
    return package.name, [path for path, entry in tree.entries.items() if entry.kind != "dir"]


def make_tree(package, context):
    """Collect the files of a package."""
    tree = Tree(package.name)
    tree.add_own()
    for deb in package.debs:
        tree.add_deb(deb.path)
    tree.add_hard_links()
    special.finish(package, tree, context)
    tree.set_capabilities()
    return tree


def backup_paths(package, tree):
    """Debian's conffiles, and whatever of our own files lies in etc/."""
    paths = {merge(path.lstrip("/")) for path in package.conffiles}
    paths.update(path for path, _, _ in tables.files_of(package.name))
    if package.name == "filesystem":
        paths.update(("etc/passwd", "etc/group", "etc/shadow", "etc/gshadow"))
    files = {path for path, entry in tree.entries.items() if entry.kind == "file"}
    return sorted(path for path in paths & files if path.startswith("etc/"))


def build_info(package):
    """The .BUILDINFO file, format 2."""
    lines = [
        "format = 2", f"pkgname = {package.name}", f"pkgbase = {package.name}", f"pkgver = {package.full_version}",
        f"pkgarch = {package.arch}", f"packager = {PACKAGER}", f"builddate = {EPOCH}", "builddir = /build",
    ]
    return ("\n".join(lines) + "\n").encode()


def package_info(package, tree):
    """The .PKGINFO file."""
    lines = [
        f"pkgname = {package.name}", f"pkgbase = {package.name}", "xdata = pkgtype=pkg",
        f"pkgver = {package.full_version}", f"pkgdesc = {package.description}", f"url = {package.url}",
        f"builddate = {EPOCH}", f"packager = {PACKAGER}", f"size = {tree.size()}", f"arch = {package.arch}",
        "license = custom",
    ]
    lines += [f"provides = {name}" for name in sorted(package.provides)]
    lines += [f"backup = {path}" for path in backup_paths(package, tree)]
    lines += [f"depend = {name}" for name in sorted(package.depends)]
    return ("\n".join(lines) + "\n").encode()


def _escape(text):
    """mtree(5): everything but plain printable characters as octal."""
    raw = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if 33 <= byte < 127 and byte not in b"#\\" else f"\\{byte:03o}" for byte in raw)


def _digests(data):
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return f"size={len(data)} md5digest={md5} sha256digest={hashlib.sha256(data).hexdigest()}"


def _mtree_line(path, entry, tree):
    words = [f"./{_escape(path)}", f"time={entry.mtime}.0"]
    if entry.uid:
        words.append(f"uid={entry.uid}")
    if entry.gid:
        words.append(f"gid={entry.gid}")
    words.append(f"mode={entry.mode:o}")
    if entry.kind == "dir":
        words.append("type=dir")
    elif entry.kind == "link":
        words.append(f"type=link link={_escape(entry.target)}")
    else:
        data = entry.data if entry.kind == "file" else tree.entries[entry.target].data
        words.append(_digests(data))
    return " ".join(words)


def mtree(metadata, tree):
    """The .MTREE file, gzip without a time stamp."""
    lines = ["#mtree", "/set type=file uid=0 gid=0 mode=644"]
    lines += [f"./{name} time={EPOCH}.0 {_digests(data)}" for name, data in sorted(metadata.items())]
    lines += [_mtree_line(path, entry, tree) for path, entry in sorted(tree.entries.items())]
    return gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=6, mtime=0)


def write(path, metadata, tree, command):
    """Write the tar through a compressor; hard links come last, when their targets are there."""
    partial = path.with_name(path.name + ".part")
    with open(partial, "wb") as output:
        compressor = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output)
        with tarfile.open(fileobj=compressor.stdin, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 16) as archive:
            for name in (".BUILDINFO", ".MTREE", ".PKGINFO", ".INSTALL"):
                if name in metadata:
                    _add(archive, name, Entry("file", data=metadata[name]))
            for last in (False, True):
                for name, entry in sorted(tree.entries.items()):
                    if (entry.kind == "hard") == last:
                        _add(archive, name, entry)
        compressor.stdin.close()
        if compressor.wait():
            raise SystemExit(f"mirror: compressing {path.name} failed")
    partial.rename(path)


def _add(archive, name, entry):
    archive.addfile(to_tar(name, entry), io.BytesIO(entry.data) if entry.kind == "file" else None)
