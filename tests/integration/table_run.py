#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each scenario of tests/cases/packages by real pacman and by alarmstrap, on equal roots.

table_run.py WORK WWW URL ALARMSTRAP [CASE…]: afterwards the trees and the local databases must be equal (all but
%INSTALLDATE%), and real pacman must say the same of both (-Q, -Qkk, -Qu, -Dk). A case that claims to change something
must change something; a difference that it does not claim is a failure.
"""
import multiprocessing
import os
import re
import shutil
import stat
import subprocess
import sys
import time

from table_case import BUILT, Case

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, '..', 'cases', 'packages')
ARCH = os.uname().machine
BUSYBOX_LINKS = ('sh', 'bash', 'cat', 'echo', 'true', 'false', 'touch', 'mkdir', 'rm', 'mv', 'ln', 'cp', 'sed', 'env',
                 'head', 'wc', 'grep', 'test', 'printf', 'sleep', 'id', 'readlink', 'ls', 'chmod', 'sort', 'rmdir')
# Written by one of the two only: logs, what was fetched, the environment's marks.
ASIDE = re.compile(r'^(var/log(/.*)?|var/lib/pacman/(sync|db\.lck)(/.*)?|var/cache(/.*)?|'
                   r'var/lib/alarmstrap(/.*)?|etc/host(s|name)|etc/resolv\.conf|run/.*|dev/.*|proc/.*|sys/.*)$')


class Failure(Exception):
    pass


def run(words, **more):
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace', timeout=120, check=False, **more)


def make_base(root):
    for path in ('usr/bin', 'usr/lib', 'etc/pacman.d', 'var/lib/pacman/local', 'var/lib/pacman/sync', 'var/log',
                 'var/cache/pacman/pkg', 'proc', 'sys', 'dev', 'run', 'root'):
        os.makedirs(f'{root}/{path}')
    os.makedirs(f'{root}/tmp')
    os.chmod(f'{root}/tmp', 0o1777)
    for name in ('bin', 'sbin'):
        os.symlink('usr/bin', f'{root}/{name}')
    os.symlink('/proc/self/mounts', f'{root}/etc/mtab')
    shutil.copy('/bin/busybox', f'{root}/usr/bin/busybox')
    for name in BUSYBOX_LINKS:
        os.symlink('busybox', f'{root}/usr/bin/{name}')
    for path, text in (('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'), ('etc/group', 'root:x:0:\n'),
                       ('etc/resolv.conf', ''), ('var/lib/pacman/local/ALPM_DB_VERSION', '9\n')):
        with open(f'{root}/{path}', 'w', encoding='utf-8') as out:
            out.write(text)


def conf_of(case, server, own=()):
    lines = ['[options]', 'Architecture = ' + ARCH, 'SigLevel = Never', 'LocalFileSigLevel = Never', *own]
    for repo in case.repositories():
        lines += [f'[{repo}]', f'Server = {server}/' + (f'{ARCH}/{repo}' if case.own_servers else '$arch/$repo')]
    return '\n'.join(lines) + '\n'


class Bench:
    def __init__(self, work, www, url, program, base):
        self.work, self.www, self.url, self.program, self.base = work, www, url, program, base

    def prepare(self, case):
        """Two equal roots, as the case wants them before the action."""
        self.place = f'{self.work}/{case.name}'
        self.served = f'{self.www}/{case.name}'
        self.theirs, self.ours = f'{self.place}/theirs', f'{self.place}/ours'
        os.makedirs(self.place)
        os.makedirs(self.served)
        case.write(self.served, ARCH)
        run(['cp', '-a', self.base, self.theirs])
        self.conf = f'{self.place}/pacman.conf'
        with open(self.conf, 'w', encoding='utf-8') as out:
            out.write(conf_of(case, f'file://{self.served}', case.conf))
        plain = f'{self.place}/plain.conf'
        with open(plain, 'w', encoding='utf-8') as out:
            out.write(conf_of(case, f'file://{self.served}'))
        self.install_before(case, plain)
        self.must(self.pacman(plain, '-Sy'))
        with open(f'{self.theirs}/etc/pacman.conf', 'w', encoding='utf-8') as out:
            out.write(conf_of(case, f'{self.url}/{case.name}', case.conf))
        if case.change:
            self.must(run(['sh', '-e', '-c', '\n'.join(case.change)], cwd=self.theirs))
        run(['cp', '-a', self.theirs, self.ours])

    def install_before(self, case, conf):
        for reason in ('explicit', 'dep'):
            chosen = [p for p in case.of('has') if p.where == reason]
            files = [f'{self.served}/packages/has-{p.filename}' for p in chosen]
            if files:
                self.must(self.pacman(conf, '-Udd', *(['--asdeps'] if reason == 'dep' else []), *files))

    @staticmethod
    def must(done):
        if done.returncode:
            raise Failure(f'{" ".join(done.args)}: {done.stdout}')

    def pacman(self, conf, *words, root=None):
        # Its cache and its own hooks would be the host's.
        root = root or self.theirs
        with open(conf, encoding='utf-8') as text:
            hooks = re.search(r'^HookDir = (.*)$', text.read(), re.M)
        return run(['pacman', '--root', root, '--config', conf, '--cachedir', f'{root}/var/cache/pacman/pkg', '--hookdir',
                    root + (hooks.group(1) if hooks else '/etc/pacman.d/hooks'), '--noconfirm', *words],
                   env={'PATH': os.environ['PATH'], 'LC_ALL': 'C.UTF-8'})

    def files_of(self, words):
        given = f'{self.served}/packages/given-'
        found = []
        for word in words:
            if word.startswith('@'):
                matches = [name for name in os.listdir(f'{self.served}/packages')
                           if name.startswith('given-' + word[1:] + '-')]
                if len(matches) != 1:
                    raise Failure(f'{word} names {matches}')
                word = given + matches[0][len('given-'):]
            found.append(word)
        return found

    def by_pacman(self, action):
        verb, words = action[0], self.files_of(action[1:])
        short = {'--recursive': '-s', '--nosave': '-n', '--unneeded': '-u', '--cascade': '-c', '--downgrade': '-u'}
        words = [short.get(word, word) for word in words]
        operation = {'install': '-U' if any('.pkg.tar' in w for w in words) else '-S', 'uninstall': '-R',
                     'refresh': '-Syu'}[verb]
        return self.pacman(self.conf, operation, *words)

    def by_us(self, action):
        return run([self.program, '--report=plain', action[0], self.ours, *self.files_of(action[1:])])

    def act(self, case):
        """The statuses of both, and what ours said."""
        status, said, theirs_said = [0, 0], '', ''
        for action in case.actions:
            theirs, ours = self.by_pacman(action), self.by_us(action)
            status = [status[0] or theirs.returncode, status[1] or ours.returncode]
            said += ours.stdout
            theirs_said += theirs.stdout
        return status, said, theirs_said


def snapshot(root, began):
    """Every path with what must be equal of it."""
    found = {}
    for directory, names, files in os.walk(root):
        for name in names + files:
            path = os.path.join(directory, name)
            short = os.path.relpath(path, root)
            if ASIDE.match(short):
                continue
            st = os.lstat(path)
            kind = stat.S_IFMT(st.st_mode)
            what = [oct(st.st_mode), st.st_uid, st.st_gid]
            if kind == stat.S_IFLNK:
                what.append(os.readlink(path))
            elif kind == stat.S_IFREG:
                with open(path, 'rb') as content:
                    what.append(content.read())
                # Written by a scriptlet, or by libalpm itself: at two different times.
                what.append('new' if st.st_mtime >= began else int(st.st_mtime))
                what.append(st.st_nlink)
            what.append(sorted((name, os.getxattr(path, name, follow_symlinks=False))
                               for name in os.listxattr(path, follow_symlinks=False)))
            if re.match(r'var/lib/pacman/local/[^/]*/desc$', short):
                what[3] = re.sub(rb'%INSTALLDATE%\n\d+', b'%INSTALLDATE%', what[3])
            found[short] = what
    return found


def differences(left, right):
    lines = []
    for path in sorted(set(left) | set(right)):
        if left.get(path) != right.get(path):
            lines.append(f'{path}: pacman {left.get(path, "nothing")}, ours {right.get(path, "nothing")}')
    return lines


def opinion(bench, root):
    """What real pacman says of a root."""
    said = []
    for words in (['-Q'], ['-Qkk'], ['-Qu'], ['-Dk']):
        done = bench.pacman(bench.conf, *words, root=root)
        said.append(f'{words[0]} {done.returncode}\n{done.stdout.replace(root, "ROOT")}')
    return '\n'.join(said)


def judge(bench, case):
    bench.prepare(case)
    began = int(time.time())
    before = snapshot(bench.ours, began)
    status, said, theirs_said = bench.act(case)
    context = f'\npacman ended with {status[0]}:\n{theirs_said}\nours with {status[1]}:\n{said}'
    after = [snapshot(bench.theirs, began), snapshot(bench.ours, began)]
    lines = differences(*after)
    if lines:
        raise Failure('the trees differ:\n' + '\n'.join(lines[:20]) + context)
    views = [opinion(bench, bench.theirs), opinion(bench, bench.ours)]
    if views[0] != views[1]:
        raise Failure(f'pacman says of its own:\n{views[0]}\nof ours:\n{views[1]}' + context)
    if os.path.exists(f'{bench.ours}/var/lib/pacman/db.lck'):
        raise Failure('db.lck was left' + context)
    changed = after[1] != before
    want = {'done': (False, False, True), 'refused': (True, True, False), 'nothing': (False, False, False),
            'ours': (False, case.status, changed)}[case.outcome]
    got = (bool(status[0]), status[1] if case.outcome == 'ours' else bool(status[1]), changed)
    if got != want:
        raise Failure(f'refused by pacman, by us, changed: {got}, not {want}' + context)
    if case.words not in said:
        raise Failure(f'ours did not say {case.words!r}' + context)


def try_one(words):
    work, www, url, program, base, name = words
    case = Case(os.path.join(CASES, name))
    bench = Bench(work, www, url, program, base)
    try:
        judge(bench, case)
        shutil.rmtree(bench.place)
        return True, f'ok: {name}:{case.about}'
    except (Failure, subprocess.TimeoutExpired) as why:
        return False, f'not ok: {name}:{case.about}\n    ' + str(why).replace('\n', '\n    ')


def main():
    work, www, url, program, *chosen = sys.argv[1:]
    assert BUILT < time.time()
    base = f'{work}/base'
    make_base(base)
    jobs = [(work, www, url, program, base, name) for name in chosen or sorted(os.listdir(CASES))]
    passed = 0
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for good, text in pool.imap(try_one, jobs):
            passed += good
            print(text, flush=True)
    failed = len(jobs) - passed
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
