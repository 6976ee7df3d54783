"""Training loops in PyTorch, driven by standard input as loops/main.cpp is:

    pytorch_loops.py KIND DEVICE IMAGES BATCH mlp HIDDEN LATENT ACTIVATION
    pytorch_loops.py KIND DEVICE IMAGES BATCH conv|joint

DEVICE is cpu or cuda. IMAGES is `mnist`, or an .npy file of images in [0, 1] or of bytes. KIND is one of

tuned     images in the device's memory, the foreach optimizer, no number read back in a step
fused     the same with the fused optimizer (PyTorch 2.x on the CPU)
compiled  that with the loss and its gradients by torch.compile
graphed   that of `fused` as a CUDA graph
notebook  torchvision's DataLoader, a sigmoid before the loss, loss.item() in every step; on the CPU
"""
import math
import os
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

from bench_images import load_images, mnist_folder


# Models: `loss(images [B, 784], cross_entropy)` is the mean over the batch in nats.


def layers(sizes, activation):
    result = []
    for i in range(1, len(sizes)):
        result.append(nn.Linear(sizes[i - 1], sizes[i]))
        if i + 1 < len(sizes):
            result.append(nn.ReLU() if activation == "relu" else nn.LeakyReLU(0.2))
    return nn.Sequential(*result)


def draw(mean, log_var):
    return mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)


def kl_to_unit_normal(mean, log_var):
    return -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())


class GaussianVae(nn.Module):
    """A Gaussian code between an encoder [B, 784] -> [B, 2 latent] and a decoder."""

    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def begin_step(self, count):
        """Before a step on so many images."""

    def loss(self, x, cross_entropy):
        mean, log_var = self.encoder(x).chunk(2, 1)
        logits = self.decoder(draw(mean, log_var))
        return (cross_entropy(logits, x) + kl_to_unit_normal(mean, log_var)) / len(x)


def mlp(hidden, latent, activation):
    hidden = [int(width) for width in hidden.split(",")]
    return GaussianVae(layers([784, *hidden, 2 * int(latent)], activation),
                       layers([int(latent), *reversed(hidden), 784], activation))


def conv():
    """That of ../models/conv.yaml."""
    encoder = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 64, 3, 2, 1), nn.ReLU(),
        nn.Conv2d(64, 256, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(12544, 32))
    decoder = nn.Sequential(
        nn.Linear(16, 6272), nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 256, 3, 2, 1), nn.ReLU(),
        nn.ConvTranspose2d(256, 64, 3, 2, 0, 1), nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 3, 1, 1), nn.Flatten())
    return GaussianVae(encoder, decoder)


class JointVae(nn.Module):
    """That of ../models/joint.yaml."""

    def __init__(self):
        super().__init__()
        self.encoder = layers([784, 400, 50], "relu")
        self.decoder = layers([30, 400, 784], "relu")
        self.images = 0
        self.register_buffer("capacity", torch.zeros(()))

    def begin_step(self, count):
        self.images += count
        self.capacity.fill_(0.78125 * min(40, 1 + self.images // 60000) / 40)

    def loss(self, x, cross_entropy):
        mean, log_var, logits = self.encoder(x).split([20, 20, 10], 1)
        category = F.gumbel_softmax(logits, tau=1.0)
        pixels = self.decoder(torch.cat([draw(mean, log_var), category], 1))
        log_posterior = F.log_softmax(logits, 1)
        kl_c = (log_posterior.exp() * (log_posterior + math.log(10))).sum() / len(x)
        kl_z = kl_to_unit_normal(mean, log_var) / len(x)
        return (cross_entropy(pixels, x) / len(x) + 20 * (kl_z - self.capacity).abs() +
                20 * (kl_c - self.capacity).abs())


def cross_entropy(logits, x):
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum")


def cross_entropy_of_sigmoid(logits, x):
    return F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")


class TunedLoop:
    def __init__(self, images, model, batch, device, compiled=False, **options):
        self.model, self.batch = model.to(device), batch
        self.images = torch.from_numpy(load_images(images)).to(device)
        # A batch of another size, at the end of an epoch, is compiled anew once.
        self.loss = torch.compile(model.loss) if compiled else model.loss
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, **options)
        self.place = len(self.images)
        self.total = torch.zeros((), device=device)

    def next_batch(self):
        if self.place >= len(self.images):
            self.order = torch.randperm(len(self.images), device=self.images.device)
            self.place = 0
        x = self.images.index_select(0, self.order[self.place:self.place + self.batch])
        self.place += self.batch
        self.model.begin_step(len(x))
        return x

    def step(self, x):
        loss = self.loss(x, cross_entropy)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.total += loss.detach()

    def run(self, steps):
        self.total.zero_()
        for _ in range(steps):
            self.step(self.next_batch())
        return self.total.item() / steps


class GraphedLoop(TunedLoop):
    """Leaves out the batch at the end of an epoch that has another size."""

    def __init__(self, images, model, batch, device):
        super().__init__(images, model, batch, device, fused=True, capturable=True)
        self.images = self.images[:len(self.images) // batch * batch]
        self.place = len(self.images)
        self.x = self.next_batch()
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):  # what is made in the first steps is not part of the graph
                super().step(self.x)
        torch.cuda.current_stream().wait_stream(aside)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            super().step(self.x)

    def step(self, x):
        self.x.copy_(x)
        self.graph.replay()


class NotebookLoop:
    def __init__(self, model, batch):
        import tempfile

        from torchvision import datasets, transforms

        self.model = model
        self.root = tempfile.TemporaryDirectory(prefix="varia_bench_")
        os.makedirs(os.path.join(self.root.name, "MNIST"))
        os.symlink(mnist_folder(), os.path.join(self.root.name, "MNIST", "raw"))
        data = datasets.MNIST(self.root.name, train=True, transform=transforms.ToTensor())
        self.loader = torch.utils.data.DataLoader(data, batch_size=batch, shuffle=True)
        self.batches = iter(())
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def run(self, steps):
        total, images = 0.0, 0
        for _ in range(steps):
            try:
                x, _ = next(self.batches)
            except StopIteration:
                self.batches = iter(self.loader)
                x, _ = next(self.batches)
            x = x.view(-1, 784)
            self.model.begin_step(len(x))
            loss = self.model.loss(x, cross_entropy_of_sigmoid)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total, images = total + loss.item() * len(x), images + len(x)
        return total / images


def main():
    kind, device, images, batch, *words = sys.argv[1:]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = {"mlp": mlp, "conv": conv, "joint": JointVae}[words[0]](*words[1:])
    if kind == "notebook":
        loop = NotebookLoop(model, int(batch))
    elif kind == "graphed":
        loop = GraphedLoop(images, model, int(batch), device)
    else:
        options = {"tuned": {"foreach": True}, "fused": {"fused": True},
                   "compiled": {"fused": True, "compiled": True}}
        loop = TunedLoop(images, model, int(batch), device, **options[kind])
    print("ready", flush=True)
    for line in sys.stdin:
        cpu, wall = time.process_time(), time.perf_counter()
        loss = loop.run(int(line))
        print(time.process_time() - cpu, time.perf_counter() - wall, loss, flush=True)


if __name__ == "__main__":
    main()
