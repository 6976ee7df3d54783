"""Every file of experiments/: checked as it stands, and run at a small scale to its last picture."""
import glob
import os
import unittest

from harness import MNIST, EndToEnd, read_all

EXPERIMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "experiments")


def files_of(*folder):
    """The paths below experiments/ without their endings."""
    found = glob.glob(os.path.join(EXPERIMENTS, *folder, "*.yaml"))
    return sorted(os.path.splitext(os.path.relpath(path, EXPERIMENTS))[0] for path in found)


# Those that need a file which cannot be fetched stand apart.
ABSENT = ["published/burgess_dsprites"]
FILES = files_of() + [name for name in files_of("published") if name not in ABSENT]

# One epoch of a few images. More where a file's own needs are larger, less where it would be slow.
QUICK = ["train.epochs=1", "data.limit=300", "replicates=1"]
FURTHER = {
    "beta_sweep": ["model.latent=2"],
    "conv_beta": ["data.limit=64", "loss.beta=10", "views.from_images.columns=2",
                  "views.from_normal.columns=2", "views.from_zero.columns=2"],
    "self_conditional_vae": ["data.limit=600"],
    "published/burda_vae": ["metrics.nll.samples=10"],
    "published/burda_iwae_5": ["metrics.nll.samples=10"],
    "published/burda_iwae_50": ["metrics.nll.samples=10"],
}


@unittest.skipUnless(os.path.isdir(MNIST), f"there is no {MNIST}")
class Experiments(EndToEnd):
    def file(self, name):
        return os.path.join(EXPERIMENTS, name + ".yaml")

    def test_every_file_is_named_as_its_experiment_and_says_what_it_shows(self):
        for name in FILES + ABSENT:
            with self.subTest(name), open(self.file(name)) as file:
                text = file.read()
                self.assertTrue(text.startswith("# "))
                self.assertIn(f"\nname: {os.path.basename(name)}\n", text)

    def test_every_file_stands_in_the_table_of_the_readme(self):
        for name in FILES + ABSENT:
            folder, file_name = os.path.split(name)
            with self.subTest(name), open(os.path.join(EXPERIMENTS, folder, "README.md")) as file:
                self.assertIn(f"| `{file_name}.yaml` |", file.read())

    def test_every_file_can_be_run_as_it_stands(self):
        for name in FILES:
            with self.subTest(name):
                self.varia("check", self.file(name))

    def test_every_file_runs_to_its_last_picture_at_a_small_scale(self):
        for name in FILES:
            with self.subTest(name):
                self.varia("run", self.file(name), "--quiet", *QUICK, *FURTHER.get(name, []))
                results = read_all(self.path("results", os.path.basename(name) + ".h5"))
                self.assertEqual(set(results["trials/status"]), {b"done"})
                with open(self.file(name)) as file:
                    has_views = "\nviews:" in file.read()
                shown = [path for path in results if path.startswith(("views/", "points/"))]
                self.assertEqual(bool(shown), has_views)


if __name__ == "__main__":
    unittest.main()
