# SPDX-License-Identifier: GPL-3.0-or-later
"""Forged cases for tests/integration/openpgp: keyrings and signatures, well and ill made.

Each is (class, name, keyring, signature, data, now, expected); expected is True (both must take it),
False (ours must refuse it, whatever gpgv does) or None (ours may take it only if gpgv does)."""
import base64
import hashlib
import struct

from openpgp_forge import *

T0 = 1500000000  # keys are made
T1 = 1600000000  # files are signed
NOW = 1700000000
DAY = 86400
DATA = b"what was signed\n" * 8


def armor(octets, kind="SIGNATURE", headers="", crc=True):
    c = 0xb704ce
    for o in octets:
        c ^= o << 16
        for _ in range(8):
            c = c << 1 ^ (0x1864cfb if c & 0x800000 else 0)
    text = base64.b64encode(octets).decode()
    lines = "\n".join(text[i:i + 64] for i in range(0, len(text), 64))
    tail = "\n=" + base64.b64encode(struct.pack(">I", c & 0xffffff)[1:]).decode() if crc else ""
    return (f"-----BEGIN PGP {kind}-----\n{headers}\n{lines}{tail}\n"
            f"-----END PGP {kind}-----\n").encode()


class Ring(bytes):
    """A keyring with pacman-key's lists beside it; None: that list is not there."""
    trusted = revoked = None

    def __new__(cls, octets, trusted=None, revoked=None):
        self = super().__new__(cls, octets)
        self.trusted, self.revoked = trusted, revoked
        return self


class Cases:
    def __init__(self):
        self.list = []
        self.rsa = RSA(PRIMES[0], PRIMES[1], T0)
        self.other = RSA(PRIMES[2], PRIMES[3], T0)
        self.ed = Ed25519(b"one", T0)
        self.ed_other = Ed25519(b"two", T0)
        self.p256 = ECDSA("P-256", 0x1234567890abcdef1234567890abcdef1234567, T0)
        self.p384 = ECDSA("P-384", 0xfedcba0987654321fedcba0987654321fedcba0, T0)
        self.by_name = {"rsa": self.rsa, "ed25519": self.ed, "p256": self.p256, "p384": self.p384}

    def add(self, kind, name, ring, sig, expected=None, data=DATA, now=NOW):
        self.list.append((kind, name, ring, sig, data, now, expected))

    # --- signatures by a sound key -----------------------------------------------------------

    def algorithms(self):
        for name, key in self.by_name.items():
            ring = certificate(key)
            for h in (8, 9, 10):
                fits = h > 8 or name != "p384"
                s = signature(key, 0, DATA, T1, hash_id=h)
                self.add("algorithms", f"{name} digest {h}", ring, s, fits)
                self.add("armor", f"{name} digest {h}", ring, armor(s), fits)
                for label, data in (("changed", b"W" + DATA[1:]), ("longer", DATA + b"\n"),
                                    ("shorter", DATA[:-1]), ("empty", b"")):
                    self.add("tampered data", f"{name} {h} {label}", ring, s, False, data)
            for h in (1, 2, 11):
                self.add("old digests", f"{name} {h}", ring,
                         signature(key, 0, DATA, T1, hash_id=h), False)
            self.add("algorithms", f"{name} by another key", ring,
                     signature(self.ed_other, 0, DATA, T1), False)
        weak = RSA(PRIMES[4], PRIMES[5], T0)
        self.add("weak keys", "RSA 1024", certificate(weak), signature(weak, 0, DATA, T1), False)
        new = Ed25519(b"one", T0, 27)
        s = signature(new, 0, DATA, T1)
        self.add("algorithm 27", "good", certificate(new), s, "unknown to gpgv")
        self.add("algorithm 27", "changed data", certificate(new), s, False, DATA + b".")
        for i in range(len(s)):
            self.add("algorithm 27", f"cut at {i}", certificate(new), s[:i], False)

    def damage(self):
        for name, key in self.by_name.items():
            ring = certificate(key)
            s = signature(key, 0, DATA, T1)
            for i in range(len(s)):
                self.add("cut short", f"{name} at {i}", ring, s[:i], False)
                flipped = bytearray(s)
                flipped[i] ^= 1 << i % 8
                self.add("one bit wrong", f"{name} octet {i}", ring, bytes(flipped))
        ring, text = certificate(self.ed), armor(signature(self.ed, 0, DATA, T1))
        for i in range(len(text)):
            self.add("cut short", f"armored at {i}", ring, text[:i],
                     True if i == len(text) - 1 else None)
        body = certificate(self.ed)
        s = signature(self.ed, 0, DATA, T1)
        for i in range(len(body)):
            self.add("cut keyring", f"at {i}", body[:i], s, False)
            flipped = bytearray(body)
            flipped[i] ^= 1 << i % 8
            self.add("one bit wrong in the keyring", f"octet {i}", bytes(flipped), s)

    def leading_zeros(self):
        """R or S of EdDSA and s of RSA with zero octets in front, stripped and not."""
        found = 0
        for i in range(4000):
            data = b"%d" % i
            hashed = sub(2, u32(T1)) + sub(33, b"\x04" + self.ed.fingerprint)
            raw = []

            def unstripped(key, digest, integers):
                raw.append(key.raw(digest))
                return b"\1\0" + raw[0][:32] + b"\1\0" + raw[0][32:]
            sig = packet(2, signature_body(self.ed, 0, data, hashed, sub(16, self.ed.id),
                                           integers=unstripped))
            if 0 not in (raw[0][0], raw[0][32]):
                continue
            ring = certificate(self.ed)
            self.add("leading zeros", f"EdDSA {i} stripped", ring,
                     signature(self.ed, 0, data, T1), True, data)
            self.add("leading zeros", f"EdDSA {i} not stripped", ring, sig, None, data)
            found += 1
            if found == 6:
                break

    def packets(self):
        key, ring = self.rsa, certificate(self.rsa)
        whole = signature(key, 0, DATA, T1)
        body = whole[3:]
        for octets in (2, 4):
            self.add("framing", f"legacy packet, {octets} octets", ring,
                     legacy_packet(2, body, octets), True)
        self.add("framing", "length in 5 octets", ring, packet(2, body, 5), True)
        self.add("framing", "indeterminate length", ring, bytes([0x8b]) + body, False)
        partial = bytes([0xc2, 0xe7]) + body[:128] + length(len(body) - 128) + body[128:]
        self.add("framing", "partial length", ring, partial, False)
        for label, extra in (("zeros", b"\0\0"), ("text", b"x\n"), ("literal", packet(11, b"b\0\0\0\0\0hi")),
                             ("marker", packet(10, b"PGP")), ("private", packet(60, b"abc")),
                             ("unassigned", packet(39, b"abc")), ("reserved", packet(0, b"")),
                             ("key", ring), ("compressed", packet(8, b"\0")),
                             ("one-pass", packet(4, b"\3\0\x08\1" + key.id + b"\1"))):
            self.add("foreign packets", f"{label} after", ring, whole + extra, False)
            self.add("foreign packets", f"{label} before", ring, extra + whole, False)
        for form in (2, 5):
            if form == 2:
                continue  # has no long way of writing a short length
            hashed = sub(2, u32(T1), form=form) + sub(33, b"\4" + key.fingerprint, form=form)
            self.add("framing", f"subpacket length in {form} octets", ring,
                     packet(2, signature_body(key, 0, DATA, hashed)), None)

    def types(self):
        key, ring = self.ed, certificate(self.ed)
        for kind in range(1, 256):
            self.add("other types", f"0x{kind:02x}", ring, signature(key, kind, DATA, T1), False)
        crlf = DATA.replace(b"\n", b"\r\n")
        self.add("text mode", "canonical text", ring, signature(key, 1, crlf, T1), False)
        self.add("versions", "3", ring, packet(2, signature_v3(key, 0, DATA, T1)), False)
        for version in (0, 1, 2, 3, 5, 6, 7, 255):
            self.add("versions", f"4 called {version}", ring,
                     signature(key, 0, DATA, T1, version=version), False)
        for algorithm in range(256):
            if algorithm != key.algorithm:
                self.add("other algorithms", str(algorithm), ring,
                         signature(key, 0, DATA, T1, algorithm=algorithm), False)
        for h in range(256):
            if h != 8:
                self.add("other digests", str(h), ring,
                         signature(key, 0, DATA, T1, claimed_hash=h), False)
        self.add("left 16 bits", "wrong", ring, signature(key, 0, DATA, T1, left=b"\0\0"), False)

    def integers(self):
        def made(f):
            return signature(key, 0, DATA, T1, integers=f)
        key, ring = self.rsa, certificate(self.rsa)
        size = key.n.bit_length()
        shapes = {
            "a zero octet in front": lambda k, d, i: struct.pack(">H", size + 8) + b"\0" + i[2:],
            "bit count too high": lambda k, d, i: struct.pack(">H", 2048) + i[2:],
            "bit count too low": lambda k, d, i: struct.pack(">H", 2041) + i[2:],
            "an octet after": lambda k, d, i: i + b"\0",
            "another integer after": lambda k, d, i: i + i,
            "plus the modulus": lambda k, d, i: mpi(k.number(d, 8) + k.n),
            "an octet too long": lambda k, d, i: mpi(1 << 2050),
            "zero": lambda k, d, i: mpi(0), "one": lambda k, d, i: mpi(1), "none": lambda k, d, i: b"",
            "huge": lambda k, d, i: b"\xff\xff" + b"\xff" * 8192,
            "the modulus": lambda k, d, i: mpi(k.n)}
        for name, f in shapes.items():
            self.add("integers", f"RSA {name}", ring, made(f),
                     None if name in ("bit count too high", "a zero octet in front",
                                      "an octet after", "another integer after") else False)
        key, ring = self.ed, certificate(self.ed)
        order = int(L25519)

        def malleable(k, digest, integers):
            raw = k.raw(digest)
            s = int.from_bytes(raw[32:], "little") + order
            return mpi(int.from_bytes(raw[:32], "big")) + \
                mpi(int.from_bytes(s.to_bytes(32, "little"), "big"))
        self.add("integers", "EdDSA S plus the order", ring, made(malleable), False)
        self.add("integers", "EdDSA zeros", ring, made(lambda k, d, i: mpi(0) + mpi(0)), False)
        key, ring = self.p256, certificate(self.p256)
        for r, s in ((0, 0), (0, 1), (1, 0), (key.order, 1), (1, key.order), (1, 1)):
            self.add("integers", f"ECDSA {r:x} {s:x}", ring,
                     made(lambda k, d, i: mpi(r) + mpi(s)), False)

    def subpackets(self):
        key, ring = self.ed, certificate(self.ed)
        made, who, short = sub(2, u32(T1)), sub(33, b"\4" + key.fingerprint), sub(16, key.id)
        alien, stranger = sub(33, b"\4" + self.rsa.fingerprint), sub(16, self.rsa.id)

        def put(name, hashed, unhashed, expected, kind="subpackets", now=NOW):
            self.add(kind, name, ring, packet(2, signature_body(key, 0, DATA, hashed, unhashed)),
                     expected, now=now)
        put("only the fingerprint", made + who, b"", True)
        put("only the key id", made, short, True)
        put("key id hashed", made + short, b"", True)
        put("fingerprint unhashed", made, who + short, None)
        put("order turned round", who + made, short, True)
        put("no issuer", made, b"", False)
        put("fingerprint of another", made + alien, short, None)
        put("key id of another", made + who, stranger, None)
        put("both of another", made + alien, stranger, False)
        put("fingerprint of version 6", made + sub(33, b"\6" + b"a" * 32), short, None)
        put("fingerprint cut", made + sub(33, b"\4abc"), short, None)
        put("fingerprint empty", made + sub(33, b""), short, None)
        put("key id cut", made + sub(16, b"abc"), b"", False)
        put("time twice", made + made + who, short, None)
        put("two times", made + sub(2, u32(T1 + 1)) + who, short, None)
        put("time unhashed", who, made + short, False)
        put("no time", who, short, False)
        put("time cut", sub(2, b"\1\2\3") + who, short, False)
        put("time too long", sub(2, u32(T1) + b"\0") + who, short, None)
        put("fingerprint twice", made + who + who, short, None)
        put("expiry twice", made + sub(3, u32(DAY)) + sub(3, u32(0)) + who, short, False)
        put("expiry twice, turned", made + sub(3, u32(0)) + sub(3, u32(DAY)) + who, short, False)
        put("expiry unhashed", made + who, sub(3, u32(1)) + short, None)
        put("length past the area", made + who + b"\x40\x02", short, False)
        put("length zero", made + who + b"\0", short, None)
        put("unhashed length past the area", made + who, short + b"\x40\x02", None)
        put("unhashed length zero", made + who, short + b"\0", None)
        for kind in range(128):
            for label, body in (("4 octets", b"\0\0\0\1"), ("empty", b"")):
                for critical in (True, False):
                    one = sub(kind, body, critical)
                    name = f"{kind} {'critical' if critical else ''} {label}"
                    put(name + " hashed", made + who + one, short, None, "each subpacket")
                    put(name + " unhashed", made + who, short + one, None, "each subpacket")
        note = b"\x80\0\0\0" + struct.pack(">HH", 13, 1) + b"x@example.org" + b"1"
        put("plain notation", made + who + sub(20, note), short, True)
        put("critical notation", made + who + sub(20, note, True), short, False)
        put("critical policy", made + who + sub(26, b"http://example.org", True), short, None)
        put("critical time", sub(2, u32(T1), True) + who, short, True)

    def times(self):
        key, ring = self.ed, certificate(self.ed)

        def put(name, created, expected, *more, now=NOW):
            self.add("times", name, ring, signature(key, 0, DATA, created, *more), expected, now=now)
        put("now", NOW, True)
        put("an hour ahead", NOW + 3600, None)
        put("a day ahead", NOW + DAY, None)
        put("a day and a second ahead", NOW + DAY + 1, False)
        put("far ahead", 2**32 - 1, False)
        put("with the key", T0, True)
        put("before the key", T0 - 1, False)
        put("1970", 0, False)
        put("expired", T1, False, sub(3, u32(DAY)))
        put("expires this second", T1, False, sub(3, u32(NOW - T1)))
        put("expires later", T1, True, sub(3, u32(NOW - T1 + 3600)))
        put("never expires", T1, True, sub(3, u32(0)))
        put("expires past 2^32", T1, None, sub(3, u32(2**32 - 1)))
        put("expired, critical", T1, False, sub(3, u32(DAY), True))
        put("our clock before the key", T1, False, now=T0 - 10 * DAY)
        put("our clock at 1970", T1, False, now=1000)

    def several(self):
        ring = certificate(self.rsa) + certificate(self.ed)
        good, second = signature(self.rsa, 0, DATA, T1), signature(self.ed, 0, DATA, T1)
        unknown = signature(self.ed_other, 0, DATA, T1)
        bad = {"bad": signature(self.ed, 0, DATA + b".", T1),
               "expired": signature(self.ed, 0, DATA, T1, sub(3, u32(1))),
               "SHA-1": signature(self.ed, 0, DATA, T1, hash_id=2),
               "text": signature(self.ed, 1, DATA, T1),
               "future": signature(self.ed, 0, DATA, NOW + 9 * DAY),
               "critical": signature(self.ed, 0, DATA, T1, sub(99, b"", True)),
               "malformed": packet(2, b"\4\0"), "version 6": packet(2, b"\6" + bytes(40)),
               "version 3": packet(2, signature_v3(self.rsa, 0, DATA, T1))}
        self.add("several", "two good", ring, good + second, True)
        self.add("several", "the same twice", ring, good + good, True)
        self.add("several", "two digests", ring,
                 good + signature(self.ed, 0, DATA, T1, hash_id=10), True)
        self.add("several", "good, unknown", ring, good + unknown, True)
        self.add("several", "unknown, good", ring, unknown + good, True)
        self.add("several", "only unknown", ring, unknown + unknown, False)
        self.add("several", "armored", ring, armor(good + second), True)
        self.add("several", "two armored", ring, armor(good) + armor(second), None)
        self.add("several", "more than we take", ring, second * 33, False)
        for name, s in bad.items():
            self.add("several", f"good, {name}", ring, good + s, False)
            self.add("several", f"{name}, good", ring, s + good, False)
            self.add("several", f"unknown, {name}", ring, unknown + s, False)

    def armored(self):
        ring, s = certificate(self.ed), signature(self.ed, 0, DATA, T1)
        text = armor(s)

        def put(name, made, expected):
            self.add("armor", name, ring, made, expected)
        put("headers", armor(s, headers="Version: 1\nComment: hello\n"), True)
        put("no checksum", armor(s, crc=False), None)
        put("CRLF", text.replace(b"\n", b"\r\n"), True)
        put("wrong checksum", text.replace(b"\n=", b"\n=AA", 1)[:-3], False)
        crc = text.index(b"\n=") + 2
        put("changed checksum", text[:crc] + (b"B" if text[crc:crc + 1] == b"A" else b"A") +
            text[crc + 1:], False)
        put("other kind", armor(s, "MESSAGE"), False)
        put("text before", b"hello\n" + text, None)
        put("text after", text + b"hello\n", None)
        put("spaces at line ends", text.replace(b"\n", b"  \n"), None)
        put("no blank line", text.replace(b"\n\n", b"\n", 1), None)
        put("a letter that is none", text.replace(b"i", b"\xe4", 1), None)
        put("padding inside", text[:70] + b"=" + text[71:], False)

    # --- keys --------------------------------------------------------------------------------

    def ring_case(self, kind, name, ring, expected, signer=None, created=T1, now=NOW):
        self.add(kind, name, ring, signature(signer or self.ed, 0, DATA, created), expected, now=now)

    def self_signatures(self):
        k = self.ed
        base = packet(6, k.body)
        user, user2 = packet(13, NAME), packet(13, b"Second")
        dead, alive = sub(9, u32(DAY)), sub(9, u32(NOW - T0 + DAY))

        def c(created, *more, name=NAME, **odd):
            return certify(k, name, created, *(more or (FLAGS_ALL,)), **odd)

        def direct(created, *more, **odd):
            return signature(k, 0x1f, k.hashed, created, *more, **odd)

        def revoke_user(created, name=NAME, **odd):
            return certify(k, name, created, kind=0x30, **odd)

        def put(name, packets, expected, **more):
            self.ring_case("self-signatures", name, base + packets, expected, **more)
        revoked = revoke_user(T0 + 20)
        forged = certify(self.ed_other, NAME, T0 + 20, kind=0x30)
        forged = forged.replace(self.ed_other.fingerprint, k.fingerprint).replace(self.ed_other.id, k.id)
        put("one", user + c(T0), True)
        for kind in (0x10, 0x11, 0x12):
            put(f"type {kind:x}", user + c(T0, kind=kind), True)
        put("none", user, False)
        put("no user id", b"", False)
        put("no user id, direct", direct(T0, FLAGS_ALL), None)
        put("by another", user + certify(self.ed_other, NAME, T0, FLAGS_ALL), False)
        put("over another name", user + certify(k, b"Else", T0, FLAGS_ALL), False)
        put("type 0", user + c(T0, kind=0), False)
        put("SHA-1", user + c(T0, hash_id=2), None)
        put("MD5", user + c(T0, hash_id=1), False)
        put("SHA-1, then SHA-256", user + c(T0, hash_id=2) + c(T0 + 10), True)
        put("SHA-256, then SHA-1", user + c(T0) + c(T0 + 10, hash_id=2), None)
        put("SHA-256, then SHA-1 with expiry", user + c(T0) + c(T0 + 10, dead, hash_id=2), False)
        put("SHA-1 with expiry first in the ring", user + c(T0 + 10, dead, hash_id=2) + c(T0), False)
        put("SHA-1 with expiry, then SHA-256", user + c(T0, dead, hash_id=2) + c(T0 + 10), True)
        put("critical unknown", user + c(T0, sub(99, b"", True)), False)
        put("critical unknown is newer", user + c(T0) + c(T0 + 10, sub(99, b"", True)), None)
        put("critical unknown hides expiry", user + c(T0, dead) + c(T0 + 10, sub(99, b"", True)), False)
        put("before the key", user + c(T0 - 10), None)
        put("another algorithm", user + c(T0, algorithm=27), False)
        put("from the future", user + c(NOW + 9 * DAY), None)
        put("from the future with expiry", user + c(T0) + c(NOW + 9 * DAY, dead), False)
        put("future extends the expired", user + c(T0, dead) + c(NOW + 9 * DAY), None)
        put("expires later", user + c(T0, alive), True)
        put("expired", user + c(T0, dead), False)
        put("expires this second", user + c(T0, sub(9, u32(NOW - T0))), False)
        put("zero expiry", user + c(T0, sub(9, u32(0))), True)
        put("expiry unhashed", user + c(T0, FLAGS_ALL, unhashed=sub(16, k.id) + dead), True)
        put("expired, made longer", user + c(T0, dead) + c(T0 + 10), True)
        put("made shorter", user + c(T0) + c(T0 + 10, dead), False)
        put("made shorter, turned round", user + c(T0 + 10, dead) + c(T0), False)
        put("made longer, turned round", user + c(T0 + 10) + c(T0, dead), True)
        put("same second, first expires", user + c(T0, dead) + c(T0), None)
        put("same second, second expires", user + c(T0) + c(T0, dead), False)
        put("second user id expires", user + c(T0) + user2 + c(T0 + 10, dead, name=b"Second"), False)
        put("older second user id expires", user + c(T0 + 10) + user2 + c(T0, dead, name=b"Second"), None)
        put("first user id expires", user + c(T0, dead) + user2 + c(T0 + 10, name=b"Second"), None)
        put("direct expires", direct(T0, dead) + user + c(T0 + 10), False)
        put("direct has zero expiry", direct(T0, sub(9, u32(0))) + user + c(T0, dead), None)
        put("direct SHA-1 expires", direct(T0, dead, hash_id=2) + user + c(T0 + 10), False)
        put("direct SHA-1 expires, direct", direct(T0) + direct(T0 + 5, dead, hash_id=2) + user + c(T0 + 10), False)
        put("attribute expires", user + c(T0) + packet(17, b"\2\1x") +
            certify(k, b"\2\1x", T0 + 10, dead, attribute=True), False)
        put("only an attribute", packet(17, b"\2\1x") + certify(k, b"\2\1x", T0, FLAGS_ALL, attribute=True), None)
        put("self-signature expired", user + c(T0, sub(3, u32(DAY))), False)
        put("expired hides expiry", user + c(T0, dead) + c(T0 + 10, sub(3, u32(DAY))), False)
        put("self-signature with time left", user + c(T0, sub(3, u32(NOW - T0 + DAY))), None)
        put("expiry twice", user + c(T0, sub(9, u32(0)), dead), False)
        put("expiry twice, turned", user + c(T0, dead, sub(9, u32(0))), False)
        put("certify only", user + c(T0, FLAGS_CERTIFY), False)
        put("flags empty", user + c(T0, sub(27, b"")), False)
        put("no flags", user + c(T0, sub(30, b"\1")), True)
        put("flags taken away", user + c(T0) + c(T0 + 10, FLAGS_CERTIFY), False)
        put("user id revoked", user + c(T0) + revoked, False)
        put("user id revoked, others stand", user + c(T0) + revoked + user2 + c(T0, name=b"Second"), True)
        put("user id revoked, its expiry with it", user + c(T0, dead) + revoked + user2 + c(T0, name=b"Second"), None)
        put("user id revoked and back", user + c(T0) + revoked + c(T0 + 30), True)
        put("user id revoked and back, with expiry", user + c(T0) + revoked + c(T0 + 30, dead), False)
        put("user id revoked by SHA-1", user + c(T0) + revoke_user(T0 + 20, hash_id=2), None)
        put("forged revocation keeps expiry", user + c(T0, dead) + forged + user2 + c(T0, name=b"Second"), False)
        put("revocation SHA-1 keeps expiry", user + c(T0, dead) + revoke_user(T0 + 20, hash_id=2) + user2 + c(T0, name=b"Second"), None)
        put("revoked, then SHA-1 with expiry", user + c(T0) + revoked + c(T0 + 30, dead, hash_id=2) + user2 + c(T0, name=b"Second"), False)
        put("version 3 with a newer time", user + c(T0) + packet(2, signature_v3(k, 0x13, k.hashed + NAME, T0 + 10)), None)
        hashed = sub(2, u32(T0)) + FLAGS_ALL
        over = k.hashed + user_hashed(NAME)
        for name, unhashed, more in (("only the key id", sub(16, k.id), b""), ("no issuer", b"", b""),
                                     ("only the fingerprint", b"", sub(33, b"\4" + k.fingerprint)),
                                     ("key id of another", sub(16, self.rsa.id), b""),
                                     ("key id of another, own fingerprint", sub(16, self.rsa.id), sub(33, b"\4" + k.fingerprint))):
            put(f"issuer: {name}", user + packet(2, signature_body(k, 0x13, over, hashed + more, unhashed)), None)
            put(f"issuer: {name}, newer, hides expiry", user + c(T0, dead) + packet(
                2, signature_body(k, 0x13, over, sub(2, u32(T0 + 10)) + FLAGS_ALL + more, unhashed)), None)
            put(f"issuer: {name}, newer, with expiry", user + c(T0) + packet(
                2, signature_body(k, 0x13, over, sub(2, u32(T0 + 10)) + dead + more, unhashed)), None)
        put("trust packets between", user + packet(12, b"\0\0") + c(T0) + packet(12, b"\0\0"), True)
        put("an unknown packet", packet(60, b"abc") + user + c(T0), None)
        put("a critical unknown packet", packet(30, b"abc") + user + c(T0), False)
        put("malformed signature", user + c(T0) + packet(2, b"\4\x13\x16"), None)

    def sha1(self):
        """A key's own signatures by SHA-1: taken of RSA keys and up to 2019."""
        k, late = self.rsa, 1577836800
        base, user, sub_packet = packet(6, k.body), packet(13, NAME), packet(14, self.other.body)

        def c(created, *more, **odd):
            return certify(k, NAME, created, *(more or (FLAGS_ALL,)), hash_id=2, **odd)

        def b(**odd):
            return bind(k, self.other, T0, **odd)

        def put(name, packets, expected, **more):
            self.ring_case("SHA-1 self-signatures", name, base + user + packets, expected,
                           **{"signer": k, **more})
        dead = sub(9, u32(DAY))
        put("RSA", c(T0), True)
        put("RSA, expired", c(T0, dead), False)
        put("RSA, last second of 2019", c(late - 1), True)
        put("RSA, 2020", c(late), False)
        put("RSA, SHA-256 with expiry, then SHA-1 of 2020", certify(k, NAME, T0, dead) + c(late), False)
        put("RSA, wrong sum", c(T0, left=b"xx"), False)
        put("RSA, over another name", certify(k, b"Else", T0, FLAGS_ALL, hash_id=2), False)
        put("RSA, by another", certify(self.other, NAME, T0, FLAGS_ALL, hash_id=2), False)
        for name, of_binding, of_back, taken in (("binding", 2, 8, True), ("back signature", 8, 2, True),
                                                 ("both", 2, 2, True)):
            back = back_signature(k, self.other, T0, hash_id=of_back)
            put(f"subkey, {name}", certify(k, NAME, T0, FLAGS_ALL) + sub_packet +
                b(back=back, hash_id=of_binding), taken, signer=self.other)
        for h, name in ((1, "MD5"), (11, "SHA-224")):
            put(name, certify(k, NAME, T0, FLAGS_ALL, hash_id=h), False)

    def lists(self):
        """NAME-trusted and NAME-revoked: gpg's trust model with marginals; gpgv knows neither."""
        k, masters = self.ed, [self.rsa, self.other, self.p256, self.p384]
        hexes = [m.fingerprint.hex().upper() for m in masters]
        own = k.fingerprint.hex().upper()
        user, self_made = packet(13, NAME), certify(k, NAME, T0, FLAGS_ALL)
        ring = b"".join(map(certificate, masters))

        def by(*signers, name=NAME, created=T0 + 10, kind=0x10, **odd):
            return b"".join(signature(m, kind, k.hashed + user_hashed(name), created, **odd)
                            for m in signers)

        def trust(*levels):
            return "".join(f"{h}:{n}:\n" for h, n in zip(hexes, levels))

        def put(name, certified, trusted, expected, revoked=None, masters_ring=ring):
            packets = certified if isinstance(certified, tuple) else (user, self_made, certified)
            self.ring_case("lists", name, Ring(masters_ring + packet(6, k.body) + b"".join(packets),
                                               trusted, revoked), expected)
        a, b, c, d = masters
        three = by(a, b, c)
        put("named", b"", f"{own}:4:\n", True)
        put("named, small letters, comment, CRLF", b"", f"# the one\r\n\r\n {own.lower()}:6:\r\n", True)
        put("another named", b"", trust(6), False)
        put("nobody named", three, "", False)
        put("named as never trusted", b"", f"{own}:3:\n", False)
        put("three marginals", three, trust(4, 4, 4), True)
        put("two marginals", by(a, b), trust(4, 4, 4), False)
        put("one full", by(a), trust(5), True)
        put("one ultimate", by(a), trust(6), True)
        put("one never trusted", by(a), trust(3), False)
        put("one marginal thrice", by(a, a) + by(a, created=T0 + 20), trust(4, 4, 4), False)
        put("one marginal in three copies", by(a), trust(4), False,
            masters_ring=ring + certificate(a) + certificate(a))
        put("marginals on two user ids", (user, self_made, by(a, b), packet(13, b"Second"),
                                          certify(k, b"Second", T0, FLAGS_ALL), by(c, name=b"Second")),
            trust(4, 4, 4), False)
        put("on the second user id", (user, self_made, packet(13, b"Second"),
                                      certify(k, b"Second", T0, FLAGS_ALL), by(a, b, c, name=b"Second")),
            trust(4, 4, 4), True)
        put("on a user id that is not its own", (user, self_made, packet(13, b"Else"),
                                                 by(a, b, c, name=b"Else")), trust(4, 4, 4), False)
        put("over another name", by(a, b, c, name=b"Else"), trust(4, 4, 4), False)
        forged = by(d).replace(d.fingerprint, c.fingerprint).replace(d.id, c.id)
        put("a forged one", by(a, b) + forged, trust(4, 4, 4), False)
        put("one by SHA-1", by(a, c) + by(b, hash_id=2), trust(4, 4, 4), False)
        put("one taken back", three + by(b, kind=0x30, created=T0 + 20), trust(4, 4, 4), False)
        put("one taken back and given again", by(a, c) + by(b) + by(b, kind=0x30, created=T0 + 20) +
            by(b, created=T0 + 30), trust(4, 4, 4), True)
        put("one from the future", by(a, b) + by(c, created=NOW + DAY), trust(4, 4, 4), False)
        put("one before the key", by(a, b) + by(c, created=T0 - 10), trust(4, 4, 4), False)
        put("one that ran out", by(a, b) + signature(c, 0x10, k.hashed + user_hashed(NAME), T0 + 10,
                                                     sub(3, u32(DAY))), trust(4, 4, 4), False)
        put("one with a critical unknown", by(a, b) + signature(
            c, 0x10, k.hashed + user_hashed(NAME), T0 + 10, sub(99, b"", True)), trust(4, 4, 4), False)
        put("a marginal that is on both lists", three, trust(4, 4, 4), False, hexes[1])
        put("a fourth marginal for it", by(a, b, c, d), trust(4, 4, 4, 4), True, hexes[1])
        put("a marginal that is revoked", three, trust(4, 4, 4), False,
            masters_ring=certificate(a) + certificate(b) + packet(6, c.body) +
            signature(c, 0x20, c.hashed, T1) + certificate(c)[len(packet(6, c.body)):])
        put("a copy of a marginal is revoked", three, trust(4, 4, 4), False,
            masters_ring=ring + packet(6, c.body) + signature(c, 0x20, c.hashed, T1))
        put("a marginal that expired", three, trust(4, 4, 4), False,
            masters_ring=certificate(a) + certificate(b) + certificate(c, more=(FLAGS_ALL, sub(9, u32(DAY)))))
        put("revoked", b"", None, False, f"{own}\n")
        put("revoked, small letters", b"", None, False, own.lower())
        put("revoked and named", b"", f"{own}:6:\n", False, own)
        put("revoked and certified", three, trust(4, 4, 4), False, own)
        put("another revoked", b"", None, True, hexes[0])
        put("an empty list of revoked", b"", None, True, "")
        for name, trusted, revoked in (
                ("no level", own, None), ("no end", f"{own}:4", None), ("two digits", f"{own}:10:", None),
                ("key id", f"{own[-16:]}:4:", None), ("words", "trust me", None), ("longer", f"{own}0:4:", None),
                ("revoked key id", None, own[-16:]), ("revoked with a level", None, f"{own}:4:"),
                ("revoked, words", None, f"{own} compromised"), ("a NUL", f"{own}:4:\0", None)):
            put(f"malformed, {name}", b"", trusted, False, revoked)

    def revocations(self):
        k, base = self.ed, certificate(self.ed)
        rest = base[len(packet(6, k.body)):]

        def put(name, revocation, expected, after=False):
            ring = base + revocation if after else packet(6, k.body) + revocation + rest
            self.ring_case("revoked keys", name, ring, expected)
            self.add("revoked keys", name + ", signed before", ring,
                     signature(k, 0, DATA, T0 + 1), expected)
        own = [signature(k, 0x20, k.hashed, T1 + 1, hash_id=h) for h in (8, 2, 10)]
        put("by itself", own[0], False)
        put("by SHA-1", own[1], False)
        put("by SHA-512", own[2], False)
        put("reason superseded", signature(k, 0x20, k.hashed, T1 + 1, sub(29, b"\1old")), False)
        put("reason compromised", signature(k, 0x20, k.hashed, T1 + 1, sub(29, b"\2bad")), False)
        put("revocation that expired", signature(k, 0x20, k.hashed, T0 + 1, sub(3, u32(1))), False)
        put("by another", signature(self.rsa, 0x20, k.hashed, T1), None)
        put("over another key", signature(k, 0x20, self.rsa.hashed, T1), None)
        put("of version 3", packet(2, signature_v3(k, 0x20, k.hashed, T1)), False)
        put("after the user id", own[0], False, True)
        designated = signature(k, 0x1f, k.hashed, T0, sub(12, b"\x80\1" + self.rsa.fingerprint))
        by_friend = signature(self.rsa, 0x20, k.hashed, T1)
        ring = packet(6, k.body) + by_friend + designated + rest + certificate(self.rsa)
        self.ring_case("revoked keys", "by a designated revoker", ring, False)

    def subkeys(self):
        p, s = self.rsa, self.ed
        base, sub_packet = certificate(p, more=(FLAGS_CERTIFY,)), packet(14, s.body)
        dead = sub(9, u32(DAY))

        def put(name, packets, expected, ring=None):
            self.ring_case("subkeys", name, (ring or base) + sub_packet + packets, expected)

        def b(created, *more, **odd):
            return bind(p, s, created, *more, **odd)
        put("good", b(T0), True)
        put("back signature unhashed", b(T0, hashed_back=False), True)
        put("primary may sign too", bind(p, s, T0), True, certificate(p))
        put("no binding", b"", False)
        put("no back signature", b(T0, back=None), False)
        put("no back signature, no flags", b(T0, back=None, flags=None), False)
        put("back signature by the primary key", b(T0, back=back_signature(p, s, T0, p)), False)
        put("back signature by a third key", b(T0, back=back_signature(p, s, T0, self.other)), False)
        put("back signature of another pair", b(T0, back=back_signature(self.other, s, T0)), False)
        put("back signature of type 0x18", b(T0, back=back_signature(p, s, T0, kind=0x18)), False)
        put("back signature SHA-1", b(T0, back=back_signature(p, s, T0, hash_id=2)), None)
        put("back signature MD5", b(T0, back=back_signature(p, s, T0, hash_id=1)), False)
        put("back signature cut", b(T0, back=back_signature(p, s, T0)[:-5]), False)
        put("back signature empty", b(T0, back=b""), False)
        put("binding by another", bind(self.other, s, T0), False)
        put("binding of another", bind(p, self.ed_other, T0), False)
        put("binding SHA-1", b(T0, hash_id=2), None)
        put("may encrypt", b(T0, flags=b"\x0c", back=None), False)
        put("may encrypt, with back signature", b(T0, flags=b"\x0c"), None)
        put("no flags", b(T0, flags=None), None)
        put("expired", b(T0, dead), False)
        put("expires later", b(T0, sub(9, u32(NOW - T0 + 9))), True)
        put("made longer", b(T0, dead) + b(T0 + 10), True)
        put("made shorter", b(T0) + b(T0 + 10, dead), False)
        put("made shorter, turned round", b(T0 + 10, dead) + b(T0), False)
        put("made shorter by SHA-1", b(T0) + b(T0 + 10, dead, hash_id=2), False)
        put("flags taken away", b(T0) + b(T0 + 10, flags=b"\x0c", back=None), False)
        put("back signature missing in the newer", b(T0) + b(T0 + 10, back=None), None)
        put("back signature missing in the newer, turned round", b(T0 + 10, back=None) + b(T0), None)
        put("flags unhashed", b(T0, flags=None, back=back_signature(p, s, T0), unhashed=sub(
            16, p.id) + sub(27, b"\2")), None)
        late = Ed25519(b"late", T0 + 50)
        self.ring_case("subkeys", "younger than its binding",
                       base + packet(14, late.body) + bind(p, late, T0), None, late)
        put("binding expired", b(T0, sub(3, u32(9))), False)
        put("binding before the key", b(T0 - 9), None)
        put("binding from the future", b(NOW + 9 * DAY), None)
        over = p.hashed + s.hashed
        for h in (8, 2):
            put(f"revoked, digest {h}", b(T0) + signature(p, 0x28, over, T1 + 9, hash_id=h), False)
        put("revoked, then bound again", b(T0) + signature(p, 0x28, over, T0 + 9) + b(T0 + 20), False)
        put("revoked by another", b(T0) + signature(self.other, 0x28, over, T1), None)
        put("primary key expired", b(T0), False, certificate(p, more=(FLAGS_CERTIFY, dead)))
        rest = base[len(packet(6, p.body)):]
        put("primary key revoked", b(T0), False,
            packet(6, p.body) + signature(p, 0x20, p.hashed, T1) + rest)
        put("primary key without self-signature", b(T0), False, packet(6, p.body) + packet(13, NAME))
        thief = certificate(self.other) + sub_packet + bind(self.other, s, T0, back=None)
        self.ring_case("subkeys", "adopted by a thief", thief, False)
        honest = base + sub_packet + b(T0)
        self.ring_case("subkeys", "adopted, and the honest one", thief + honest, None)
        self.ring_case("subkeys", "the honest one, and adopted", honest + thief, None)
        twice = honest + honest
        self.ring_case("subkeys", "certificate twice", twice, True)
        revoked = packet(6, p.body) + signature(p, 0x20, p.hashed, T1) + rest + sub_packet + b(T0)
        self.ring_case("subkeys", "certificate twice, one revoked", honest + revoked, None)
        self.ring_case("subkeys", "certificate twice, first revoked", revoked + honest, False)
        younger = Ed25519(b"young", T1 + 9)
        self.ring_case("subkeys", "younger than the signature",
                       base + packet(14, younger.body) + bind(p, younger, T1 + 9), False, younger)
        self.ring_case("subkeys", "weak primary key", certificate(RSA(PRIMES[4], PRIMES[5], T0)) +
                       sub_packet + bind(RSA(PRIMES[4], PRIMES[5], T0), s, T0), False)

    def keyrings(self):
        ring, s = certificate(self.ed), signature(self.ed, 0, DATA, T1)
        self.add("keyrings", "armored", armor(ring, "PUBLIC KEY BLOCK"), s, "unknown to gpgv")
        self.add("keyrings", "empty", b"", s, False)
        self.add("keyrings", "a signature", s, s, False)
        self.add("keyrings", "a secret key", packet(5, self.ed.body + b"\0\0\0"), s, False)
        self.add("keyrings", "other keys", certificate(self.rsa), s, False)
        self.add("keyrings", "many", certificate(self.rsa) + ring + certificate(self.p256), s, True)
        v3 = packet(6, b"\3" + u32(T0) + b"\0\0\1" + mpi(self.rsa.n) + mpi(65537))
        self.add("keyrings", "one of version 3 first", v3 + packet(13, NAME) + ring, s, None)
        for name, material in (("e = 1", mpi(self.rsa.n) + mpi(1)), ("e even", mpi(self.rsa.n) + mpi(4)),
                               ("n = 1", mpi(1) + mpi(3)), ("none", b""),
                               ("padded n", struct.pack(">H", 2056) + b"\0" + mpi(self.rsa.n)[2:] + mpi(65537))):
            odd = RSA(PRIMES[0], PRIMES[1], T0)
            Key.__init__(odd, 1, material, T0)
            self.add("keyrings", f"RSA key with {name}", certificate(odd), signature(odd, 0, DATA, T1),
                     None if name == "padded n" else False)
        point = ECDSA("P-256", 5, T0)
        Key.__init__(point, 19, bytes.fromhex("082a8648ce3d030107") + mpi(int.from_bytes(b"\4" + b"\1" * 64, "big")), T0)
        self.add("keyrings", "point off the curve", certificate(point), signature(point, 0, DATA, T1), False)


def all_cases():
    cases = Cases()
    for make in ("algorithms", "damage", "leading_zeros", "packets", "types", "integers",
                 "subpackets", "times", "several", "armored", "self_signatures", "sha1", "lists",
                 "revocations", "subkeys", "keyrings"):
        getattr(cases, make)()
    return cases.list
