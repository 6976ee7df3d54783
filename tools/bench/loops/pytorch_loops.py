"""Training loops in PyTorch, driven by standard input as loops/main.cpp is:

    pytorch_loops.py tuned|fused|notebook HIDDEN LATENT BATCH ACTIVATION

tuned     images in memory, the foreach optimizer, no number read back in a step
fused     the same with the fused optimizer (PyTorch 2.x on the CPU)
notebook  torchvision's DataLoader, a sigmoid before the loss, loss.item() in every step
"""
import os
import sys
import time

import torch
import torch.nn.functional as F


def layers(sizes, activation):
    result = []
    for i in range(1, len(sizes)):
        result.append(torch.nn.Linear(sizes[i - 1], sizes[i]))
        if i + 1 < len(sizes):
            result.append(torch.nn.ReLU() if activation == "relu" else torch.nn.LeakyReLU(0.2))
    return torch.nn.Sequential(*result)


class Vae(torch.nn.Module):
    def __init__(self, hidden, latent, activation):
        super().__init__()
        self.encoder = layers([784, *hidden, 2 * latent], activation)
        self.decoder = layers([latent, *reversed(hidden), 784], activation)

    def forward(self, x):
        mean, log_var = self.encoder(x).chunk(2, 1)
        z = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
        return self.decoder(z), mean, log_var


def kl(mean, log_var):
    return -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())


class TunedLoop:
    def __init__(self, model, batch, **options):
        self.model, self.batch = model, batch
        with open(os.path.join(mnist_folder(), "train-images-idx3-ubyte"), "rb") as file:
            data = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8, offset=16)
        self.images = data.view(60000, 784).float().div_(255)
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, **options)
        self.place = len(self.images)

    def run(self, steps):
        total = torch.zeros(())
        for _ in range(steps):
            if self.place >= len(self.images):
                self.order, self.place = torch.randperm(len(self.images)), 0
            x = self.images.index_select(0, self.order[self.place:self.place + self.batch])
            self.place += self.batch
            logits, mean, log_var = self.model(x)
            loss = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
            loss = (loss + kl(mean, log_var)) / len(x)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        return total.item() / steps


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
            logits, mean, log_var = self.model(x)
            loss = F.binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")
            loss = loss + kl(mean, log_var)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            total, images = total + loss.item(), images + len(x)
        return total / images


def mnist_folder():
    data = os.environ.get("VARIA_DATA", os.path.expanduser("~/.cache/varia"))
    return os.path.join(data, "mnist")


def main():
    kind, hidden, latent, batch, activation = sys.argv[1:]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = Vae([int(width) for width in hidden.split(",")], int(latent), activation)
    if kind == "notebook":
        loop = NotebookLoop(model, int(batch))
    else:
        loop = TunedLoop(model, int(batch), **{"foreach" if kind == "tuned" else kind: True})
    print("ready", flush=True)
    for line in sys.stdin:
        cpu, wall = time.process_time(), time.perf_counter()
        loss = loop.run(int(line))
        print(time.process_time() - cpu, time.perf_counter() - wall, loss, flush=True)


if __name__ == "__main__":
    main()
