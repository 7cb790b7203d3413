# SPDX-License-Identifier: GPL-3.0-or-later
"""A scenario of tests/cases/packages, read; and the packages and databases it names, made.

The format of a case, by example:

    # What it shows, in a line or two.
    [has tool 1-1 as dep]          a package that is installed before; "as dep" is its reason
    depend = libx>=2               any line of a .PKGINFO
    file usr/bin/tool the text     a file; its text may also follow in lines that begin with "| "
    mode usr/bin/tool 4755         of a file or directory
    link usr/lib64 lib             a symlink
    dir var/empty                  a directory
    scriptlet                      .INSTALL, in "| " lines
    | post_install() { :; }
    [repo tool 2-1]                a package of the repository [test]; "in other" names another
    [given tool 3-1]               a package file; an action names it @tool-3-1
    [conf]                         lines for [options] of the root's pacman.conf
    [own-servers]                  each repository's Server is a URL without variables
    [change]                       shell commands, run in the root before the action
    [do]                           actions in our words, a line each
    refresh --ignore tool
    [expect]                       only where it is not "pacman does it and we do the same"
    refused WORDS                  both refuse, and ours says WORDS
    nothing                        both are content and change nothing
    ours STATUS WORDS              ours ends with STATUS and says WORDS; the trees are still the same
"""
import gzip
import hashlib
import io
import os
import shlex
import tarfile

BUILT = 1767225600  # 2026-01-01
KEYS = {'depend', 'provides', 'conflict', 'replaces', 'optdepend', 'group', 'backup', 'arch', 'epoch'}
DB_KEYS = {'depend': 'DEPENDS', 'provides': 'PROVIDES', 'conflict': 'CONFLICTS', 'replaces': 'REPLACES',
           'optdepend': 'OPTDEPENDS', 'group': 'GROUPS'}


class Package:
    def __init__(self, name, version, kind, where):
        self.name, self.version, self.kind, self.where = name, version, kind, where
        self.fields, self.entries, self.modes, self.scriptlet = [], {}, {}, None

    @property
    def arch(self):
        return dict(self.fields).get('arch', 'any')

    @property
    def filename(self):
        return f'{self.name}-{self.version}-{self.arch}.pkg.tar.gz'

    def info(self):
        lines = [f'pkgname = {self.name}', f'pkgbase = {self.name}', f'pkgver = {self.version}',
                 'pkgdesc = for tests', 'url = https://example.org', f'builddate = {BUILT}',
                 'packager = Tests', f'size = {self.size()}', f'arch = {self.arch}', 'license = GPL']
        lines += [f'{key} = {value}' for key, value in self.fields if key != 'arch']
        return '\n'.join(lines) + '\n'

    def size(self):
        return sum(len(content) for kind, content in self.entries.values() if kind == 'file')

    def all_entries(self):
        """With the directories above, in the order of makepkg."""
        whole = dict(self.entries)
        for path in self.entries:
            parts = path.split('/')
            for i in range(1, len(parts)):
                whole.setdefault('/'.join(parts[:i]), ('dir', b''))
        return sorted(whole.items())

    def mtree(self):
        kinds = {'dir': 'dir', 'link': 'link', 'file': 'file'}
        lines = ['#mtree', '/set type=file uid=0 gid=0 mode=644']
        for path, (kind, content) in self.all_entries():
            mode = self.modes.get(path, {'dir': 0o755, 'link': 0o777, 'file': 0o644}[kind])
            escaped = path.replace(' ', '\\040')
            line = f'./{escaped} time={BUILT}.0 mode={mode:o} type={kinds[kind]}'
            if kind == 'file':
                line += f' size={len(content)} sha256digest={hashlib.sha256(content).hexdigest()}'
            elif kind == 'link':
                line += f' link={content.decode()}'
            lines.append(line)
        return gzip.compress(('\n'.join(lines) + '\n').encode(), mtime=0)

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode='w:gz', format=tarfile.PAX_FORMAT, compresslevel=1) as tar:
            def add(name, kind, content, mode):
                entry = tarfile.TarInfo(name)
                entry.mtime, entry.mode = BUILT, mode
                entry.uname = entry.gname = 'root'
                if kind == 'dir':
                    entry.type = tarfile.DIRTYPE
                elif kind == 'link':
                    entry.type, entry.linkname = tarfile.SYMTYPE, content.decode()
                else:
                    entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content) if kind == 'file' else None)
            add('.PKGINFO', 'file', self.info().encode(), 0o644)
            if self.scriptlet is not None:
                add('.INSTALL', 'file', self.scriptlet, 0o644)
            add('.MTREE', 'file', self.mtree(), 0o644)
            for path, (kind, content) in self.all_entries():
                add(path, kind, content, self.modes.get(path, 0o755 if kind == 'dir' else 0o644))
        return out.getvalue()

    def desc(self, content):
        fields = {'FILENAME': [self.filename], 'NAME': [self.name], 'BASE': [self.name],
                  'VERSION': [self.version], 'DESC': ['for tests'], 'CSIZE': [str(len(content))],
                  'ISIZE': [str(self.size())], 'SHA256SUM': [hashlib.sha256(content).hexdigest()],
                  'URL': ['https://example.org'], 'LICENSE': ['GPL'], 'ARCH': [self.arch],
                  'BUILDDATE': [str(BUILT)], 'PACKAGER': ['Tests']}
        for key, value in self.fields:
            if key in DB_KEYS:
                fields.setdefault(DB_KEYS[key], []).append(value)
        return ''.join(f'%{key}%\n' + '\n'.join(values) + '\n\n' for key, values in fields.items())


class Case:
    def __init__(self, path, text=None):
        self.name = os.path.basename(path)
        if text is None:
            with open(path, encoding='utf-8') as lines:
                text = lines.read()
        self.about, self.packages, self.conf, self.change, self.actions = '', [], [], [], []
        self.outcome, self.words, self.status = 'done', '', 0
        self.into, self.section, self.package = None, None, None
        self.own_servers = False
        for number, line in enumerate(text.split('\n'), 1):
            try:
                self.read(line)
            except (ValueError, IndexError, KeyError) as why:
                raise SystemExit(f'{path}:{number}: {why}') from why
        if not self.actions or not self.about:
            raise SystemExit(f'{path}: nothing to do, or nothing said about it')

    def read(self, line):
        if line.startswith('| ') or line == '|':
            return self.append(line[2:])
        if line.startswith('#') and self.section not in ('conf', 'change'):
            self.about += line[1:]
        elif line.startswith('['):
            self.begin(line.strip('[]').split())
        elif not line.strip():
            return None
        elif self.package:
            self.package_line(line)
        elif self.section == 'do':
            self.actions.append(shlex.split(line))
        elif self.section == 'expect':
            self.expect(line.split(None, 1))
        else:
            getattr(self, self.section).append(line)
        return None

    def begin(self, words):
        self.section, self.package = words[0], None
        if words[0] in ('has', 'repo', 'given'):
            if len(words) not in (3, 5):
                raise ValueError(f'[{" ".join(words)}]')
            where = words[4] if len(words) == 5 else {'repo': 'test', 'has': 'explicit'}.get(words[0])
            self.package = Package(words[1], words[2], words[0], where)
            self.packages.append(self.package)
        elif words[0] == 'own-servers':
            self.own_servers = True
        elif words[0] not in ('conf', 'change', 'do', 'expect'):
            raise ValueError(f'no section [{words[0]}]')

    def append(self, text):
        data = text.encode() + b'\n'
        if self.into == 'scriptlet':
            self.package.scriptlet += data
        else:
            kind, content = self.package.entries[self.into]
            self.package.entries[self.into] = (kind, content + data)

    def package_line(self, line):
        p, words = self.package, line.split(None, 2)
        if words[0] == 'scriptlet':
            p.scriptlet, self.into = b'', 'scriptlet'
        elif words[0] == 'file':
            p.entries[words[1]] = ('file', words[2].encode() + b'\n' if len(words) > 2 else b'')
            self.into = words[1]
        elif words[0] == 'link':
            p.entries[words[1]] = ('link', words[2].encode())
        elif words[0] == 'dir':
            p.entries[words[1]] = ('dir', b'')
        elif words[0] == 'mode':
            p.modes[words[1]] = int(words[2], 8)
        else:
            key, value = [part.strip() for part in line.split('=', 1)]
            if key not in KEYS:
                raise ValueError(f'no word {key}')
            p.fields.append((key, value))

    def expect(self, words):
        self.outcome = words[0]
        self.words = words[1] if len(words) > 1 else ''
        if self.outcome == 'ours':
            status, self.words = (self.words + ' ').split(' ', 1)
            self.status, self.words = int(status), self.words.strip()
        elif self.outcome not in ('refused', 'nothing') or (self.outcome == 'refused' and not self.words):
            raise ValueError('expect refused WORDS, nothing, or ours STATUS WORDS')

    def of(self, kind):
        return [p for p in self.packages if p.kind == kind]

    def repositories(self):
        names = []
        for p in self.of('repo'):
            if p.where not in names:
                names.append(p.where)
        return names or ['test']

    def write(self, directory, arch):
        """Package files into directory/packages, databases into directory/ARCH/REPO."""
        os.makedirs(f'{directory}/packages')
        for p in self.packages:
            if p.kind != 'repo':
                with open(f'{directory}/packages/{p.kind}-{p.filename}', 'wb') as out:
                    out.write(p.tar())
        for repo in self.repositories():
            place = f'{directory}/{arch}/{repo}'
            os.makedirs(place)
            with tarfile.open(f'{place}/{repo}.db', 'w:gz', compresslevel=1) as db:
                for p in self.of('repo'):
                    if p.where == repo:
                        content = p.tar()
                        with open(f'{place}/{p.filename}', 'wb') as out:
                            out.write(content)
                        desc = p.desc(content).encode()
                        entry = tarfile.TarInfo(f'{p.name}-{p.version}/desc')
                        entry.size, entry.mtime = len(desc), BUILT
                        db.addfile(entry, io.BytesIO(desc))
