"""What `probe` says of servers of all kinds; each is a small one of this file's own."""

import contextlib
import http.server
import platform
import socket
import sys
import threading
import time
from concurrent import futures

import pytest

from graphlab_nb import errors
from graphlab_nb.distributed import probe as probes
from graphlab_nb.distributed import tokens
from graphlab_nb.distributed.machines import free_port
from graphlab_nb.distributed.probe import (
    address,
    control_store,
    parse_address,
    parse_target,
    probe,
    probe_store,
    require_ray,
    wait_until_reached,
)

SHORT = 0.4
HOST = "127.0.0.1"


@pytest.fixture(autouse=True)
def no_token(tmp_path, monkeypatch):
    for name in (tokens.MODE, tokens.TOKEN, tokens.PATH, "RAY_USE_TLS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(tokens, "refresh", lambda: None)


@contextlib.contextmanager
def listening(answer=None):
    """A server that does with each connection what `answer` does; nothing by default."""
    ended = threading.Event()
    with socket.create_server((HOST, 0)) as server:
        server.settimeout(0.05)

        def serve():
            kept = []
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = server.accept()
                    kept.append(connection)
                    if answer is not None:
                        answer(connection)
            for connection in kept:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            thread.join()


@contextlib.contextmanager
def grpc_server(ping=None, versions=None, token="", services=True):
    """A server of Ray's client protocol, as far as it is asked here."""
    import grpc
    from ray.core.generated import ray_client_pb2, ray_client_pb2_grpc

    class Driver(ray_client_pb2_grpc.RayletDriverServicer):
        def ClusterInfo(self, request, context):
            if token and ("authorization", f"Bearer {token}") not in context.invocation_metadata():
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "Invalid or missing authentication token")
            if ping is not None:
                ping(context)
            answer = ray_client_pb2.ClusterInfoResponse(type=request.type, json="{}")
            if request.type == ray_client_pb2.ClusterInfoType.RUNTIME_CONTEXT:
                answer.runtime_context.gcs_address = "10.0.0.1:6379"
            return answer

    class Streamer(ray_client_pb2_grpc.RayletDataStreamerServicer):
        def Datapath(self, requests, context):
            assert dict(context.invocation_metadata())["client_id"]
            for request in requests:
                if versions is None:
                    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "init comes first")
                ray_version, python_version = versions
                answer = ray_client_pb2.ConnectionInfoResponse(ray_version=ray_version, python_version=python_version)
                yield ray_client_pb2.DataResponse(req_id=request.req_id, connection_info=answer)

    server = grpc.server(futures.ThreadPoolExecutor(4))
    if services:
        ray_client_pb2_grpc.add_RayletDriverServicer_to_server(Driver(), server)
        ray_client_pb2_grpc.add_RayletDataStreamerServicer_to_server(Streamer(), server)
    port = server.add_insecure_port(f"{HOST}:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(0).wait()


def ours():
    return require_ray().__version__, platform.python_version()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("grpc://localhost:2222", ("localhost", 2222)),
        ("grpc://10.0.0.7:1", ("10.0.0.7", 1)),
        ("grpc://my-host.example:65535", ("my-host.example", 65535)),
        ("grpc://[::1]:2222", ("::1", 2222)),
        ("grpc://[fe80::1%eth0]:2222", ("fe80::1%eth0", 2222)),
    ],
)
def test_targets(text, parts):
    assert parse_target(text) == parts
    assert address(*parts) == text.removeprefix("grpc://")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("localhost:2222", "does not begin with 'grpc://'"),
        ("http://localhost:2222", "does not begin with 'grpc://'"),
        ("grpc://localhost", "names no port"),
        ("grpc://[::1]", "names no port"),
        ("grpc://::1:2222", "more than one colon; an IPv6 address stands in brackets"),
        ("grpc://localhost:", "is not understood"),
        ("grpc://:2222", "is not understood"),
        ("grpc://local host:2222", "is not understood"),
        ("grpc://localhost:2222/", "has a '/'"),
        ("grpc://localhost:0", "The port 0 of .* is not in 1..65535"),
        ("grpc://localhost:65536", "The port 65536 of .* is not in 1..65535"),
    ],
)
def test_targets_that_are_not_understood(text, says):
    with pytest.raises(errors.InvalidArgumentError, match=says) as caught:
        parse_target(text)
    assert repr(text) in caught.value.message


def test_an_address_is_named_as_it_was_written():
    with pytest.raises(errors.InvalidArgumentError, match="The address 'localhost' names no port"):
        parse_address("localhost")


def test_a_cluster_is_reached():
    with grpc_server(versions=ours()) as port:
        probe(HOST, port)
        wait_until_reached(HOST, port, 1.0)
        assert control_store(HOST, port) == "10.0.0.1:6379"


def test_a_port_that_does_not_say_its_versions_can_be_tried():
    with grpc_server() as port:
        probe(HOST, port)


def test_nothing_listens():
    with pytest.raises(
        errors.UnavailableError, match=r"at 127\.0\.0\.1:\d+: nothing listens there \(the connection was refused\)"
    ):
        probe(HOST, free_port())


def test_a_host_that_is_not_known():
    with pytest.raises(
        errors.UnavailableError, match=r"at nowhere\.invalid:2222: the host 'nowhere.invalid' is not known"
    ):
        probe("nowhere.invalid", 2222)


def test_a_silent_port():
    with (
        listening() as port,
        pytest.raises(errors.UnavailableError, match=f"{HOST}:{port}: it accepted the .* stayed silent for 0.4 s"),
    ):
        probe(HOST, port, SHORT)


def test_a_port_that_closes():
    with (
        listening(socket.socket.close) as port,
        pytest.raises(errors.UnavailableError, match="it closed the connection at once"),
    ):
        probe(HOST, port, SHORT)


def test_another_protocol():
    with (
        listening(lambda c: c.sendall(b"SSH-2.0-OpenSSH_9\r\n")) as port,
        pytest.raises(errors.UnavailableError, match=r"does not speak gRPC \(it answers b'SSH"),
    ):
        probe(HOST, port, SHORT)


def test_tls_where_none_is_expected():
    with (
        listening(lambda c: c.sendall(b"\x15\x03\x01\x00\x02\x02\x16")) as port,
        pytest.raises(errors.UnavailableError, match="it speaks only TLS; set RAY_USE_TLS=1"),
    ):
        probe(HOST, port, SHORT)


def test_a_web_server():
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            with pytest.raises(errors.UnavailableError, match="is a web server"):
                probe(HOST, server.server_port, SHORT)
        finally:
            server.shutdown()
            thread.join()


def test_a_grpc_server_of_another_kind():
    with (
        grpc_server(services=False) as port,
        pytest.raises(errors.UnavailableError, match="speaks gRPC, but is no cluster's client port"),
    ):
        probe(HOST, port)


def test_a_control_store_s_port_that_is_another_s():
    def web(connection):
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.close()

    with (
        grpc_server(versions=ours()) as port,
        pytest.raises(errors.UnavailableError, match=r"no control store .*ray://"),
    ):
        probe_store(HOST, port)
    with listening() as port, pytest.raises(errors.UnavailableError, match=r"stayed silent for 0\.4 s"):
        probe_store(HOST, port, SHORT)
    with listening(web) as port, pytest.raises(errors.UnavailableError, match="web server"):
        probe_store(HOST, port, SHORT)
    with pytest.raises(errors.UnavailableError, match="nothing listens there"):
        probe_store(HOST, free_port())


def test_a_server_that_hangs():
    free = threading.Event()
    with grpc_server(ping=lambda context: free.wait(10)) as port:
        try:
            with pytest.raises(errors.UnavailableError, match=r"it speaks gRPC and did not answer within 0\.4 s"):
                probe(HOST, port, SHORT)
        finally:
            free.set()


def test_a_server_that_fails():
    def fail(context):
        raise ZeroDivisionError("on purpose")

    with (
        grpc_server(ping=fail) as port,
        pytest.raises(errors.UnavailableError, match=r"the call failed by UNKNOWN: .*on purpose"),
    ):
        probe(HOST, port)


def test_a_token_that_is_missing_or_wrong(monkeypatch):
    with grpc_server(versions=ours(), token="cd" * 32) as port:
        with pytest.raises(
            errors.UnauthenticatedError, match=f"{HOST}:{port} demands its token, and there is no token here; .*scp"
        ):
            probe(HOST, port)
        tokens.make_token()
        with pytest.raises(
            errors.UnauthenticatedError, match="the token here is another than its own; a token is looked for"
        ):
            probe(HOST, port)
        monkeypatch.setenv(tokens.TOKEN, "cd" * 32)
        probe(HOST, port)
        monkeypatch.setenv(tokens.MODE, "disabled")
        with pytest.raises(errors.UnauthenticatedError, match="RAY_AUTH_MODE is 'disabled' here, so that none is sent"):
            probe(HOST, port)


@pytest.mark.parametrize("what", ["Ray", "Python"])
def test_a_version_that_differs(what):
    ray_version, python_version = ours()
    theirs = ("1.2.3", python_version) if what == "Ray" else (ray_version, "3.2.1")
    there, here = ("1.2.3", ray_version) if what == "Ray" else ("3.2.1", python_version)
    with (
        grpc_server(versions=theirs) as port,
        pytest.raises(
            errors.FailedPreconditionError, match=f"{HOST}:{port} runs {what} {there}, and this program {what} {here}"
        ),
    ):
        probe(HOST, port)


def test_python_s_last_number_may_differ():
    major, minor, _ = platform.python_version_tuple()
    with grpc_server(versions=(ours()[0], f"{major}.{minor}.99")) as port:
        probe(HOST, port)


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    for call in (require_ray, lambda: probe(HOST, 2222), lambda: wait_until_reached(HOST, 2222, 60.0)):
        with pytest.raises(errors.UnavailableError, match=r"install it by: pip install 'graphlab-nb\[cluster\]'"):
            call()


def test_waiting_for_a_cluster_that_comes(monkeypatch):
    tries = []

    def comes(host, port):
        tries.append((host, port))
        if len(tries) < 3:
            raise errors.UnavailableError(None, None, "not yet")

    monkeypatch.setattr(probes, "probe", comes)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    wait_until_reached(HOST, 2222, 60.0)
    assert tries == [(HOST, 2222)] * 3
    tries.clear()
    with pytest.raises(errors.UnavailableError, match="not yet"):
        wait_until_reached(HOST, 2222, -1.0)
