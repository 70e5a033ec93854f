"""Where compiled objects are kept: files written whole or not at all, named by what they were made of."""

from __future__ import annotations

import os
import sys
import tempfile
from hashlib import sha256
from pathlib import Path


def cache_folder() -> Path:
    """Return where compiled objects are kept: ``$KGRAFT_CACHE``, else the user's cache folder."""
    if chosen := os.environ.get("KGRAFT_CACHE"):
        return Path(chosen).absolute()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "kgraft-sim"


def write_whole(path: Path, data: bytes) -> bool:
    """Write a file so that nobody ever sees half of it; False where nothing can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        return False
    return True


def text_digest(path: Path) -> str | None:
    """Return the SHA-256 of a text, line ends as in the repository; None when it cannot be read."""
    try:
        return sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    except OSError:
        return None
