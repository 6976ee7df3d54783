"""The images that the Python loops train on, as float32 [N, 784] in [0, 1]."""
import os

import numpy as np


def mnist_folder():
    data = os.environ.get("VARIA_DATA", os.path.expanduser("~/.cache/varia"))
    return os.path.join(data, "mnist")


def load_images(name):
    """`mnist`, or the path of an .npy file."""
    if name != "mnist":
        images = np.load(name).reshape(-1, 784)
        return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images
    pixels = np.fromfile(os.path.join(mnist_folder(), "train-images-idx3-ubyte"), np.uint8, offset=16)
    return pixels.reshape(-1, 784).astype(np.float32) / 255


def write_dense_images(path):
    """Fashion-MNIST, a tenth of it noise: [60000, 28, 28]."""
    folder = os.path.join(os.path.dirname(mnist_folder()), "fashion_mnist")
    pixels = np.fromfile(os.path.join(folder, "train-images-idx3-ubyte"), np.uint8, offset=16)
    noise = np.random.default_rng(0).uniform(0.01, 1, pixels.size)
    images = (0.9 * pixels / 255 + 0.1 * noise).astype(np.float32)
    np.save(path + ".part.npy", images.reshape(-1, 28, 28))
    os.replace(path + ".part.npy", path)
