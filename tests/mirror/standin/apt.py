# A private apt root: downloads the closure of Debian packages and changes nothing outside its own directory.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import re
import subprocess
from pathlib import Path

from . import tables

FALLBACK_URI = "http://deb.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEBIAN_ARCH = {"x86_64": "amd64", "aarch64": "arm64"}


def _deb822_uris(text):
    """URIs of a .sources file."""
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        for match in re.finditer(r"^URIs:((?:.*\n?)(?:^[ \t].*\n?)*)", "\n".join(lines), re.M | re.I):
            yield from match.group(1).split()


def _one_line_uris(text):
    """URIs of a .list file."""
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[[^]]*\]\s+)?(\S+)", line)
        if match:
            yield match.group(1)


def archive_uri(etc=Path("/etc/apt")):
    """The URI from which this machine takes the Debian archive itself (not security, not third parties)."""
    sources = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    for path in (p for p in sources if p.is_file()):
        reader = _deb822_uris if path.suffix == ".sources" else _one_line_uris
        for uri in reader(path.read_text()):
            if re.search(r"/debian/?$", uri):
                return uri.rstrip("/")
    return FALLBACK_URI


def _acquire_settings():
    """The machine's own download settings (proxies, certificates), which a private root would lose."""
    dump = subprocess.run(["apt-config", "dump"], stdout=subprocess.PIPE, text=True, check=True).stdout
    unwanted = ("Acquire::IndexTargets", "Acquire::Languages", "Acquire::Changelogs")
    return [line for line in dump.splitlines() if line.startswith("Acquire::") and not line.startswith(unwanted)]


class PrivateApt:
    """An apt with its own state, cache and configuration under one directory."""

    def __init__(self, top, suite, arch):
        self.top, self.suite, self.arch = Path(top), suite, DEBIAN_ARCH[arch]
        self.archives = self.top / "archives"
        self.config = self.top / "apt.conf"

    def write_config(self):
        """Make the directories and the two configuration files."""
        for name in ("archives/partial", "state/lists/partial", "etc", "log"):
            (self.top / name).mkdir(parents=True, exist_ok=True)
        (self.top / "state/status").touch()
        source = f"deb [arch={self.arch} signed-by={KEYRING}] {archive_uri()} {self.suite} main\n"
        (self.top / "etc/sources.list").write_text(source)
        settings = _acquire_settings() + [
            f'APT::Architecture "{self.arch}";',
            f'APT::Architectures {{ "{self.arch}"; }};',
            'APT::Install-Recommends "false";',
            'APT::Install-Suggests "false";',
            'APT::Sandbox::User "root";',
            'Acquire::Languages "none";',
            'Acquire::Check-Valid-Until "false";',
            'Acquire::Retries "3";',
            'Debug::NoLocking "true";',
            f'Dir::State "{self.top}/state";',
            f'Dir::State::status "{self.top}/state/status";',
            f'Dir::Cache "{self.top}";',
            f'Dir::Cache::archives "{self.archives}";',
            f'Dir::Etc "{self.top}/etc";',
            f'Dir::Log "{self.top}/log";',
        ]
        self.config.write_text("\n".join(settings) + "\n")

    def run(self, *command):
        """Run an apt program in the private root and return its output."""
        environment = dict(os.environ, APT_CONFIG=str(self.config), DEBIAN_FRONTEND="noninteractive", LC_ALL="C")
        result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode:
            raise SystemExit(f"{' '.join(command[:3])} failed:\n{result.stdout[-3000:]}")
        return result.stdout

    def roots(self):
        """The packages to ask for, as far as the suite has them; a trailing minus forbids one."""
        known = set(self.run("apt-cache", "pkgnames").split())
        asked = [name for _, *names in tables.rows("roots") for name in names]
        missing = [name for name in asked if name.rstrip("-") not in known]
        if missing:
            print(f"mirror: {self.suite} has no {' '.join(missing)}", flush=True)
        return [name for name in asked if name not in missing]

    def download(self):
        """Download the closure; returns the paths of its .deb files. Asks no server when the last list still serves."""
        listing = self.top / "closure.json"
        request = [archive_uri(), self.suite, self.arch, tables.rows("roots")]
        if listing.exists():
            saved = json.loads(listing.read_text())
            paths = [self.archives / name for name in saved["files"]]
            if saved["request"] == request and all(path.exists() for path in paths):
                return paths
        self.write_config()
        self.run("apt-get", "-q", "update")
        install = ["apt-get", "-q", "-y", "--no-install-recommends"]
        roots = self.roots()
        plan = self.run(*install, "--simulate", "install", *roots)
        names = [self._file_name(*match) for match in re.findall(r"^Inst (\S+) \((\S+) .*\[(\w+)\]\)", plan, re.M)]
        self.run(*install, "--download-only", "install", *roots)
        partial = listing.with_suffix(".part")
        partial.write_text(json.dumps({"request": request, "files": names}, indent=1) + "\n")
        partial.rename(listing)
        return [self.archives / name for name in names]

    @staticmethod
    def _file_name(name, version, arch):
        """apt's name for a downloaded file: the colon of an epoch is escaped."""
        return f"{name.split(':')[0]}_{version.replace(':', '%3a')}_{arch}.deb"
