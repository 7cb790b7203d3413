# Reading Debian packages: control fields, dependencies, versions, file trees.
# SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import io
import re
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

DEPENDENCY = re.compile(r"([a-z0-9.+-]+)(?::\w+)?(?:\s*\(\s*(<<|<=|=|>=|>>)\s*([^)\s]+)\s*\))?")


@dataclass
class Deb:
    """One .deb file, as far as its control archive tells."""
    path: Path
    fields: dict
    conffiles: list = field(default_factory=list)
    shlibs: list = field(default_factory=list)

    @property
    def name(self):
        return self.fields["Package"]

    @property
    def version(self):
        """(pkgver, pkgrel) as pacman writes them."""
        return arch_version(self.fields["Version"])

    @property
    def summary(self):
        return self.fields["Description"].splitlines()[0]

    def depends(self):
        """Pre-Depends and Depends: lists of alternatives, each (name, operator or None, version or None)."""
        for key in ("Pre-Depends", "Depends"):
            yield from parse_dependencies(self.fields.get(key, ""))

    def provides(self):
        """Names of the virtual packages that this one provides."""
        return [alternatives[0][0] for alternatives in parse_dependencies(self.fields.get("Provides", ""))]


def parse_dependencies(text):
    """Split a dependency field; yields one list of alternatives for each comma."""
    for clause in filter(None, (part.strip() for part in text.split(","))):
        matches = (DEPENDENCY.match(alternative.strip()) for alternative in clause.split("|"))
        yield [match.groups() for match in matches if match]


def parse_fields(text):
    """Read one stanza of a control file; continuation lines are joined by newlines."""
    fields, key = {}, None
    for line in text.splitlines():
        if line[:1] in (" ", "\t") and key:
            fields[key] += "\n" + line
        elif ":" in line:
            key, value = line.split(":", 1)
            fields[key] = value.strip()
    return fields


def arch_version(version):
    """Debian's [epoch:]upstream-revision as (pacman's [epoch:]pkgver, pkgrel)."""
    epoch, _, rest = version.rpartition(":")
    upstream, dash, revision = rest.rpartition("-")
    if not dash:
        upstream, revision = rest, "1"
    upstream = re.sub(r"~(deb|debian)\d+u\d+", "", upstream)
    upstream = re.sub(r"[-~:/\s]", "_", upstream)
    number = re.match(r"\d+", revision)
    rebuild = re.search(r"deb\d+u(\d+)", version) or re.search(r"\+b(\d+)$", revision)
    pkgrel = (number.group() if number else "1") + (f".{rebuild.group(1)}" if rebuild else "")
    prefix = f"{epoch}:" if epoch not in ("", "0") else ""
    return prefix + upstream, pkgrel


def arch_bound(operator, version):
    """A version bound for pacman, such as ">=2.36". Pre-release tails are cut: "72.1~rc" becomes 72.1."""
    if not re.match(r"(\d+:)?0~", version):
        version = version.split("~")[0]
    if operator == ">>":
        operator = ">="
    return operator + arch_version(version)[0]


def read_deb(path):
    """Read the control archive of a .deb."""
    raw = subprocess.run(["dpkg-deb", "--ctrl-tarfile", str(path)], stdout=subprocess.PIPE, check=True).stdout
    texts = {"control": "", "conffiles": "", "shlibs": ""}
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if name in texts:
                texts[name] = archive.extractfile(member).read().decode()
    conffiles = [word for word in texts["conffiles"].split() if word.startswith("/")]
    return Deb(Path(path), parse_fields(texts["control"]), conffiles, texts["shlibs"].splitlines())


@contextlib.contextmanager
def open_files(path):
    """The file tree of a .deb as an open tar stream."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(path)], stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            yield archive
        process.stdout.read()
    if process.returncode:
        raise SystemExit(f"dpkg-deb failed on {path}")
