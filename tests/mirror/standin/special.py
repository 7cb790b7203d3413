# What single packages need beyond the tables: generated files, and patches to Debian's.
# SPDX-License-Identifier: GPL-3.0-or-later
import re
from dataclasses import dataclass

from .debs import open_files
from .layout import Entry

KEYRINGS = "usr/share/pacman/keyrings"


@dataclass
class Context:
    """What the files of the synthetic packages tell about the mirror."""
    arch: str
    server: str
    pacman_major: int
    fingerprint: str
    keyring: bytes
    ca: bytes
    base_passwd: str


def finish(package, tree, context):
    """Add or change what only this package needs."""
    action = ACTIONS.get(package.name)
    if action:
        action(tree, context)


def _filesystem(tree, context):
    """The user database from Debian's masters, whose ids its packages expect."""
    masters = _read_masters(context.base_passwd)
    passwd = re.sub(r"^([^:]+):\*:", r"\1:x:", masters["passwd.master"], flags=re.M)
    group = re.sub(r"^([^:]+):\*:", r"\1:x:", masters["group.master"], flags=re.M)
    users = [line.split(":")[0] for line in passwd.splitlines()]
    groups = [line.split(":")[0] for line in group.splitlines()]
    tree.put_file("etc/passwd", passwd)
    tree.put_file("etc/group", group)
    tree.put_file("etc/shadow", "".join(f"{name}:*:14871::::::\n" for name in users), 0o600)
    tree.put_file("etc/gshadow", "".join(f"{name}:!::\n" for name in groups), 0o600)
    if context.arch == "x86_64":
        tree.put("lib64", Entry("link", 0o777, target="usr/lib"))
        tree.put("usr/lib64", Entry("link", 0o777, target="lib"))


def _read_masters(path):
    """The texts of base-passwd's two master files."""
    found = {}
    with open_files(path) as archive:
        for member in archive:
            if member.name.endswith(".master"):
                found[member.name.rsplit("/", 1)[-1]] = archive.extractfile(member).read().decode()
    return found


def _keyring(tree, context):
    tree.put_file(KEYRINGS + "/archlinuxarm.gpg", context.keyring)
    tree.put_file(KEYRINGS + "/archlinuxarm-trusted", f"{context.fingerprint}:4:\n")
    tree.put_file(KEYRINGS + "/archlinuxarm-revoked", "")


def _mirrorlist(tree, context):
    entry = tree.entries["etc/pacman.d/mirrorlist"]
    entry.data = entry.data.replace(b"@SERVER@", context.server.encode())


def _pacman(tree, context):
    """pacman.conf for this architecture; Debian moved pacman's keyrings to a directory that is not Arch's."""
    conf = tree.entries["etc/pacman.conf"]
    download_user = b"DownloadUser = alpm" if context.pacman_major >= 7 else b"#DownloadUser = alpm"
    conf.data = conf.data.replace(b"@CARCH@", context.arch.encode()).replace(b"@DOWNLOADUSER@", download_user)
    script = tree.entries["usr/bin/pacman-key"]
    script.data = script.data.replace(b"/usr/share/keyrings", f"/{KEYRINGS}".encode())
    if f"/{KEYRINGS}".encode() not in script.data:
        raise SystemExit("mirror: pacman-key has changed: where are its keyrings?")


def _test_ca(tree, context):
    tree.put_file("usr/local/share/ca-certificates/alarmstrap-test.crt", context.ca)


ACTIONS = {
    "filesystem": _filesystem,
    "archlinuxarm-keyring": _keyring,
    "pacman-mirrorlist": _mirrorlist,
    "pacman": _pacman,
    "alarmstrap-test-ca": _test_ca,
}
