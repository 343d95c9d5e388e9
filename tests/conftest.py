"""What holds in every test: a kernel call names exactly the arguments that its kernel may write.

Plans order steps, and let them run side by side, by what calls say they write. A program knows its arguments' types when it
was built from source, as all are with empty caches (.ci/run); one that came out of a cache was checked when it got there.
"""

from __future__ import annotations

from typing import Any

import pytest

from graphlab_nb.launch import Array, KernelCall
from graphlab_nb.runtime.program import Programs


@pytest.fixture(autouse=True, scope="session")
def calls_name_what_kernels_write() -> Any:
    patch = pytest.MonkeyPatch()
    make = Programs.kernel

    def checked(self: Programs, call: KernelCall) -> Any:
        kernel = make(self, call)
        for position, arg in enumerate(call.args):
            if isinstance(arg, Array):
                says = position in call.writes or arg.storage.kind == "report"
                may = may_write(kernel, position)
                assert may in (None, says), f"{call.file}:{call.kernel}, argument {position}: writes are {call.writes}"
        return kernel

    patch.setattr(Programs, "kernel", checked)
    yield
    patch.undo()


def may_write(kernel: Any, position: int) -> bool | None:
    """Whether an argument is no pointer to constants; None where the program came from a cache."""
    import pyopencl as cl

    try:
        qualifier = kernel.get_arg_info(position, cl.kernel_arg_info.TYPE_QUALIFIER)
    except cl.RuntimeError:
        return None
    return not qualifier & cl.kernel_arg_type_qualifier.CONST
