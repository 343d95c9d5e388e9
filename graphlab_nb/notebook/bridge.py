"""The kernel's end of the panel: takes commands on the control channel and sends what is new while somebody looks.

Commands come as `comm_info_request` with a key of ours, which is answered while a cell runs and does not make the kernel look
idle to the server. What is new goes out as a comm's messages that nobody opens. Neither needs a port or a server's extension.
Without a client that gave a sign of life within its lease nothing is computed and nothing sent.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphlab_nb.graph.graph import Graph
from graphlab_nb.notebook import checking, displays, executions, failed_runs, failures, protocol
from graphlab_nb.notebook.answers import Answers, given, numbered
from graphlab_nb.notebook.cells import Cells
from graphlab_nb.notebook.clients import LEASE, Client
from graphlab_nb.notebook.counting import Tally
from graphlab_nb.notebook.curves import CURVES
from graphlab_nb.notebook.looking import Looker
from graphlab_nb.notebook.parcel import Parcel, sent
from graphlab_nb.notebook.steering import Order, Steering
from graphlab_nb.notebook.telling import Teller
from graphlab_nb.session import hooks
from graphlab_nb.session.session import SESSIONS, BaseSession

WATCHED, UNWATCHED = 100.0, 400.0
"""Milliseconds between two looks whether something is to be sent that no run sends; the latter while runs go on."""
EXPIRES = 60.0
"""Seconds that a command waits for a run to end, where it does not say."""


class Bridge(hooks.Watcher):
    """Speaks for one kernel.

    Attributes:
      steering: whether runs may go on.
      clients: those that look, by their names.
      viewers: what shows curves in the kernel itself; see `keep`.
    """

    def __init__(self, shell: Any):
        self.clients: dict[str, Client] = {}
        self.viewers: set[Any] = set()
        self.steering = Steering(self._tell)
        self._shell = shell
        self._kernel = shell.kernel
        self._lock = threading.RLock()
        self._looker = Looker(self.steering)
        self._pace = self._looker.pace
        self._teller = Teller(shell.user_ns, self.steering, self._looker)
        self._looker.values.age = self._teller.age
        self.steering.words = self._teller.words_of_stop
        self._answers = Answers(self._teller, self._looker)
        self._events: list[protocol.Event] = []
        self._faults: set[str] = set()
        self.wants_results = True
        self._urgent = False
        self._ticked = self.quiet_until = 0.0
        self._runs_seen = 0
        self._tally: Tally | None = None
        self._seq = 0
        self._closing: list[tuple[BaseSession, Order]] = []
        self._watch_timer: Any = None
        self._comm: Any = None
        self._original = self._kernel.control_handlers["comm_info_request"]
        self._kernel.control_handlers["comm_info_request"] = self._control
        self.cells = self._teller.cells = Cells(shell, self._cell_begins, self._cell_ends)
        CURVES.label = lambda: f"In [{self.cells.count}]"
        if threading.current_thread() is threading.main_thread():
            self._late_start()

    def _late_start(self) -> None:
        """The import is in a cell that runs already: its beginning was not seen."""
        parent: dict[str, Any] = getattr(self._kernel, "get_parent", dict)() or {}
        if parent.get("header", {}).get("msg_type") == "execute_request":
            self.cells.running(parent.get("metadata", {}).get("cellId"), parent.get("content", {}).get("code"))
            self._cell_begins()

    # Commands, on the control thread

    def _control(self, stream: Any, ident: Any, parent: dict[str, Any]) -> Any:
        command = parent.get("content", {}).get(protocol.KEY)
        if command is None:
            return self._original(stream, ident, parent)
        parcel = Parcel()
        reply = self.answer(command, parcel)
        content = {"status": "ok", "comms": {}, protocol.KEY: reply}
        send = self._kernel.session.send
        sent(lambda content: send(stream, "comm_info_reply", content, parent, ident, buffers=parcel.buffers), content)
        return None

    def answer(self, command: Any, parcel: Parcel) -> protocol.Reply:
        """Carries a command out, or has it carried out at the next run's beginning.

        Args:
          command: as it came; anything.
          parcel: takes the answer's arrays.
        """
        self._looker.count()
        identity = command.get("id") if isinstance(command, Mapping) else None
        reply = protocol.Reply(v=protocol.VERSION, id=identity if isinstance(identity, str) else "")
        try:
            if isinstance(command, Mapping) and command.get("v") != protocol.VERSION:
                raise ValueError(
                    f"The panel speaks version {command.get('v')!r:.20} of the protocol and the kernel version "
                    f"{protocol.VERSION}: reload the page, or restart the kernel after installing"
                )
            checking.check(command, protocol.Command, "command")
            answer = getattr(self, "_on_" + command["op"], None) or getattr(self._answers, command["op"])
            answer(command, reply, parcel)
        except (KeyError, ValueError, TypeError) as error:
            reply["problem"] = str(error.args[0] if error.args else error)
        except Exception as error:  # the panel must hear of it, and the control channel must live on
            reply["problem"] = f"{type(error).__name__}: {error}"
        return reply

    def _client(self, command: Any) -> Client:
        name = command["client"]
        with self._lock:
            client = self.clients.get(name)
            if client is None:
                client = self.clients[name] = Client(name)
            client.until = time.perf_counter() + LEASE
            if self not in hooks.WATCHERS:
                hooks.add(self)
        self._start_timer()
        return client

    def _on_hello(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        client = self._client(command)
        if "interest" in command:
            client.interest = command["interest"]
        self._looker.interests([c.interest for c in self.clients.values()])
        self.steering.settle()
        self._answers.hello(command, reply, parcel)

    def _on_look(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        client = self._client(command)
        if "interest" in command and command["interest"] != client.interest:
            client.interest = command["interest"]
            self._looker.interests([c.interest for c in self.clients.values()])
            self._hurry()

    def _on_bye(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        with self._lock:
            self.clients.pop(command["client"], None)
        self._forget_the_gone()

    def _order(self, command: Any, reply: protocol.Reply) -> Order:
        wait = command.get("expires", EXPIRES)
        return Order(command["op"], command["id"], command.get("count", 1), expires=time.perf_counter() + wait)

    def _on_pause(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        self._client(command)
        problem = self.steering.order(self._order(command, reply))
        self._disturb()
        if problem is not None:
            reply["problem"] = problem

    _on_resume = _on_step = _on_stop = _on_pause

    def _on_fetch(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        self._client(command)
        self._looker.fetch_now(self._order(command, reply))
        self._hurry()

    def _on_measure(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        self._client(command)
        session = self._session(command)
        self._looker.measure(session, self._order(command, reply))
        self._hurry()

    def _on_close(self, command: Any, reply: protocol.Reply, parcel: Parcel) -> None:
        self._client(command)
        self._closing.append((self._session(command), self._order(command, reply)))
        self._hurry()

    def _session(self, command: Any) -> BaseSession:
        return numbered(SESSIONS, given(command, "session"), "s", "session")

    def keep(self, viewer: Any, wanted: bool = True) -> None:
        """Has losses found for what shows them in the kernel itself, with or without a client, until it is not wanted."""
        (self.viewers.add if wanted else self.viewers.discard)(viewer)
        with self._lock:
            if wanted:
                hooks.add(self)

    def taken_out(self, graph: Graph, old: int, kept: Sequence[int]) -> None:
        """Is told that operations were taken out of a graph; see `Teller.taken_out`."""
        self._teller.taken_out(graph, old, kept)
        self._hurry()

    # Runs, on the thread that runs

    def before(self, session: BaseSession, fetches: Any, feeds: Any, runs: int = 1) -> None:
        """Is told of a run that begins; see `graphlab_nb.session.hooks`."""
        now, tally, steering = time.perf_counter(), self._tally, self.steering
        if now < self.quiet_until and tally is not None and tally.again(session, fetches, runs):
            return  # nothing is due, nothing was ordered: results alone are wanted
        self._looker.count()
        trains = self._looker.begins(session, fetches, feeds, runs)
        if steering.wanted:
            self._tally = None
            steering.before_run(trains, lambda: self._held(session, feeds), runs)
            now = time.perf_counter()
            if self._tally is not None:  # another thread's run began meanwhile
                self._looker.begins(session, fetches, feeds, runs)
        else:
            steering.before_run(trains, runs=runs)
        tally = self._tally = self._looker.tally_of(session)
        tally.begins(session, fetches, trains, runs)
        with self._harmless():
            self._looker.look(session, fetches, feeds, now)
            if now >= self._pace.due:
                self._pace.passed(now, steering.runs)
            if self._urgent or self._looker.values.answered or now - self._ticked > self._pace.pause:
                self._pump()
        self.wants_results = self._looker.wants_results
        self.quiet_until = min(self._looker.due, self._ticked + self._pace.pause, self._pace.due)
        if self._urgent or steering.wanted:  # also what came from another thread while this was computed
            self.quiet_until = 0.0

    def _held(self, session: BaseSession, feeds: Any) -> None:
        """Again and again while paused: looks at what is asked for, and sends it."""
        with self._harmless():
            self._looker.look_held(session, feeds)
            self._pump(held=True)
            hooks.tell_held(session, self)

    def after(self, session: BaseSession, fetches: Any, values: list[Any]) -> None:
        """Is told of a run's results."""
        with self._harmless():
            self._looker.ended(session, fetches, values)

    def failed(self, session: BaseSession, fetches: Any) -> None:
        """Is told that a run ended with an error: it was no step of a training."""
        self._looker.tally_of(session).failed(fetches)

    @contextlib.contextmanager
    def _harmless(self) -> Iterator[None]:
        """Keeps a fault of ours from the user's run; the panel tells of it, once for each kind."""
        try:
            yield
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            if text not in self._faults:
                self._faults.add(text)
                self._tell("refused", None, f"Looking failed, the training goes on: {text}")

    def _cell_begins(self) -> None:
        CURVES.begin_run()
        self._teller.cell_begins()
        self._looker.cell_begins()
        self.steering.begin_cell()
        self._hurry()

    def _cell_ends(self) -> None:
        self._looker.rest()
        self._pace.interrupted()
        self._teller.cell_ends(self.cells.latest, self.cells.count)
        self.steering.end_cell()
        with self._harmless():
            self._looker.cell_ends()
        if self.clients:
            self._hurry()
            self._pump()

    def _tell(self, event: protocol.EventKind, order: Order | None, text: str) -> None:
        self._looker.count()
        took = 0.0 if order is None else time.perf_counter() - order.came
        happened = protocol.Event(
            event=event,
            id=None if order is None else order.id,
            step=self._looker.steps,
            text=text,
            took=took,
        )
        if self._looker.session is not None:
            happened["session"] = f"s{self._looker.session.number}"
        self._events.append(happened)
        self._hurry()
        if event in ("paused", "stepped"):
            self._looker.stale = True
        if event in ("paused", "stepped", "stopped", "resumed") and self.clients:
            self._pump()

    def _hurry(self) -> None:
        self._urgent = True
        self._disturb()

    def _disturb(self) -> None:
        """The next run is to ask what is to be done."""
        self.quiet_until = 0.0
        hooks.hurry()

    # Sending

    def _pump(self, held: bool = False) -> None:
        """Sends what is new, where somebody looks; `held`: from a pause, at the panel's pace."""
        now = time.perf_counter()
        if held:
            self._runs_seen = -1  # the timer need not send
            self._pace.interrupted()
            if not self._urgent and now - self._ticked < self._pace.pause:
                return
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._forget_the_gone()
            if not self.clients:
                self._urgent, self._ticked = False, now
                return
            began, worked = time.perf_counter(), time.thread_time()
            self._looker.count()
            runs = self.steering.runs
            self._pace.begins(began, runs)
            hurried, self._urgent = self._urgent, False
            main = threading.current_thread() is threading.main_thread()
            if main:
                self._close_sessions()
            parcel = Parcel()
            tick = self._tick(parcel, main, hurried)
            made = time.thread_time()
            self._send(tick, parcel)
            self._ticked, ended = time.perf_counter(), time.thread_time()
            self._pace.works(self._ticked, ended)
            self._pace.spent(ended - worked, self._ticked, pushing=True, handing=ended - made)
            if not held and self.steering.state == "running":
                self._pace.sent(began, self._ticked, runs)
        finally:
            self._lock.release()

    def _tick(self, parcel: Parcel, main: bool, hurried: bool) -> protocol.Tick:
        self._seq += 1
        tick = protocol.Tick(
            v=protocol.VERSION, type="tick", seq=self._seq, time=time.time(), run=self._teller.run_state()
        )
        self._teller.news(tick, parcel, hurried)
        self._looker.add_to(tick, parcel, main)
        if self._events:
            tick["events"], self._events = self._events, []
        return tick

    def _send(self, message: Mapping[str, Any], parcel: Parcel) -> None:
        if self._comm is None:
            import comm

            self._comm = comm.create_comm(target_name=protocol.COMM_ID, comm_id=protocol.COMM_ID, primary=False)
        sent(lambda message: self._comm.send(message, buffers=parcel.buffers), message)

    def announce(self) -> None:
        """Lets panels that were there before this module say hello."""
        self._send(protocol.Open(v=protocol.VERSION, type="here"), Parcel())

    def open_panel(self) -> None:
        """Asks the pages that show this kernel's notebook to open the panel."""
        self._send(protocol.Open(v=protocol.VERSION, type="open"), Parcel())

    def _close_sessions(self) -> None:
        while self._closing:
            session, order = self._closing.pop()
            session.close()
            self._tell("closed", order, f"s{session.number}")

    def _forget_the_gone(self) -> None:
        now = time.perf_counter()
        with self._lock:
            gone = [name for name, client in self.clients.items() if client.until < now]
            for name in gone:
                del self.clients[name]
            if not self.clients and not self.viewers and self in hooks.WATCHERS and not self.steering.wanted:
                hooks.remove(self)
                self._looker.rest()
                self._looker.interests([])
            elif gone:
                self._looker.interests([c.interest for c in self.clients.values()])

    # Between runs and cells

    def _start_timer(self) -> None:
        if self._watch_timer is None:
            from tornado.ioloop import PeriodicCallback

            self._watch_timer = PeriodicCallback(self._on_timer, WATCHED)
            self._kernel.control_thread.io_loop.add_callback(self._watch_timer.start)

    def _on_timer(self) -> None:
        """On the control thread: sends where nothing runs that would, and lets the idle main thread look at values."""
        with contextlib.suppress(Exception):  # a timer's error would be printed again and again
            if not self.clients:
                self._watch_timer.stop()
                self._watch_timer = None
                return
            if self.steering.settle():
                self._hurry()
            self._looker.count()
            runs, seen = self.steering.runs, self._runs_seen
            self._runs_seen = runs
            # Each time that this thread wakes it takes the thread that runs off its core.
            self._watch_timer.callback_time = WATCHED if runs == seen else UNWATCHED
            if runs != seen or time.perf_counter() - self._ticked < self._pace.pause:
                return  # the thread that runs sends by itself
            if self.steering.state == "idle":
                if self._urgent or self._looker.stale or self._closing:
                    self._kernel.io_loop.add_callback(self._idle)
                self._forget_the_gone()
            else:
                self._pump()

    def _idle(self) -> None:
        """On the main thread, between cells."""
        if self.steering.state == "idle":
            self._looker.look_idle()
            self._pump()


BRIDGE: Bridge | None = None


def install() -> Bridge | None:
    """Puts the bridge up where this is a Jupyter kernel; once."""
    global BRIDGE
    if BRIDGE is None:
        module = sys.modules.get("IPython")
        shell = module.get_ipython() if module is not None else None
        kernel = getattr(shell, "kernel", None)
        if kernel is not None and "comm_info_request" in getattr(kernel, "control_handlers", {}):
            failed_runs.install(shell)  # what it finds at the end of a cell the bridge tells
            BRIDGE = Bridge(shell)
            for part in (displays, executions, failures):
                part.install(shell)
            BRIDGE.announce()
    return BRIDGE
