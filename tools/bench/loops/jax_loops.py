"""Training loops in JAX, driven by standard input as loops/main.cpp is:

    jax_loops.py IMAGES BATCH mlp HIDDEN LATENT ACTIVATION
    jax_loops.py IMAGES BATCH conv|joint

Images are in memory; a step, its gather, its noise and Adam (optax) are one compiled function, and no
number is read back in it. IMAGES is as in pytorch_loops.py.
"""
import math
import os
import sys
import time

# One thread, as the other loops have; XLA looks at these when it starts.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
import optax

from bench_images import load_images


# Models: parameters, and `loss(parameters, key, images [B, 784], step)`, the mean over the batch in
# nats.


def uniform(key, shape, fan_in):
    reach = 1 / math.sqrt(fan_in)
    return jax.random.uniform(key, shape, minval=-reach, maxval=reach)


def dense_layers(key, sizes):
    parameters = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        key, weight, bias = jax.random.split(key, 3)
        parameters.append((uniform(weight, (inputs, outputs), inputs),
                           uniform(bias, (outputs,), inputs)))
    return parameters


def apply_dense(parameters, values, activation):
    for i, (weight, bias) in enumerate(parameters):
        values = values @ weight + bias
        if i + 1 < len(parameters):
            values = jax.nn.relu(values) if activation == "relu" else jax.nn.leaky_relu(values, 0.2)
    return values


def draw(key, mean, log_var):
    return mean + jnp.exp(0.5 * log_var) * jax.random.normal(key, mean.shape)


def kl_to_unit_normal(mean, log_var):
    return -0.5 * jnp.sum(1 + log_var - mean ** 2 - jnp.exp(log_var))


def cross_entropy(logits, x):
    return jnp.sum(optax.sigmoid_binary_cross_entropy(logits, x))


def gaussian_loss(encode, decode):
    def loss(parameters, key, x, step):
        mean, log_var = jnp.split(encode(parameters["encoder"], x), 2, axis=1)
        logits = decode(parameters["decoder"], draw(key, mean, log_var))
        return (cross_entropy(logits, x) + kl_to_unit_normal(mean, log_var)) / len(x)
    return loss


def mlp(key, batch, hidden, latent, activation):
    hidden, latent = [int(width) for width in hidden.split(",")], int(latent)
    encoder, decoder = jax.random.split(key)
    parameters = {"encoder": dense_layers(encoder, [784, *hidden, 2 * latent]),
                  "decoder": dense_layers(decoder, [latent, *reversed(hidden), 784])}

    def apply(layers, values):
        return apply_dense(layers, values, activation)
    return parameters, gaussian_loss(apply, apply)


def convolution(parameters, values, stride):
    weight, bias = parameters
    return jax.lax.conv_general_dilated(values, weight, (stride, stride), ((1, 1), (1, 1)),
                                        dimension_numbers=("NCHW", "OIHW", "NCHW")) + bias


def transposed(parameters, values, stride, padding, output_padding):
    weight, bias = parameters  # [in, out, 3, 3], as PyTorch has it
    low, high = 2 - padding, 2 - padding + output_padding
    return jax.lax.conv_general_dilated(
        values, jnp.flip(weight, (2, 3)).swapaxes(0, 1), (1, 1), ((low, high), (low, high)),
        lhs_dilation=(stride, stride), dimension_numbers=("NCHW", "OIHW", "NCHW")) + bias


def conv(key, batch):
    """That of ../models/conv.yaml."""
    keys = iter(jax.random.split(key, 16))

    def filters(first, second, fan_in, channels):
        return (uniform(next(keys), (first, second, 3, 3), fan_in * 9),
                uniform(next(keys), (channels, 1, 1), fan_in * 9))
    parameters = {
        "encoder": [filters(64, 1, 1, 64), filters(256, 64, 64, 256),
                    dense_layers(next(keys), [12544, 32])],
        "decoder": [dense_layers(next(keys), [16, 6272]), filters(128, 256, 256, 256),
                    filters(256, 64, 64, 64), filters(64, 1, 1, 1)]}

    def encode(layers, x):
        values = jax.nn.relu(convolution(layers[0], x.reshape(-1, 1, 28, 28), 2))
        values = jax.nn.relu(convolution(layers[1], values, 2))
        return apply_dense(layers[2], values.reshape(len(x), -1), "relu")

    def decode(layers, z):
        values = apply_dense(layers[0], z, "relu").reshape(-1, 128, 7, 7)
        values = jax.nn.relu(transposed(layers[1], values, 2, 1, 0))
        values = jax.nn.relu(transposed(layers[2], values, 2, 0, 1))
        return transposed(layers[3], values, 1, 1, 0).reshape(len(z), -1)
    return parameters, gaussian_loss(encode, decode)


def joint(key, batch):
    """That of ../models/joint.yaml."""
    encoder, decoder = jax.random.split(key)
    parameters = {"encoder": dense_layers(encoder, [784, 400, 50]),
                  "decoder": dense_layers(decoder, [30, 400, 784])}

    def loss(parameters, key, x, step):
        encoded = apply_dense(parameters["encoder"], x, "relu")
        mean, log_var, logits = jnp.split(encoded, [20, 40], axis=1)
        for_code, for_category = jax.random.split(key)
        category = jax.nn.softmax(logits + jax.random.gumbel(for_category, logits.shape))
        code = jnp.concatenate([draw(for_code, mean, log_var), category], 1)
        pixels = apply_dense(parameters["decoder"], code, "relu")
        log_posterior = jax.nn.log_softmax(logits)
        kl_c = jnp.sum(jnp.exp(log_posterior) * (log_posterior + math.log(10))) / len(x)
        kl_z = kl_to_unit_normal(mean, log_var) / len(x)
        capacity = 0.78125 * jnp.minimum(40, 1 + (step + 1) * batch // 60000) / 40
        return (cross_entropy(pixels, x) / len(x) + 20 * jnp.abs(kl_z - capacity) +
                20 * jnp.abs(kl_c - capacity))
    return parameters, loss


class Loop:
    def __init__(self, images, parameters, loss, batch):
        self.images, self.batch, self.place = jnp.asarray(images), batch, len(images)
        self.random = np.random.default_rng(0)
        optimizer = optax.adam(1e-3)
        self.state = (parameters, optimizer.init(parameters), jnp.zeros((), jnp.int32), jnp.zeros(()))

        def step(state, images, order, place):
            parameters, moments, number, total = state
            x = images[jax.lax.dynamic_slice_in_dim(order, place, batch)]
            key = jax.random.fold_in(jax.random.key(1), number)
            value, gradients = jax.value_and_grad(loss)(parameters, key, x, number)
            updates, moments = optimizer.update(gradients, moments)
            return optax.apply_updates(parameters, updates), moments, number + 1, total + value
        self.step = jax.jit(step, donate_argnums=0)

    def run(self, steps):
        parameters, moments, number, _ = self.state
        self.state = parameters, moments, number, jnp.zeros(())
        for _ in range(steps):
            # Whole batches alone: another shape would be compiled anew.
            if self.place + self.batch > len(self.images):
                self.order = jnp.asarray(self.random.permutation(len(self.images)))
                self.place = 0
            self.state = self.step(self.state, self.images, self.order, self.place)
            self.place += self.batch
        return float(self.state[3]) / steps


def main():
    images, batch, name, *words = sys.argv[1:]
    parameters, loss = {"mlp": mlp, "conv": conv, "joint": joint}[name](
        jax.random.key(0), int(batch), *words)
    loop = Loop(load_images(images), parameters, loss, int(batch))
    loop.run(1)  # compiles
    print("ready", flush=True)
    for line in sys.stdin:
        cpu, wall = time.process_time(), time.perf_counter()
        value = loop.run(int(line))
        print(time.process_time() - cpu, time.perf_counter() - wall, value, flush=True)


if __name__ == "__main__":
    main()
