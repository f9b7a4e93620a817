"""The folders of the watched folder. Whoever drops lists may write there, so nothing in it is followed or believed.

Every folder is held by a descriptor that no link led to, and what is in it is named below that.
"""

import logging
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from django.conf import settings

logger = logging.getLogger(__name__)

TAKEN, DONE, REFUSED = ".taken", "done", "refused"
# What came of a list, as `watching` names it; all else that was put aside is a list.
_ANSWER = re.compile(r"\d{8}-\d{6}-[A-Za-z0-9_-]{16}\.json")
_MOST_BYTES = 200
_MOST_SUFFIX = 20


class NotOursError(OSError):
    """A folder in which we keep lists is a link, no folder, or somebody else's."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of lists of one source, held open."""

    path: Path
    handle: int


def places(folder: Path) -> Iterator[Place]:
    """The folder itself and each of a source below it. One that cannot be used is left alone, and that is logged."""
    for path in paths(folder):
        try:
            with place(path, folder) as held:
                yield held
        except OSError as error:
            logger.error("A watched folder is left alone; `perennial check` says more. (%s)", type(error).__name__)


def paths(folder: Path) -> list[Path]:
    """The folder itself and those of sources below it; a link is none, and neither is a name that is not UTF-8."""
    with os.scandir(folder) as entries:
        names = sorted(
            each.name
            for each in entries
            if each.is_dir(follow_symlinks=False)
            and each.name not in (DONE, REFUSED)
            and not each.name.startswith(".")
            and safe_name(each.name) == each.name
        )
    return [folder, *(folder / name for name in names)]


@contextmanager
def place(path: Path, folder: Path) -> Iterator[Place]:
    """One of `paths`, held open. Raises OSError where it cannot be used."""
    flags = os.O_RDONLY | os.O_DIRECTORY
    # The folder itself is named by whoever runs Perennial, and may be a link.
    handle = os.open(path, flags if path == folder else flags | os.O_NOFOLLOW)
    try:
        for name in (TAKEN, DONE, REFUSED):
            try:
                with ours(name, within=handle):
                    pass
            except FileNotFoundError:
                continue
        yield Place(path, handle)
    finally:
        os.close(handle)


@contextmanager
def ours(name: str | Path, *, within: int | None = None, make: bool = False) -> Iterator[int]:
    """A folder in which we keep lists. Raises NotOursError; FileNotFoundError where there is none."""
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=within)
    try:
        handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=within)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NotOursError(error.errno, "no folder of ours") from None
    try:
        if os.fstat(handle).st_uid != os.geteuid():
            raise NotOursError("a folder of somebody else")
        yield handle
    finally:
        os.close(handle)


def files(handle: int) -> Iterator[tuple[str, os.stat_result]]:
    """The plain files of a folder held open: no link, which could lead anywhere, no folder, no pipe."""
    for name in sorted(os.listdir(handle)):
        try:
            about = os.stat(name, dir_fd=handle, follow_symlinks=False)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(about.st_mode):
            yield name, about


def put_aside(held: Place) -> Iterator[tuple[int, str, os.stat_result]]:
    """Every file that was put aside in a place, with the folder that holds it."""
    for kept in (DONE, REFUSED):
        try:
            with ours(kept, within=held.handle) as handle:
                for name, about in files(handle):
                    yield handle, name, about
        except FileNotFoundError:
            continue


def safe_name(name: str) -> str:
    """A name that any database and file system can keep, with its suffix."""
    text = os.fsencode(name).decode("utf-8", "replace")
    if len(text.encode()) <= _MOST_BYTES:
        return text
    suffix = PurePath(text).suffix.encode()
    if len(suffix) > _MOST_SUFFIX:
        suffix = b""
    return (text.encode()[: _MOST_BYTES - len(suffix)] + suffix).decode("utf-8", "ignore")


def forget_claimed(path: str) -> None:
    """Delete a list that waits for its import to be over, if it is still there."""
    try:
        with ours(Path(path).parent) as handle:
            os.unlink(Path(path).name, dir_fd=handle)
    except FileNotFoundError:
        return
    except OSError as error:
        logger.error("A list of the watched folder could not be deleted. (%s)", type(error).__name__)


def forget_put_aside() -> None:
    """Delete every list that was put aside: nobody knows any more whom it holds. What came of each stays."""
    folder: Path | None = settings.PERENNIAL_WATCH_DIR
    if folder is None:
        return
    try:
        for held in places(folder):
            for handle, name, _about in put_aside(held):
                if not _ANSWER.fullmatch(name):
                    os.unlink(name, dir_fd=handle)
    except OSError as error:
        logger.error("Lists that were put aside could not be deleted. (%s)", type(error).__name__)
