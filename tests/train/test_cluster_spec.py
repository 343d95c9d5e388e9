"""tf.train.ClusterSpec: jobs, tasks and addresses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphlab_nb as tf

DENSE = {"worker": ["w0:2222", "w1:2222"], "ps": ["p0:2222"]}


def test_what_it_says_of_its_jobs() -> None:
    spec = tf.train.ClusterSpec(DENSE)
    assert spec.jobs == ["ps", "worker"]
    assert spec.as_dict() == DENSE
    assert (spec.num_tasks("worker"), spec.task_indices("worker")) == (2, [0, 1])
    assert spec.task_address("worker", 1) == "w1:2222"
    assert spec.job_tasks("worker") == ["w0:2222", "w1:2222"]
    assert repr(spec) == "ClusterSpec({'ps': ['p0:2222'], 'worker': ['w0:2222', 'w1:2222']})"


def test_tasks_may_be_left_out() -> None:
    spec = tf.train.ClusterSpec({"worker": {3: "w3:2222", np.int64(1): "w1:2222"}, "ps": {0: "p0:2222"}})
    assert spec.as_dict() == {"ps": ["p0:2222"], "worker": {1: "w1:2222", 3: "w3:2222"}}
    assert spec.job_tasks("worker") == [None, "w1:2222", None, "w3:2222"]
    assert (spec.num_tasks("worker"), spec.task_indices("worker")) == (2, [1, 3])
    with pytest.raises(ValueError, match=r"'worker' has no task 0; its tasks are \[1, 3\]"):
        spec.task_address("worker", 0)


def test_what_is_given_out_is_a_copy() -> None:
    given: dict[str, Any] = {"worker": {1: "w1:2222"}, "ps": ["p0:2222"]}
    spec = tf.train.ClusterSpec(given)
    given["ps"].append("p1:2222")
    spec.as_dict()["ps"].append("p1:2222")
    spec.as_dict()["worker"][2] = "w2:2222"
    spec.jobs.clear()
    assert spec.as_dict() == {"ps": ["p0:2222"], "worker": {1: "w1:2222"}}


def test_equality_copies_and_truth() -> None:
    spec = tf.train.ClusterSpec(DENSE)
    assert spec == tf.train.ClusterSpec(spec) == tf.train.ClusterSpec({"ps": {0: "p0:2222"}, "worker": DENSE["worker"]})
    assert hash(spec) == hash(tf.train.ClusterSpec(spec))
    assert spec != tf.train.ClusterSpec({"ps": ["p0:2222"]})
    assert spec != DENSE
    assert spec
    assert not tf.train.ClusterSpec({})
    assert tf.train.ClusterSpec({"ps": ()}).job_tasks("ps") == []


@pytest.mark.parametrize("address", ["host:2222", "10.0.0.1:1", "[::1]:65535", "a.b-c.example:80"])
def test_addresses(address: str) -> None:
    assert tf.train.ClusterSpec({"ps": [address]}).task_address("ps", 0) == address


@pytest.mark.parametrize(
    "address", ["host", "host:", ":2222", "host:0", "host:65536", "host:x", "host:-1", "", "grpc://host:2222", "::2222"]
)
def test_what_is_no_address_is_shown_with_its_task(address: str) -> None:
    with pytest.raises(ValueError, match=r"/job:ps/task:1 is .*'host:2222'") as info:
        tf.train.ClusterSpec({"ps": ["ok:2222", address]})
    assert repr(address) in str(info.value)


@pytest.mark.parametrize(
    ("cluster", "error", "words"),
    [
        ("ps", TypeError, "not 'ps'"),
        (None, TypeError, "not None"),
        ({1: ["a:2222"]}, TypeError, "not 1"),
        ({"ps": "a:2222"}, TypeError, "job 'ps' are a list"),
        ({"ps": 2}, TypeError, "job 'ps' are a list"),
        ({"ps": [7]}, TypeError, "/job:ps/task:0 is a string .* not 7"),
        ({"ps": {"0": "a:2222"}}, TypeError, "job 'ps' is a whole number, not '0'"),
        ({"ps": {-1: "a:2222"}}, ValueError, "0 or more, not -1"),
        ({"p/s": ["a:2222"]}, ValueError, "'p/s' is no name of a job"),
        ({"": ["a:2222"]}, ValueError, "'' is no name of a job"),
        (
            {"ps": ["a:2222"], "worker": ["b:2222", "a:2222"]},
            ValueError,
            "/job:ps/task:0 and /job:worker/task:1 have the same address 'a:2222'",
        ),
    ],
)
def test_errors_name_what_is_wrong(cluster: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        tf.train.ClusterSpec(cluster)


@pytest.mark.parametrize("method", ["num_tasks", "task_indices", "job_tasks"])
def test_a_job_that_is_not_there(method: str) -> None:
    spec = tf.train.ClusterSpec(DENSE)
    with pytest.raises(ValueError, match=r"no job 'chief'; its jobs are \['ps', 'worker'\]"):
        getattr(spec, method)("chief")
    with pytest.raises(ValueError, match="no job 'chief'"):
        spec.task_address("chief", 0)
