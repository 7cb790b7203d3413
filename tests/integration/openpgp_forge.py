# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes OpenPGP keys and signatures octet by octet (RFC 9580), good ones and wrong ones.

For tests only: the secret keys below are public and the arithmetic is not constant-time."""
import hashlib
import struct

HASHES = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224"}
PREFIXES = {  # DigestInfo of PKCS #1
    1: "3020300c06082a864886f70d020505000410", 2: "3021300906052b0e03021a05000414",
    8: "3031300d060960864801650304020105000420", 9: "3041300d060960864801650304020205000430",
    10: "3051300d060960864801650304020305000440", 11: "302d300d06096086480165030402040500041c"}


def mpi(n):
    return struct.pack(">H", n.bit_length()) + n.to_bytes((n.bit_length() + 7) // 8, "big")


def length(n, form=0):
    """A packet or subpacket length in the shortest form, or in that of `form` octets."""
    if form == 5 or (form == 0 and n >= 8384):
        return b"\xff" + struct.pack(">I", n)
    if form == 2 or (form == 0 and n >= 192):
        return bytes([((n - 192) >> 8) + 192, (n - 192) & 255])
    return bytes([n])


def packet(tag, body, form=0):
    return bytes([0xc0 | tag]) + length(len(body), form) + body


def legacy_packet(tag, body, octets):
    kind = {1: 0, 2: 1, 4: 2}[octets]
    return bytes([0x80 | tag << 2 | kind]) + len(body).to_bytes(octets, "big") + body


def sub(kind, body, critical=False, form=0):
    return length(len(body) + 1, form) + bytes([kind | (0x80 if critical else 0)]) + body


def u32(n):
    return struct.pack(">I", n)


class Key:
    """A key: `material` public, `sign(digest, hash)` to the integers of a signature."""
    usual_hash = 8

    def __init__(self, algorithm, material, created):
        self.algorithm, self.created = algorithm, created
        self.body = b"\x04" + u32(created) + bytes([algorithm]) + material
        self.hashed = b"\x99" + struct.pack(">H", len(self.body)) + self.body
        self.fingerprint = hashlib.sha1(self.hashed).digest()

    @property
    def id(self):
        return self.fingerprint[12:]

    @property
    def hex(self):
        return self.fingerprint.hex().upper()


class RSA(Key):
    def __init__(self, p, q, created, algorithm=1, e=65537):
        self.n, self.e, self.p, self.q = p * q, e, p, q
        d = pow(e, -1, (p - 1) * (q - 1))
        self.dp, self.dq, self.inverse = d % (p - 1), d % (q - 1), pow(q, -1, p)
        super().__init__(algorithm, mpi(self.n) + mpi(e), created)

    def number(self, digest, hash_id):
        size = (self.n.bit_length() + 7) // 8
        info = bytes.fromhex(PREFIXES[hash_id]) + digest
        padded = b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info
        m = int.from_bytes(padded, "big")
        a, b = pow(m, self.dp, self.p), pow(m, self.dq, self.q)
        return b + (a - b) * self.inverse % self.p * self.q

    def sign(self, digest, hash_id):
        return mpi(self.number(digest, hash_id))


P25519 = 2**255 - 19
L25519 = 2**252 + 27742317777372353535851937790883648493
D25519 = -121665 * pow(121666, -1, P25519) % P25519


def ed_add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    A, B = (y1 - x1) * (y2 - x2) % P25519, (y1 + x1) * (y2 + x2) % P25519
    C, D = 2 * t1 * t2 * D25519 % P25519, 2 * z1 * z2 % P25519
    E, F, G, H = B - A, D - C, D + C, B + A
    return E * F % P25519, G * H % P25519, F * G % P25519, E * H % P25519


def ed_multiply(n):
    """n times the base point."""
    result = (0, 1, 1, 0)
    for i in range(n.bit_length()):
        if n >> i & 1:
            result = ed_add(result, ED_DOUBLES[i])
    return result


def ed_compress(point):
    inverse = pow(point[2], -1, P25519)
    x, y = point[0] * inverse % P25519, point[1] * inverse % P25519
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BX = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BY = 4 * pow(5, -1, P25519) % P25519
ED_DOUBLES = [(_BX, _BY, 1, _BX * _BY % P25519)]  # the base point times 2^i
for _ in range(255):
    ED_DOUBLES.append(ed_add(ED_DOUBLES[-1], ED_DOUBLES[-1]))


class Ed25519(Key):
    """Algorithm 22 (integers) or 27 (octets)."""

    def __init__(self, seed, created, algorithm=22):
        h = hashlib.sha512(seed).digest()
        self.scalar = (int.from_bytes(h[:32], "little") & (2**254 - 8)) | 2**254
        self.prefix = h[32:]
        self.point = ed_compress(ed_multiply(self.scalar))
        oid = bytes.fromhex("092b06010401da470f01")
        super().__init__(algorithm, self.point if algorithm == 27 else
                         oid + mpi(int.from_bytes(b"\x40" + self.point, "big")), created)

    def raw(self, digest):
        r = int.from_bytes(hashlib.sha512(self.prefix + digest).digest(), "little") % L25519
        R = ed_compress(ed_multiply(r))
        k = int.from_bytes(hashlib.sha512(R + self.point + digest).digest(), "little")
        return R + ((r + k * self.scalar) % L25519).to_bytes(32, "little")

    def sign(self, digest, hash_id):
        s = self.raw(digest)
        if self.algorithm == 27:
            return s
        return mpi(int.from_bytes(s[:32], "big")) + mpi(int.from_bytes(s[32:], "big"))


CURVES = {  # p, a, order, base point, object identifier with its length
    "P-256": (0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff, -3,
              0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
              (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
               0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5),
              "082a8648ce3d030107"),
    "P-384": (2**384 - 2**128 - 2**96 + 2**32 - 1, -3,
              0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973,
              (0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
               0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f),
              "052b81040022")}


class ECDSA(Key):
    def __init__(self, curve, secret, created):
        self.p, self.a, self.order, self.base, oid = CURVES[curve]
        self.usual_hash = 9 if curve == "P-384" else 8
        self.secret, self.octets = secret, (self.p.bit_length() + 7) // 8
        x, y = self.multiply(secret, self.base)
        point = b"\4" + x.to_bytes(self.octets, "big") + y.to_bytes(self.octets, "big")
        super().__init__(19, bytes.fromhex(oid) + mpi(int.from_bytes(point, "big")), created)

    def add(self, a, b):
        if a is None or b is None:
            return a or b
        if a[0] == b[0]:
            if (a[1] + b[1]) % self.p == 0:
                return None
            m = (3 * a[0] * a[0] + self.a) * pow(2 * a[1], -1, self.p)
        else:
            m = (b[1] - a[1]) * pow(b[0] - a[0], -1, self.p)
        x = (m * m - a[0] - b[0]) % self.p
        return x, (m * (a[0] - x) - a[1]) % self.p

    def multiply(self, n, point):
        result = None
        while n:
            if n & 1:
                result = self.add(result, point)
            point, n = self.add(point, point), n >> 1
        return result

    def sign(self, digest, hash_id):
        z = int.from_bytes(digest[:self.octets], "big")
        k = int.from_bytes(hashlib.sha512(b"k" + digest).digest(), "big") % self.order
        r = self.multiply(k, self.base)[0] % self.order
        return mpi(r) + mpi(pow(k, -1, self.order) * (z + r * self.secret) % self.order)


def signature_body(key, kind, over, hashed, unhashed=b"", hash_id=None, **odd):
    """`over`: the octets signed. odd: algorithm, claimed_hash, integers (function), left."""
    hash_id = hash_id or key.usual_hash
    head = bytes([odd.get("version", 4), kind, odd.get("algorithm", key.algorithm),
                  odd.get("claimed_hash", hash_id)]) + struct.pack(">H", len(hashed)) + hashed
    data = over + head + b"\x04\xff" + u32(len(head))
    digest = hashlib.new(HASHES[hash_id], data).digest()
    integers = key.sign(digest, hash_id)
    if "integers" in odd:
        integers = odd["integers"](key, digest, integers)
    return head + struct.pack(">H", len(unhashed)) + unhashed + odd.get("left", digest[:2]) + integers


def signature_v3(key, kind, over, created, hash_id=8):
    digest = hashlib.new(HASHES[hash_id], over + bytes([kind]) + u32(created)).digest()
    return (b"\x03\x05" + bytes([kind]) + u32(created) + key.id +
            bytes([key.algorithm, hash_id]) + digest[:2] + key.sign(digest, hash_id))


def signature(key, kind, over, created, *more, hash_id=None, unhashed=None, **odd):
    """The usual: time and fingerprint hashed, key id not; `more` hashed subpackets."""
    hashed = sub(2, u32(created)) + sub(33, b"\x04" + key.fingerprint) + b"".join(more)
    if unhashed is None:
        unhashed = sub(16, key.id)
    return packet(2, signature_body(key, kind, over, hashed, unhashed, hash_id, **odd))


def user_hashed(name, attribute=False):
    return (b"\xd1" if attribute else b"\xb4") + u32(len(name)) + name


def certify(key, name, created, *more, kind=0x13, attribute=False, **odd):
    return signature(key, kind, key.hashed + user_hashed(name, attribute), created, *more, **odd)


FLAGS_ALL, FLAGS_CERTIFY = sub(27, b"\x03"), sub(27, b"\x01")
NAME = b"Test <test@example.org>"


def certificate(key, created=None, name=NAME, more=(FLAGS_ALL,)):
    return (packet(6, key.body) + packet(13, name) +
            certify(key, name, created or key.created, *more))


def back_signature(primary, subkey, created, signer=None, kind=0x19, hash_id=None):
    signer = signer or subkey
    hashed = sub(2, u32(created)) + sub(33, b"\x04" + signer.fingerprint)
    return signature_body(signer, kind, primary.hashed + subkey.hashed, hashed,
                          sub(16, signer.id), hash_id)


def bind(primary, subkey, created, *more, flags=b"\x02", back="good", hashed_back=True, **odd):
    subpackets = [] if flags is None else [sub(27, flags)]
    unhashed = odd.pop("unhashed", sub(16, primary.id))
    if back == "good":
        back = back_signature(primary, subkey, created)
    if back and hashed_back:
        subpackets.append(sub(32, back))
    elif back:
        unhashed += sub(32, back)
    return signature(primary, 0x18, primary.hashed + subkey.hashed, created, *subpackets, *more,
                     unhashed=unhashed, **odd)

# Two primes each: of two keys of 2048 bits, and of a weak one of 1024.
PRIMES = [
    int("ec49d66198b5446fe10273771078ccdcebe3658b375de3fe2f19fdad1551cf74bd1fbf2569eeb246c435"
        "6a608c764717e8731b2e9e6fd7b3129e16d071421e8bc639189ffe6a641bdf4464b777287eecff040de0"
        "33ce954f16c56c07254d0aa58ef77a8ab43f7f3a90e9013967f98a55a10d8a31a8d2688ea0ee5f625f9a"
        "8a0d", 16),
    int("ec6db6580bc17f050d02a2c8cf34481215f91039793f539a274cf3bb0eed0acd19da718e250a186a27af"
        "f94a410d52e47c9494a208e5410c0591014173fa3934216a59b3b53d4c1c268c79eeed9ed05058fad866"
        "04af6908717501cf3b2a643930f1f09e722901a6fb212fcab48304ee90a7425a5b90846171612ad92e85"
        "4f6d", 16),
    int("df938ddfa902bbe6ce418892ae1c5402faa0e93cac474bc982a1d570e588696a97f805a438fb51d7aa12"
        "adaa9857211028a9099605d892c53b92bc87d04f3ef91090b5885b7da446d8999bf272491e40b0626ef8"
        "1bda462ca4c79e145f2b95de4cdd4e637863fc4de730a0cfd4b5240191a3f868b2abe53fa5b7414513b1"
        "5adb", 16),
    int("d0a4153bdfd5e374841882e9df4b7a41e6e6da0f6cd76979cddd6f240c7d6f3267439321e8bb2d3c4bbf"
        "74ab0a7331331536926ce34cf33affd2cf793edc18c1b6786de8f200c13d744ef48879864770ef3fb0d5"
        "8473c8e095d7aa118e30bf0a6ef378fdf8f9378711b5001f18db009ba9118b02806d24b174a32a1d03c3"
        "22c5", 16),
    int("dd6c0311f776332b0a0edada75c571c292f6d2aec3c0d4d7dd542498ade61cc66363fc65cc331feb3361"
        "2dcf8ac53b2e8e90996a8cf40d21c3317d8b5f39dea9", 16),
    int("e39cf564389b95d34b89bd1899b6138c5492c5e664326ac12def3dd4a20237ea4b4c27bdaa367f4e8c97"
        "2c54b48fae9d86e68a7744386a7b29c5ea1e721f258b", 16),
]
