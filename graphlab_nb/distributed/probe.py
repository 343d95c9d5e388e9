"""Whether a cluster can be reached at an address, and, quickly and clearly, why not.

Ray's own client tries for half a minute and never says why it fails. So its port is asked first, by one gRPC call.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import re
import socket
import ssl
import time
import uuid
from typing import Any, NoReturn

from graphlab_nb.distributed import tokens
from graphlab_nb.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    OpError,
    UnauthenticatedError,
    UnavailableError,
)

SCHEME = "grpc://"
TIMEOUT = 3.0
_ONCE_MORE = 1.0
"""Seconds that a port may be silent which has been so for the whole of a call."""
_SERVICE = "/ray.rpc.RayletDriver/ClusterInfo"
_STREAM = "/ray.rpc.RayletDataStreamer/Datapath"
_STORE = "/ray.rpc.NodeInfoGcsService/CheckAlive"
NO_PORT = "is no cluster's client port (a control store's port, perhaps)"
_NO_STORE = "is no control store (a client port, perhaps, which is written ray://host:port)"
_TARGET = re.compile(r"^(?:\[(?P<six>[0-9a-fA-F:.%\w]+)\]|(?P<host>[^\[\]:/\s]+)):(?P<port>\d+)$")
_ONLY_TLS = "it speaks only TLS; set RAY_USE_TLS=1 and the certificates as Ray's page about TLS describes"
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


def parse_target(text: str) -> tuple[str, int]:
    """Reads a session's target.

    Args:
      text: such as "grpc://10.0.0.7:2222" or "grpc://[::1]:2222".

    Returns:
      The host and the port.

    Raises:
      InvalidArgumentError: naming what is wrong with it.
    """
    if not text.startswith(SCHEME):
        raise InvalidArgumentError(
            None,
            None,
            f"The target {text!r} does not begin with {SCHEME!r}; write for instance 'grpc://localhost:2222'",
        )
    return parse_address(text[len(SCHEME) :], text)


def parse_address(text: str, whole: str = "") -> tuple[str, int]:
    """Reads "host:port", an IPv6 host in brackets.

    Args:
      text: the address.
      whole: what to name in errors; the address by default.

    Returns:
      The host and the port.

    Raises:
      InvalidArgumentError: naming what is wrong with it.
    """
    found = _TARGET.match(text)
    if not found:
        if "/" in text:
            wrong = "has a '/'"
        elif not re.search(r":\d*$", text.rpartition("]")[2]):
            wrong = "names no port"
        elif text.count(":") > 1 and not text.startswith("["):
            wrong = "has more than one colon; an IPv6 address stands in brackets"
        else:
            wrong = "is not understood"
        raise InvalidArgumentError(
            None,
            None,
            f"The address {whole or text!r} {wrong}; write host:port, for instance 'localhost:2222' or '[::1]:2222'",
        )
    port = int(found["port"])
    if not 0 < port < 65536:
        raise InvalidArgumentError(None, None, f"The port {port} of {whole or text!r} is not in 1..65535")
    return found["six"] or found["host"], port


def address(host: str, port: int) -> str:
    """A host and a port as one text: "host:port", an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def require_ray(load: bool = True) -> Any:
    """Sees to it that Ray is here with its client.

    Args:
      load: whether to import it, which takes seconds, or only to look whether it is installed.

    Returns:
      The module `ray`, or None where it was not to be loaded.

    Raises:
      UnavailableError: where it is not installed, with the command that installs it.
    """
    lacking = [name for name in ("ray", "grpc") if importlib.util.find_spec(name) is None]
    try:
        if lacking:
            raise ImportError(f"there is no module {lacking[0]!r}")
        return importlib.import_module("ray") if load else None
    except ImportError as error:
        raise UnavailableError(
            None,
            None,
            f"Clusters need Ray, which cannot be loaded: {error}; install it by: pip install 'graphlab-nb[cluster]'",
        ) from error


def probe(host: str, port: int, timeout: float = TIMEOUT) -> None:
    """Asks a cluster's client port whether a session can be had there, and returns where it can.

    Args:
      host: a name or an address.
      port: the port's number.
      timeout: how long to wait for each of its two answers, in seconds.

    Raises:
      UnavailableError: where nothing listens there, nothing answers, or what answers is no cluster's client port; also
        where Ray is not installed.
      UnauthenticatedError: where the cluster demands a token, and there is none here or another one.
      FailedPreconditionError: where the cluster runs another version of Ray or Python.
    """
    _ask(host, port, timeout, versions=True)


def control_store(host: str, port: int, timeout: float = TIMEOUT) -> str:
    """Asks a cluster's client port for the address of its control store, by which Ray's own nodes join it.

    Args:
      host: a name or an address.
      port: the port's number.
      timeout: how long to wait for the answer, in seconds.

    Returns:
      The address, as "host:port".

    Raises:
      OpError: as from `probe`.
    """
    return str(_ask(host, port, timeout, versions=False).runtime_context.gcs_address)


def probe_store(host: str, port: int, timeout: float = TIMEOUT) -> None:
    """Asks a cluster's control store whether it is one.

    Args:
      host: a name or an address.
      port: the port's number.
      timeout: how long to wait for its answer, in seconds.

    Raises:
      OpError: as from `probe`.
    """
    ray = reach(host, port, timeout)
    messages = _messages("gcs_service_pb2")
    with _channel(address(host, port)) as channel:
        answer = _call(
            channel, (host, port), timeout, _STORE, messages.CheckAliveRequest(), messages.CheckAliveReply, _NO_STORE
        )
    if answer.ray_version:
        _compare(address(host, port), (answer.ray_version, platform.python_version()), ray.__version__)


def _ask(host: str, port: int, timeout: float, versions: bool) -> Any:
    ray = reach(host, port, timeout)
    messages = _messages("ray_client_pb2")
    kinds = messages.ClusterInfoType
    request = messages.ClusterInfoRequest(type=kinds.PING if versions else kinds.RUNTIME_CONTEXT)
    name = address(host, port)
    with _channel(name) as channel:
        answer = _call(channel, (host, port), timeout, _SERVICE, request, messages.ClusterInfoResponse, NO_PORT)
        if versions:
            _compare(name, _versions(channel, timeout), ray.__version__)
    return answer


def reach(host: str, port: int, timeout: float = TIMEOUT) -> Any:
    """Sees that something listens, and loads Ray: in this order, since loading takes seconds.

    Raises:
      UnavailableError: where Ray is not installed, or saying why there is no connection.
    """
    require_ray(load=False)
    _connect(host, port, timeout).close()
    return require_ray()


def _call(
    channel: Any, where: tuple[str, int], timeout: float, path: str, request: Any, answer: Any, otherwise: str
) -> Any:
    """The answer to one gRPC call; or the error that says why there is none: `otherwise` of a gRPC server of another kind."""
    import grpc

    metadata = _metadata()
    call = channel.unary_unary(
        path, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
    )
    try:
        return call(request, timeout=timeout, metadata=metadata)
    except grpc.RpcError as error:
        _explain(*where, timeout, error, bool(metadata), otherwise)


def _metadata() -> list[tuple[str, str]]:
    token = tokens.use_token()
    return [("authorization", f"Bearer {token}")] if token else []


def _messages(module: str) -> Any:
    """The messages of one of Ray's protocols."""
    return importlib.import_module(f"ray.core.generated.{module}")


def _channel(name: str) -> Any:
    import grpc

    options = [("grpc.enable_http_proxy", 0), ("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
    if not _tls():
        return grpc.insecure_channel(name, options=options)
    from ray._common.tls_utils import load_certs_from_env

    try:
        chain, key, authority = load_certs_from_env()
    except (OSError, RuntimeError) as error:
        raise FailedPreconditionError(
            None, None, f"RAY_USE_TLS is set, and the certificates that go with it cannot be read: {error}"
        ) from error
    return grpc.secure_channel(name, grpc.ssl_channel_credentials(authority, key, chain), options=options)


def _tls() -> bool:
    """Whether Ray is to speak TLS."""
    return os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true")


def _connect(host: str, port: int, timeout: float) -> socket.socket:
    """A connection to the port, or the reason that there is none."""
    name = address(host, port)
    try:
        return socket.create_connection((host, port), timeout)
    except socket.gaierror as error:
        reason = f"the host {host!r} is not known ({error.strerror}); is its name written right?"
    except ConnectionRefusedError:
        reason = "nothing listens there (the connection was refused); is the cluster running, and at this port?"
    except TimeoutError:
        reason = (
            f"it stayed silent for {timeout:g} s (no connection); is the machine on, and does a firewall let through?"
        )
    except OSError as error:
        reason = f"the network says: {error.strerror or error}"
    raise UnavailableError(None, None, f"No cluster can be reached at {name}: {reason}")


def _explain(host: str, port: int, timeout: float, error: Any, token: bool, otherwise: str) -> NoReturn:
    """Raises the error that tells why the call failed."""
    import grpc

    name, code = address(host, port), error.code()
    if code == grpc.StatusCode.UNAUTHENTICATED:
        if tokens.mode() not in ("", "token"):
            had = f"{tokens.MODE} is {tokens.mode()!r} here, so that none is sent: remove that variable"
        else:
            had = "the token here is another than its own" if token else "there is no token here"
        raise UnauthenticatedError(
            None, None, f"The cluster at {name} demands its token, and {had}; {tokens.how_to_copy()}"
        ) from error
    if code == grpc.StatusCode.UNIMPLEMENTED:
        reason = f"what listens there speaks gRPC, but {otherwise}"
    elif code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        reason = _listener(host, port, timeout) or f"{code.name}: {error.details()}"
    else:
        reason = f"the call failed by {code.name}: {error.details()}"
    raise UnavailableError(None, None, f"No cluster can be reached at {name}: {reason}") from error


def _listener(host: str, port: int, timeout: float) -> str:
    """What listens at a port that did not answer a gRPC call, from its answer to how HTTP/2 begins; "" if that was right."""
    try:
        with _connect(host, port, timeout) as connection:
            connection.settimeout(min(timeout, _ONCE_MORE))
            connection.sendall(_PREFACE)
            first = connection.recv(16)
    except OpError as error:
        return error.message.partition(": ")[2]
    except TimeoutError:
        return f"it accepted the connection and stayed silent for {timeout:g} s; is it the right port?"
    except OSError:
        first = b""
    if not first:
        return _of_tls(host, port, timeout) or (
            "it closed the connection at once, so it does not speak gRPC; is it the right port?"
        )
    if first.startswith((b"HTTP/1", b"<")):
        return "what listens there is a web server (HTTP/1), which does not speak gRPC; is it the right port?"
    if first[0] == 0x15 and first[1:2] == b"\x03":
        return _ONLY_TLS
    if first[3:4] == b"\x04" and _tls():
        return "it speaks no TLS, which RAY_USE_TLS demands here; unset the variable, or start the cluster with it"
    if first[3:4] == b"\x04":
        return f"it speaks gRPC and did not answer within {timeout:g} s; is the cluster overloaded, or stopped?"
    return f"what listens there does not speak gRPC (it answers {first!r}); is it the right port?"


def _of_tls(host: str, port: int, timeout: float) -> str:
    """What is wrong between this side and a port that speaks TLS; "" for one that does not speak it."""
    context = ssl.create_default_context(cafile=os.environ.get("RAY_TLS_CA_CERT") if _tls() else None)
    if not _tls():
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with _connect(host, port, timeout) as connection, context.wrap_socket(connection, server_hostname=host):
            pass
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not taken here ({error.verify_message}); see RAY_TLS_CA_CERT"
    except ssl.SSLError as error:
        if error.reason is None or "ALERT" not in error.reason:
            return ""
    except (OpError, OSError):
        return ""
    return "it does not take the certificate that RAY_TLS_SERVER_CERT names" if _tls() else _ONLY_TLS


def _versions(channel: Any, timeout: float) -> tuple[str, str] | None:
    """The versions of Ray and of Python that a port says, or None where it does not (as Ray's own proxy does not)."""
    import grpc

    messages = _messages("ray_client_pb2")
    stream = channel.stream_stream(
        _STREAM,
        request_serializer=messages.DataRequest.SerializeToString,
        response_deserializer=messages.DataResponse.FromString,
    )
    request = messages.DataRequest(req_id=1, connection_info=messages.ConnectionInfoRequest())
    caller = [*_metadata(), ("client_id", f"probe{uuid.uuid4().hex}"), ("reconnecting", "False")]
    try:
        for answer in stream(iter([request]), timeout=timeout, metadata=caller):
            if answer.WhichOneof("type") == "connection_info":
                return answer.connection_info.ray_version, answer.connection_info.python_version
    except grpc.RpcError:
        pass  # a port that can be pinged can be tried: Ray itself compares the versions once more
    return None


def _compare(name: str, theirs: tuple[str, str] | None, ray_version: str) -> None:
    if theirs is None:
        return
    python = platform.python_version()
    for what, there, here, same in (
        ("Ray", theirs[0], ray_version, theirs[0] == ray_version),
        ("Python", theirs[1], python, theirs[1].split(".")[:2] == python.split(".")[:2]),
    ):
        if not same:
            raise FailedPreconditionError(
                None,
                None,
                f"The cluster at {name} runs {what} {there}, and this program {what} {here}; they must be the same "
                + ("(pip install ray==" + there + ")" if what == "Ray" else "in their first two numbers"),
            )


def wait_until_reached(host: str, port: int, seconds: float) -> None:
    """Waits until a cluster can be reached, for programs that start before it does.

    Args:
      host: a name or an address.
      port: the port's number.
      seconds: how long at most.

    Raises:
      OpError: the last of `probe`'s errors, when the time is over, or at once one that waiting does not mend.
    """
    require_ray(load=False)
    end = time.monotonic() + seconds
    while True:
        try:
            return probe(host, port)
        except UnavailableError:
            if time.monotonic() > end:
                raise
        time.sleep(0.3)
