"""Builds kernels: one program per (file, generated prefix, build constants) and context, kept for the process.

Compiled programs are kept between processes (`binaries`).
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import re
import threading
import time
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from graphlab_nb import config, errors
from graphlab_nb.launch import DeviceTraits, KernelCall
from graphlab_nb.runtime import ahead, probe_worker
from graphlab_nb.runtime.binaries import Binaries
from graphlab_nb.runtime.kernels import included, kernel_dir, kernel_source

MOST_PROGRAMS = 256
"""Programs that are kept for new plans; one takes about three megabytes. Plans keep those that they use."""

_invokers: dict[tuple[Any, ...], Any] = {}


@functools.cache
def _share_invokers() -> None:
    """Has pyopencl make its Python functions that call a kernel once per function, not once per kernel object.

    It would look them up in a data base on disk, which takes as long as making them, a third of a millisecond, and may be
    damaged or not writable. A plan calls none of them: it sets the arguments one by one and enqueues.
    """
    with _no_data_base():
        from pyopencl import invoker

    make = getattr(invoker, "generate_enqueue_and_set_args", None)
    if make is None:
        return

    def shared(
        function_name: str, num_passed_args: int, num_cl_args: int, arg_types: Any, *rest: Any, **more: Any
    ) -> Any:
        key = function_name, num_passed_args, num_cl_args, repr(arg_types)
        found = _invokers.get(key)
        if found is None:
            with _no_data_base():
                found = make(function_name, num_passed_args, num_cl_args, arg_types, *rest, **more)
            _invokers[key] = found
        return found

    invoker.generate_enqueue_and_set_args = shared


_no_data_base_lock = threading.Lock()


@contextlib.contextmanager
def _no_data_base() -> Iterator[None]:
    """Meanwhile pyopencl believes that its user wants no caches (PYOPENCL_NO_CACHE)."""
    cl: Any = importlib.import_module("pyopencl")
    with _no_data_base_lock:
        before = getattr(cl, "_PYOPENCL_NO_CACHE", None)
        cl._PYOPENCL_NO_CACHE = True
        try:
            yield
        finally:
            cl._PYOPENCL_NO_CACHE = before


_Key = tuple[str, str, tuple[tuple[str, Any], ...]]


def key_of(call: KernelCall) -> _Key:
    """What makes two calls share a program."""
    return call.file, call.prefix, tuple(sorted(call.defines.items()))


class Programs:
    """The programs built for one context. Safe for several threads."""

    def __init__(self, context: Any, cl_device: Any, traits: DeviceTraits):
        self._context = context
        self._device = cl_device
        self._built: dict[_Key, Any] = {}
        self._lock = threading.Lock()
        self._wanted: dict[_Key, KernelCall] = {}
        self._helper: Any = None
        self._folder, self._stamp = _kept_at(cl_device)
        self._binaries = Binaries(self._folder, self._stamp)
        # The arguments' types are kept so that tests can hold what calls say they write against what kernels may write.
        self._options = ["-cl-mad-enable", "-cl-kernel-arg-info", "-cl-std=CL1.2", "-w"]
        self._options += ["-I", str(kernel_dir() / "include")]
        self._options += [f"-DHAS_{name.upper()}" for name in ("float16", "float64") if name in traits.dtypes]

    def kernel(self, call: KernelCall) -> Any:
        """A new `pyopencl.Kernel` for the call, whose arguments are the caller's to set.

        Raises:
          InternalError: where the kernel does not build, with the compiler's first complaint.
        """
        import pyopencl as cl

        program = self.build(call)
        _share_invokers()
        try:
            return cl.Kernel(program, call.kernel)
        except cl.Error as error:
            raise errors.InternalError(None, None, f"Kernel {call.kernel!r} is not in {call.file}: {error}") from None

    def build(self, call: KernelCall) -> Any:
        """The built `pyopencl.Program` that holds the call's kernel."""
        import pyopencl as cl

        key = key_of(call)
        with self._lock:
            program = self._built.get(key)
        if program is not None:
            return program
        source, options = self._job(call)
        begin = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", UserWarning
            )  # what a compiler says about a kernel that builds is no news to the user
            try:
                program = self._binaries.build(self._context, self._device, source, options)
            except cl.Error as error:
                raise errors.InternalError(None, None, _build_message(call, str(error))) from None
        took = time.perf_counter() - begin
        with self._lock:
            while len(self._built) >= MOST_PROGRAMS:
                del self._built[next(iter(self._built))]
            program = self._built.setdefault(key, program)
        if took > ahead.SLOW:
            self._find_help()
        return program

    @contextlib.contextmanager
    def building(self, calls: Iterable[KernelCall]) -> Iterator[None]:
        """While the programs of `calls` are built inside, in this order; should that take long, a second process helps."""
        self._wanted = wanted = {key_of(call): call for call in calls}
        self._helper = None
        missing = [key for key in wanted if key not in self._built]
        if missing:
            _under_way.append((self._built, missing))
        try:
            yield
        finally:
            if missing:
                _under_way.pop()
            self._wanted = {}
            if self._helper is not None:
                ahead.stop(self._helper)
                self._helper = None

    def _find_help(self) -> None:
        left = [call for key, call in self._wanted.items() if key not in self._built]
        if self._helper is None and len(left) > ahead.FEWEST and self._binaries.keeps:
            self._wanted = {}
            self._helper = ahead.start(
                self._device, self._folder, self._stamp, [self._job(call) for call in reversed(left)]
            )

    def _job(self, call: KernelCall) -> ahead.Job:
        """Source and options of the call's program."""
        defines = [f"-D{n}" if v is None else f"-D{n}={v}" for n, v in sorted(call.defines.items())]
        return call.prefix + kernel_source(call.file), self._options + defines


_POSITION = re.compile(r"(?:[^\s<>]*:|<\w+>:)?\d+:\d+(?: <Spelling=[^>]*>)?: *")
_ERROR = re.compile(r"^\s*(?:fatal )?error: *")


def _build_message(call: KernelCall, log: str) -> str:
    """What the compiler complains of, without positions in a text that nobody can see."""
    lines = [line for line in log.splitlines() if re.search(r"\berror\b", line)] or log.splitlines()
    told = list(dict.fromkeys(_ERROR.sub("", _POSITION.sub("", line)) for line in lines))
    return f"Kernel {call.kernel!r} of {call.file} does not build on this device: {' / '.join(told[:3])}"


def _kept_at(cl_device: Any) -> tuple[str | None, str]:
    """Where a device's compiled programs are kept, and what its binaries depend on besides sources and options.

    There is no place for them where the runtime has its own.
    """
    import pyopencl as cl
    from pyopencl.characterize import has_src_build_cache

    if os.environ.get("PYOPENCL_NO_CACHE") or has_src_build_cache(cl_device):
        return None, ""
    device = next(text for text, found in probe_worker.identities(cl) if found == cl_device)
    return str(config.cache_dir() / "programs"), f"{device} {included()}"


_under_way: list[tuple[dict[_Key, Any], list[_Key]]] = []
"""Of what is being built now: the programs that are there, and those that are to be."""


def progress() -> tuple[int, int] | None:
    """How many programs of a plan that is being built are there, and how many it was to build; None where none is.

    From any thread.
    """
    latest = _under_way[-1:]
    if not latest:
        return None
    built, missing = latest[0]
    return sum(key in built for key in missing), len(missing)


_programs: dict[int, tuple[Any, Programs]] = {}
_lock = threading.Lock()


def programs_for(device: Any) -> Programs:
    """The process's programs for the context of a `Device`."""
    context = device.context
    with _lock:
        found = _programs.get(id(context))
        if found is None:
            found = _programs[id(context)] = (context, Programs(context, device.cl_device, device.traits))
        return found[1]
