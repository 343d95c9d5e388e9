"""Running graphs.

The life of one `Session.run`, once its plan exists:

1. `fetches` turns the nest of fetches into a flat list, and checks and converts the feeds.
2. The plan is looked up by (fetches, fed tensors, their shapes). A graph that only grew recompiles nothing.
   On a miss the compiler makes one: a list of stages, mostly one; a stage ends where a shape depends on data.
3. `executor` copies the feeds into staging memory, starts the kernels, whose arguments were set when the plan was bound, in
   one go that an interrupt cannot split, and waits only where a tensor was fetched or data are checked.
4. Fetched tensors are read into NumPy arrays and put back into the nest.
"""
