# The tables in ../tables, ../files and ../scriptlets: what is particular to single packages stands there, as data.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers of the data files. A table has one row a line, words between blanks, and comments after a # in column one."""
import fnmatch
import functools
import re
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent


def rows(name):
    """The rows of tables/NAME, each a list of words."""
    lines = (TOP / "tables" / name).read_text().splitlines()
    return [line.split() for line in lines if line.strip() and not line.startswith("#")]


def words(name):
    """All words of tables/NAME."""
    return [word for row in rows(name) for word in row]


@functools.cache
def _group_patterns():
    """Rows (Arch name, rank, compiled pattern of the Debian name); the rank grows from the first name on."""
    patterns = []
    for arch_name, *debian_names in rows("names"):
        for debian_name in debian_names:
            pattern = re.escape(debian_name).replace("@", r"[0-9][0-9.]*(-[0-9]+)?") + "(t64)?"
            patterns.append((arch_name, len(patterns), re.compile(pattern)))
    return patterns


@functools.cache
def group_of(debian_name):
    """(Arch name, rank) of a Debian package."""
    for arch_name, rank, pattern in _group_patterns():
        if pattern.fullmatch(debian_name):
            return arch_name, rank
    return debian_name, 0


@functools.cache
def _glob(table):
    """One regular expression for all shell patterns of a table."""
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in words(table)))


def is_dropped(debian_name):
    """Whether a Debian package has no place in an Arch system."""
    return _glob("drop").fullmatch(debian_name) is not None


def is_omitted(path):
    """Whether a file goes into no package."""
    return _glob("omit").fullmatch(path) is not None


@functools.cache
def extra_depends():
    """Arch name -> list of dependencies to add."""
    found = {}
    for name, *depends in rows("depends"):
        if not name.startswith("!"):
            found.setdefault(name, []).extend(depends)
    return found


@functools.cache
def ignores_debian_depends():
    """Names of the Arch packages that do not get Debian's dependencies."""
    return {name for key, *names in rows("depends") if key == "!ignore" for name in names}


@functools.cache
def debs_without_depends():
    """Names of the Debian packages whose dependencies are not wanted."""
    return {name for key, *names in rows("depends") if key == "!ignore-deb" for name in names}


def links_of(package):
    """[(path, target)] of the symbolic links to add to a package."""
    return [(path, target) for name, path, target in rows("links") if name == package]


def directories_of(package):
    """[(path, mode)] of the directories to add to a package."""
    return [(path, int(mode, 8)) for name, mode, *paths in rows("directories") if name == package for path in paths]


@functools.cache
def directory_modes():
    """path -> mode of the directories whose mode is the same in every package."""
    return {path: int(mode, 8) for _, mode, *paths in rows("directories") for path in paths}


@functools.cache
def capabilities():
    """path -> number of the one capability that the file has."""
    return {path: int(number) for path, number in rows("capabilities")}


def files_of(package):
    """[(path inside the package, mode, bytes)] of the files in ../files that belong to a package."""
    top = TOP / "files" / package
    found = []
    for path in sorted(p for p in top.rglob("*") if p.is_file()):
        mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
        found.append((str(path.relative_to(top)), mode, path.read_bytes()))
    return found


def scriptlet_of(package):
    """The .INSTALL file of a package as bytes, or None."""
    path = TOP / "scriptlets" / package
    return path.read_bytes() if path.exists() else None
