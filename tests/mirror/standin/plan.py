# Plans the Arch packages: names, versions, dependencies, provides, repositories. Writes nothing.
# SPDX-License-Identifier: GPL-3.0-or-later
import re
from dataclasses import dataclass, field

from . import tables
from .debs import arch_bound, read_deb

SYNTHETIC_VERSION = "20260101"


@dataclass
class Package:
    """One Arch package to be made from some Debian packages, or from none."""
    name: str
    version: str
    release: str = "1"
    arch: str = "any"
    description: str = ""
    url: str = "https://localhost/"
    repository: str = "extra"
    depends: set = field(default_factory=set)
    provides: set = field(default_factory=set)
    conffiles: list = field(default_factory=list)
    debs: list = field(default_factory=list)

    @property
    def full_version(self):
        return f"{self.version}-{self.release}"


class Plan:
    """All packages of one mirror, from the .deb files of one closure."""

    def __init__(self, deb_paths, arch):
        self.arch = arch
        self.debs = {deb.name: deb for deb in map(read_deb, deb_paths)}
        self.providers = {}
        self.packages = {}
        self._group()
        for package in list(self.packages.values()):
            self._relate(package)
        self._add_synthetic()
        self._choose_repositories()

    def pacman_major(self):
        """Major version of the pacman that goes into the mirror."""
        return int(self.packages["pacman"].version.split(".")[0])

    def _group(self):
        """Sort the Debian packages into Arch packages."""
        for deb in self.debs.values():
            if tables.is_dropped(deb.name):
                continue
            for virtual in deb.provides():
                self.providers.setdefault(virtual, deb.name)
            name, _ = tables.group_of(deb.name)
            self.packages.setdefault(name, Package(name, "")).debs.append(deb)
        for package in self.packages.values():
            package.debs.sort(key=lambda deb: tables.group_of(deb.name)[1])
            main = package.debs[0]
            package.version, package.release = main.version
            package.description = main.summary
            package.url = main.fields.get("Homepage", package.url)
            package.conffiles = [path for deb in package.debs for path in deb.conffiles]
            if any(deb.fields["Architecture"] != "all" for deb in package.debs):
                package.arch = self.arch

    def _relate(self, package):
        """Fill in what a package depends on and what it provides."""
        package.depends.update(tables.extra_depends().get(package.name, []))
        for deb in package.debs:
            package.provides.update(sonames(deb))
            if deb.name != package.name:
                package.provides.add(f"{deb.name}={deb.version[0]}")
            if package.name in tables.ignores_debian_depends() or deb.name in tables.debs_without_depends():
                continue
            for alternatives in deb.depends():
                dependency = self._dependency(package, alternatives)
                if dependency:
                    package.depends.add(dependency)
        if package.name == "bash":
            package.provides.add("sh")

    def _dependency(self, package, alternatives):
        """One Debian dependency in pacman's words, or None if the first one that is here needs no words."""
        for name, operator, version in alternatives:
            real = name if name in self.debs else self.providers.get(name)
            if real is None:
                continue
            target, _ = tables.group_of(real)
            if tables.is_dropped(real) or target == package.name:
                return None
            same_version = name == real and self.debs[real].version[0] == self.packages[target].version
            if operator in (">=", ">>", "=") and same_version:
                return target + arch_bound(operator, version)
            return target
        return None

    def _add_synthetic(self):
        """Packages that Arch Linux ARM has and Debian has not, and the one that carries the test's own CA."""
        def add(name, description, depends=(), version=SYNTHETIC_VERSION):
            package = Package(name, version, description=description)
            package.depends.update(depends, tables.extra_depends().get(name, []))
            self.packages[name] = package

        add("archlinuxarm-keyring", "Signing key of the stand-in mirror")
        add("pacman-mirrorlist", "The stand-in mirror's address")
        add("alarmstrap-test-ca", "CA of the stand-in mirror's certificate")
        members = [name for name in tables.words("base") if name in self.packages]
        add("base", "Minimal package set", [*members, "alarmstrap-test-ca"], version="3")

    def _choose_repositories(self):
        """core holds what base needs, extra the rest, alarm what only this mirror has."""
        for name in self.closure(["base"]):
            self.packages[name].repository = "core"
        self.packages["alarmstrap-test-ca"].repository = "alarm"

    def closure(self, roots):
        """Names of the packages that the roots need, themselves included."""
        soname_owner = {provided.split("=")[0]: package.name
                        for package in self.packages.values() for provided in package.provides}
        found, todo = set(), list(roots)
        while todo:
            name = re.split("[<>=]", todo.pop())[0]
            name = name if name in self.packages else soname_owner.get(name)
            if name is None:
                raise SystemExit("mirror: a dependency has no package")
            if name not in found:
                found.add(name)
                todo.extend(self.packages[name].depends)
        return found


def sonames(deb):
    """What a package provides as shared libraries: "libfoo.so=6-64"."""
    for line in deb.shlibs:
        fields = line.split()
        if len(fields) > 2 and not line.startswith(("udeb:", "#")):
            yield f"{fields[0]}.so={fields[1]}-64"
