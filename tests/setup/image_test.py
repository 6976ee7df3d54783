"""Test of tools/image: what it packs runs as an unprivileged user, without a network.

It takes root, minutes and 6 GB, so ctest does not run it:
    VARIA_SOURCE_DIR=. python3 -B tests/setup/image_test.py
With VARIA_TORCH=DIR the image has the LibTorch in DIR.
"""

import os
import pathlib
import re
import shutil
import tempfile
import unittest

from unprivileged import NOBODY, SOURCE, System, run


@unittest.skipUnless(os.getuid() == 0, "an image is made by root")
class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="varia-image-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.folder.chmod(0o755)
        cls.file = cls.folder / "varia.tar"
        run(SOURCE / "tools" / "image", cls.file)
        run("skopeo", "copy", f"docker-archive:{cls.file}", f"oci:{cls.folder}/oci:varia")
        run("umoci", "unpack", "--image", f"{cls.folder}/oci:varia", cls.folder / "bundle")
        (cls.folder / "bundle").chmod(0o755)
        cls.system = System(cls.folder / "bundle" / "rootfs", cls.folder, "/work",
                            PATH="/usr/local/bin:/usr/bin:/bin")

    def test_an_experiment_runs_on_data_and_results_that_lie_outside(self):
        shutil.copy(SOURCE / "experiments" / "quickstart.yaml", self.system.folder)
        out = self.system.run("varia", "run", "quickstart.yaml", "train.epochs=1", "data.limit=2000")
        self.assertIn("2 trained, 0 kept, 0 failed: results/quickstart.h5", out)
        self.assertIn("quickstart.html", self.system.run("varia", "report", "results/quickstart.h5"))
        for name in ("quickstart.h5", "quickstart.html"):
            self.assertEqual((self.system.folder / "results" / name).stat().st_uid, NOBODY)

    def test_a_plugin_is_built_and_used(self):
        self.system.run("varia", "new", "model", "my_vae")
        self.system.run("cmake", "-G", "Ninja", "-S", "my_vae", "-B", "my_vae/build")
        self.system.run("cmake", "--build", "my_vae/build")
        out = self.system.run("varia", "test-plugin", "my_vae/build/plugins/my_vae.so")
        self.assertIn("checks hold", out)

    def test_it_has_the_libtorch_that_was_asked_for(self):
        asked = os.environ.get("VARIA_TORCH")
        version = self.system.run("varia", "--version")
        if asked:
            header = pathlib.Path(asked, "include/torch/headeronly/version.h").read_text()
            wanted = ".".join(re.search(rf"TORCH_VERSION_{part} (\d+)", header)[1]
                              for part in ("MAJOR", "MINOR", "PATCH"))
            self.assertIn(f"LibTorch {wanted}", version)
        self.assertEqual((self.system.root / "opt/torch").exists(), bool(asked))

    def test_it_says_how_it_is_called(self):
        config = run("skopeo", "inspect", "--config", f"docker-archive:{self.file}")
        for words in ('"Entrypoint":["varia"]', '"WorkingDir":"/work"', '"LC_ALL=C.UTF-8"'):
            self.assertIn(words, "".join(config.split()))

    @unittest.skipUnless(shutil.which("podman"), "podman is not there")
    def test_podman_loads_it(self):
        self.assertIn("varia", run("podman", "load", "--input", self.file))


if __name__ == "__main__":
    unittest.main()
