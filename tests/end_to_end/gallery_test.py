"""tools/gallery: one page of all experiments, with figures from the results that a run left."""
import base64
import glob
import io
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

from PIL import Image

from harness import EndToEnd, unittest

SOURCE = os.environ["VARIA_SOURCE_DIR"]


def names_of(*folder):
    return sorted(os.path.splitext(os.path.basename(path))[0]
                  for path in glob.glob(os.path.join(SOURCE, *folder, "*.yaml")))


OWN, PUBLISHED = names_of("experiments"), names_of("experiments", "published")


class Page(HTMLParser):
    """What a page has: its tags with their attributes, by section."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.sections, self.section = [], {}, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "section":
            self.section = attributes["id"]
        self.tags.append((tag, attributes))
        self.sections.setdefault(self.section, []).append((tag, attributes))

    def handle_data(self, data):
        self.sections.setdefault(self.section, []).append(data)


class Gallery(EndToEnd):
    def gallery(self, *arguments, code=0):
        found = subprocess.run([sys.executable, "-B", os.path.join(SOURCE, "tools", "gallery"), *arguments],
                               cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(found.returncode, code, found.stderr)
        return found

    def page(self, name="gallery.html"):
        with open(self.path(name), encoding="utf-8") as file:
            return Page(file.read())

    def test_every_experiment_has_its_command_and_those_with_results_their_figures(self):
        self.experiment("quickstart", "views: [samples, traversal, latent_scatter]\n"
                                      "sweep: {loss.beta: [1, 4]}\n")
        self.varia("run", "quickstart.yaml", "--quiet")
        said = self.gallery().stdout
        self.assertEqual(said, f"gallery.html: {len(OWN + PUBLISHED)} experiments, 1 with results\n")
        page = self.page()
        self.assertEqual(sorted(name for name in page.sections if name), sorted(OWN + PUBLISHED))
        for name in OWN:
            self.assertIn(f"varia run experiments/{name}.yaml", page.sections[name])
        for name in PUBLISHED:
            self.assertIn(f"varia verify {name}", page.sections[name])
            self.assertIn("Published", page.sections[name])
        images = [attributes for tag, attributes in
                  (part for part in page.sections["quickstart"] if isinstance(part, tuple)) if tag == "img"]
        self.assertEqual(len(images), 3)
        self.assertIn("traversal", images[1]["alt"])
        for image in images:
            content = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
            with Image.open(io.BytesIO(content)) as picture:
                self.assertGreater(picture.width, 500)
        self.assertIn("No results of it here.", page.sections["vamp_vae"])

    def test_the_page_is_one_file_without_scripts(self):
        self.gallery("absent", "-o", "out/page.html")
        page = self.page("out/page.html")
        self.assertEqual(os.listdir(self.path("out")), ["page.html"])
        self.assertEqual([tag for tag, _ in page.tags if tag in ("script", "link")], [])
        for _, attributes in page.tags:
            for name in ("src", "href"):
                self.assertRegex(attributes.get(name, "#"), r"^(#|data:image/png;base64,)")

    def test_results_that_cannot_be_read_are_told_and_the_page_is_written_without_them(self):
        os.mkdir(self.path("results"))
        self.write("results/quickstart.h5", "no results")
        done = self.gallery()
        self.assertRegex(done.stderr, r"^results/quickstart\.h5: .*\n$")
        self.assertEqual(done.stdout,
                         f"gallery.html: {len(OWN + PUBLISHED)} experiments, 0 with results\n")
        self.assertIn("No results of it here.", self.page().sections["quickstart"])

    def test_a_page_that_cannot_be_written_is_named_and_leaves_no_part(self):
        self.write("file", "")
        os.mkdir(self.path("folder"))
        before = sorted(os.listdir(self.folder))
        self.assertRegex(self.gallery("-o", "file/page.html", code=2).stderr, r"^file: .*\n$")
        self.assertRegex(self.gallery("-o", "folder", code=2).stderr, r"^folder: .*\n$")
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        self.assertEqual(os.listdir(self.path("folder")), [])


if __name__ == "__main__":
    unittest.main()
