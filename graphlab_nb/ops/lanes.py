"""How kernels built with kernels_cl/include/lanes.clh walk along rows."""

from __future__ import annotations

from typing import Any

from graphlab_nb.dtypes import DType
from graphlab_nb.launch import DeviceTraits


def lanes_for(traits: DeviceTraits, dtype: DType, length: int) -> int:
    """Vector width for rows of `length` elements: a power of two, no more than the row or a register holds."""
    if not traits.is_cpu:
        return 1
    lanes = traits.lanes // 2 if dtype.size == 8 else traits.lanes
    while lanes > max(length, 1):
        lanes //= 2
    return max(lanes, 1)


def defines(dtype: DType, lanes: int, *names: str, **values: Any) -> dict[str, Any]:
    """The build constants of lanes.clh, bare `names` and further `values`."""
    wide = "float" if dtype.c_type == "half" else dtype.c_type
    found: dict[str, Any] = {"T": dtype.c_type, "ACC": wide, "LANES": lanes}
    found.update(dict.fromkeys(names))
    found.update(values)
    return found


def shares(traits: DeviceTraits, items: int, cost: int, least: int = 4096) -> tuple[int, int]:
    """Splits `items` pieces of work over a CPU's work-items.

    Args:
      traits: the device's.
      items: number of pieces.
      cost: elements that one piece touches.
      least: elements that a work-item takes at least, as starting it costs about as much as a thousand of them.

    Returns:
      The number of work-items and the pieces that each takes.
    """
    each = max(-(-items // (traits.compute_units * 8)), min(items, -(-least // max(cost, 1))), 1)
    return -(-items // each), each
