"""How much memory a run of one trial takes."""
import os
import resource
import unittest

from harness import MNIST, EndToEnd


class Memory(EndToEnd):
    @unittest.skipUnless(os.path.isdir(MNIST), f"there is no {MNIST}")
    def test_a_trial_on_mnist_stays_under_600_mb(self):
        self.write("mnist.yaml", """
            data: {use: mnist, batch: 128}
            model: {use: mlp_vae, hidden: [400], latent: 20}
            loss: elbo
            optimizer: {use: adam, lr: 1e-3}
            train: {epochs: 1}
            metrics: [nll]
            views: [reconstructions, samples]
            """)
        self.varia("run", "mnist.yaml", "--quiet")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"peak: {peak:.0f} MB")
        self.assertLess(peak, 600)


if __name__ == "__main__":
    unittest.main()
