"""From a graph to a plan, without touching a device.

The passes, in order (`compile.compile_stage` runs them):
  prune     which operations the fetches need, in the order they were built
  resolve   full shapes for this run's feeds; operations whose shapes wait for data go to a later stage
  order     what may fail the run before what changes a variable
  place     a device for each operation, and copies between devices
  simplify  memory shared by reshapes and identities, common subexpressions once
  cut       what would need much memory, for some rows (images of a batch) after the other
  once      small values that are the same in each run, computed when the plan is bound
  fuse      elementwise chains, and what works on rows with them, into single kernels or the starts and ends of others
  emit      each operation's launch into kernel calls: of a group by `pointwise`, `rows`, or in another's by `start`, `finish`;
            several small ones side by side by `parts`; what scratch memory holds already is not made again (`repeats`)
  overlap   levels of steps that a GPU may run side by side
  memory    offsets in each device's arena, by lifetime
"""
