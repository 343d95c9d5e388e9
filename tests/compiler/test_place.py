"""Placement, on devices that are only described."""

from __future__ import annotations

from dataclasses import replace

import pytest

import graphlab_nb as tf
from graphlab_nb.compiler.place import Placer
from graphlab_nb.compiler.plan import PlanDevice
from graphlab_nb.launch import DeviceTraits

CPU = DeviceTraits("CPU")
GPU = DeviceTraits("GPU", lanes=1)
NO_DOUBLE = replace(GPU, dtypes=GPU.dtypes - {"float64"})


@pytest.fixture(autouse=True)
def fresh_graph():
    with tf.Graph().as_default() as graph:
        yield graph


def placer(*devices: tuple[str, int, DeviceTraits], soft: bool = False) -> Placer:
    return Placer([PlanDevice(*d) for d in devices], soft)


def test_the_first_gpu_serves_without_being_asked():
    op = (tf.constant(1.0) + 1.0).op
    assert placer(("CPU", 0, CPU), ("GPU", 0, GPU), ("GPU", 1, GPU)).device_for(op, None) == 1
    assert placer(("CPU", 0, CPU)).device_for(op, None) == 0


def test_devices_are_chosen_by_name():
    with tf.device("/cpu:1"):
        op = (tf.constant(1.0) + 1.0).op
    assert placer(("GPU", 0, GPU), ("CPU", 0, CPU), ("CPU", 1, CPU)).device_for(op, None) == 2
    with tf.device("/job:localhost/replica:0/task:0/gpu:0"):
        op = (tf.constant(1.0) + 1.0).op
    assert placer(("CPU", 0, CPU), ("GPU", 0, GPU)).device_for(op, None) == 1


@pytest.mark.parametrize("name", ["/gpu:7", "/job:ps/task:0/cpu:0", "/job:localhost/task:3"])
def test_an_absent_device_is_an_error_that_lists_those_present(name):
    with tf.device(name):
        op = (tf.constant(1.0) + 1.0).op
    devices = (("CPU", 0, CPU), ("CPU", 1, CPU))
    with pytest.raises(tf.errors.InvalidArgumentError, match="/cpu:0, /cpu:1") as info:
        placer(*devices).device_for(op, None)
    assert op.name in str(info.value)
    assert placer(*devices, soft=True).device_for(op, None) == 0


def test_what_the_gpu_lacks_goes_to_the_cpu_by_itself():
    op = (tf.constant(1.0, tf.float64) + 1.0).op
    devices = (("GPU", 0, NO_DOUBLE), ("CPU", 0, CPU))
    assert placer(*devices).device_for(op, None) == 1
    with tf.device("/gpu:0"):
        op = (tf.constant(1.0, tf.float64) + 1.0).op
    with pytest.raises(tf.errors.InvalidArgumentError, match="float64"):
        placer(*devices).device_for(op, None)
    assert placer(*devices, soft=True).device_for(op, None) == 1
    with pytest.raises(tf.errors.InvalidArgumentError, match="float64"):
        placer(("GPU", 0, NO_DOUBLE)).device_for((tf.constant(1.0, tf.float64) + 1.0).op, None)


def test_changes_go_where_the_variable_lives():
    op = (tf.constant(1.0) + 1.0).op
    assert placer(("GPU", 0, GPU), ("CPU", 0, CPU)).device_for(op, 1) == 1
