# Signs packages and makes the databases, as Arch Linux ARM ships them: unsigned, with the signatures inside.
# SPDX-License-Identifier: GPL-3.0-or-later
import subprocess
from concurrent.futures import ThreadPoolExecutor

REPOSITORIES = ("core", "extra", "alarm")
JOBS = 2


def packages_in(directory):
    """The package files of one repository directory."""
    return sorted(path for path in directory.glob("*.pkg.tar.*") if path.suffix in (".zst", ".xz"))


def sign_packages(top, signer):
    """A detached signature beside every package."""
    paths = [path for name in REPOSITORIES for path in packages_in(top / name)]
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(signer.sign, paths))


def make_databases(top, with_signatures):
    """Run repo-add for all repositories. Signatures are embedded or not: see add_packages."""
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(lambda name: add_packages(top / name, name, with_signatures), REPOSITORIES))


def add_packages(directory, name, with_signatures):
    """Make NAME.db. repo-add before 6.1 embeds every .sig that it finds, later ones only when asked to."""
    asks = b"--include-sigs" in subprocess.run(["repo-add", "--help"], stdout=subprocess.PIPE, check=True).stdout
    if not with_signatures and not asks and any(directory.glob("*.sig")):
        raise SystemExit("mirror: this repo-add embeds signatures: make the databases before signing")
    option = ["--include-sigs"] if with_signatures and asks else []
    names = [path.name for path in packages_in(directory)]
    result = subprocess.run(["repo-add", "--quiet", "--nocolor", *option, f"{name}.db.tar.gz", *names], cwd=directory,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode or "ERROR" in result.stdout:
        raise SystemExit(f"mirror: repo-add of {name} failed:\n{result.stdout[-2000:]}")
