"""varia export: pictures of a results file as PNG and GIF."""
import csv
import os
import shutil
import subprocess

import h5py
import numpy as np
from PIL import Image

from harness import EndToEnd, unittest


class ExportTest(EndToEnd):
    def make_example(self):
        """beta_sweep.h5: nine trials, the failed one too with `samples` (two titled frames at epoch
        4), `colour` (one picture) and `plane` (a scatter plot)."""
        subprocess.run([os.environ["MAKE_RESULTS_EXAMPLE"], self.folder], check=True)
        return "beta_sweep.h5"

    def written(self, folder):
        found = []
        for place, _, names in os.walk(self.path(folder)):
            found += [os.path.relpath(os.path.join(place, name), self.path(folder))
                      for name in names]
        return sorted(found)

    def frames(self, *path):
        """[frame, y, x, 3] of a PNG or a GIF, with what the file says of itself."""
        with Image.open(self.path(*path)) as image:
            frames = []
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                frames.append(np.array(image.convert("RGB")))
            return np.stack(frames), dict(image.info)


class Pictures(ExportTest):
    def test_pictures_of_a_run(self):
        self.experiment("sweep", """
            views: [{use: reconstructions, every: 1}, samples]
            sweep: {loss.beta: [1, 4]}
            """)
        self.varia("run", "sweep.yaml")
        outcome = self.varia("export", "results/sweep.h5", "--images", "out", "--scale", "2")
        self.assertEqual(self.written("out"), [
            "reconstructions/loss.beta=1-epoch001.png", "reconstructions/loss.beta=1-epoch002.png",
            "reconstructions/loss.beta=4-epoch001.png", "reconstructions/loss.beta=4-epoch002.png",
            "samples/loss.beta=1.png", "samples/loss.beta=4.png"])
        self.assertEqual(outcome.out.splitlines()[-1], "6 pictures written to out")
        with h5py.File(self.path("results/sweep.h5")) as file:
            self.assertEqual(list(file["parameters/loss.beta"][:]), [1, 4])
            height = file["views/samples_height"][1, 0]
            width = file["views/samples_width"][1, 0]
            stored = file["views/samples"][1, 0, :height, :width]
        written, _ = self.frames("out/samples/loss.beta=4.png")
        for channel in range(3):
            np.testing.assert_array_equal(written[0, :, :, channel],
                                          stored.repeat(2, axis=0).repeat(2, axis=1))

        self.varia("export", "results/sweep.h5", "--images", "moving", "--gif", "--frame-rate", "4",
                   "--view", "reconstructions")
        self.assertEqual(self.written("moving"), ["reconstructions/loss.beta=1.gif",
                                                "reconstructions/loss.beta=4.gif"])
        moving, info = self.frames("moving/reconstructions/loss.beta=1.gif")
        self.assertEqual((len(moving), info["duration"], info["loop"]), (2, 250, 0))

        self.varia("export", "results/sweep.h5", "--images", "sheets", "--sheet", "--epoch", "last")
        self.assertEqual(self.written("sheets"), [
            "reconstructions/sheet.png", "samples/sheet.png"])
        sheet, _ = self.frames("sheets/samples/sheet.png")
        self.assertGreater(sheet.shape[1], 2 * height)

        again = self.varia("export", "results/sweep.h5", "--images", "last", "--epoch", "last",
                           "--trial", "1", "--json").json
        self.assertEqual(again["folder"], "last")
        self.assertEqual([(one["file"], one["view"], one["rows"], one["epochs"], one["frames"])
                          for one in again["pictures"]],
                         [("reconstructions/loss.beta=4-epoch002.png", "reconstructions", [1], [2],
                           1),
                          ("samples/loss.beta=4.png", "samples", [1], [2], 1)])
        self.assertEqual(self.written("last"), [one["file"] for one in again["pictures"]])

    def test_animations_and_scatter_plots(self):
        outcome = self.varia("export", self.make_example(), "--images", "out")
        self.assertEqual(outcome.out.splitlines()[0].split(), ["view", "PNG", "GIF"])
        self.assertEqual(outcome.out.splitlines()[-1], "27 pictures written to out")
        files = self.written("out")
        for beta in (1, 2, 4):
            for replicate in (0, 1, 2):
                trial = f"loss.beta={beta},replicate={replicate}"
                for file in (f"colour/{trial}.png", f"plane/{trial}.png", f"samples/{trial}.gif"):
                    self.assertIn(file, files)
                    self.frames("out", file)
        with h5py.File(self.path("beta_sweep.h5")) as file:
            colour = file["views/colour"][0, 0, :20, :20]
            grey = file["views/samples"][0, 1, :20, :24][:, :, np.newaxis].repeat(3, axis=2)
        written, _ = self.frames("out/colour/loss.beta=1,replicate=0.png")
        np.testing.assert_array_equal(self.below_title(written[0], 20, 20), colour)
        moving, info = self.frames("out/samples/loss.beta=1,replicate=0.gif")
        self.assertEqual((len(moving), info["loop"]), (2, 0))
        np.testing.assert_array_equal(self.below_title(moving[1], 20, 24), grey)
        plot, _ = self.frames("out/plane/loss.beta=1,replicate=0.png")
        self.assertGreater((plot == (31, 119, 180)).all(axis=3).sum(), 8)

    def below_title(self, frame, height, width):
        """The picture, which stands in the middle of what its title made wider."""
        self.assertGreater(frame.shape[0], height)
        left = (frame.shape[1] - width) // 2
        return frame[-height:, left:left + width]

    def test_files_are_replaced_and_others_left_alone(self):
        results = self.make_example()
        self.varia("export", results, "--images", "out", "--view", "colour")
        name = self.path("out/colour/loss.beta=1,replicate=0.png")
        with open(name, "rb") as file:
            first = file.read()
        for path in (name, name + ".tmp", self.path("out/colour/mine.txt")):
            with open(path, "wb") as file:
                file.write(b"older")
        self.varia("export", results, "--images", "out", "--view", "colour")
        with open(name, "rb") as file:
            self.assertEqual(file.read(), first)
        self.assertEqual(len(self.written("out")), 11)
        self.assertIn("colour/mine.txt", self.written("out"))


class WrongCalls(ExportTest):
    def test_wrong_calls_say_what_is_there(self):
        results = self.make_example()
        for arguments, expected in [
                (["--view", "sampels"], "has no view 'sampels'. Did you mean 'samples'? Known: "
                                        "colour, plane, samples."),
                (["--trial", "12"], "has no trial '12'. Expected an id, as varia show lists it, its "
                                    "beginning, or a row from 0 to 8"),
                (["--trial", "00000"], "has 9 trials whose ids begin with '00000'"),
                (["--epoch", "7"], "has no picture of epoch 7. There are pictures of: 4"),
                (["--epoch", "frist"], "'frist' is not an epoch. Expected all, last, or a number"),
                (["--scale", "0"], "--scale"),
                (["--scale", "2.5"], "--scale"),
                (["--frame-rate", "-1"], "--frame-rate"),
                (["--gif", "--sheet"], "--gif excludes --sheet")]:
            self.assertIn(expected, self.refused("export", results, "--images", "out", *arguments))
        self.assertEqual(self.written("out"), [])
        self.assertIn("--images DIR", self.refused("export", results))
        self.assertIn("expected a folder", self.refused("export", results, "--images", ""))
        self.assertIn("absent.h5", self.refused("export", "absent.h5", "--images", "out"))

    def test_a_run_without_views_has_no_pictures(self):
        self.experiment("plain", "train: {epochs: 1}\n")
        self.varia("run", "plain.yaml")
        self.assertIn("has no pictures; an experiment names what to draw under 'views'",
                      self.refused("export", "results/plain.h5", "--images", "out"))

    def test_a_folder_that_cannot_be_written_to(self):
        results = self.make_example()
        self.write("file", "")
        self.assertIn("the folder file/colour cannot be made: Not a directory",
                      self.refused("export", results, "--images", "file"))
        os.mkdir(self.path("small"))
        self.mount_tmpfs(self.path("small"), "size=64k")
        self.assertIn("No space left on device",
                      self.refused("export", results, "--images", "small"))
        for name in self.written("small"):
            self.assertFalse(name.endswith(".tmp"), name)
            self.frames("small", name)


class Tables(ExportTest):
    def rows(self, text):
        return list(csv.DictReader(text.splitlines()))

    def test_every_value_of_the_file_is_in_the_table_once(self):
        results = self.make_example()
        outcome = self.varia("export", results, "--csv", "all.csv")
        with open(self.path("all.csv"), newline="") as file:
            rows = self.rows(file.read())
        self.assertEqual(outcome.out, f"{len(rows)} values written to all.csv\n")
        found = {}
        for row in rows:
            key = tuple(row[name] for name in ("trial", "split", "metric", "index", "epoch",
                                               "step"))
            self.assertNotIn(key, found)
            found[key] = float(row["value"])
        with h5py.File(self.path(results)) as file:
            ids = file["trials/id"].asstr()[:]
            beta = dict(zip(ids, file["parameters/loss.beta"][:]))
            replicate = dict(zip(ids, file["trials/replicate"][:]))
            truth = {}
            groups = [("metrics/" + split, split) for split in file["metrics"]]
            for path, split in [*groups, ("schedules", "schedules"), ("timing", "timing")]:
                for name, data in file[path].items():
                    if h5py.h5ds.is_scale(data.id):
                        continue
                    for place, value in np.ndenumerate(data[:]):
                        if not np.isnan(value):
                            index = " ".join(map(str, place[2:]))
                            truth[ids[place[0]], split, name, index, str(place[1] + 1), ""] = value
            steps = file["steps/train_loss"][:], file["steps/train_loss_step"][:]
            for place, value in np.ndenumerate(steps[0]):
                if steps[1][place] >= 0:
                    truth[ids[place[0]], "train", "train_loss", "", "", str(steps[1][place])] = value
        self.assertEqual(found, truth)
        for row in rows:
            self.assertEqual(float(row["loss.beta"]), beta[row["trial"]])
            self.assertEqual(int(row["replicate"]), replicate[row["trial"]])
        self.assertEqual({row["status"] for row in rows}, {"done", "failed"})

    def test_some_of_it(self):
        results = self.make_example()
        rows = self.rows(self.varia("export", results, "--csv", "-", "--metric", "test/elbo",
                                    "--trial", "2").out)
        self.assertEqual({(row["split"], row["metric"]) for row in rows}, {("test", "elbo")})
        self.assertEqual([row["epoch"] for row in rows], ["1", "2", "3", "4"])
        self.assertIn("Did you mean 'test/elbo'?",
                      self.refused("export", results, "--csv", "no.csv", "--metric", "test/elb"))
        self.assertEqual(self.written("no.csv"), [])
        self.assertIn("--metric requires --csv", self.refused("export", results, "--metric",
                                                              "test/elbo"))
        self.assertIn("--scale requires --images", self.refused("export", results, "--csv", "-",
                                                                "--scale", "2"))

    def test_the_folder_of_a_table_is_made(self):
        results = self.make_example()
        self.varia("export", results, "--csv", "not/there/all.csv", "--metric", "test/elbo")
        self.assertEqual(self.written("not/there"), ["all.csv"])
        self.write("file", "")
        line = self.refused("export", results, "--csv", "file/all.csv")
        self.assertIn("file/all.csv: the folder file cannot be made: Not a directory", line)

    def test_a_full_disk_leaves_nothing_behind(self):
        results = self.make_example()
        os.mkdir(self.path("small"))
        self.mount_tmpfs(self.path("small"), "size=4k")
        self.assertIn("small/all.csv: cannot be written",
                      self.refused("export", results, "--csv", "small/all.csv"))
        self.assertEqual(self.written("small"), [])


class HostileFiles(ExportTest):
    def hostile(self, change):
        shutil.copy(self.path(self.make_example()), self.path("hostile.h5"))
        with h5py.File(self.path("hostile.h5"), "r+") as file:
            change(file)
        return "hostile.h5"

    def test_a_view_whose_name_leads_elsewhere_is_refused(self):
        for name in ("..", "a b", "-rf", "x" * 300):
            def rename(file, name=name):
                views = file["views"]
                for suffix in ("", "_height", "_width", "_frame_epoch", "_title"):
                    views.move(f"colour{suffix}", f"{name}{suffix}")
            line = self.refused("export", self.hostile(rename), "--images", "out/in")
            self.assertIn("a name has 1 to 100 letters, digits", line)
            self.assertEqual(self.written("out"), [])

    def test_parameters_whose_texts_lead_elsewhere_give_safe_names(self):
        def rewrite(file):
            parameters = file["parameters"]
            scales = parameters["data.use"].attrs
            text = parameters["data.use"]
            text[:] = ["../../x", "/etc/x", "x\ny", "-rf", "a" * 3000, "\x1b[2J", ".", "..", "~"]
            del scales["swept"]
            scales["swept"] = 1
        self.varia("export", self.hostile(rewrite), "--images", "deep/out", "--view", "colour")
        files = self.written("deep")
        self.assertEqual(len(files), 9)
        for file in files:
            self.assertRegex(file, r"\Aout/colour/[A-Za-z0-9][A-Za-z0-9_.,=+-]{0,220}\.png\Z")

    def test_sizes_that_are_wrong_are_damage(self):
        def larger(file):
            file["views/colour_height"][:] = 1 << 40
        line = self.refused("export", self.hostile(larger), "--images", "out", "--view", "colour")
        self.assertIn("hostile.h5: ", line)

        def more_points(file):
            file["points/plane_count"][:] = 1 << 40
        line = self.refused("export", self.hostile(more_points), "--images", "out", "--view",
                            "plane")
        self.assertIn("hostile.h5: ", line)

        def epochs(file):
            file["views/samples_frame_epoch"][:] = [[-(1 << 62), 1 << 62]] * 9
        self.varia("export", self.hostile(epochs), "--images", "far", "--view", "samples")
        self.assertEqual(len(self.written("far")), 18)


if __name__ == "__main__":
    unittest.main()
