# Keys of the stand-in mirror: OpenPGP keys that sign packages, and the CAs and certificates for HTTPS.
# SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import ctypes
import os
import re
import subprocess
import tempfile
from pathlib import Path

# The key is made as if on this day, so that a test's clock may be off by some months.
KEY_BIRTH = "20260101T000000"
CERTIFICATE_DAYS = "3650"
PR_SET_CHILD_SUBREAPER = 36
NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1,DNS:mirror.test,DNS:*.mirror.test"


class Signer:
    """A GNUPGHOME with one key; use it as a context manager, so that no gpg-agent is left behind."""

    def __init__(self, home):
        self.home = Path(home).resolve()
        self._short = None

    def __enter__(self):
        # gpg-agent puts its socket into the home, and the path of a socket has 107 bytes at most: a short symlink.
        self._short = tempfile.TemporaryDirectory(prefix="alarmstrap-gpg.")
        os.symlink(self.home, self._path())
        # The agent is a daemon: it comes back to us as a child, to be waited for, where pid 1 would leave a zombie.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        return self

    def __exit__(self, *_):
        question = ["gpg-connect-agent", "--homedir", self._path(), "--no-autostart", "getinfo pid", "/bye"]
        answer = subprocess.run(question, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        subprocess.run(["gpgconf", "--homedir", self._path(), "--kill", "all"], stderr=subprocess.DEVNULL, check=False)
        pid = re.search(r"^D (\d+)", answer.stdout, re.M)
        if pid:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(int(pid.group(1)), 0)
        self._short.cleanup()

    def _path(self):
        return os.path.join(self._short.name, "g")

    def gpg(self, *arguments, **options):
        """Run gpg in this home and return its output as bytes."""
        command = ["gpg", "--homedir", self._path(), "--batch", "--yes", "--quiet", "--no-tty", *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True, **options).stdout

    def generate(self, user_id):
        """Make an RSA-4096 key with SHA-512 self-signatures and no passphrase, as Arch Linux ARM's build key is."""
        self.gpg("--faked-system-time", KEY_BIRTH, "--cert-digest-algo", "SHA512", "--pinentry-mode", "loopback",
                 "--passphrase", "", "--quick-generate-key", user_id, "rsa4096", "sign,cert", "never",
                 stderr=subprocess.DEVNULL)

    def fingerprint(self):
        """Fingerprint of the key, 40 hex digits."""
        listing = self.gpg("--with-colons", "--list-keys").decode()
        return next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))

    def export(self):
        """The public key, binary."""
        return self.gpg("--export")

    def sign(self, path, signature=None):
        """Write a binary detached signature, by default PATH.sig."""
        output = str(signature or f"{path}.sig")
        self.gpg("--digest-algo", "SHA512", "--output", output, "--detach-sign", str(path))


@contextlib.contextmanager
def new_key(home, user_id):
    """A Signer with a fresh key in a fresh directory."""
    home.mkdir(mode=0o700, parents=True)
    with Signer(home) as signer:
        signer.generate(user_id)
        yield signer


def trusting_home(home, signer):
    """A GNUPGHOME that trusts the signer's key and has no secret: what pacman needs as its GPGDir."""
    home.mkdir(mode=0o700, parents=True)
    with Signer(home) as truster:
        truster.gpg("--import", input=signer.export(), stderr=subprocess.DEVNULL)
        truster.gpg("--import-ownertrust", input=f"{signer.fingerprint()}:6:\n".encode(), stderr=subprocess.DEVNULL)


def _openssl(*arguments, **options):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stderr=subprocess.PIPE, **options)


def make_certificates(private, stem, title):
    """A CA and a server certificate of its: {stem}ca.pem, {stem}ca.key, {stem}server.pem, {stem}server.key."""
    ca, ca_key = private / f"{stem}ca.pem", private / f"{stem}ca.key"
    certificate, key = private / f"{stem}server.pem", private / f"{stem}server.key"
    request, extensions = private / f"{stem}server.csr", private / f"{stem}server.ext"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    _openssl("req", "-x509", *curve, "-keyout", ca_key, "-out", ca, "-days", CERTIFICATE_DAYS, "-subj", f"/CN={title}",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    _openssl("req", "-new", *curve, "-keyout", key, "-out", request, "-subj", "/CN=localhost")
    extensions.write_text(f"subjectAltName={NAMES}\nbasicConstraints=critical,CA:FALSE\n"
                          "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
                          "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
    _openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", CERTIFICATE_DAYS,
             "-extfile", extensions, "-out", certificate)
    for leftover in (request, extensions, ca.with_suffix(".srl")):
        leftover.unlink(missing_ok=True)
