"""All names about shapes and the order of elements; the operations are in the modules imported here."""

from __future__ import annotations

from graphlab_nb.ops.concat import concat, split
from graphlab_nb.ops.filling import fill, ones, ones_like, zeros, zeros_like
from graphlab_nb.ops.getitem import getitem as getitem
from graphlab_nb.ops.packing import pack, stack, unpack, unstack
from graphlab_nb.ops.padding import pad
from graphlab_nb.ops.rearrange import matrix_transpose, reverse, reverse_v2, tile, transpose
from graphlab_nb.ops.shaping import expand_dims, rank, reshape, shape, shape_n, size, squeeze

__all__ = [
    "concat",
    "expand_dims",
    "fill",
    "matrix_transpose",
    "ones",
    "ones_like",
    "pack",
    "pad",
    "rank",
    "reshape",
    "reverse",
    "reverse_v2",
    "shape",
    "shape_n",
    "size",
    "split",
    "squeeze",
    "stack",
    "tile",
    "transpose",
    "unpack",
    "unstack",
    "zeros",
    "zeros_like",
]
