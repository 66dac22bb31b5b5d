"""Find or fetch Chromium for the tests of pages."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from .failure import CommandFailed

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A font and its settings come along: a bare system has none, and Chromium ends without one.
# libatomic1 is for the driver that steers the browser.
PACKAGES = ("chromium", "fonts-dejavu-core", "fontconfig-config", "libatomic1")


def ensure_browser(home: Path) -> dict[str, str]:
    """Return the settings of a browser that starts: installed, by apt as root, or unpacked."""
    if found := _find(home):
        return found
    log = home / "logs" / "chromium.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if not shutil.which("apt-get"):
        raise CommandFailed(
            "Для проверки страниц нужен Chromium: установите его средствами вашей системы или "
            "укажите путь к нему в MERILO_CHROMIUM, затем повторите ./merilo test"
        )
    if os.geteuid() == 0 and _install(log) and (found := _find(home)):
        return found
    if _unpack(home / "chromium", log) and (found := _find(home)):
        return found
    raise CommandFailed(
        "Не удалось поставить Chromium для проверки страниц: установите его "
        "(apt install chromium libatomic1) или укажите путь к нему в MERILO_CHROMIUM, затем "
        f"повторите ./merilo test. Журнал: {log}"
    )


def _find(home: Path) -> dict[str, str] | None:
    """Return the settings when both the browser and its driver start, else None."""
    if given := os.environ.get("MERILO_CHROMIUM"):
        if not starts(Path(given)):
            raise CommandFailed(f"Браузер из MERILO_CHROMIUM не запускается: {given}")
        browsers = [Path(given)]
    else:
        installed = filter(None, map(shutil.which, NAMES))
        browsers = [*map(Path, installed), home / "chromium" / "run"]
    chromium = next(filter(starts, browsers), None)
    drivers = [_driver(), home / "chromium" / "node"]
    driver = next(filter(_answers, drivers), None)
    if chromium is None or driver is None:
        return None
    return {"MERILO_CHROMIUM": str(chromium), "PLAYWRIGHT_NODEJS_PATH": str(driver)}


def _driver() -> Path:
    spec = importlib.util.find_spec("playwright")
    places = (spec and spec.submodule_search_locations) or ["/nonexistent"]
    return Path(places[0]) / "driver" / "node"


def _answers(driver: Path) -> bool:
    try:
        done = subprocess.run([driver, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def starts(chromium: Path) -> bool:
    """Say whether this Chromium runs here at all: libraries and fonts are found."""
    if not chromium.exists():
        return False
    command = [str(chromium), "--headless", "--no-sandbox", "--disable-gpu"]
    command += ["--disable-dev-shm-usage", "--dump-dom"]  # containers have a tiny /dev/shm
    try:
        done = subprocess.run(
            [*command, "about:blank"],
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"<html" in done.stdout


def _logged(command: list[str], log: Path, cwd: Path | None = None) -> bool:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    environ["PATH"] = f"{environ.get('PATH', '')}:/usr/sbin:/sbin"  # dpkg looks for ldconfig there
    with log.open("ab") as output:
        output.write(f"\n$ {' '.join(command)}\n".encode())
        output.flush()
        return (
            subprocess.run(
                command, stdout=output, stderr=output, env=environ, cwd=cwd, check=False
            ).returncode
            == 0
        )


def _install(log: Path) -> bool:
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES]
    return _logged(["apt-get", "update", "-q"], log) and _logged(install, log)


def _unpack(place: Path, log: Path) -> bool:
    """Download Debian's packages as an ordinary user and unpack them; nothing is installed."""
    state, cache, root = place / "apt", place / "cache", place / "root"
    for folder in (state / "lists" / "partial", cache / "archives" / "partial", root):
        folder.mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-q", "-y", "-o", f"Dir::State={state}", "-o", f"Dir::Cache={cache}"]
    apt += ["-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "Debug::NoLocking=1"]
    apt += ["-o", f"Dir::State::extended_states={state}/extended_states"]
    apt += ["-o", "APT::Sandbox::User=", "-o", "Dir::Etc::Parts=/nonexistent"]
    wanted = ["install", "--download-only", "--no-install-recommends", *PACKAGES]
    if not (_logged([*apt, "update"], log) and _logged([*apt, *wanted], log)):
        return False
    packages = sorted((cache / "archives").glob("*.deb"))
    if not all(_logged(["dpkg", "-x", str(package), str(root)], log) for package in packages):
        return False
    chromium = root / "usr" / "lib" / "chromium" / "chromium"
    if chromium.exists():
        _write_wrapper(place / "run", root, chromium, "--disable-dev-shm-usage")
    _write_wrapper(place / "node", root, _driver())
    shutil.rmtree(cache, ignore_errors=True)
    return True


def _write_wrapper(wrapper: Path, root: Path, program: Path, *options: str) -> None:
    """Write the script that starts a program with the unpacked libraries and fonts."""
    libraries = [
        str(folder)
        for pattern in ("usr/lib/*-linux-gnu", "usr/lib/*-linux-gnu/*", "lib/*-linux-gnu")
        for folder in sorted(root.glob(pattern))
        if folder.is_dir() and any(folder.glob("*.so*"))
    ]
    fonts = wrapper.with_name("fonts.conf")
    fonts.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{root}/usr/share/fonts</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{wrapper.parent}/fontcache</cachedir></fontconfig>\n"
    )
    draft = wrapper.with_name(wrapper.name + ".draft")
    draft.write_text(
        "#!/bin/sh\n"
        f'export LD_LIBRARY_PATH="{":".join(libraries)}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"\n'
        f'export FONTCONFIG_FILE="{fonts}"\n'
        f'exec "{program}" {" ".join(options)} "$@"\n'
    )
    draft.chmod(0o755)
    draft.rename(wrapper)
