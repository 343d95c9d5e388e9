"""What TensorFlow passes as protocol buffers to sessions and runs, as plain objects with the same fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from graphlab_nb.graph.graph import Graph


class _Options:
    """Fields with defaults, settable by keyword; an unknown one is an error that lists those known."""

    defaults: ClassVar[dict[str, Any]] = {}

    def __init__(self, **fields: Any):
        for name in fields:
            if name not in self.defaults:
                raise ValueError(
                    f"{type(self).__name__} has no field {name!r}; it has {', '.join(sorted(self.defaults))}"
                )
        for name, default in self.defaults.items():
            value = fields.get(name)
            if value is None:
                value = default() if isinstance(default, type) else default
            setattr(self, name, value)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{n}={getattr(self, n)!r}' for n in self.defaults)})"


class GPUOptions(_Options):
    """Memory settings of GPUs. They are accepted; OpenCL drivers manage memory themselves.

    Args:
      **fields: values of its attributes, by name; the rest keep their defaults.

    Attributes:
      allow_growth, per_process_gpu_memory_fraction, allocator_type, deferred_deletion_bytes and visible_device_list are
        without effect.

    Example:
      >>> config = tf.ConfigProto(gpu_options=tf.GPUOptions(allow_growth=True))
      >>> config.gpu_options.allow_growth
      True
    """

    defaults: ClassVar[dict[str, Any]] = {
        "per_process_gpu_memory_fraction": 0.0,
        "allow_growth": False,
        "allocator_type": "",
        "deferred_deletion_bytes": 0,
        "visible_device_list": "",
    }


class OptimizerOptions(_Options):
    """Settings of TensorFlow's graph optimizer. They are accepted.

    Args:
      **fields: values of its attributes, by name; the rest keep their defaults.

    Attributes:
      opt_level, global_jit_level: without effect, as the others; L0, L1 and ON_1 are values of theirs.
      do_common_subexpression_elimination, do_constant_folding, do_function_inlining: True by default.

    Example:
      >>> options = tf.OptimizerOptions(global_jit_level=tf.OptimizerOptions.ON_1)
      >>> options.global_jit_level, options.do_constant_folding
      (1, True)
    """

    defaults: ClassVar[dict[str, Any]] = {"do_common_subexpression_elimination": True, "do_constant_folding": True,
                                          "do_function_inlining": True, "opt_level": 0, "global_jit_level": 0}  # fmt: skip
    L0 = 0
    L1 = 0
    ON_1 = 1


class GraphOptions(_Options):
    """Settings of graph execution. They are accepted.

    Args:
      **fields: values of its attributes, by name; the rest keep their defaults.

    Attributes:
      optimizer_options: an `OptimizerOptions`.
      enable_recv_scheduling, infer_shapes, build_cost_model: without effect.

    Example:
      >>> options = tf.GraphOptions(optimizer_options=tf.OptimizerOptions(opt_level=tf.OptimizerOptions.L0))
      >>> tf.ConfigProto(graph_options=options).graph_options.optimizer_options.opt_level
      0
    """

    defaults: ClassVar[dict[str, Any]] = {
        "optimizer_options": OptimizerOptions,
        "enable_recv_scheduling": False,
        "infer_shapes": True,
        "build_cost_model": 0,
    }


class ConfigProto(_Options):
    """Settings of a session.

    Args:
      **fields: values of the settings below, by name.

    Attributes:
      device_count: how many devices of a kind the session has: {"CPU": 2} makes two logical ones, {"GPU": 0} hides GPUs.
      allow_soft_placement: operations may run elsewhere where the device asked for is absent or cannot run them.
      log_device_placement: print where each operation runs.
      gpu_options, graph_options and the rest are accepted for programs' sake.

    Example:
      >>> with tf.Session(config=tf.ConfigProto(device_count={"CPU": 2, "GPU": 0})) as sess:
      ...     print(len(sess.list_devices()))
      2
    """

    defaults: ClassVar[dict[str, Any]] = {
        "device_count": dict,
        "allow_soft_placement": False,
        "log_device_placement": False,
        "gpu_options": GPUOptions,
        "graph_options": GraphOptions,
        "intra_op_parallelism_threads": 0,
        "inter_op_parallelism_threads": 0,
        "use_per_session_threads": False,
        "operation_timeout_in_ms": 0,
        "device_filters": list,
    }


class RunOptions(_Options):
    """Settings of one run.

    Args:
      **fields: values of its attributes, by name; the rest keep their defaults.

    Attributes:
      trace_level: `FULL_TRACE` measures each kernel and fills the run's metadata; the run is slower for it.
      timeout_in_ms: on a cluster the run ends with `DeadlineExceededError` after this time; 0 is no limit.

    Example:
      >>> x = tf.placeholder(tf.float32, [2], name="x")
      >>> options, metadata = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), tf.RunMetadata()
      >>> _ = tf.Session().run(tf.square(x, name="y"), {x: [1.0, 2.0]}, options, metadata)
      >>> metadata.step_stats.dev_stats[0].node_stats[0].node_name
      'y'
    """

    NO_TRACE = 0
    SOFTWARE_TRACE = 1
    HARDWARE_TRACE = 2
    FULL_TRACE = 3
    defaults: ClassVar[dict[str, Any]] = {
        "trace_level": 0,
        "timeout_in_ms": 0,
        "inter_op_thread_pool": 0,
        "output_partition_graphs": False,
    }


class NodeExecStats(_Options):
    """One kernel's times in microseconds: `all_start_micros` since the epoch, the others from there; memory in bytes."""

    defaults: ClassVar[dict[str, Any]] = {
        "node_name": "",
        "timeline_label": "",
        "all_start_micros": 0,
        "op_start_rel_micros": 0,
        "op_end_rel_micros": 0,
        "all_end_rel_micros": 0,
        "thread_id": 0,
        "output_bytes": 0,
    }


class DeviceStepStats(_Options):
    """What ran on one device."""

    defaults: ClassVar[dict[str, Any]] = {"device": "", "node_stats": list, "peak_bytes": 0}


class StepStats(_Options):
    """What ran on each device."""

    defaults: ClassVar[dict[str, Any]] = {"dev_stats": list}


class RunMetadata(_Options):
    """What a run with `trace_level=RunOptions.FULL_TRACE` tells: `step_stats.dev_stats[i].node_stats[j]`.

    Args:
      **fields: values of its attributes, by name; the rest keep their defaults.

    Attributes:
      step_stats: for each device the kernels that ran, with their times in microseconds.
      partition_graphs: stays empty.

    Example:
      >>> x = tf.placeholder(tf.float32, [2], name="x")
      >>> options, metadata = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), tf.RunMetadata()
      >>> _ = tf.Session().run(tf.square(x, name="y"), {x: [1.0, 2.0]}, options, metadata)
      >>> [kernel.node_name for kernel in metadata.step_stats.dev_stats[0].node_stats]
      ['y']
    """

    defaults: ClassVar[dict[str, Any]] = {"step_stats": StepStats, "partition_graphs": list}


def check_arguments(target: Any, graph: Any, config: Any) -> None:
    """Refuses arguments that no session can be made with.

    Args:
      target: what must be a text.
      graph: what must be a `Graph` or None.
      config: what must be a `ConfigProto` or None.

    Raises:
      TypeError: for something else.
    """
    if not isinstance(target, str):
        raise TypeError(f"target must be a string such as 'grpc://host:port', not {target!r}")
    if graph is not None and not isinstance(graph, Graph):
        raise TypeError(f"graph must be a tf.Graph, not {graph!r}")
    if config is not None and not isinstance(config, ConfigProto):
        raise TypeError(f"config must be a tf.ConfigProto, not {config!r}")


def wants_trace(options: Any, run_metadata: Any) -> bool:
    """Whether a run with these is to be measured.

    Raises:
      TypeError, ValueError: what is no `RunOptions`, no `RunMetadata` or no trace level.
    """
    if options is not None and not isinstance(options, RunOptions):
        raise TypeError(f"options must be a tf.RunOptions, not {options!r}")
    if run_metadata is not None and not isinstance(run_metadata, RunMetadata):
        raise TypeError(f"run_metadata must be a tf.RunMetadata, not {run_metadata!r}")
    level = RunOptions.NO_TRACE if options is None else options.trace_level
    if level not in range(RunOptions.FULL_TRACE + 1):
        raise ValueError(
            f"trace_level must be one of RunOptions' constants, 0 to {RunOptions.FULL_TRACE}, not {level!r}"
        )
    return bool(level != RunOptions.NO_TRACE)
