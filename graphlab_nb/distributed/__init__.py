"""Sessions on a cluster, by Ray: the only folder that imports ray, and only when a cluster is used.

Each machine has a *port* (`port.py`), the process that serves Ray's client protocol, and *tasks* (`task.py`), Ray actors
with names such as "/job:ps/task:0", which have the machine's devices and keep variables (`store.py`). A task on the machine of
the port is the *master* (`master.py`) of the sessions that are opened there.

The life of one `Session.run` there:

1. `session.py` flattens it as a local run, and sends the master what is new of the graph (`shipping.py`), what is wanted, and
   feeds: one call through the port, for `run_many` too.
2. The first time, the master places operations on tasks (`placing.py`) and cuts the run into parts (`cutting.py`): each gets
   its parts, once, and its own session (`replica.py`) plans them as local runs are planned.
3. The master asks each task to run its parts, itself directly. Tasks send each other what crosses their border, by one call for
   each part and receiver, which waits in a mailbox (`mail.py`) for the part that needs it. Large tensors go by Ray's store.
4. What is fetched goes back by the master. An error, wherever it comes from, ends the run on all tasks (`failures.py`).

Parts of a task run one at a time, under its store's lock, since all sessions of a task share its devices and variables. As a
local run, a part that hands nothing to others ends when its work is queued; who uses the variables next waits for that.
"""
