#!/usr/bin/env python3
"""Install the style sheets, font and scripts of the console from npm and copy the few files it serves.

Versions and checksums stand in package.json and package-lock.json; `npm ci` installs exactly those.
The copies go to src/abonent/faces/console/static/vendor/, which is not kept in version control.
Without Node the console works too: system font, plain style, every page as links and forms.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src" / "abonent" / "faces" / "console" / "static" / "vendor"
FILES = (
    "@tabler/core/dist/css/tabler.min.css",
    "htmx.org/dist/htmx.min.js",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "@fontsource-variable/inter/files/inter-cyrillic-wght-normal.woff2",
    "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-dist/swagger-ui-bundle.js",
)
NO_NODE = """npm was not found. Install it (on Debian: apt-get install nodejs npm) and run this again.
Until then the console works with the system font and a plain style."""


def copy_files(modules: Path, vendor: Path) -> list[Path]:
    """Copy FILES from the installed modules into an emptied `vendor`; a missing one raises."""
    if vendor.exists():
        shutil.rmtree(vendor)
    vendor.mkdir(parents=True)
    return [Path(shutil.copy2(modules / name, vendor / Path(name).name)) for name in FILES]


def main() -> int:
    npm = shutil.which("npm")
    if npm is None:
        print(NO_NODE, file=sys.stderr)
        return 1
    done = subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=ROOT, check=False)
    if done.returncode:
        print("npm ci failed, see above. The copies made before are left as they were.", file=sys.stderr)
        return done.returncode
    for path in copy_files(MODULES, VENDOR):
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
