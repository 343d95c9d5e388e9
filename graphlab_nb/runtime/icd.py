"""Makes the OpenCL loader find the CPU runtime that pip installed, without losing what the system has.

An OpenCL loader reads a folder of .icd files, each naming a runtime's library, once in the life of a process: at the
first platform query. pip's Intel runtime registers itself nowhere that a loader looks. So before that query `prepare`
makes a vendors folder of our own, with an .icd for that runtime beside copies of the system's, and names it in
OCL_ICD_VENDORS. The loader inside pyopencl's wheels reads its own folder (where pip's PoCL registers itself) besides
OCL_ICD_VENDORS, so that nothing needs to be done for PoCL.

On Windows the loader takes the system's runtimes from the registry and more from OCL_ICD_FILENAMES; elevated processes
ignore that variable. That branch is written from the Khronos loader's documentation and has never run.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import site
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from graphlab_nb.runtime import vendors

if TYPE_CHECKING:
    import importlib.metadata

SYSTEM_FOLDER = "/etc/OpenCL/vendors"
PACKAGE = "intel-opencl-rt"
RUNTIME = "intelocl64.dll" if os.name == "nt" else "libintelocl.so"

DEPENDENCIES = ("libintlc.so.5", "libirng.so", "libimf.so", "libsvml.so", "libtbb.so.12", "libtbbmalloc.so.2")
"""What libintelocl.so links to besides the system's libraries, in the order to load them."""

DEPENDENCY_PACKAGES = ("intel-cmplr-lib-rt", "tbb")


@dataclass(frozen=True)
class Entry:
    """One runtime that the loader is told of: the .icd file (or variable) and the library it names."""

    source: str
    library: str


@dataclass
class State:
    """What `prepare` found and did in this process."""

    done: bool = False
    early: bool = False
    """Whether pyopencl had been imported before, so that the loader may have read its folder already."""
    user_set: str = ""
    """The user's own setting that was left alone, such as "OCL_ICD_VENDORS=/path"."""
    runtime: Path | None = None
    """pip's Intel runtime, if it is installed."""
    entries: list[Entry] = field(default_factory=list)
    preload: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """What the vendors folder holds or, where none is needed, would hold."""


state = State()


def prepare() -> list[str]:
    """Points the OpenCL loader at pip's Intel runtime and at all the system's; to be called before the first query.

    Does nothing where the user has set OCL_ICD_VENDORS or OCL_ICD_FILENAMES, where the runtime is not installed, and
    when called again.

    Returns:
      What was found and done, a sentence each.
    """
    if state.done:
        return state.notes
    state.done = True
    state.early = "pyopencl" in sys.modules
    state.runtime = _find_runtime(state.notes)
    for name in ("OCL_ICD_VENDORS", "OCL_ICD_FILENAMES"):
        value = os.environ.get(name, "")
        if value and not _is_ours(name, value):
            state.user_set = f"{name}={value}"
    if state.user_set:
        state.notes.append(f"{state.user_set} is set: the OpenCL runtimes are those that it names")
        state.entries = list(_user_entries())
    elif os.name == "nt":
        if state.runtime:
            _prepare_windows(state.runtime)
    else:
        _prepare_folder()
    if not os.path.isfile(_vendors()):  # a loader that was given one file reads nothing else
        state.entries += _wheel_entries()
    return state.notes


def leave_out(libraries: Iterable[str]) -> list[str]:
    """Makes the loader pass over some libraries, before its first query; those it cannot keep out are returned."""
    bad = set(libraries)
    kept = {name: content for name, content in state.files.items() if _named(content) not in bad}
    out = {_named(content) for content in state.files.values()} & bad
    if state.user_set or os.name == "nt":
        return sorted(bad)
    if out:
        os.environ["OCL_ICD_VENDORS"] = str(vendors.write(kept))
        state.files = kept
        state.entries = [entry for entry in state.entries if entry.library not in out]
        state.notes += [f"{library} is left out: it crashes when the OpenCL loader loads it" for library in sorted(out)]
    return sorted(bad - out)


def fingerprint() -> list[list[str | int]]:
    """Path, time of change and size of every library that the loader is told of; new where a runtime was renewed.

    To be asked after a platform query: a library named without its folder is then known by where it was loaded from.
    """
    found: list[list[str | int]] = []
    for entry in state.entries:
        try:
            status = os.stat(_resolve(entry.library))
            found.append([entry.library, status.st_mtime_ns, status.st_size])
        except OSError:
            found.append([entry.library, 0, 0])
    return sorted(found, key=str)


def unloaded() -> list[str]:
    """Why runtimes that the loader was told of are not loaded after its platform query, a sentence each.

    Where the system does not tell what is loaded, only missing files are found. Loads what the loader did not, to
    learn the reason: for reports and errors, not for every start.
    """
    mapped = {os.path.realpath(path) for path in _mapped()}
    found = []
    for entry in state.entries:
        if os.path.isabs(entry.library) and not os.path.exists(entry.library):
            found.append(f"{entry.source} names {entry.library}, which does not exist")
        elif mapped and os.path.realpath(_resolve(entry.library)) not in mapped:
            try:
                ctypes.CDLL(entry.library)
            except OSError as error:
                found.append(f"{entry.source} names {entry.library}, which cannot be loaded: {error}")
    return found


def missing_runtime() -> str | None:
    """Why pip's Intel runtime is not among the platforms although it is installed; None where it is not expected.

    To be asked only after a platform query that did not list it.
    """
    if state.runtime is None or state.user_set:
        return None
    try:
        ctypes.CDLL(str(state.runtime))
    except OSError as error:
        return f"Intel's CPU runtime is installed but cannot be loaded: {error}"
    if state.early:
        return (
            f"Intel's CPU runtime is installed ({state.runtime}) but the OpenCL loader had been asked for platforms "
            "before graphlab_nb looked for devices, and it reads its list of runtimes only once: import graphlab_nb "
            f"and make a Session before other code uses pyopencl, or start Python with OCL_ICD_VENDORS={_vendors()}"
        )
    return f"Intel's CPU runtime ({state.runtime}) loads but offers no platform"


def _vendors() -> str:
    return os.environ.get("OCL_ICD_VENDORS", "")


def _is_ours(name: str, value: str) -> bool:
    """Whether the variable was set by this package, in a parent process."""
    if name == "OCL_ICD_FILENAMES":
        return value == str(state.runtime)
    return vendors.FOLDER.fullmatch(Path(value).name) is not None


def _find_runtime(notes: list[str]) -> Path | None:
    """The library of pip's Intel runtime: by the package's own list of files, else in the usual folders."""
    for path in _package_files(PACKAGE):
        if path.name == RUNTIME and path.is_file():
            return path
    for folder in _library_folders():
        path = folder / RUNTIME
        if path.is_file():
            return path.resolve().parent / RUNTIME
    if _distribution(PACKAGE) is not None:
        notes.append(
            f"Package {PACKAGE} is installed but its {RUNTIME} is missing: pip install --force-reinstall {PACKAGE}"
        )
    return None


def _distribution(package: str) -> importlib.metadata.Distribution | None:
    import importlib.metadata  # it takes longer to import than all of this folder

    try:
        return importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _package_files(package: str) -> Iterator[Path]:
    """Absolute paths of an installed package's files."""
    distribution = _distribution(package)
    if distribution is not None:
        for file in distribution.files or ():
            yield Path(os.path.normpath(str(distribution.locate_file(file))))


def _library_folders() -> Iterator[Path]:
    """Where pip puts a wheel's data files, by kind of installation: environment, user, and --target."""
    prefixes = [sys.prefix, sys.base_prefix, site.getuserbase() or "", *(p for p in sys.path if "-packages" in p)]
    prefixes += [p for p in sys.path if p and os.path.isdir(os.path.join(p, "intel_opencl_rt"))]
    inner = ("Library/bin",) if os.name == "nt" else ("lib", "lib64")
    for prefix in dict.fromkeys(filter(None, prefixes)):
        for name in inner:
            yield Path(prefix) / name


def _prepare_folder() -> None:
    """Writes the vendors folder and sets OCL_ICD_VENDORS, where pip's runtime needs it (Linux and other Unix)."""
    if state.runtime is not None:
        state.files[vendors.OWN_ICD] = os.fsencode(state.runtime) + b"\n"
        state.entries.append(Entry(f"pip's {PACKAGE}", str(state.runtime)))
    for entry, content in _system_entries():
        if state.runtime is not None and Path(entry.library).name.startswith(RUNTIME):
            # Two copies of one runtime in one process share symbols; pip's is the one this package is tested with.
            state.notes.append(f"{entry.source} ({entry.library}) gives way to pip's {state.runtime}")
            continue
        name = Path(entry.source).name
        while name in state.files:
            name = f"_{name}"
        state.files[name] = content
        state.entries.append(entry)
    if state.runtime is None:
        os.environ.pop("OCL_ICD_VENDORS", None)  # at most a folder of ours, inherited
        return
    state.preload = _far_dependencies(state.runtime)
    for library in state.preload:
        with contextlib.suppress(OSError):  # what is then missing shows when the runtime itself is loaded
            ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    os.environ["OCL_ICD_VENDORS"] = str(vendors.write(state.files))


def _prepare_windows(runtime: Path) -> None:
    """Adds the runtime to OCL_ICD_FILENAMES, and its folder to where its own libraries are looked for."""
    os.environ["OCL_ICD_FILENAMES"] = str(runtime)
    add_dll_directory = getattr(os, "add_dll_directory", None)
    if add_dll_directory is not None:
        add_dll_directory(str(runtime.parent))
    state.entries = [Entry(f"pip's {PACKAGE}", str(runtime))]


def _system_folders() -> list[Path]:
    """The folders that the loader reads when OCL_ICD_VENDORS is not set."""
    folders = [Path(os.environ.get("OPENCL_VENDOR_PATH") or SYSTEM_FOLDER)]
    if (Path(sys.prefix) / "conda-meta").is_dir():  # a loader from conda is built to read its own environment
        folders.append(Path(sys.prefix) / "etc" / "OpenCL" / "vendors")
    return folders


def _system_entries() -> Iterator[tuple[Entry, bytes]]:
    """Each .icd file that the loader would read by itself, with its content."""
    seen: set[str] = set()
    for folder in _system_folders():
        for entry, content in _read_folder(folder):
            if entry.library not in seen:
                seen.add(entry.library)
                yield entry, content


def _wheel_entries() -> Iterator[Entry]:
    """What the loader inside pyopencl's wheel reads by itself: where pip's PoCL registers."""
    spec = importlib.util.find_spec("pyopencl")
    if spec is not None and spec.origin:
        yield from (entry for entry, _ in _read_folder(Path(spec.origin).parent / ".libs"))


def _read_folder(folder: Path) -> Iterator[tuple[Entry, bytes]]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.name.endswith(".icd"))
    except OSError:
        return
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            continue
        yield Entry(str(path), _named(content)), content


def _named(content: bytes) -> str:
    """The library that an .icd file names: its first line."""
    return os.fsdecode(content.split(b"\n")[0].strip())


def _user_entries() -> Iterator[Entry]:
    """What the user's own variables name: a folder, an .icd file or a library."""
    vendors = _vendors()
    if vendors:
        path = Path(vendors)
        if path.is_dir():
            yield from (entry for entry, _ in _read_folder(path))
        elif path.suffix == ".icd":
            yield from (entry for entry, _ in _read_folder(path.parent) if entry.source == str(path))
        else:
            yield Entry("OCL_ICD_VENDORS", vendors)
    for library in filter(None, os.environ.get("OCL_ICD_FILENAMES", "").split(os.pathsep)):
        yield Entry("OCL_ICD_FILENAMES", library)


def _far_dependencies(runtime: Path) -> list[str]:
    """The runtime's own libraries that pip put into another environment than the runtime, as absolute paths.

    Beside the runtime they are found by its run path; in another folder (an environment that sees the system's
    packages) they are not, unless they are loaded first.
    """
    absent = [name for name in DEPENDENCIES if not (runtime.parent / name).exists()]
    if not absent:
        return []
    places = {path.name: path for package in DEPENDENCY_PACKAGES for path in _package_files(package)}
    return [str(places[name]) for name in absent if name in places and places[name].exists()]


def _resolve(library: str) -> str:
    """The path from which a library named without a folder was loaded, where the system tells (Linux)."""
    if os.path.isabs(library):
        return library
    for path in _mapped():
        if os.path.basename(path) == library or os.path.basename(path).startswith(library + "."):
            return path
    return library


def _mapped() -> Iterable[str]:
    """Files mapped into this process."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            return {line.split(maxsplit=5)[5].rstrip("\n") for line in maps if line.count("/")}
    except OSError:
        return ()
