# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases for tests/integration/openpgp that gpg itself made, in a home of its own."""
import os
import subprocess

T0, T1, NOW, DAY = 1500000000, 1600000000, 1700000000, 86400
DATA = b"made by gpg\nwith two lines\n"


def home(directory):
    return os.path.join(directory, "home")


def gpg(directory, *words, at=T1, data=None):
    command = ["gpg", "--homedir", home(directory), "--batch", "--quiet", "--no-tty", "--yes",
               "--pinentry-mode", "loopback", "--passphrase", "", "--trust-model", "always",
               "--allow-weak-key-signatures", "--faked-system-time", f"{at}!", *words]
    run = subprocess.run(command, input=data, capture_output=True, timeout=120)
    if run.returncode:
        raise SystemExit(f"not ok - {' '.join(command)}: {run.stderr.decode()}")
    return run.stdout


def stop(directory):
    """Ends the agent of this home, and no other."""
    if os.path.isdir(home(directory)):
        env = dict(os.environ, GNUPGHOME=home(directory))
        for word in (["--kill", "all"], ["--remove-socketdir"]):
            subprocess.run(["gpgconf", *word], env=env, stderr=subprocess.DEVNULL)


def sign(directory, who, *words, at=T1, data=DATA):
    return gpg(directory, "-u", who, *words, "--detach-sign", "-o", "-", at=at, data=data)


def fingerprint(directory, who):
    out = gpg(directory, "--with-colons", "--list-keys", who).decode()
    return [line.split(":")[9] for line in out.splitlines() if line.startswith("fpr:")]


def export(directory, who):
    return gpg(directory, "--export", who)


KEYS = [  # name, algorithm, usage, expiry, taken
    ("rsa2048", "rsa2048", "sign", "0", True), ("rsa3072", "rsa3072", "sign", "0", True),
    ("rsa4096", "rsa4096", "sign", "0", True), ("ed25519", "ed25519", "sign", "0", True),
    ("p256", "nistp256", "sign", "0", True), ("p384", "nistp384", "sign", "0", True),
    ("p521", "nistp521", "sign", "0", False), ("secp256k1", "secp256k1", "sign", "0", False),
    ("brainpool", "brainpoolP256r1", "sign", "0", False), ("rsa1024", "rsa1024", "sign", "0", False),
    ("dying", "ed25519", "sign", "seconds=%d" % (T1 - T0 + DAY), False),
    ("lasting", "ed25519", "sign", "seconds=%d" % (NOW - T0 + DAY), True),
    ("revoked", "ed25519", "sign", "0", False), ("parent", "ed25519", "cert", "0", None)]


def all_cases(directory):
    os.mkdir(home(directory), 0o700)
    cases = []
    for name, algorithm, usage, expiry, taken in KEYS:
        user = f"{name} <{name}@example.org>"
        gpg(directory, "--quick-generate-key", user, algorithm, usage, expiry, at=T0)
        if taken is None:
            continue
        sigs = [(name, sign(directory, user)), (name + " armored", sign(directory, user, "--armor"))]
        if name == "revoked":
            revoke(directory, user)
        ring = export(directory, user)
        for label, s in sigs:
            cases.append(("gpg: keys", label, ring, s, DATA, NOW, taken))
            cases.append(("gpg: tampered data", label, ring, s, DATA + b"!", NOW, False))
    subkeys(directory, cases)
    options(directory, cases)
    return cases


def revoke(directory, user):
    """Imports the revocation that gpg stored with the key; a colon guards its first line."""
    path = os.path.join(home(directory), "openpgp-revocs.d", fingerprint(directory, user)[0] + ".rev")
    with open(path, encoding="ascii") as f:
        gpg(directory, "--import", data=f.read().replace(":-----BEGIN", "-----BEGIN").encode())


def subkeys(directory, cases):
    user = "parent <parent@example.org>"
    primary = fingerprint(directory, user)[0]
    for algorithm, expiry, taken in (("rsa2048", "0", True), ("nistp384/ecdsa", "0", True),
                                     ("ed25519", "seconds=%d" % (T1 - T0 + DAY), False)):
        gpg(directory, "--quick-add-key", primary, algorithm, "sign", expiry, at=T0)
        subkey = fingerprint(directory, user)[-1]
        s = sign(directory, subkey + "!")
        cases.append(("gpg: subkeys", algorithm, export(directory, primary), s, DATA, NOW, taken))


def options(directory, cases):
    user = "rsa2048 <rsa2048@example.org>"
    ring = export(directory, user)

    def put(name, expected, *words, at=T1, **more):
        cases.append(("gpg: options", name, ring, sign(directory, user, *words, at=at, **more),
                      DATA, NOW, expected))
    for digest, taken in (("SHA256", True), ("SHA384", True), ("SHA512", True), ("SHA224", False),
                          ("SHA1", False), ("RIPEMD160", False)):
        put(digest, taken, "--digest-algo", digest)
    put("text mode", False, "--textmode")
    put("notation", True, "--sig-notation", "x@example.org=1")
    put("critical notation", False, "--sig-notation", "!x@example.org=1")
    put("policy", True, "--sig-policy-url", "https://example.org/")
    put("critical policy", None, "--sig-policy-url", "!https://example.org/")
    put("expired", False, "--default-sig-expire", "seconds=100")
    put("expires later", True, "--default-sig-expire", "seconds=%d" % (NOW - T1 + DAY))
    put("future", False, at=NOW + 9 * DAY)
    put("comment", True, "--armor", "--comment", "hello")
    put("key inside", True, "--include-key-block")
    two = gpg(directory, "-u", user, "-u", "ed25519 <ed25519@example.org>", "--detach-sign", "-o", "-",
              data=DATA)
    both = ring + export(directory, "ed25519 <ed25519@example.org>")
    cases.append(("gpg: options", "two signers", both, two, DATA, NOW, True))
    cases.append(("gpg: options", "two signers, one known", ring, two, DATA, NOW, True))
