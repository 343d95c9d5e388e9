"""Device strings: parsed, merged, written."""

from __future__ import annotations

import pytest

from graphlab_nb.graph.device_spec import DeviceSpec, merge_names


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("/cpu:0", "/device:CPU:0"),
        ("/gpu:1", "/device:GPU:1"),
        ("/GPU:*", "/device:GPU:*"),
        ("/device:GPU:2", "/device:GPU:2"),
        ("/job:ps/task:0", "/job:ps/task:0"),
        ("/job:localhost/replica:0/task:0/cpu:0", "/job:localhost/replica:0/task:0/device:CPU:0"),
        ("", ""),
    ],
)
def test_canonical_form(text, canonical):
    assert DeviceSpec.from_string(text).to_string() == canonical


@pytest.mark.parametrize("text", ["/foo:0", "cpu0", "/cpu:x", "/job:a/job:b", "/task:one"])
def test_errors_show_the_string_and_an_example(text):
    with pytest.raises(ValueError, match="/cpu:0") as info:
        DeviceSpec.from_string(text)
    assert text in str(info.value)


def test_inner_names_win():
    assert merge_names("/cpu:1", "/job:ps/task:3/gpu:0") == "/job:ps/task:3/device:CPU:1"
    assert merge_names("/task:2", "/job:ps/gpu:0") == "/job:ps/task:2/device:GPU:0"
