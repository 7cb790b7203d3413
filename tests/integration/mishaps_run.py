#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""mishaps_run.py WORK WWW URL ALARMSTRAP [NAME…], with MIRROR in the environment: each function below that begins with
`mishap_` is a test on a small root of its own, with signatures demanded. The common check: the exit status, words of the
error, and that the root is as it was."""
import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import time

from table_case import BUILT, Case
from table_run import ARCH, Failure, make_base, run, snapshot

HERE = os.path.dirname(os.path.abspath(__file__))
MIRROR = os.path.realpath(os.environ.get('MIRROR') or os.path.join(HERE, '../../build/tests/mirror/bookworm-x86_64-zst'))
PLAIN = '''# a root with a tool, and a newer one on the mirror
[has tool 1-1]
file usr/bin/tool one
[repo tool 2-1]
file usr/bin/tool two
[repo other 1-1]
file usr/bin/other one
[do]
refresh
'''


class Place:
    """A case's root and its mirror, and ours at work on them."""

    def __init__(self, arguments, name, text=PLAIN, level='Required', sign=()):
        work, self.www, self.url, self.program = arguments[:4]
        self.name = name
        self.case = Case(name, text)
        self.root, self.served = f'{work}/{name}/root', f'{self.www}/{name}'
        self.repo = f'{self.served}/{ARCH}/test'
        self.keyring = f'{MIRROR}/keyring.gpg'
        self.work = f'{work}/{name}'
        os.makedirs(self.served)
        self.case.write(self.served, ARCH)
        os.makedirs(self.work)
        run(['cp', '-a', f'{work}/base', self.root])
        self.configure(level)
        for reason in ('explicit', 'dep'):
            files = [f'{self.served}/packages/has-{p.filename}' for p in self.case.of('has') if p.where == reason]
            if files:
                self.pacman('-Udd', *(['--asdeps'] if reason == 'dep' else []), *files)
        for filename in sign:
            self.sign(filename)

    def configure(self, level, more=''):
        with open(f'{self.root}/etc/pacman.conf', 'w', encoding='utf-8') as out:
            out.write(f'[options]\nArchitecture = {ARCH}\nSigLevel = {level} DatabaseOptional\n{more}\n[test]\n'
                      f'Server = {self.url}/{self.name}/$arch/$repo\n')

    def pacman(self, *words):
        conf = f'{self.work}/pacman.conf'
        with open(conf, 'w', encoding='utf-8') as out:
            out.write(f'[options]\nArchitecture = {ARCH}\nSigLevel = Never\nLocalFileSigLevel = Never\n')
        done = run(['pacman', '--root', self.root, '--config', conf, '--cachedir', f'{self.work}/cache', '--hookdir',
                    f'{self.work}/hooks', '--noconfirm', *words])
        if done.returncode:
            raise Failure(done.stdout)
        return done.stdout

    def sign(self, *filenames, other=False):
        done = run([f'{HERE}/../mirror/sign', *(['--other'] if other else []), MIRROR,
                    *(f'{self.repo}/{name}' for name in filenames)])
        if done.returncode:
            raise Failure(done.stdout)

    def ours(self, verb, *words):
        trust = [] if verb == 'uninstall' else ['--keyring', self.keyring]
        return run([self.program, '--report=plain', verb, self.root, *words, *trust])

    def refused(self, status, words, *action):
        before = snapshot(self.root, time.time())
        done = self.ours(*action)
        if done.returncode != status or words not in done.stdout:
            raise Failure(f'status {done.returncode}, not {status}, or no {words!r}:\n{done.stdout}')
        if 'hint: ' not in done.stdout:
            raise Failure(f'no remedy is given:\n{done.stdout}')
        after = snapshot(self.root, time.time())
        if before != after:
            raise Failure('it changed ' + ', '.join(p for p in set(before) | set(after) if before.get(p) != after.get(p))
                          + '\n' + done.stdout)
        for left in ('var/lib/pacman/db.lck', 'var/lib/pacman/sync/.alarmstrap-new'):
            if os.path.lexists(f'{self.root}/{left}'):
                raise Failure(f'{left} was left:\n{done.stdout}')
        return done.stdout

    def accepted(self, *action, words=''):
        done = self.ours(*action)
        if done.returncode or words not in done.stdout:
            raise Failure(f'status {done.returncode}, or no {words!r}:\n{done.stdout}')
        return done.stdout

    def installed(self):
        return sorted(name for name in os.listdir(f'{self.root}/var/lib/pacman/local') if name != 'ALPM_DB_VERSION')

    def rewrite(self, change):
        """The database anew: change(list of (member name, bytes)) in place."""
        path = f'{self.repo}/test.db'
        with tarfile.open(path) as db:
            members = [(m.name, db.extractfile(m).read()) for m in db.getmembers() if m.isfile()]
        change(members)
        with tarfile.open(path, 'w:gz') as db:
            for name, content in members:
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                db.addfile(entry, io.BytesIO(content))


def expect(got, want):
    if got != want:
        raise Failure(f'got {got!r}, not {want!r}')


def write(path, content):
    with open(path, 'wb') as out:
        out.write(content)


def altered(path):
    with open(path, 'rb') as content:
        data = bytearray(content.read())
    data[len(data) // 2] ^= 1
    write(path, bytes(data))


TOOL, OTHER = 'tool-2-1-any.pkg.tar.gz', 'other-1-1-any.pkg.tar.gz'


def mishap_altered_in_the_cache(a):
    """a package that was altered in the cache is fetched again"""
    p = Place(a, 'altered-cache', sign=[TOOL])
    cached = f'{p.root}/var/cache/pacman/pkg/{TOOL}'
    shutil.copy(f'{p.repo}/{TOOL}', cached)
    altered(cached)
    p.accepted('refresh')
    expect(p.installed(), ['tool-2-1'])
    with open(cached, 'rb') as one, open(f'{p.repo}/{TOOL}', 'rb') as two:
        expect(one.read() == two.read(), True)


def mishap_altered_in_the_cache_alone(a):
    """and refused where no mirror has it"""
    p = Place(a, 'altered-cache-alone', sign=[TOOL])
    cached = f'{p.root}/var/cache/pacman/pkg/{TOOL}'
    shutil.copy(f'{p.repo}/{TOOL}', cached)
    altered(cached)
    os.remove(f'{p.repo}/{TOOL}')
    p.refused(7, TOOL, 'refresh')


def mishap_altered_on_the_mirror(a):
    """a package that was altered on the mirror"""
    p = Place(a, 'altered-mirror', sign=[TOOL])
    altered(f'{p.repo}/{TOOL}')
    p.refused(8, TOOL, 'refresh')


def mishap_other_key(a):
    """a signature by a key that nobody trusts"""
    p = Place(a, 'other-key')
    p.sign(TOOL, other=True)
    p.refused(8, TOOL, 'refresh')


def mishap_revoked_key(a):
    """a signature by a key that was revoked"""
    p = Place(a, 'revoked-key', sign=[TOOL])
    home = f'{p.work}/gnupg'
    os.mkdir(home, 0o700)
    directory = f'{MIRROR}/private/gnupg/openpgp-revocs.d'
    with open(f'{directory}/{os.listdir(directory)[0]}', encoding='utf-8') as text:
        revocation = text.read().replace(':-----BEGIN', '-----BEGIN')
    gpg = ['gpg', '--homedir', home, '--batch', '--no-autostart']
    subprocess.run([*gpg, '--import', p.keyring], check=True, capture_output=True)
    subprocess.run([*gpg, '--import'], input=revocation.encode(), check=True, capture_output=True)
    p.keyring = f'{p.work}/revoked.gpg'
    write(p.keyring, subprocess.run([*gpg, '--export'], check=True, capture_output=True).stdout)
    p.refused(8, 'revoked', 'refresh')


def mishap_swapped_signatures(a):
    """two packages' signatures, exchanged"""
    p = Place(a, 'swapped', sign=[TOOL, OTHER])
    for one, two in ((TOOL, 'x'), (OTHER, TOOL), ('x', OTHER)):
        os.rename(f'{p.repo}/{one}.sig', f'{p.repo}/{two}.sig')
    p.refused(8, TOOL, 'refresh')


def mishap_no_signature(a):
    """no signature, where one is demanded"""
    p = Place(a, 'unsigned')
    p.refused(8, 'there is no signature', 'refresh')


def mishap_given_unsigned(a):
    """a package file without a signature, where one is demanded"""
    p = Place(a, 'given-unsigned')
    p.refused(8, 'there is no signature', 'install', f'{p.repo}/{TOOL}')


def mishap_given_signed(a):
    """a package file with its signature is recorded as signed; with another's it is refused"""
    p = Place(a, 'given-signed', sign=[TOOL])
    p.accepted('install', f'{p.repo}/{TOOL}')
    with open(f'{p.root}/var/lib/pacman/local/tool-2-1/desc', encoding='utf-8') as desc:
        expect('%VALIDATION%\npgp\n' in desc.read(), True)
    shutil.copy(f'{p.repo}/{TOOL}.sig', f'{p.repo}/{OTHER}.sig')
    p.refused(8, OTHER, 'install', f'{p.repo}/{OTHER}')


def mishap_given_address(a):
    """a package by its address: with its signature, without one, and one that is not there"""
    p = Place(a, 'given-address', sign=[TOOL])
    address = f'{p.url}/{p.name}/{ARCH}/test'
    p.refused(8, 'there is no signature', 'install', f'{address}/{OTHER}')
    p.refused(7, 'nothing-1-1', 'install', f'{address}/nothing-1-1-any.pkg.tar.gz')
    p.accepted('install', f'{address}/{TOOL}')
    expect(p.installed(), ['tool-2-1'])


def mishap_given_garbage(a):
    """a file that is no package"""
    p = Place(a, 'given-garbage', level='Never')
    path = f'{p.work}/x-1-1-any.pkg.tar.gz'
    write(path, b'no package\n' * 100)
    p.refused(12, 'x-1-1-any.pkg.tar.gz', 'install', path)
    write(path, b'')
    p.refused(12, 'x-1-1-any.pkg.tar.gz', 'install', path)


def mishap_older_database(a):
    """a database older than the one that the root has"""
    p = Place(a, 'older', level='Never')
    p.accepted('refresh')
    day = 24 * 3600
    p.rewrite(lambda members: members.__setitem__(slice(None), [
        (n, c.replace(str(BUILT).encode(), str(BUILT - 9 * day).encode())) for n, c in members]))
    with open(f'{p.root}/var/lib/pacman/sync/test.db', 'rb') as kept:
        had = kept.read()
    p.refused(8, 'it is older', 'refresh')
    with open(f'{p.root}/var/lib/pacman/sync/test.db', 'rb') as kept:
        expect(kept.read() == had, True)
    os.remove(f'{p.root}/var/lib/pacman/sync/test.db')
    p.refused(8, 'it is older', 'refresh')
    p.accepted('refresh', '--allow-old', words='there is nothing to do')
    p.accepted('refresh', words='there is nothing to do')


def mishap_half_synced(a):
    """a mirror whose database is ahead of its packages"""
    p = Place(a, 'half-synced', sign=[TOOL])
    os.remove(f'{p.repo}/{TOOL}')
    p.refused(7, TOOL, 'refresh')


def mishap_garbage_database(a):
    """a database of garbage, an empty one, one that is cut, and none at all"""
    p = Place(a, 'garbage', level='Never')
    path = f'{p.repo}/test.db'
    with open(path, 'rb') as db:
        whole = db.read()
    for content in (b'no database\n' * 50, whole[:len(whole) // 2], gzip.compress(os.urandom(4000))):
        write(path, content)
        p.refused(8, 'test.db', 'refresh')
    os.remove(path)
    p.refused(7, 'test.db', 'refresh')


def mishap_entry_of_nothing(a):
    """a database with an entry of NUL bytes, as Arch Linux ARM has had one, is used for the rest"""
    p = Place(a, 'nul-entry', level='Never')
    p.rewrite(lambda members: members.append(('findnewest-0.3-4/desc', bytes(500))))
    p.accepted('refresh', words='1 entries of the database cannot be read')
    expect(p.installed(), ['tool-2-1'])
    expect('tool 2-1' in p.pacman('-Q'), True)


def mishap_unknown_dependency(a):
    """a dependency that cannot be had"""
    p = Place(a, 'no-dependency', PLAIN.replace('[repo tool 2-1]', '[repo tool 2-1]\ndepend = nothing>=2'), 'Never')
    p.refused(12, 'tool needs nothing>=2, which no repository has', 'refresh')


def mishap_file_conflict(a):
    """a file in the way"""
    p = Place(a, 'conflict', level='Never')
    p.accepted('refresh')
    write(f'{p.root}/usr/bin/other', b'mine\n')
    p.refused(12, '/usr/bin/other of other is there already, owned by no package', 'install', 'other')


def mishap_dead_lock(a):
    """db.lck of a pacman that is dead"""
    p = Place(a, 'dead-lock', level='Never')
    write(f'{p.root}/var/lib/pacman/db.lck', b'')
    p.accepted('refresh', words='removed the lock')
    expect(p.installed(), ['tool-2-1'])


def mishap_living_lock(a):
    """db.lck of a pacman that lives"""
    p = Place(a, 'living-lock', level='Never')
    path = f'{p.root}/var/lib/pacman/db.lck'
    with open(path, 'wb') as held:
        with subprocess.Popen(['sleep', '60'], pass_fds=[held.fileno()]) as pacman:
            held.close()
            try:
                done = p.ours('refresh')
            finally:
                pacman.kill()
    expect((done.returncode, f'process {pacman.pid} holds db.lck' in done.stdout), (10, True))
    expect(p.installed(), ['tool-1-1'])
    expect(os.path.exists(path), True)


def mishap_not_a_root(a):
    """a root that is not ours: no root at all, one without pacman, and one that is not there"""
    p = Place(a, 'not-ours', level='Never')
    shutil.rmtree(f'{p.root}/var/lib/pacman')
    p.refused(9, 'has no database of pacman', 'refresh')
    p.refused(9, 'has no database of pacman', 'install', 'tool')
    p.refused(9, 'has no database of pacman', 'uninstall', 'tool')
    shutil.rmtree(f'{p.root}/etc')
    p.refused(9, 'holds no root filesystem', 'refresh')
    p.root += '-absent'
    done = p.ours('refresh')
    expect(done.returncode, 9)


def mishap_conf(a):
    """a pacman.conf that cannot be honoured, or is none"""
    p = Place(a, 'conf', level='Never')
    for more, words in (('DBPath = /srv/pacman', 'DBPath = /srv/pacman is not supported'),
                        ('SigLevel = Perhaps', "no such level 'Perhaps'"),
                        ('Include = /etc/pacman.d/absent', 'etc/pacman.d/absent'),
                        ('[test]\nServer = file:///srv/repo', 'is no mirror')):
        p.configure('Never', more if not more.startswith('[') else '')
        if more.startswith('['):
            write(f'{p.root}/etc/pacman.conf', f'[options]\nSigLevel = Never\n{more}\n'.encode())
        p.refused(3, words, 'refresh')
    os.remove(f'{p.root}/etc/pacman.conf')
    p.refused(3, 'pacman.conf', 'refresh')


def mishap_foreign_architecture(a):
    """a root for a machine that this one is not, and nothing that could run its programs"""
    p = Place(a, 'foreign', level='Never')
    foreign = 'aarch64' if ARCH != 'aarch64' else 'x86_64'
    path = f'{p.root}/etc/pacman.conf'
    with open(path, encoding='utf-8') as text:
        conf = text.read()
    write(path, conf.replace(f'Architecture = {ARCH}', f'Architecture = {foreign}').encode())
    p.refused(3, f'cannot run programs for {foreign}', 'refresh')


def on_small_disk(p, size):
    """The root on a filesystem of its own."""
    kept = p.root + '.kept'
    os.rename(p.root, kept)
    os.mkdir(p.root)
    subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size},mode=755', 'small', p.root], check=True)
    subprocess.run(['cp', '-a', f'{kept}/.', p.root], check=True)


BIG = '''# a big package
[has tool 1-1]
file usr/bin/tool one
[repo big 1-1]
file usr/share/big
[repo small 1-1]
file usr/share/small x
[do]
install small big
'''


def big_place(a, name, more):
    p = Place(a, name, BIG, 'Never')
    p.configure('Never', more)
    # Hard to compress into the cache, and larger than what is left when it is unpacked.
    for package in p.case.of('repo'):
        if package.name == 'big':
            package.entries['usr/share/big'] = ('file', bytes(12 << 20))
            package.entries['usr/share/more'] = ('file', os.urandom(1 << 20))
    shutil.rmtree(p.served)
    os.makedirs(p.served)
    p.case.write(p.served, ARCH)
    on_small_disk(p, '12m')
    return p


def mishap_full_before(a):
    """a disk that is too small, found before anything is changed"""
    p = big_place(a, 'full-before', 'CheckSpace')
    try:
        p.refused(11, '', 'install', 'small', 'big')
    finally:
        subprocess.run(['umount', p.root], check=True)


def mishap_full_while_fetching(a):
    """a disk that is full before the download ends"""
    p = big_place(a, 'full-fetch', '')
    try:
        free = os.statvfs(p.root).f_bavail * os.statvfs(p.root).f_frsize
        write(f'{p.root}/filler', bytes(free - (600 << 10)))
        p.refused(11, '', 'install', 'big')
    finally:
        subprocess.run(['umount', p.root], check=True)


def mishap_full_in_mid_commit(a):
    """a disk that is full in the midst: said, with what stands; with space the named remedy makes it whole"""
    p = big_place(a, 'full-commit', '')
    try:
        done = p.ours('install', 'small', 'big')
        for words in ('big is not whole', '1 of 2 packages were done', "install big again with --overwrite '*'"):
            if done.returncode != 11 or words not in done.stdout:
                raise Failure(f'status {done.returncode}, or no {words!r}:\n{done.stdout}')
        expect(os.path.exists(f'{p.root}/var/lib/pacman/db.lck'), False)
        subprocess.run(['mount', '-o', 'remount,size=64m', p.root], check=True)
        p.accepted('install', '--overwrite', '*', 'big')
        p.accepted('install', '--needed', 'small')
        expect('0 missing files' in p.pacman('-Qk', 'big', 'small'), True)
    finally:
        subprocess.run(['umount', p.root], check=True)


def main():
    arguments, chosen = sys.argv[1:5], sys.argv[5:]
    make_base(f'{arguments[0]}/base')
    passed = failed = 0
    for name, mishap in sorted(globals().items()):
        if not name.startswith('mishap_') or (chosen and name[len('mishap_'):] not in chosen):
            continue
        try:
            mishap(arguments)
            passed += 1
            print(f'ok: {mishap.__doc__}', flush=True)
        except (Failure, subprocess.SubprocessError, OSError) as why:
            failed += 1
            print(f'not ok: {name}: {mishap.__doc__}\n    ' + str(why).replace('\n', '\n    '), flush=True)
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
