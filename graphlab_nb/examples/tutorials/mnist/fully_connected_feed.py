"""Trains the net of the tutorial "TensorFlow Mechanics 101" and evaluates it on each part of the data.

python -m graphlab_nb.examples.tutorials.mnist.fully_connected_feed --max_steps=2000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import graphlab_nb as tf
from graphlab_nb.examples.tutorials.mnist import input_data, mnist

EVALUATE_EVERY = 1000


def placeholder_inputs(batch_size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Placeholders for images `[batch_size, IMAGE_PIXELS]` and labels `[batch_size]`."""
    images = tf.placeholder(tf.float32, shape=(batch_size, mnist.IMAGE_PIXELS))
    labels = tf.placeholder(tf.int32, shape=(batch_size,))
    return images, labels


def do_eval(
    sess: tf.Session,
    eval_correct: tf.Tensor,
    images: tf.Tensor,
    labels: tf.Tensor,
    data_set: input_data.DataSet,
    batch_size: int,
) -> float:
    """Evaluates the net on one epoch of `data_set`, prints and returns the share that is right."""
    steps = data_set.num_examples // batch_size
    right = 0
    for _ in range(steps):
        batch_images, batch_labels = data_set.next_batch(batch_size)
        right += int(sess.run(eval_correct, feed_dict={images: batch_images, labels: batch_labels}))
    examples = steps * batch_size
    print(f"  Num examples: {examples}  Num correct: {right}  Precision @ 1: {right / examples:0.04f}")
    return right / examples


def run_training(flags: argparse.Namespace) -> None:
    """Builds the net, trains it for `flags.max_steps` and evaluates it now and then, and at the end."""
    data_sets = input_data.read_data_sets(flags.input_data_dir, flags.fake_data, seed=flags.seed)
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(flags.seed)
        images, labels = placeholder_inputs(flags.batch_size)
        logits = mnist.inference(images, flags.hidden1, flags.hidden2)
        loss = mnist.loss(logits, labels)
        train_op = mnist.training(loss, flags.learning_rate)
        eval_correct = mnist.evaluation(logits, labels)
        sess.run(tf.initialize_all_variables())
        for step in range(flags.max_steps):
            start = time.perf_counter()
            batch_images, batch_labels = data_sets.train.next_batch(flags.batch_size, flags.fake_data)
            _, value = sess.run([train_op, loss], feed_dict={images: batch_images, labels: batch_labels})
            if step % 100 == 0:
                print(f"Step {step}: loss = {value:.2f} ({time.perf_counter() - start:.3f} sec)", flush=True)
            if (step + 1) % EVALUATE_EVERY == 0 or step + 1 == flags.max_steps:
                for name, data_set in zip(("Training", "Validation", "Test"), data_sets, strict=True):
                    print(f"{name} Data Eval:")
                    do_eval(sess, eval_correct, images, labels, data_set, flags.batch_size)


def main(argv: Sequence[str] | None = None) -> None:
    """Reads the flags from `argv`, the command line with the program's name first, and trains."""
    parser = argparse.ArgumentParser(description="The net of TensorFlow Mechanics 101 on MNIST.")
    parser.add_argument("--learning_rate", type=float, default=0.01, help="of gradient descent")
    parser.add_argument("--max_steps", "--steps", type=int, default=2000, help="training steps")
    parser.add_argument("--hidden1", type=int, default=128, help="units of the first hidden layer")
    parser.add_argument("--hidden2", type=int, default=32, help="units of the second hidden layer")
    parser.add_argument("--batch_size", type=int, default=100, help="images in a step")
    parser.add_argument(
        "--input_data_dir",
        "--data_dir",
        default="MNIST_data",
        help="folder with MNIST's files, if not the packaged ones",
    )
    parser.add_argument("--fake_data", action="store_true", help="constant data instead of MNIST")
    parser.add_argument("--seed", type=int, default=None, help="makes the run repeatable")
    run_training(parser.parse_args((sys.argv if argv is None else argv)[1:]))


if __name__ == "__main__":
    main()
