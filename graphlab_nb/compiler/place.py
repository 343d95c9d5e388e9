"""Placement: which device each operation runs on."""

from __future__ import annotations

from collections.abc import Sequence

from graphlab_nb import errors
from graphlab_nb.compiler.plan import PlanDevice
from graphlab_nb.graph.device_spec import DeviceSpec
from graphlab_nb.graph.graph import Operation

LOCAL_JOBS = (None, "localhost", "local")


class Placer:
    """Chooses devices for operations by TensorFlow's rules.

    - An operation with a device goes there; one that does not exist is an error unless soft placement allows any other.
    - Operations that change a variable go where the variable lives.
    - Without a device the first GPU serves, else the first CPU.
    - Where the device lacks an element type, or the operation is a host operation, the first CPU serves, unless the device was
      asked for by name.
    """

    def __init__(self, devices: Sequence[PlanDevice], soft: bool):
        self.devices = devices
        self.soft = soft
        self.default = next((i for i, d in enumerate(devices) if d.kind == "GPU"), 0)
        self.fallback = next((i for i, d in enumerate(devices) if d.kind == "CPU"), 0)
        self._by_name: dict[str, int | None] = {}

    def device_for(self, op: Operation, variable_device: int | None) -> int:
        """The device's index for `op`.

        Args:
          op: the operation.
          variable_device: where the variable lives that it changes, or None.

        Raises:
          InvalidArgumentError: for a device that does not exist or cannot run the operation.
        """
        if variable_device is not None:
            return variable_device
        if not op.device:
            return self.default if self._able(op, self.default) else self._other(op, self.default)
        found = self._find(op.device)
        if found is None:
            if not self.soft:
                raise errors.InvalidArgumentError(
                    None,
                    op,
                    f"Cannot place operation {op.name!r} on {op.device} (short: {self._short(op.device)}): there is no such "
                    f"device; present are {', '.join(d.name for d in self.devices)}. "
                    "ConfigProto(allow_soft_placement=True) lets it run elsewhere",
                )
            found = self.default
        if self._able(op, found):
            return found
        if not self.soft:
            lacking = ", ".join(sorted(self._types(op) - self.devices[found].traits.dtypes))
            raise errors.InvalidArgumentError(
                None,
                op,
                f"Operation {op.name!r} ({op.type}) cannot run on {self.devices[found].name}, which has no {lacking}; "
                "ConfigProto(allow_soft_placement=True) lets it run elsewhere",
            )
        return self._other(op, found)

    def _find(self, name: str) -> int | None:
        if name not in self._by_name:
            self._by_name[name] = self._match(DeviceSpec.from_string(name))
        return self._by_name[name]

    def _match(self, spec: DeviceSpec) -> int | None:
        if spec.job not in LOCAL_JOBS or spec.replica not in (None, 0) or spec.task not in (None, 0):
            return None
        if spec.device_type is None:
            return self.default
        for i, device in enumerate(self.devices):
            if device.kind == spec.device_type and spec.device_index in (None, device.index):
                return i
        return None

    @staticmethod
    def _short(name: str) -> str:
        spec = DeviceSpec.from_string(name)
        return name if spec.device_type is None else f"/{spec.device_type.lower()}:{spec.device_index or 0}"

    @staticmethod
    def _types(op: Operation) -> set[str]:
        return {t.dtype.base_dtype.name for t in (*op.inputs, *op.outputs)} - {"string"}

    def _able(self, op: Operation, device: int) -> bool:
        return self._types(op) <= self.devices[device].traits.dtypes

    def _other(self, op: Operation, tried: int) -> int:
        for i in (self.fallback, *range(len(self.devices))):
            if self._able(op, i):
                return i
        lacking = ", ".join(sorted(self._types(op) - self.devices[tried].traits.dtypes))
        raise errors.InvalidArgumentError(
            None, op, f"No device present has {lacking}, which operation {op.name!r} ({op.type}) needs"
        )
