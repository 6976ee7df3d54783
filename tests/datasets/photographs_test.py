"""The data set `photographs` against Pillow, which reads the same files."""
import json
import os
import subprocess
import unittest

import numpy as np
from PIL import Image

PLUGIN = os.path.join(os.environ["VARIA_BUILD_DIR"], "plugins", "photographs.so")
FOLDER = os.path.join(os.environ.get("VARIA_DATA") or os.path.expanduser("~/.cache/varia"),
                      "photographs")


def patches(part, size, stride):
    """[n, 3 * size * size] of an image [H, W, 3], row after row of patches."""
    return [part[top:top + size, left:left + size].transpose(2, 0, 1).ravel()
            for top in range(0, part.shape[0] - size + 1, stride)
            for left in range(0, part.shape[1] - size + 1, stride)]


@unittest.skipUnless(os.path.isdir(FOLDER), f"there is no {FOLDER}")
class Photographs(unittest.TestCase):
    def test_patches_are_those_of_pillow_and_the_splits_share_no_pixel(self):
        size, stride = 24, 40
        process = subprocess.run(
            [os.environ["PRINT_SAMPLES"], PLUGIN], text=True, capture_output=True, timeout=300,
            input=json.dumps({"use": "photographs", "size": size, "stride": stride}) + "\n")
        self.assertEqual(process.returncode, 0, process.stderr)
        found = json.loads(process.stdout)
        self.assertEqual(found["classes"], ["china", "flower"])
        expected = {"train": ([], []), "test": ([], [])}
        for label, name in enumerate(found["classes"]):
            with Image.open(os.path.join(FOLDER, name + ".jpg")) as image:
                pixels = np.array(image.convert("RGB"))
            border = pixels.shape[1] * 3 // 4
            for split, part in (("train", pixels[:, :border]), ("test", pixels[:, border:])):
                of_image = patches(part, size, stride)
                expected[split][0].extend(of_image)
                expected[split][1].extend([label] * len(of_image))
        for split, (values, labels) in expected.items():
            np.testing.assert_array_equal(np.rint(np.array(found[split]["values"]) * 255), values)
            self.assertEqual(found[split]["labels"], labels)


if __name__ == "__main__":
    unittest.main()
