"""A backup's file: one tar of parts, with a manifest of their SHA-256 that is checked before anything is unpacked."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from triage.errors import StorageError

FORMAT = 1
MANIFEST = "manifest.json"
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: when it was made, by which version, and the digest of each part's files."""

    made_at: str
    version: str
    files: Mapping[str, str]


def write_archive(target: Path, parts: Mapping[str, Path], *, made_at: str, version: str) -> Manifest:
    """Pack files and folders under their part's name; the archive appears whole or not at all, for its owner only.

    Raises:
        StorageError: the target cannot be written.
    """
    files = {name: path for part, source in parts.items() for name, path in _files(part, source)}
    manifest = Manifest(made_at, version, {name: _digest(path) for name, path in files.items()})
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(unfinished, "wb", opener=_for_owner) as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                for name, path in files.items():
                    archive.add(path, arcname=name, recursive=False)
                _add_manifest(archive, manifest)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as exc:
        raise StorageError(f"The backup cannot be written to {target}: {exc.strerror}.") from exc
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


@contextmanager
def unpacked(source: Path, folder: Path) -> Iterator[Manifest]:
    """Unpack an archive into ``folder`` and check every file against the manifest, for the length of a ``with`` block.

    Raises:
        StorageError: it is no backup, or was changed since it was made.
    """
    try:
        with tarfile.open(source, mode="r:") as archive:
            archive.extractall(folder, filter="data")
        listed = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, tarfile.TarError, ValueError) as exc:
        raise StorageError(f"{source} is not a backup that can be read: take another one.") from exc
    if listed.get("format") != FORMAT:
        raise StorageError(f"{source} was made by another version: restore it with version {listed.get('version')}.")
    manifest = Manifest(listed["made_at"], listed["version"], listed["files"])
    here = {name: _digest(path) for name, path in _files("", folder) if name != MANIFEST}
    if here != dict(manifest.files):
        wrong = min(name for name, _ in here.items() ^ manifest.files.items())
        raise StorageError(f"{source} was changed since it was made ({wrong}): take another one.")
    yield manifest


def _files(part: str, source: Path) -> Iterator[tuple[str, Path]]:
    if source.is_file():
        yield part, source
        return
    for path in sorted(source.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield str(PurePosixPath(part) / path.relative_to(source).as_posix()), path


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(_PIECE), b""):
            digest.update(piece)
    return digest.hexdigest()


def _add_manifest(archive: tarfile.TarFile, manifest: Manifest) -> None:
    listed = {"format": FORMAT, "made_at": manifest.made_at, "version": manifest.version, "files": manifest.files}
    content = json.dumps(listed, indent=1).encode("utf-8")
    entry = tarfile.TarInfo(MANIFEST)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
