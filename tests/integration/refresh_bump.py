#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""refresh_bump.py PACKAGE.pkg.tar.zst DIRECTORY [VERSION]: the same package with a pkgrel that is 100 higher, or with this
version, into DIRECTORY; prints its path. Everything else stays, extended attributes with it."""
import io
import os
import re
import subprocess
import sys
import tarfile

source, directory = sys.argv[1:3]
name, version, release, tail = re.fullmatch(r'(.*)-([^-]*)-([^-]*)-([^-]*\.pkg\.tar\.zst)', os.path.basename(source)).groups()
new = f'{int(float(release)) + 100}'
if len(sys.argv) > 3:
    version, new = sys.argv[3].split('-')
target = os.path.join(directory, f'{name}-{version}-{new}-{tail}')
with subprocess.Popen(['zstd', '-dcq', source], stdout=subprocess.PIPE) as unpack, open(target, 'wb') as out, \
        subprocess.Popen(['zstd', '-q', '-1'], stdin=subprocess.PIPE, stdout=out) as pack:
    with tarfile.open(fileobj=unpack.stdout, mode='r|') as old, tarfile.open(fileobj=pack.stdin, mode='w|',
                                                                            format=tarfile.PAX_FORMAT) as tar:
        for entry in old:
            content = old.extractfile(entry).read() if entry.isreg() else None
            if entry.name == '.PKGINFO':
                content = re.sub(rb'^pkgver = .*$', f'pkgver = {version}-{new}'.encode(), content, flags=re.M)
                entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content) if content is not None else None)
    pack.stdin.close()
print(target)
