"""A trained model used again: sample, traverse, interpolate, reconstruct, encode."""
import os
import shutil
import unittest

import h5py
import numpy as np
from harness import EndToEnd, blobs, write_idx
from PIL import Image

# Every view as its command draws it.
EXPERIMENT = """
    data: {validation: 0.2}
    model: {start_at_mean: true}
    optimizer: {lr: 1e-2}
    train: {epochs: 4}
    views:
      - {use: reconstructions, count: 6, columns: 3}
      - {use: samples, rows: 2, columns: 5}
      - {use: traversal, columns: 5}
      - {use: interpolation, by: index, from: 0, to: 3, count: 2, steps: 4}
    sweep: {loss.beta: [1, 4]}
    """


class TrainedModel(EndToEnd):
    def setUp(self):
        super().setUp()
        for name, count in (("train", 600), ("test", 200)):
            write_idx(self.path(name + "_labels.idx"), (np.arange(count) % 3).astype(np.uint8))
        self.experiment("e", EXPERIMENT.replace("data: {", "data: {labels: train_labels.idx, "
                                                "test_labels: test_labels.idx, "))
        self.varia("run", "e.yaml", "--quiet")
        with h5py.File(self.path("results/e.h5")) as file:
            self.ids = file["trials/id"].asstr()[:].tolist()

    def use(self, command, *more, row=1, file="results/e.h5"):
        return self.varia(command, file, "--trial", self.ids[row], *more)

    def stored(self, view, row=1):
        with h5py.File(self.path("results/e.h5")) as file:
            height, width = (file[f"views/{view}_{side}"][row, 0] for side in ("height", "width"))
            return file[f"views/{view}"][row, 0, :height, :width]

    def frames(self, name):
        with Image.open(self.path(name)) as image:
            frames = []
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                frames.append(np.array(image.convert("L")))
        return frames

    def test_the_pictures_are_those_that_the_run_drew(self):
        for command, view, settings in (
                ("reconstruct", "reconstructions", ["count=6", "columns=3"]),
                ("sample", "samples", ["rows=2", "columns=5"]),
                ("traverse", "traversal", ["columns=5"]),
                ("interpolate", "interpolation", ["by=index", "from=0", "to=3", "count=2",
                                                  "steps=4"])):
            outcome = self.use(command, *settings, "-o", view + ".png")
            self.assertIn(f"{view}.png: ", outcome.out)
            self.assertIn("of epoch 4", outcome.out)
            stored = self.stored(view)
            # Labels stand above and at the left.
            drawn = self.frames(view + ".png")[0][-stored.shape[0]:, -stored.shape[1]:]
            np.testing.assert_array_equal(drawn, stored, view)
        self.use("sample", "rows=2", "columns=5", "--scale", "3")
        np.testing.assert_array_equal(self.frames(f"samples-{self.ids[1]}.png")[0],
                                      self.stored("samples").repeat(3, 0).repeat(3, 1))

    def test_animations(self):
        self.use("traverse", "columns=3", "images=2", "-o", "walk.gif")
        frames = self.frames("walk.gif")  # -3, 0, 3, 0
        self.assertEqual(len(frames), 4)
        np.testing.assert_array_equal(frames[1], frames[3])
        self.assertGreater(np.abs(frames[0].astype(int) - frames[2]).max(), 30)
        # The columns of the picture, one after the other.
        self.use("interpolate", "by=index", "from=0", "to=3", "count=2", "steps=4", "-o",
                 "way.gif")
        frames = self.frames("way.gif")
        still = self.stored("interpolation")
        self.assertEqual(len(frames), 4)
        for step, frame in enumerate(frames):
            left = 2 + step * 10
            for row in (0, 1):
                tile = still[2 + row * 10:10 + row * 10, left:left + 8]
                centre = (frame.shape[1] - 22) // 2 + 2 + row * 10  # the title is wider
                np.testing.assert_array_equal(frame[-10:-2, centre:centre + 8], tile)
        self.assertIn("draws an animation of 4 frames here. Expected --output FILE.gif",
                      self.refused("traverse", "results/e.h5", "--trial", "0", "form=animation",
                                   "columns=3", "-o", "walk.png"))

    def test_another_view_can_be_drawn(self):
        self.use("sample", "use=latent_scatter", "projection=pca", "-o", "plane.png")
        with Image.open(self.path("plane.png")) as image:
            self.assertEqual(image.size, (640, 480))

    def test_codes_are_those_whose_divergence_was_recorded(self):
        self.use("encode", "-o", "codes.h5")
        with h5py.File(self.path("results/e.h5")) as file:
            truth = {split: file[f"metrics/{split}/kl_per_dim_z"][1, -1]
                     for split in ("validation", "test")}
        sizes = {"train": 480, "validation": 120, "test": 200}
        with h5py.File(self.path("codes.h5")) as file:
            self.assertEqual(file.attrs["format"], "varia-codes")
            self.assertEqual(file.attrs["trial"], self.ids[1])
            self.assertEqual(file.attrs["epoch"], 4)
            self.assertEqual(set(file), set(sizes))
            for split, size in sizes.items():
                mean = file[split]["z_mean"][:].astype(float)
                deviation = file[split]["z_standard_deviation"][:].astype(float)
                labels = file[split]["labels"][:]
                self.assertEqual((mean.shape, deviation.shape), ((size, 4), (size, 4)))
                self.assertEqual(file[split]["z_mean"].dims[0].label or
                                 file[split]["z_mean"].dims[0][0].name, f"/{split}/image")
                self.assertEqual(np.bincount(labels).sum(), size)
                if split == "test":
                    np.testing.assert_array_equal(labels, np.arange(200) % 3)
                if split in truth:
                    kl = (mean ** 2 + deviation ** 2 - 1) / 2 - np.log(deviation)
                    np.testing.assert_allclose(kl.mean(0), truth[split], rtol=1e-4, atol=1e-5)
        self.use("encode", "--split", "test", "-o", "test.h5")
        with h5py.File(self.path("test.h5")) as file, h5py.File(self.path("codes.h5")) as all:
            self.assertEqual(list(file), ["test"])
            np.testing.assert_array_equal(file["test/z_mean"][:], all["test/z_mean"][:])

    def test_codes_of_a_codebook_are_its_vectors(self):
        self.varia("run", "base.yaml", "--name", "vq", "--quiet",
                   "model={use: vq_vae, hidden: [16], codes: 2, size: 3, codebook: 5}",
                   "loss={use: vq}")
        self.varia("encode", "results/vq.h5", "--trial", "0", "--split", "test", "-o", "codes.h5")
        with h5py.File(self.path("codes.h5")) as file:
            vectors = file["test/z_mean"][:].reshape(-1, 3)
        self.assertEqual(vectors.shape, (400, 3))
        self.assertLessEqual(len(np.unique(np.round(vectors, 4), axis=0)), 5)

    def test_more_images_need_no_more_memory(self):
        def most_memory(images):
            write_idx(self.path("train.idx"), np.tile(blobs(1000, 0), (images // 1000, 1, 1)))
            write_idx(self.path("train_labels.idx"), np.zeros(images, np.uint8))
            self.varia("run", "e.yaml", "loss.beta=1", "train.epochs=1", "views=[]", "--quiet",
                       "--name", f"of_{images}")
            process = self.start("encode", f"results/of_{images}.h5", "--trial", "0", "--split",
                                 "train", "-o", "codes.h5")
            _, status, usage = os.wait4(process.pid, 0)
            process.stdout.close(), process.stderr.close()
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0)
            return usage.ru_maxrss * 1024
        # 60,000 more images are 4 MB of pixels, mapped, and 2 MB of codes.
        self.assertLess(most_memory(62_000) - most_memory(2_000), 24e6)

    def test_what_cannot_be_used_is_said(self):
        id, file = self.ids[0], self.path(f"results/e/models/{self.ids[0]}.h5")
        sample = ["sample", "results/e.h5", "--trial", id]
        wrong = id[:-1] + ("0" if id[-1] != "0" else "1")
        self.assertIn(f"has no trial '{wrong}'. Did you mean '{id}'?",
                      self.refused("sample", "results/e.h5", "--trial", wrong))
        self.assertIn("Did you mean 'rows'?", self.refused(*sample, "rws=2"))
        self.assertIn("expected a file that ends in .png or .gif",
                      self.refused(*sample, "-o", "picture.jpg"))
        # What a file of values takes, a picture does not.
        self.assertIn("--count is for a file of values",
                      self.refused(*sample, "--count", "4", "-o", "picture.png"))
        self.assertIn("--count is for a file of values", self.refused(*sample, "--count", "4"))
        self.assertIn("--split is for a file of values",
                      self.refused("reconstruct", *sample[1:], "--split", "train", "-o", "picture.png"))
        self.assertEqual(self.files("*.png"), [])
        # The parameters of another trial, though they have the same shapes.
        other = self.path(f"results/e/models/{self.ids[1]}.h5")
        for command in ("sample", "encode", "score", "traverse"):
            self.assertIn(f"{other}: has the parameters of the trial {self.ids[1]}, and those of "
                          f"the trial {id} are asked for",
                          self.refused(command, *sample[1:], "--parameters", other))
        shutil.copy(file, self.path("good.h5"))
        with open(file, "r+b") as stream:
            stream.truncate(os.path.getsize(file) // 2)
        self.assertIn(f"results/e/models/{id}.h5: ", self.refused(*sample))
        os.remove(file)
        line = self.refused(*sample)
        self.assertIn(f"its parameters are not in results/e/models/{id}.h5; --parameters names "
                      "another file", line)
        self.assertIn(f"varia run --from results/e.h5 --trial {id} trains it again", line)
        self.varia(*sample, "--parameters", "good.h5")
        # As the message says.
        self.varia("run", "--from", "results/e.h5", "--trial", id, "--quiet")
        self.varia("sample", f"results/e_{id}.h5", "--trial", "0", "rows=2", "columns=5", "-o",
                   "again.png")
        np.testing.assert_array_equal(self.frames("again.png")[0], self.stored("samples", 0))
        self.varia("run", "e.yaml", "--quiet", "--name", "none", "train.keep=none", "loss.beta=1")
        line = self.refused("sample", "results/none.h5", "--trial", "0")
        self.assertIn("its parameters were not kept (train.keep: none)", line)
        self.assertTrue(line.endswith("train.keep=last trains it again"), line)

    def test_plugins_must_be_those_that_trained_it(self):
        with h5py.File(self.path("results/e.h5"), "r+") as file:
            texts = file["trials/plugins"].asstr()[:].tolist()
            for row, (name, digit) in enumerate((("mlp_vae", "0"), ("mlp_vea", "1"))):
                lines = texts[row].splitlines()
                place = [line.split()[0] for line in lines].index("mlp_vae")
                words = lines[place].split()
                words[0] = name
                words[2] = digit * 64
                lines[place] = " ".join(words)
                file["trials/plugins"][row] = "\n".join(lines) + "\n"
        sample = ["sample", "results/e.h5", "rows=2", "columns=5", "-o", "s.png", "--trial"]
        self.assertIn("its plugin mlp_vae is not the build that trained it",
                      self.refused(*sample, self.ids[0]))
        self.varia(*sample, self.ids[0], "--other-plugins")
        np.testing.assert_array_equal(self.frames("s.png")[0], self.stored("samples", 0))
        self.assertIn("its plugin mlp_vea is not here. Expected it in `plugins` of the experiment",
                      self.refused(*sample, self.ids[1]))


if __name__ == "__main__":
    unittest.main()
