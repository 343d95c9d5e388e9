"""A real kernel, spoken to as the panel speaks to it."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from jupyter_client.manager import start_new_kernel

from graphlab_nb.notebook import checking, protocol

ROOT = Path(__file__).resolve().parents[2]
NOTHING = {"curves": False, "values": None, "pinned": [], "pictures": [], "rate": 20.0}


class Panel:
    """Speaks for a panel: commands on the control channel, ticks from the stream of messages."""

    def __init__(self, client: Any):
        self.client = client
        self.name = uuid.uuid4().hex
        self.ticks: list[dict[str, Any]] = []
        self.outputs: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self.texts: list[str] = []
        self.opens: list[str] = []
        self.inputs: list[dict[str, Any]] = []
        self.checks = True
        self.idle: set[str] = set()

    def raw(self, content: dict[str, Any], timeout: float = 20) -> dict[str, Any]:
        message = self.client.session.msg("comm_info_request", content)
        self.client.control_channel.send(message)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            reply = self.client.get_control_msg(timeout=timeout)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply
        raise TimeoutError(f"No answer to {content}")

    def ask(self, op: str, **more: Any) -> tuple[dict[str, Any], list[bytes]]:
        command = {"v": protocol.VERSION, "op": op, "id": uuid.uuid4().hex, "client": self.name, **more}
        reply = self.raw({"target_name": protocol.COMM_ID, protocol.KEY: command})
        answer = reply["content"][protocol.KEY]
        checking.check(answer, protocol.Reply, "reply")
        return answer, [bytes(b) for b in reply.get("buffers", [])]

    def hello(self, **interest: Any) -> dict[str, Any]:
        answer, _ = self.ask("hello", interest={**NOTHING, **interest})
        assert "problem" not in answer, answer
        return answer["hello"]

    def look(self, **interest: Any) -> None:
        self.ask("look", interest={**NOTHING, **interest})

    def execute(self, code: str, cell: str = "cell-1") -> str:
        message = self.client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False},
            metadata={"cellId": cell},
        )
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def read(self, seconds: float = 0.05) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=max(end - time.monotonic(), 0.001))
            except Exception:
                return
            content = message["content"]
            if message["msg_type"] == "comm_msg" and content["comm_id"] == protocol.COMM_ID:
                if content["data"].get("type") != "tick":
                    checking.check(content["data"], protocol.Open, "message")
                    self.opens.append(content["data"]["type"])
                    continue
                tick = {**content["data"], "buffers": [bytes(b) for b in message["buffers"]]}
                if self.checks:
                    checking.check({k: v for k, v in tick.items() if k != "buffers"}, protocol.Tick, "tick")
                self.ticks.append(tick)
            elif message["msg_type"] == "execute_input":
                self.inputs.append({"code": content["code"], "count": content["execution_count"]})
            elif message["msg_type"] == "stream":
                self.texts.append(content["text"])
            elif message["msg_type"] == "error":
                self.errors.append(content["ename"])
                self.outputs.append(content)
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                self.idle.add(message["parent_header"].get("msg_id", ""))

    def until(self, true: Callable[[], Any], seconds: float = 60) -> Any:
        end = time.monotonic() + seconds
        alive = 0.0
        while time.monotonic() < end:
            found = true()
            if found:
                return found
            self.read()
            if time.monotonic() - alive > 2:
                alive = time.monotonic()
        raise TimeoutError(
            f"Not within {seconds} s; the last tick was {self.ticks[-1] if self.ticks else None}; {self.texts}"
        )

    def run(self, code: str, cell: str = "cell-1") -> None:
        done = self.execute(code, cell)
        self.until(lambda: done in self.idle)
        assert not self.errors, self.outputs

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        return [e for t in self.ticks for e in t.get("events", []) if kind in (None, e["event"])]

    def state(self) -> dict[str, Any]:
        return self.ticks[-1]["run"] if self.ticks else {"state": "?"}


def array(ref: dict[str, Any], buffers: list[bytes]) -> np.ndarray:
    return np.frombuffer(buffers[ref["buffer"]], ref["dtype"]).reshape(ref["shape"])


@contextlib.contextmanager
def kernel(*arguments: str) -> Iterator[Panel]:
    """A kernel with this checkout's module on its path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    manager, client = start_new_kernel(env=environment, extra_arguments=list(arguments))
    try:
        yield Panel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
