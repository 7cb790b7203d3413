# The file tree of one package: Debian's files moved to where Arch has them, plus the files of our own.
# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import os
import struct
import tarfile
from dataclasses import dataclass, field

from . import tables
from .debs import open_files

EPOCH = 1767225600  # 2026-01-01: build date, and mtime of the files that are our own

# Arch has one directory for programs and one for libraries.
MERGED = (
    ("usr/sbin", "usr/bin"), ("usr/lib64", "usr/lib"), ("bin", "usr/bin"), ("sbin", "usr/bin"), ("lib", "usr/lib"),
    ("lib64", "usr/lib"), ("lib32", "usr/lib"), ("libx32", "usr/lib"), ("var/run", "run"), ("var/lock", "run/lock"),
)
MERGED_AWAY = {old for old, _ in MERGED}
TAR_TYPES = {"dir": tarfile.DIRTYPE, "file": tarfile.REGTYPE, "link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE}


@dataclass
class Entry:
    """A directory, file, symbolic link or hard link; data is for files, target for links."""
    kind: str
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int = EPOCH
    data: bytes = b""
    target: str = ""
    xattrs: dict = field(default_factory=dict)


def clean(path):
    """A tar member's name without leading slash and dots: "./usr/bin/" becomes "usr/bin"."""
    return os.path.normpath("/" + path).lstrip("/")


def merge(path):
    """Where Arch has a path of Debian's."""
    for old, new in MERGED:
        if path == old:
            return new
        if path.startswith(old + "/"):
            return new + path[len(old):]
    return path


class Tree:
    """path -> Entry; a parent directory is always there before its children."""

    def __init__(self, package):
        self.package = package
        self.entries = {}
        self.hard_links = []
        self.own = set()

    def put(self, path, entry):
        """Set a path, whatever was there; parents are made as needed."""
        parent = os.path.dirname(path)
        if parent and parent not in self.entries:
            self.put(parent, Entry("dir", mode=tables.directory_modes().get(parent, 0o755)))
        self.entries[path] = entry

    def offer(self, path, entry):
        """Set a path of Debian's; what is there stays, except for a link of Debian's that a real thing replaces."""
        old = self.entries.get(path)
        if old is None or (old.kind == "link" and entry.kind != "link" and path not in self.own):
            self.put(path, entry)

    def add_deb(self, path):
        """Add all files of a .deb."""
        with open_files(path) as archive:
            for member in archive:
                self._add_member(archive, member)

    def _add_member(self, archive, member):
        original = clean(member.name)
        path = merge(original)
        if not path or original in MERGED_AWAY or path == "run" or path.startswith("run/") or tables.is_omitted(path):
            return
        entry = Entry("file", member.mode, member.uid, member.gid, int(member.mtime))
        if member.isdir():
            entry.kind, entry.mode = "dir", tables.directory_modes().get(path, member.mode)
            self.offer(path, entry)
        elif member.issym():
            entry.kind, entry.mode, entry.target = "link", 0o777, link_target(original, path, member.linkname)
            if entry.target:
                self.offer(path, entry)
        elif member.islnk():
            entry.kind, entry.target = "hard", merge(clean(member.linkname))
            self.hard_links.append((path, entry))
        elif member.isfile():
            entry.data = archive.extractfile(member).read()
            self.offer(path, entry)

    def add_hard_links(self):
        """Resolve the hard links last, when all their targets are here."""
        for path, entry in self.hard_links:
            target = self.entries[entry.target]
            entry.mode, entry.uid, entry.gid, entry.mtime = target.mode, target.uid, target.gid, target.mtime
            self.offer(path, entry)

    def add_own(self):
        """Add what the tables and ../files say."""
        for path, mode in tables.directories_of(self.package):
            self.put(path, Entry("dir", mode))
        for path, target in tables.links_of(self.package):
            self.put(path, Entry("link", 0o777, target=target))
        for path, mode, data in tables.files_of(self.package):
            self.put(path, Entry("file", mode, data=data))
        self.own.update(self.entries)

    def put_file(self, path, text, mode=0o644):
        """Add a file of our own from text or bytes."""
        self.put(path, Entry("file", mode, data=text if isinstance(text, bytes) else text.encode()))

    def set_capabilities(self):
        """Debian sets file capabilities in maintainer scripts, Arch ships them as extended attributes."""
        for path, number in tables.capabilities().items():
            if path in self.entries:
                entry = self.entries[path]
                entry.mode &= 0o777
                # struct vfs_cap_data, version 2, effective: permitted and inheritable in two 32-bit halves
                entry.xattrs["security.capability"] = struct.pack("<5I", 0x02000001, 1 << number, 0, 0, 0)

    def size(self):
        """Sum of the file sizes."""
        return sum(len(entry.data) for entry in self.entries.values() if entry.kind == "file")


def link_target(original, path, target):
    """Where a symbolic link must point once its file and its target have moved; None if it would be itself."""
    directory = os.path.dirname("/" + original)
    absolute = merge(clean(os.path.join(directory, target)))
    if absolute == path:
        return None
    if target.startswith("/") or path == original:
        return target
    return os.path.relpath("/" + absolute, os.path.dirname("/" + path))


def to_tar(path, entry):
    """A TarInfo without user names: the ids are what counts."""
    info = tarfile.TarInfo(path)
    info.mode, info.uid, info.gid, info.mtime = entry.mode, entry.uid, entry.gid, entry.mtime
    info.type = TAR_TYPES[entry.kind]
    info.linkname = entry.target
    if entry.kind == "file":
        info.size = len(entry.data)
    for name, value in entry.xattrs.items():
        info.pax_headers[f"LIBARCHIVE.xattr.{name}"] = base64.b64encode(value).decode().rstrip("=")
    return info
