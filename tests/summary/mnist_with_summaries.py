"""MNIST softmax with summaries, as programs of TensorFlow 0.x wrote it."""

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

flags = tf.app.flags
FLAGS = flags.FLAGS
flags.DEFINE_integer("max_steps", 100, "Number of steps to run trainer.")
flags.DEFINE_float("learning_rate", 0.5, "Learning rate for training.")
flags.DEFINE_string("summaries_dir", "/tmp/mnist_logs", "Directory of the summaries.")


def main(_):
    mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)
    sess = tf.InteractiveSession()
    x = tf.placeholder(tf.float32, [None, 784], name="x-input")
    W = tf.Variable(tf.zeros([784, 10]), name="weights")
    b = tf.Variable(tf.zeros([10]), name="bias")
    with tf.name_scope("Wx_b"):
        y = tf.nn.softmax(tf.matmul(x, W) + b)
    tf.histogram_summary("weights", W)
    tf.histogram_summary("biases", b)
    tf.histogram_summary("y", y)
    tf.image_summary("input", tf.reshape(x, [-1, 28, 28, 1]), max_images=2)
    y_ = tf.placeholder(tf.float32, [None, 10], name="y-input")
    with tf.name_scope("xent"):
        seen = tf.log(tf.clip_by_value(y, 1e-10, 1.0))
        cross_entropy = -tf.reduce_mean(tf.reduce_sum(y_ * seen, reduction_indices=[1]))
        tf.scalar_summary("cross entropy", cross_entropy)
    with tf.name_scope("train"):
        train_step = tf.train.GradientDescentOptimizer(FLAGS.learning_rate).minimize(cross_entropy)
    with tf.name_scope("test"):
        correct = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
        accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
        tf.scalar_summary("accuracy", accuracy)
    merged = tf.merge_all_summaries()
    writer = tf.train.SummaryWriter(FLAGS.summaries_dir, sess.graph)
    tf.initialize_all_variables().run()
    for i in range(FLAGS.max_steps):
        if i % 10 == 0:
            feed = {x: mnist.test.images[:1000], y_: mnist.test.labels[:1000]}
            summary_str, acc = sess.run([merged, accuracy], feed_dict=feed)
            writer.add_summary(summary_str, i)
            print(f"Accuracy at step {i}: {acc}")
        else:
            xs, ys = mnist.train.next_batch(100)
            sess.run(train_step, feed_dict={x: xs, y_: ys})


if __name__ == "__main__":
    tf.app.run()
