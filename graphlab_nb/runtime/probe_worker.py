"""The probe itself: does this OpenCL device build, run and compute the right numbers?

It imports nothing of this package, so that a fresh process can run it by path at little cost: a runtime that crashes
then takes that process with it and not the user's. The request comes on stdin as one JSON object: `path` (sys.path),
`preload` (libraries to load first), `source` (of probe.cl), `devices` (identities to probe) and, where they are not
yet known, `guess` (a text; see `guessed`), else null. The answer is one JSON object a line on stdout:
`{"platforms": n}` once the platforms are listed, then for each device `{"start": identity}` and
`{"done": identity, "problem": text or null, "lacks": [dtype names]}`.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

GROUP = 16
"""Work-items of the probe's work-groups; every OpenCL device allows as many."""

ITEMS = 64
"""Work-items of each launch."""


def identities(pyopencl: Any) -> list[tuple[str, Any]]:
    """Every device that the OpenCL loader lists, each with a text that names it in another process as well.

    The text holds all that should bring a new verdict when it changes: the platform's name and version, the device's
    name, and the driver's version; and a running number, for machines with several of the same.
    """
    try:
        platforms = pyopencl.get_platforms()
    except pyopencl.LogicError:  # how the loader says that there is none
        return []
    found: list[tuple[str, Any]] = []
    seen: dict[str, int] = {}
    for platform in platforms:
        try:
            devices = platform.get_devices()
        except pyopencl.Error:  # a platform without devices, such as a GPU driver where the GPU is absent
            continue
        for device in devices:
            parts = (platform.name, platform.version, device.name, device.driver_version)
            text = " | ".join(part.strip() for part in parts)
            seen[text] = seen.get(text, 0) + 1
            found.append((f"{text} | {seen[text]}", device))
    return found


def check(pyopencl: Any, device: Any, source: str) -> tuple[str | None, list[str]]:
    """Builds and runs the probe kernels on a device and compares their numbers with NumPy's.

    Returns:
      What is wrong (None: the device works), and the optional element types that it claims but computes wrongly.
    """
    claims = {name for name, extension in EXTENSIONS.items() if extension in device.extensions.split()}
    try:
        wrong = _run(pyopencl, device, source, claims)
        if wrong and not wrong.keys() <= claims and claims:
            # Perhaps only the optional types do not build.
            without = _run(pyopencl, device, source, set())
            wrong = without or dict.fromkeys(claims, "does not build")
    except (pyopencl.Error, RuntimeError, ValueError, TypeError, OSError) as error:
        return _one_line(error), []
    lacks = sorted(wrong.keys() & claims)
    others = [text for name, text in wrong.items() if name not in claims]
    return (others[0] if others else None), lacks


EXTENSIONS = {"float64": "cl_khr_fp64", "float16": "cl_khr_fp16"}
"""Optional element types, each with the OpenCL extension that brings it."""

DEFINES = {"float64": "HAS_FP64", "float16": "HAS_FP16"}


def _one_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {'; '.join(lines)}"[:400]


def _run(pyopencl: Any, device: Any, source: str, claims: set[str]) -> dict[str, str]:
    """What went wrong, by kernel's element type; "build" where the program does not build."""
    import numpy as np

    context = pyopencl.Context([device])
    queue = pyopencl.CommandQueue(context)
    options = [f"-DGROUP={GROUP}", *(f"-D{DEFINES[name]}" for name in sorted(claims))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pyopencl.CompilerWarning)
            program = pyopencl.Program(context, source).build(options)
    except pyopencl.Error as error:
        return {"build": f"the probe kernel does not build: {_one_line(error)}"}

    def launch(kernel: str, local: tuple[int] | None, out: Any, *inputs: Any) -> Any:
        flags = pyopencl.mem_flags
        result = pyopencl.Buffer(context, flags.WRITE_ONLY, out.nbytes)
        buffers = [pyopencl.Buffer(context, flags.READ_ONLY | flags.COPY_HOST_PTR, hostbuf=a) for a in inputs]
        bound = pyopencl.Kernel(program, kernel)
        bound.set_args(result, *buffers)
        pyopencl.enqueue_nd_range_kernel(queue, bound, (ITEMS,), local)
        pyopencl.enqueue_copy(queue, out, result, is_blocking=True)
        return out

    wrong: dict[str, str] = {}

    def compare(dtype: str, kernel: str, got: Any, right: Any, equal: Callable[[Any, Any], Any]) -> None:
        if not np.all(equal(got, right)):
            at = int(np.argmin(equal(got, right)))
            wrong[dtype] = f"{kernel} gave {got.flat[at]!r} instead of {right.flat[at]!r} at element {at}"

    def close(tolerance: float) -> Callable[[Any, Any], Any]:
        return lambda got, right: np.isclose(got, right, rtol=tolerance, atol=tolerance)

    a = np.linspace(-4, 4, 8 * ITEMS, dtype=np.float32)
    b = np.linspace(1, 2, 8 * ITEMS, dtype=np.float32)
    got = launch("probe_float", None, np.empty_like(a), a, b)
    compare("float32", "probe_float", got, np.exp(a) * b + a, close(1e-5))

    i = np.arange(ITEMS, dtype=np.int32) * 7 - 100
    got = launch("probe_group", (GROUP,), np.empty_like(i), i)
    compare("int32", "probe_group", got, i.reshape(-1, GROUP).cumsum(1, dtype=np.int32).ravel(), np.equal)

    u = np.arange(1, ITEMS + 1, dtype=np.uint64) * np.uint64(0xD1B54A32D192ED03)
    right = (u * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(7)) ^ (u // np.uint64(1000003))
    got = launch("probe_long", None, np.empty_like(u), u)
    compare("int64", "probe_long", got, right, np.equal)

    if "float64" in claims:
        d = np.linspace(-4, 4, ITEMS)
        got = launch("probe_double", None, np.empty_like(d), d)
        compare("float64", "probe_double", got, np.exp(d) + d / 3, close(1e-13))
    if "float16" in claims:
        h = np.linspace(-4, 4, ITEMS).astype(np.float16)
        got = launch("probe_half", None, np.empty_like(h), h)
        compare("float16", "probe_half", got, h * h + h, close(5e-3))
    return wrong


def guessed(pyopencl: Any, present: list[tuple[str, Any]], text: str) -> list[str]:
    """The devices that will most likely serve: all GPUs, and the first CPU whose identity contains the text, if any."""
    gpus = [identity for identity, device in present if device.type & pyopencl.device_type.GPU]
    others = [identity for identity, _ in present if identity not in gpus]
    matching = [identity for identity in others if text in identity.lower()]
    return gpus + (matching or others)[:1]


def main() -> None:
    """Serves one request, as the module's docstring says."""
    # Drivers may print to stdout of their own accord: the answers get a pipe that they do not know of.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(answer: dict[str, Any]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    request = json.loads(sys.stdin.read())
    sys.path[:] = request["path"]
    os.environ["PYOPENCL_NO_CACHE"] = "1"  # a binary from the cache would prove nothing of the compiler
    for library in request["preload"]:
        ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    import pyopencl

    present = identities(pyopencl)
    say({"platforms": len({device.platform for _, device in present})})
    wanted = request["devices"] if request["guess"] is None else guessed(pyopencl, present, request["guess"])
    for identity, device in present:
        if identity in wanted:
            say({"start": identity})
            problem, lacks = check(pyopencl, device, request["source"])
            say({"done": identity, "problem": problem, "lacks": lacks})
    answers.close()
    os._exit(0)  # a runtime that crashes while it is unloaded has still computed


if __name__ == "__main__":
    main()
