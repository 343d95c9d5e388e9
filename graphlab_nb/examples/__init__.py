"""Programs to start from, under the paths that TensorFlow's had."""
