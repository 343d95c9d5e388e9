"""Device strings such as "/job:ps/task:0/gpu:1", parsed, merged and written in canonical form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class DeviceSpec:
    """A device name's parts; None where a part is left open.

    Attributes:
      job: such as "ps" or "localhost".
      replica: index of the replica.
      task: index of the task in its job.
      device_type: "CPU" or "GPU".
      device_index: index of the device of that type; None (or `*` in the string) is any.

    Example:
      >>> tf.DeviceSpec(device_type="GPU", device_index=1).to_string()
      '/device:GPU:1'
      >>> tf.DeviceSpec.from_string("/job:ps/task:2").task
      2
    """

    job: str | None = None
    replica: int | None = None
    task: int | None = None
    device_type: str | None = None
    device_index: int | None = None

    @staticmethod
    def from_string(text: str) -> DeviceSpec:
        """Parses a device name.

        Args:
          text: such as "/job:ps/task:2/gpu:1"; what it does not name stays open.

        Raises:
          ValueError: naming the part that is not understood.

        Example:
          >>> tf.DeviceSpec.from_string("/gpu:1")
          DeviceSpec(job=None, replica=None, task=None, device_type='GPU', device_index=1)
        """
        return _parse(text)

    def merged_over(self, outer: DeviceSpec) -> DeviceSpec:
        """This spec, with what it leaves open filled from `outer`.

        Args:
          outer: another spec.

        Example:
          >>> inner, outer = tf.DeviceSpec.from_string("/task:2"), tf.DeviceSpec.from_string("/job:ps/task:0/cpu:0")
          >>> inner.merged_over(outer).to_string()
          '/job:ps/task:2/device:CPU:0'
        """
        kind, index = (self.device_type, self.device_index)
        if kind is None:
            kind, index = outer.device_type, outer.device_index if index is None else index
        return replace(
            self,
            job=outer.job if self.job is None else self.job,
            replica=outer.replica if self.replica is None else self.replica,
            task=outer.task if self.task is None else self.task,
            device_type=kind,
            device_index=index,
        )

    def to_string(self) -> str:
        """The canonical form: "/job:ps/task:0/device:GPU:1".

        Example:
          >>> tf.DeviceSpec(job="ps", device_type="GPU").to_string()
          '/job:ps/device:GPU:*'
        """
        parts = ""
        if self.job is not None:
            parts += f"/job:{self.job}"
        if self.replica is not None:
            parts += f"/replica:{self.replica}"
        if self.task is not None:
            parts += f"/task:{self.task}"
        if self.device_type is not None:
            parts += f"/device:{self.device_type}:{'*' if self.device_index is None else self.device_index}"
        return parts


@lru_cache(maxsize=1024)
def _parse(text: str) -> DeviceSpec:
    found: dict[str, Any] = {}

    def put(key: str, value: Any) -> None:
        if key in found:
            raise ValueError(f"Device {text!r} names {key} twice")
        found[key] = value

    for part in text.split("/"):
        if not part:
            continue
        words = part.split(":")
        key = words[0].lower()
        try:
            if key == "job" and len(words) == 2:
                put("job", words[1])
            elif key in ("replica", "task") and len(words) == 2:
                put(key, int(words[1]))
            elif key in ("cpu", "gpu") and len(words) <= 2:
                put("device_type", key.upper())
                put("device_index", None if len(words) == 1 or words[1] == "*" else int(words[1]))
            elif key == "device" and len(words) in (2, 3) and words[1].upper() in ("CPU", "GPU"):
                put("device_type", words[1].upper())
                put("device_index", None if len(words) == 2 or words[2] == "*" else int(words[2]))
            else:
                raise ValueError(f"unknown part {part!r}")
        except ValueError as error:
            raise ValueError(
                f"Device {text!r} is not understood ({error}); write for instance '/cpu:0', '/gpu:1' or '/job:ps/task:0/cpu:0'"
            ) from None
    return DeviceSpec(**found)


@lru_cache(maxsize=4096)
def merge_names(inner: str, outer: str) -> str:
    """The canonical name of `inner`, with what it leaves open filled from `outer`."""
    return _parse(inner).merged_over(_parse(outer)).to_string()
