"""What a session tells of its devices."""

from __future__ import annotations

from collections.abc import Iterable

from graphlab_nb.runtime.device import Device


class DeviceAttributes:
    """A session's device, as `list_devices` tells it.

    Attributes:
      name: "/job:localhost/replica:0/task:0/device:CPU:0".
      device_type: "CPU" or "GPU".
      memory_limit_bytes: the device's memory.
      description: OpenCL device, platform and driver.
      compute_units: cores or multiprocessors; 0 where that is not known.
    """

    def __init__(self, name: str, device_type: str, memory_limit_bytes: int, description: str, compute_units: int = 0):
        self.name = name
        self.device_type = device_type
        self.memory_limit_bytes = memory_limit_bytes
        self.description = description
        self.compute_units = compute_units

    def __repr__(self) -> str:
        return f"DeviceAttributes({self.name}, {self.device_type}, {self.memory_limit_bytes}, {self.description!r})"


class DeviceList(list[DeviceAttributes]):
    """The devices of a session: a list, which notebooks show as a table."""

    @classmethod
    def of(cls, devices: Iterable[Device]) -> DeviceList:
        """What is told of these devices."""
        return cls(
            DeviceAttributes(d.full_name, d.kind, d.traits.global_memory, d.description, d.traits.compute_units)
            for d in devices
        )
