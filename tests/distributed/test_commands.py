"""The command `graphlab-nb cluster`: what it refuses at once, and, with one real cluster, that it goes up and down."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from graphlab_nb import cli, errors
from graphlab_nb.distributed import commands, machines, port, probe, records, tokens
from graphlab_nb.distributed.records import Record
from tests.distributed.running import begun

HOST = "127.0.0.1"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in (tokens.MODE, tokens.TOKEN, tokens.PATH):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GLNB_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def refused(capsys, *arguments):
    """What the command says when it refuses, with its exit code."""
    try:
        code = cli.main(["cluster", *arguments])
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr()
    assert code and not said.out
    return code, said.err


@pytest.fixture
def nothing_starts(monkeypatch):
    def start(*_, **__):
        raise AssertionError("a process was started")

    monkeypatch.setattr(machines.Machine, "prepare", start)
    monkeypatch.setattr(machines.Machine, "start", start)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["up"], "the following arguments are required: --jobs"),
        (["up", "--jobs", "ps"], "'ps' in the jobs 'ps' is not understood; write for instance 'ps=1,worker=2'"),
        (["up", "--jobs", "ps=1,ps=2"], "name 'ps' twice"),
        (["up", "--jobs", "ps=1", "--port", "66000"], "'66000' is no port; write a number in 1..65535"),
        (["up", "--jobs", "ps=1", "--cpus", "0"], "'0' is no whole number above 0"),
        (["up", "--jobs", "ps=1", "--every", "often"], "'often' is no number from 0 on"),
        (["up", "--jobs", "ps=1", "--cpus", "\uff11"], "'\uff11' is no whole number above 0"),
        (["up", "--jobs", "ps=\uff11"], "'ps=\uff11'"),
        (["up", "--jobs", "ps=1", "--memory", "1"], "1 MB cannot be had: Ray wants 75 at least"),
        (["up", "--jobs", "ps=1", "--memory", "99999999999"], "99999999999 MB cannot be had"),
        (["join", "nowhere", "--jobs", "ps=1"], "The address 'nowhere' names no port"),
        (["up", "--jobs", "ps=1", "--checkpoints", "/proc/none"], "No checkpoint can be written to '/proc/none': "),
        (
            ["up", "--jobs", "ps=1", "--checkpoints", "/dev/null"],
            "No checkpoint can be written to '/dev/null': File exists",
        ),
        (["status", "nowhere"], "The address 'nowhere' names no port"),
        (["attach", "ray://x:1", "--jobs", "ps=1", "--placement", "heap"], "invalid choice: 'heap'"),
        (["attach", "ray://x:1", "--jobs", "ps=1", "--resources-per-task", "tpu"], "'tpu' is not understood"),
        (["attach", "ray://x:1", "--jobs", "ps=1", "--resources-per-task", "tpu=x"], "'x' is no number from 0 on"),
        (["attach", "ray://x:1", "--jobs", "ps=1", "--wait", "soon"], "'soon' is no number from 0 on"),
        (["up", "--jobs", "ps=1", "--host", "0.0.0.0", "--no-token"], "without a token would let everyone"),
        (["join", f"{HOST}:1", "--jobs", "ps=1"], f"No cluster can be reached at {HOST}:1: nothing listens there"),
        (
            ["attach", f"ray://{HOST}:1", "--jobs", "ps=1"],
            f"No cluster can be reached at {HOST}:1: nothing listens there",
        ),
        (["attach", "ray://x", "--jobs", "ps=1"], "The address 'ray://x' names no port"),
        (["status", f"{HOST}:1"], "nothing listens there"),
        (["status", "--port", "2345"], "No cluster of yours runs on this machine at port 2345"),
        (["down"], "No cluster of yours runs on this machine at port 2222"),
    ],
)
def test_what_cannot_be_is_refused_at_once(arguments, says, capsys, nothing_starts):
    code, said = refused(capsys, *arguments)
    assert says in said and code in (1, 2)


def test_a_port_that_is_taken_is_named(capsys, nothing_starts):
    with socket.create_server((HOST, 0)) as server:
        taken = server.getsockname()[1]
        code, said = refused(capsys, "up", "--jobs", "ps=1", "--port", str(taken))
    assert code == 1 and f"{HOST}:{taken} cannot be had: Address already in use; choose another --port" in said


def test_a_host_of_another_machine_is_named(capsys, nothing_starts):
    code, said = refused(capsys, "up", "--jobs", "ps=1", "--host", "192.0.2.1")
    assert code == 1 and "192.0.2.1:2222 cannot be had: Cannot assign requested address" in said


def test_without_ray_it_says_what_to_install(capsys, monkeypatch, nothing_starts):
    monkeypatch.setitem(sys.modules, "ray", None)
    for arguments in (["up", "--port", str(machines.free_port())], ["attach", "ray://x:1"]):
        code, said = refused(capsys, *arguments, "--jobs", "ps=1")
        assert code == 1 and "pip install 'graphlab-nb[cluster]'" in said


def test_other_commands_do_not_load_it():
    program = (
        "import sys, contextlib, graphlab_nb.cli as cli\n"
        "with contextlib.suppress(SystemExit): cli.main(['tutorials', '--help'])\n"
        "assert not [name for name in sys.modules if name.startswith(('ray', 'graphlab_nb.distributed.commands'))]\n"
        "with contextlib.suppress(SystemExit): cli.main(['cluster', 'up', '--help'])\n"
        "assert 'ray' not in sys.modules and 'graphlab_nb.distributed.commands' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--no-token" in done.stdout


def test_new_tasks_get_the_lowest_free_indices():
    there = ["/job:ps/task:0", "/job:worker/task:0", "/job:worker/task:2"]
    assert port.free_indices({"worker": 3, "ps": 1, "eval": 2}, there) == {
        "worker": [1, 3, 4],
        "ps": [1],
        "eval": [0, 1],
    }
    assert port.free_indices({"worker": 2}, []) == {"worker": [0, 1]}


def test_a_reserved_port_is_kept_from_others_and_nobody_hears_there():
    number = machines.free_port()
    with machines.reserve_port(HOST, number):
        with pytest.raises(errors.UnavailableError, match="cannot be had"):
            machines.reserve_port(HOST, number)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, number), 1.0)
    machines.reserve_port(HOST, number).close()


def test_what_processes_are_told(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "elsewhere:6379")
    told = machines.child_environment(loopback=True, demanded=True, folder="/tmp/x")
    assert told["RAY_AUTH_MODE"] == "token" and told["RAY_AUTH_TOKEN_PATH"] == str(tokens.token_file())
    assert told["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] == "0" and "RAY_ADDRESS" not in told
    assert told["RAY_gcs_rpc_server_reconnect_timeout_s"] == "8" and told["RAY_USAGE_STATS_ENABLED"] == "0"
    told = machines.child_environment(loopback=False, demanded=False, folder="/tmp/x")
    assert told["RAY_AUTH_MODE"] == "disabled" and told["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] == "1"


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
    ],
)
def test_what_is_loopback(host, answer):
    assert machines.is_loopback(host) is answer


def record_of(pid, number=2222, folder=""):
    return Record(number, HOST, pid, records.start_time(pid), "up", folder, "")


def test_records_come_and_go():
    record = record_of(os.getpid())
    assert records.read_record(2222) is None and records.running() == []
    records.write_record(record)
    records.write_record(record_of(os.getpid(), 2200))
    assert records.read_record(2222) == record and record.alive
    assert [r.port for r in records.running()] == [2200, 2222]
    records.remove_record(record_of(1, 2222))  # another's, which stays
    assert records.read_record(2222) == record
    records.remove_record(record)
    assert [r.port for r in records.running()] == [2200]
    assert [file.name for file in records.record_file(1).parent.iterdir()] == ["2200.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": 2222}', '{"unknown": 1}'])
def test_a_record_that_is_not_understood_is_removed(text):
    path = records.record_file(2222)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert records.read_record(2222) is None and not path.exists()


def test_a_stale_record_is_removed_with_what_was_left(tmp_path, capsys):
    folder = tmp_path / f"{machines.FOLDER}left"
    folder.mkdir()
    left = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)", str(folder)],
        env={**os.environ, "RAY_TMPDIR": str(folder)},
    )
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    started = records.start_time(gone.pid) or time.time()
    gone.wait()
    try:
        records.write_record(Record(2222, HOST, gone.pid, started, "up", str(folder), ""))
        assert records.running() == []
        _, said = refused(capsys, "down")
        assert "No cluster of yours runs" in said and "what it left is removed now" in said
        assert left.poll() is not None and not folder.exists() and records.read_record(2222) is None
    finally:
        left.kill()
        left.wait()


def test_another_process_with_the_same_number_is_not_taken_for_it(monkeypatch):
    record = record_of(os.getpid())
    monkeypatch.setattr(records, "start_time", lambda pid: record.started + 100)
    assert not record.alive


def test_down_asks_first_and_waits_until_it_is_gone(capsys):
    program = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print(1, flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    reaper = threading.Thread(target=other.wait)
    try:
        other.stdout.read(1)
        records.write_record(record_of(other.pid, 2345))
        reaper.start()
        assert cli.main(["cluster", "down", "--port", "2345"]) == 0
        reaper.join(10)
        assert other.returncode == 7
        assert "The cluster at port 2345 is down." in capsys.readouterr().out and records.running() == []
    finally:
        other.kill()
        other.stdout.close()
        other.wait()


def test_status_of_a_cluster_that_starts(capsys):
    records.write_record(record_of(os.getpid()))
    assert "The cluster at port 2222 is still starting" in refused(capsys, "status")[1]


def test_a_task_s_lines(capsys):
    task = {
        "name": "/job:worker/task:10",
        "pid": 7,
        "node_id": "ab",
        "host": "h",
        "devices": ["/job:worker/replica:0/task:10/device:CPU:0"],
    }
    more = {"name": "/job:worker/task:9", "variables": 2, "bytes": 31400, "saved": 90000.0, "alive": True}
    when = time.strftime("%H:%M:%S", time.localtime(90000.0))
    commands._print_tasks([task, {**task, **more}, {"name": "/job:ps/task:0", "alive": False}])
    assert capsys.readouterr().out.splitlines() == [
        "/job:ps/task:0  not alive",
        f"/job:worker/task:9  on h, process 7; 2 variables of 31,400 bytes; last checkpoint at {when}",
        "    /job:worker/replica:0/task:10/device:CPU:0",
        "/job:worker/task:10  on h, process 7",
        "    /job:worker/replica:0/task:10/device:CPU:0",
    ]


def test_a_node_that_does_not_start_is_tried_once_more(monkeypatch):
    tried, told = [], []

    def start(self):
        tried.append(self)
        raise errors.FailedPreconditionError(None, None, f"reason {len(tried)}")

    monkeypatch.setattr(machines.Machine, "_start_node", start)
    machine = machines.Machine(machines.Plan({}, HOST, machines.free_port()))
    try:
        with pytest.raises(errors.FailedPreconditionError, match="reason 2"):
            machine.start(told.append)
    finally:
        machine.stop()
    assert (
        told[1] == "Ray's node did not start, so it is tried once more (reason 1)" and not Path(machine.folder).exists()
    )


class Ended:
    """A child that has ended by itself."""

    returncode = 3

    def poll(self):
        return self.returncode


def test_a_node_that_ends_while_it_starts_is_told_with_its_last_words(tmp_path):
    machine = machines.Machine(machines.Plan({}, HOST, 1), folder=str(tmp_path))
    (tmp_path / "node.log").write_text("first\nno space left on device\n")
    machine._children["node"] = Ended()
    with pytest.raises(
        errors.FailedPreconditionError,
        match=r"The node process ended \(exit code 3\); it said last:\nfirst\nno space left",
    ):
        machine._until(lambda: False, "node")
    assert machine.wait().startswith("The node process ended by itself (exit code 3); it said last:\n")


def test_what_the_port_says_is_heard(tmp_path):
    machine = machines.Machine(machines.Plan({}, HOST, 1), folder=str(tmp_path))
    machine._lines.put(json.dumps({"tasks": [{"name": "/job:ps/task:0"}]}))
    assert not machine._port_is_ready() and machine.tasks == [{"name": "/job:ps/task:0"}]
    machine._lines.put(json.dumps({"ready": {}}))
    assert machine._port_is_ready()
    machine._lines.put(json.dumps({"error": "The cluster has a task /job:ps/task:0 already"}))
    with pytest.raises(errors.FailedPreconditionError, match=r"could not be started: .*task:0 already"):
        machine._port_is_ready()


def test_ctrl_c_while_it_starts_takes_all_down(home):
    number = machines.free_port()
    up = subprocess.Popen(
        [sys.executable, "-m", "graphlab_nb.cli", "cluster", "up", "--jobs", "ps=1", "--port", str(number), "--memory", "100"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        said = [up.stdout.readline()]
        while (record := records.read_record(number)) is None or not machines.processes_of(record.folder):
            assert up.poll() is None
            time.sleep(0.05)
        children = machines.processes_of(record.folder)
        up.send_signal(signal.SIGINT)
        said += up.stdout.readlines()
        assert up.wait(30) == 0
    finally:
        up.kill()
        up.stdout.close()
        up.wait()
    assert [line.partition(": ")[2].strip() for line in said] == [
        "starting Ray, which takes some seconds",
        "taking it down",
        "it is down",
    ]
    assert not any(child.is_running() for child in children) and not Path(record.folder).exists()
    assert records.running() == []


@pytest.mark.slow
def test_a_cluster_goes_up_and_down(home, capsys, monkeypatch):
    (home / "user").mkdir()
    with begun(home / "user", "ps=1") as cluster:
        for name in ("HOME", "GLNB_CACHE_DIR"):
            monkeypatch.setenv(name, cluster.environment[name])
        record = records.read_record(cluster.port)
        assert record.ready and record.pid == cluster.process.pid
        processes = machines.processes_of(record.folder)
        assert cluster.pids()["/job:ps/task:0"] in [p.pid for p in processes]

        # The token: demanded, made by the command, and for its owner alone.
        monkeypatch.setenv(tokens.PATH, str(home / "none"))
        with pytest.raises(errors.UnauthenticatedError, match="which does not exist"):
            probe.probe(HOST, cluster.port)
        monkeypatch.setenv(tokens.PATH, "")
        monkeypatch.setenv(tokens.TOKEN, "cd" * 32)
        code, said = refused(
            capsys, "join", f"{HOST}:{cluster.port}", "--jobs", "worker=1", "--port", str(machines.free_port())
        )
        assert code == 1 and "the token here is another than its own" in said
        monkeypatch.delenv(tokens.TOKEN)
        probe.probe(HOST, cluster.port)
        assert probe.control_store(HOST, cluster.port).startswith(HOST)
        with pytest.raises(errors.UnavailableError, match="is no cluster's client port"):
            probe.probe(HOST, int(probe.control_store(HOST, cluster.port).rpartition(":")[2]))

        # What listens for it listens on loopback alone.
        heard = [c.laddr.ip for p in processes for c in p.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        assert heard and {ip.removeprefix("::ffff:") for ip in heard} == {HOST}

        status = cluster.command("status")
        assert status.returncode == 0 and status.stderr == ""
        assert status.stdout.startswith(f"{cluster.target}: 1 tasks\n/job:ps/task:0  on ")
        assert cluster.command("down").stdout == f"The cluster at port {cluster.port} is down.\n"
        assert cluster.process.wait(10) == 0
    assert "Ctrl-C takes it down.\n" in cluster.said and cluster.said[-1] == "graphlab-nb cluster: it is down\n"
    assert not any(p.is_running() for p in processes) and not Path(record.folder).exists() and records.running() == []
