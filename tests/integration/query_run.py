#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""query_run.py WORK WWW URL ALARMSTRAP [NAME…]: query and clean on one root, beside real pacman; --print changes nothing;
questions on a terminal, with the answers that people give."""
import json
import os
import pty
import select
import subprocess
import sys
import time

from mishaps_run import Place, expect, write
from table_run import Failure, make_base, run, snapshot

SYSTEM = '''# a small system
[has app 1-1]
depend = lib
optdepend = extra: for more
file usr/bin/app x
[has lib 1-1 as dep]
depend = deep
file usr/lib/lib x
link usr/lib/liblink lib
[has deep 1-1 as dep]
dir usr/lib/deep
[has extra 1-1 as dep]
file usr/bin/extra x
[has orphan 1-1 as dep]
file usr/bin/orphan x
[has lone 1:2-3]
file usr/bin/lone x
[repo app 2-1]
depend = lib
file usr/bin/app y
[repo lib 1-1]
depend = deep
file usr/lib/lib x
[repo deep 1-1]
[repo nano 1-1]
provides = editor
file usr/bin/nano x
[repo vim 1-1]
provides = editor
file usr/bin/vim x
[repo wants 1-1]
depend = editor
[repo fights 1-1]
conflict = lone
file usr/bin/fights x
[repo takes 2-1]
replaces = orphan
conflict = orphan
file usr/bin/takes x
[do]
refresh
'''


def system(arguments, name):
    p = Place(arguments, name, SYSTEM, 'Never')
    p.sync()
    return p


def sync(p):
    """The databases that a refresh would leave, without its upgrades."""
    os.makedirs(f'{p.root}/var/lib/pacman/sync', exist_ok=True)
    with open(f'{p.repo}/test.db', 'rb') as db:
        write(f'{p.root}/var/lib/pacman/sync/test.db', db.read())


Place.sync = sync


def rows(p, *words, kind):
    done = subprocess.run([p.program, '--report=json', 'query', p.root, *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    if done.returncode:
        raise Failure(done.stdout)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [list(event['fields'].values()) for event in events if event['event'] == 'result' and event['kind'] == kind]


def theirs(p, *words):
    conf = f'{p.work}/query.conf'
    write(conf, b'[options]\nSigLevel = Never\n[test]\nServer = file:///nowhere\n')
    done = run(['pacman', '--root', p.root, '--config', conf, '--color', 'never', *words])
    return [line.replace(p.root, '').split() for line in done.stdout.splitlines()]


def test_packages(a):
    """what is installed, and each filter, as pacman says it"""
    p = system(a, 'packages')
    for ours, words in (([], '-Q'), (['--explicit'], '-Qe'), (['--deps'], '-Qd'), (['--unrequired'], '-Qt'),
                        (['--orphans'], '-Qdt'), (['--foreign'], '-Qm'), (['--explicit', '--foreign'], '-Qem')):
        got = [row[:2] for row in rows(p, *ours, kind='package')]
        expect(got, theirs(p, words))
        expect(len(got) > 0, True)
    expect(rows(p, 'lib', kind='package'), [['lib', '1-1', 'dependency', '2 B']])


def test_upgrades(a):
    """what is newer on the mirror, as pacman -Qu"""
    p = system(a, 'upgrades')
    expect([[r[0], r[1], '->', r[2]] for r in rows(p, '--upgrades', kind='upgrade')], theirs(p, '-Qu'))
    os.remove(f'{p.root}/var/lib/pacman/sync/test.db')
    p.case.name = 'none'
    done = run([p.program, 'query', p.root, '--upgrades'])
    expect((done.returncode, 'has no package databases yet' in done.stdout), (12, True))


def test_files(a):
    """the files of a package and the owner of a file, as pacman -Ql and -Qo"""
    p = system(a, 'files')
    for name in ('app', 'lib', 'deep'):
        got = [row for row in rows(p, '--list', name, kind='file')]
        expect(got, [[n, f.rstrip('\n')] for n, f in theirs(p, '-Ql', name)])
    for word in ('/usr/bin/lone', 'usr/lib/liblink', '/usr/lib/deep', '/bin/lone', 'lone', '/usr/lib/deep/'):
        owner = rows(p, '--owns', word, kind='owner')
        expect(len(owner), 1)
        place = word if '/' in word else '/usr/bin/' + word
        said = theirs(p, '-Qqo', p.root + '/' + place.lstrip('/'))
        expect([[row[1]] for row in owner], said)
    done = run([p.program, 'query', p.root, '--owns', '/etc/passwd'])
    expect((done.returncode, 'no package owns /etc/passwd' in done.stdout), (12, True))


def test_why(a):
    """who needs a package, and who was asked for"""
    p = system(a, 'why')
    expect(rows(p, '--why', 'deep', 'extra', 'lone', kind='why'), [
        ['deep', 'dependency', 'lib', '', 'app'],
        ['extra', 'dependency', '', 'app', ''],
        ['lone', 'explicit', '', '', '']])


def test_words(a):
    """words that do not fit together"""
    p = system(a, 'words')
    for words, status in ((['--list'], 2), (['--why'], 2), (['--upgrades', '--why', 'app'], 2), (['nothing'], 12),
                          (['--owns', '/x', 'app'], 2)):
        done = run([p.program, 'query', p.root, *words])
        expect((words, done.returncode), (words, status))


def test_query_starts_nothing(a):
    """query and --print start no environment and change nothing"""
    p = system(a, 'starts-nothing')
    before = snapshot(p.root, 0)
    database = os.stat(f'{p.root}/var/lib/pacman/sync/test.db').st_ino
    rows(p, kind='package')
    for words in (['refresh'], ['install', 'vim'], ['uninstall', 'lone']):
        done = p.ours(*words, '--print')
        expect((done.returncode, 'stage 6' in done.stdout), (0, False))
    done = run([p.program, 'clean', p.root, '--print'])
    expect(done.returncode, 0)
    expect(snapshot(p.root, 0) == before, True)
    expect(os.stat(f'{p.root}/var/lib/pacman/sync/test.db').st_ino, database)
    for left in ('var/lib/pacman/sync/.alarmstrap-new', 'var/lib/alarmstrap', 'var/cache/pacman/pkg/vim-1-1-any.pkg.tar.gz'):
        expect(os.path.exists(f'{p.root}/{left}'), False)


def cached(p):
    return sorted(os.listdir(f'{p.root}/var/cache/pacman/pkg'))


def fill(p):
    for name in ('lib-1-1-any.pkg.tar.gz', 'lib-1-1-any.pkg.tar.gz.sig', 'lib-0-1-any.pkg.tar.gz', 'app-2-1-any.pkg.tar.xz',
                 'lone-1:2-3-any.pkg.tar.zst', 'lone-1:2-2-any.pkg.tar.zst', 'lib-0-1-any.pkg.tar.gz.sig', 'x.part', 'note'):
        write(f'{p.root}/var/cache/pacman/pkg/{name}', b'x')
    os.makedirs(f'{p.root}/var/cache/pacman/pkg/old-1-1-any.pkg.tar.gz', exist_ok=True)
    for name in ('gone.db', 'gone.db.sig', 'gone.files', 'test.files'):
        write(f'{p.root}/var/lib/pacman/sync/{name}', b'x')


def test_clean(a):
    """clean keeps what is installed; by CleanMethod what is current; --all keeps nothing; other files stay"""
    p = system(a, 'clean')
    rest = ['note', 'old-1-1-any.pkg.tar.gz']
    lib = ['lib-1-1-any.pkg.tar.gz', 'lib-1-1-any.pkg.tar.gz.sig']
    for more, words, kept in (('', [], lib + ['lone-1:2-3-any.pkg.tar.zst']),
                              ('CleanMethod = KeepCurrent', [], ['app-2-1-any.pkg.tar.xz'] + lib),
                              ('CleanMethod = KeepInstalled KeepCurrent', [],
                               ['app-2-1-any.pkg.tar.xz'] + lib + ['lone-1:2-3-any.pkg.tar.zst']),
                              ('', ['--all'], [])):
        p.configure('Never', more)
        fill(p)
        done = run([p.program, 'clean', p.root, *words])
        expect((done.returncode, cached(p)), (0, sorted(kept + rest)))
        expect(sorted(os.listdir(f'{p.root}/var/lib/pacman/sync')), ['test.db', 'test.files'])


def test_clean_elsewhere(a):
    """CacheDir is obeyed, and never followed out of the root"""
    p = system(a, 'clean-elsewhere')
    p.configure('Never', 'CacheDir = /opt/cache /opt/link')
    os.makedirs(f'{p.root}/opt/cache')
    os.makedirs(f'{p.work}/outside')
    os.symlink(f'{p.work}/outside', f'{p.root}/opt/link')
    for place in (f'{p.root}/opt/cache', f'{p.work}/outside'):
        write(f'{place}/gone-1-1-any.pkg.tar.gz', b'x')
    p.accepted('install', 'vim')
    expect(sorted(os.listdir(f'{p.root}/opt/cache')), ['gone-1-1-any.pkg.tar.gz', 'vim-1-1-any.pkg.tar.gz'])
    done = run([p.program, 'clean', p.root])
    expect((done.returncode, os.listdir(f'{p.root}/opt/cache')), (0, ['vim-1-1-any.pkg.tar.gz']))
    expect(os.listdir(f'{p.work}/outside'), ['gone-1-1-any.pkg.tar.gz'])


def test_cache_further(a):
    """a package in a further CacheDir is not fetched; one that differs is, and nothing outside is read"""
    p = system(a, 'cache-further')
    os.makedirs(f'{p.root}/opt/cache')
    p.configure('Never', 'CacheDir = /opt/first /opt/cache')
    there, other = f'{p.repo}/vim-1-1-any.pkg.tar.gz', f'{p.repo}/nano-1-1-any.pkg.tar.gz'
    with open(there, 'rb') as package:
        write(f'{p.root}/opt/cache/vim-1-1-any.pkg.tar.gz', package.read())
    os.rename(there, f'{p.work}/held')
    p.accepted('install', 'vim')
    expect(os.listdir(f'{p.root}/opt/first'), ['vim-1-1-any.pkg.tar.gz'])
    with open(other, 'rb') as package:
        whole = package.read()
    write(f'{p.root}/opt/cache/nano-1-1-any.pkg.tar.gz', bytes(len(whole)))
    p.accepted('install', 'nano')
    with open(f'{p.root}/opt/first/nano-1-1-any.pkg.tar.gz', 'rb') as package:
        expect(package.read() == whole, True)
    p.accepted('uninstall', 'vim')
    os.remove(f'{p.root}/opt/first/vim-1-1-any.pkg.tar.gz')
    os.rename(f'{p.root}/opt/cache', f'{p.work}/outside')
    os.symlink(f'{p.work}/outside', f'{p.root}/opt/cache')
    expect(p.ours('install', 'vim').returncode, 7)
    expect(os.listdir(f'{p.root}/opt/first').count('vim-1-1-any.pkg.tar.gz'), 0)


def on_terminal(p, answers, *words):
    """Runs ours on a pty; for each (text, answer) waits for the text and types the answer."""
    pid, master = pty.fork()
    if pid == 0:
        os.environ['TERM'] = 'xterm'
        os.execv(p.program, [p.program, words[0], p.root, *words[1:], '--keyring', p.keyring])
    said, answers = b'', list(answers)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([master], [], [], 1)[0]:
            continue
        try:
            more = os.read(master, 4096)
        except OSError:
            break
        if not more:
            break
        said += more
        if answers and answers[0][0].encode() in said:
            os.write(master, answers.pop(0)[1].encode() + b'\n')
    os.close(master)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if answers:
        raise Failure(f'{answers[0][0]!r} was not asked, status {status}:\n{said.decode(errors="replace")}')
    return status, said.decode(errors='replace')


def test_asks_to_go_on(a):
    """the transaction is shown, and a no changes nothing"""
    p = system(a, 'asks')
    status, said = on_terminal(p, [('Go on? [Y/n]', 'n')], 'install', 'vim')
    expect((status, 'nothing was changed' in said, 'vim' in said), (1, True, True))
    expect('vim-1-1' in p.installed(), False)
    status, _ = on_terminal(p, [('Go on? [Y/n]', '')], 'install', 'vim')
    expect((status, 'vim-1-1' in p.installed()), (0, True))
    status, said = on_terminal(p, [], 'install', 'nano', '--noconfirm')
    expect((status, 'Go on' in said, 'nano-1-1' in p.installed()), (0, False, True))


def test_asks_for_a_provider(a):
    """of several providers the one that is chosen"""
    p = system(a, 'provider')
    status, _ = on_terminal(p, [('number [1]:', '2'), ('Go on?', 'y')], 'install', 'wants')
    expect((status, [n for n in ('vim-1-1', 'nano-1-1') if n in p.installed()]), (0, ['vim-1-1']))


def test_asks_about_a_conflict(a):
    """a package in the way is removed only by a yes"""
    p = system(a, 'conflict-asked')
    status, _ = on_terminal(p, [('Remove lone? [y/N]', '')], 'install', 'fights')
    expect((status, 'lone-1:2-3' in p.installed()), (12, True))
    status, _ = on_terminal(p, [('Remove lone? [y/N]', 'y'), ('Go on?', 'y')], 'install', 'fights')
    expect((status, 'lone-1:2-3' in p.installed(), 'fights-1-1' in p.installed()), (0, False, True))


def test_asks_about_a_replacement(a):
    """a replacement is left out by a no"""
    p = system(a, 'replacement-asked')
    status, _ = on_terminal(p, [('Replace orphan with test/takes? [Y/n]', 'n'), ('Go on?', 'y')], 'refresh')
    expect((status, 'orphan-1-1' in p.installed(), 'app-2-1' in p.installed()), (0, True, True))


def main():
    arguments, chosen = sys.argv[1:5], sys.argv[5:]
    make_base(f'{arguments[0]}/base')
    passed = failed = 0
    for name, test in sorted(globals().items()):
        if not name.startswith('test_') or (chosen and name[len('test_'):] not in chosen):
            continue
        try:
            test(arguments)
            passed += 1
            print(f'ok: {test.__doc__}', flush=True)
        except (Failure, subprocess.SubprocessError, OSError) as why:
            failed += 1
            print(f'not ok: {name}: {test.__doc__}\n    ' + str(why).replace('\n', '\n    '), flush=True)
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
