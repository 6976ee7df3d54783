"""Folders of images that Pillow wrote: the same pixels as Pillow's, and what can be wrong with them."""
import os
import struct
import unittest

import numpy as np
from PIL import Image

from harness import EndToEnd

HEADER = 64  # bytes before the pixels of a cache file


def picture(seed, shape=(12, 9, 3)):
    """Random patches of 3 by 3 pixels."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (shape[0] // 3, shape[1] // 3, *shape[2:]), dtype=np.uint8)
    return small.repeat(3, 0).repeat(3, 1)


class Images(EndToEnd):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("images"))
        self.environment = {"VARIA_DATA": self.path("cache")}

    def save(self, name, array, mode=None, **options):
        """Writes an array as an image, converted to a mode of Pillow."""
        path = self.path("images", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        image = Image.fromarray(array)
        (image.convert(mode) if mode else image).save(path, **options)

    def check(self, options=""):
        self.experiment("check", f"data: {{use: images, folder: images{options}}}\n")
        return self.varia("check", "check.yaml", environment=self.environment)

    def refused_images(self, options=""):
        self.experiment("check", f"data: {{use: images, folder: images{options}}}\n")
        return self.refused("check", "check.yaml", environment=self.environment)

    def decoded(self, options=""):
        """What the program made of the images, [N, H, W, C]."""
        for file in self.files("cache", "images", "*.pixels"):
            os.remove(file)
        self.check(options)
        [file] = self.files("cache", "images", "*.pixels")
        with open(file, "rb") as cache:
            content = cache.read()
        shape = struct.unpack("=4q", content[16:48])
        pixels = np.frombuffer(content, np.uint8, offset=HEADER).reshape(shape)
        return pixels.transpose(0, 2, 3, 1)

    def pillow(self, mode):
        names = sorted(os.listdir(self.path("images")))
        return np.stack([np.asarray(Image.open(self.path("images", name)).convert(mode))
                         .reshape(12, 9, -1) for name in names])

    def assert_as_pillow(self, mode, most=0, options=""):
        found = self.decoded(options)
        expected = self.pillow(mode)
        self.assertEqual(found.shape, expected.shape)
        difference = np.abs(found.astype(int) - expected).max(axis=(1, 2, 3))
        names = sorted(os.listdir(self.path("images")))
        self.assertLessEqual(difference.max(), most, dict(zip(names, difference)))

    def test_colour(self):
        for number, (mode, options) in enumerate([
                ("RGB", {}), ("P", {}), ("RGBA", {}), ("RGB", {"optimize": True})]):
            self.save(f"{number}.png", picture(number), mode, **options)
        for number, mode in enumerate(["RGB", "P", "RGBA"]):
            self.save(f"{number}.bmp", picture(number), mode)
        self.save("lossless.webp", picture(7), lossless=True)
        self.assert_as_pillow("RGB")
        self.assert_as_pillow("L", options=", channels: 1")

    def test_transparent_pixels_keep_their_colours(self):
        array = np.dstack([picture(0), picture(1)[..., 0]])
        self.save("a.png", array)
        self.assertIn("transparent", self.check().err)
        self.assert_as_pillow("RGB")

    def test_grey(self):
        for number, mode in enumerate(["L", "LA", "1"]):
            self.save(f"{number}.png", picture(number)[..., 0], mode)
        for number, mode in enumerate(["L", "1"]):
            self.save(f"{number}.bmp", picture(number)[..., 0], mode)
        for bits in (1, 2, 4):
            image = Image.fromarray(picture(bits)[..., 0] // 2 ** (8 - bits)).convert("P")
            levels = [level * 255 // (2 ** bits - 1) for level in range(2 ** bits)]
            image.putpalette([level for level in levels for _ in range(3)])
            image.save(self.path("images", f"table{bits}.png"), bits=bits)
        self.assert_as_pillow("L")

    def test_16_bits_are_reduced_and_the_program_says_so(self):
        array = np.arange(108, dtype=np.uint16).reshape(12, 9) * 600
        self.save("a.png", array)
        outcome = self.check()
        self.assertIn("images: 1 of 1 files have 16 bits", outcome.err)
        np.testing.assert_array_equal(self.decoded()[0, :, :, 0], array >> 8)

    def test_jpeg_and_lossy_webp_within_two_levels(self):
        for number in range(3):
            self.save(f"{number}.jpg", picture(number), quality=90)
            self.save(f"sub{number}.jpg", picture(number), quality=90, subsampling=0)
        self.save("progressive.jpeg", picture(9), progressive=True)
        self.assert_as_pillow("RGB", most=2)
        for file in self.files("images", "*"):
            os.remove(file)
        self.save("grey.jpg", picture(1)[..., 0])
        self.assert_as_pillow("L", most=2)
        os.remove(self.path("images", "grey.jpg"))
        self.save("lossy.webp", picture(1))
        self.assert_as_pillow("RGB", most=2)

    def test_faults_are_one_line_each(self):
        def fault(name, content, expected, options=""):
            path = self.path("images", name)
            if content is not None:
                with open(path, "wb") as file:
                    file.write(content)
            self.assertIn(expected, self.refused_images(options))
            if content is not None:
                os.remove(path)

        self.assertIn("images: has no images", self.refused_images())
        self.save("a.png", picture(0))
        self.save("b.jpg", picture(0))
        with open(self.path("images", "a.png"), "rb") as file:
            png = file.read()
        with open(self.path("images", "b.jpg"), "rb") as file:
            jpeg = file.read()
        fault("c.png", b"hello", "c.png: is not an image: ")
        fault("c.png", png[:len(png) // 2], "c.png: is cut short.")
        fault("c.jpg", jpeg[:len(jpeg) * 3 // 4], "c.jpg: is damaged or cut short (gd-jpeg")
        fault("c.png", png[:16] + struct.pack(">2I", 60000, 60000) + png[24:],
              "c.png: says that it has 60000x60000 pixels")
        fault("c.gif", b"GIF89a", "c.gif: is not of a format that can be read")
        fault("c.tif", b"", "c.tif: is not of a format that can be read")
        self.save("c.png", picture(0, (12, 12, 3)))
        fault("c.png", None, "c.png: has 12x12 pixels (height x width), and ")
        fault("c.png", None, "too few for 'crop: [0, 0, 12, 12]'", ", crop: [0, 0, 12, 12]")
        self.check(", size: [8, 8]")
        os.remove(self.path("images", "c.png"))
        os.symlink("loop", self.path("images", "loop"))
        fault("loop", None, "loop: cannot be read: Too many levels of symbolic links")

    def test_two_programs_decode_at_once(self):
        for number in range(300):
            self.save(f"{number % 3}/{number}.png", picture(number))
        self.experiment("check", "data: {use: images, folder: images}\n")
        both = [self.start("check", "check.yaml", environment=self.environment) for _ in range(2)]
        for process in both:
            out, err = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 0, out + err)
        self.assertEqual(len(self.files("cache", "images", "*.pixels")), 1)
        self.assertEqual(self.files("cache", "images", "*.tmp"), [])

    def test_from_a_folder_to_a_report(self):
        for number in range(120):
            self.save(f"{number % 3}/{number}.png", picture(number)[..., 0])
        self.experiment("digits", "data: {use: images, folder: images, test: 0.1, resize: [6, 6]}\n"
                        "views: [reconstructions]\n")
        for command in (["check", "digits.yaml"], ["run", "digits.yaml"]):
            self.varia(*command, environment=self.environment)
        self.varia("report", "results/digits.h5")
        self.assertEqual(self.plan("digits.yaml")[0][0], "done")

    def plan(self, *arguments, results="results"):
        os.environ.update(self.environment)
        self.addCleanup(os.environ.pop, "VARIA_DATA")
        return super().plan(*arguments, results=results)

    def test_trials_of_changed_images_are_others(self):
        for number in range(20):
            self.save(f"{number}.png", picture(number))
        self.experiment("run", "data: {use: images, folder: images}\ntrain: {epochs: 1}\n")
        self.varia("run", "run.yaml", environment=self.environment)
        self.save("3.png", picture(100))
        self.assertEqual([state for state, _ in self.plan("run.yaml")], ["new"])


if __name__ == "__main__":
    unittest.main()
