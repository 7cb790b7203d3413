# Makes os/ArchLinuxARM-ARCH-latest.tar.gz: real pacman fills a root, bsdtar packs it.
# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import platform
import re
import shutil
import subprocess
from pathlib import Path

from . import keys, repository, tables

# What a distribution's tarball holds that no package does. Its logins are root/root and alarm/alarm by common report.
RESOLV_CONF = "../run/systemd/resolve/resolv.conf"
HOME = "home/alarm"


def can_run(arch):
    """Whether programs of this architecture run here: natively, or by a registered emulator."""
    return arch == platform.machine() or Path(f"/proc/sys/fs/binfmt_misc/qemu-{arch}").exists()


class Rootfs:
    """The tarball of one mirror; WORK is a directory for the root and for pacman's own things."""

    def __init__(self, www, arch, work):
        self.www, self.arch, self.work = www, arch, work
        self.root = work / "root"
        self.runs = can_run(arch)

    def make(self, signer):
        """Install base, finish the root, pack it; returns the path of the tarball."""
        keys.trusting_home(self.work / "gnupg", signer)
        self._write_config()
        self._make_skeleton()
        self._install()
        if not self.runs:
            self._replace_hooks()
        self._finish()
        return self._pack()

    def _write_config(self):
        """pacman's configuration on this side. The repositories are also its caches, so that nothing is copied."""
        lines = ["[options]", f"Architecture = {self.arch}", "SigLevel = Required DatabaseOptional",
                 f"GPGDir = {self.work}/gnupg", f"LogFile = {self.work}/pacman.log", f"HookDir = {self.work}/hooks"]
        lines += [f"CacheDir = {self.www}/{self.arch}/{name}" for name in repository.REPOSITORIES]
        for name in repository.REPOSITORIES:
            lines += [f"[{name}]", f"Server = file://{self.www}/$arch/$repo"]
        (self.work / "pacman.conf").write_text("\n".join(lines) + "\n")

    def _make_skeleton(self):
        """The directories that pacman needs before the first package, with the modes that the packages have."""
        modes = tables.directory_modes()
        for path in ("", "proc", "sys", "dev", "run", "var", "var/lib", "var/lib/pacman"):
            directory = self.root / path
            directory.mkdir(parents=True)
            directory.chmod(modes.get(path, 0o755))

    def _install(self):
        """Run pacman in namespaces of its own, with /proc, /dev, /sys and /run in the root; it dies with us."""
        command = ["setpriv", "--pdeathsig", "KILL", tables.TOP / "inroot", "--outside", self.root,
                   "pacman", "--root", self.root, "--config", self.work / "pacman.conf",
                   "--noconfirm", "--noprogressbar"]
        if not self.runs:
            command.append("--noscriptlet")
        result = subprocess.run([*map(str, command), "-Sy", "base"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        (self.work.parent / "pacman.log").write_text(result.stdout)
        errors = [line for line in result.stdout.splitlines() if line.startswith("error:")]
        if result.returncode or (errors and self.runs):
            raise SystemExit("mirror: pacman failed:\n" + "\n".join(errors or result.stdout.splitlines()[-30:]))

    def _replace_hooks(self):
        """Where the architecture's programs do not run here, do what its hooks would, as far as it matters."""
        print(f"mirror: {self.arch} does not run here: no scriptlets, no hooks", flush=True)
        certificates = [path for top in ("usr/share/ca-certificates", "usr/local/share/ca-certificates")
                        for path in sorted((self.root / top).rglob("*.crt"))]
        bundle = self.root / "etc/ssl/certs/ca-certificates.crt"
        bundle.write_bytes(b"".join(path.read_bytes() for path in certificates))
        if shutil.which("systemd-sysusers"):
            subprocess.run(["systemd-sysusers", f"--root={self.root}"], check=True, stderr=subprocess.DEVNULL)

    def _finish(self):
        """What the tarball has beyond its packages; nothing of the build stays."""
        self._add_logins()
        (self.root / "etc/machine-id").write_text("")
        (self.root / "etc/hostname").write_text("alarm\n")
        (self.root / "etc/resolv.conf").symlink_to(RESOLV_CONF)
        shutil.rmtree(self.root / "var/lib/pacman/sync", ignore_errors=True)
        for path in (self.root / "etc/.pwd.lock", self.root / "var/log/pacman.log"):
            path.unlink(missing_ok=True)

    def _add_logins(self):
        """root with the password root, alarm with the password alarm."""
        etc = self.root / "etc"
        shadow = (etc / "shadow").read_text()
        shadow = re.sub(r"^root:[^:]*:", f"root:{_password_hash('root')}:", shadow, flags=re.M)
        (etc / "shadow").write_text(shadow + f"alarm:{_password_hash('alarm')}:14871:0:99999:7:::\n")
        for name, line in (("passwd", f"alarm:x:1000:1000::/{HOME}:/bin/bash"), ("group", "alarm:x:1000:"),
                           ("gshadow", "alarm:!::")):
            with open(etc / name, "a") as output:
                output.write(line + "\n")
        (self.root / HOME).mkdir(mode=0o700)
        shutil.chown(self.root / HOME, 1000, 1000)

    def _pack(self):
        """Pack the root with names in order, and write the .md5 beside it."""
        directory = self.www / "os"
        directory.mkdir(parents=True)
        tarball = directory / f"ArchLinuxARM-{self.arch}-latest.tar.gz"
        names = [".", *sorted(f"./{path.relative_to(self.root)}" for path in self.root.rglob("*"))]
        subprocess.run(["bsdtar", "--create", "--gzip", "--options", "gzip:compression-level=3,gzip:!timestamp",
                        "--numeric-owner", "--xattrs", "--acls", "--no-recursion", "--null", "--files-from", "-",
                        "--file", str(tarball), "--directory", str(self.root)],
                       input="\0".join(names).encode("utf-8", "surrogateescape"), check=True)
        with open(tarball, "rb") as data:
            digest = hashlib.file_digest(data, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        Path(f"{tarball}.md5").write_text(f"{digest}  {tarball.name}\n")
        return tarball


def _password_hash(password):
    """A SHA-512 crypt hash with a fixed salt."""
    command = ["openssl", "passwd", "-6", "-salt", "standin", password]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
