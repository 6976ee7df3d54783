"""The guide of plugins/README.md, followed to the letter in an empty folder."""
import re
import unittest

from installed_tree import SOURCE, InstalledTree

PAGE = (SOURCE / "plugins" / "README.md").read_text()
GUIDE = PAGE.split("## In ten minutes\n")[1].split("\n## ")[0]
# A block, and the name of a file in the paragraph before it, if there is one.
BLOCK = re.compile(r"(?:^([^`\n][^\n]*)?`([\w.]+)`[^\n]*\n\n)?^```(\w+)\n(.*?)^```$",
                   re.DOTALL | re.MULTILINE)


def lines_of(code):
    return [line for line in code.splitlines() if line.strip()]


class Guide(InstalledTree):
    def test_every_file_builds_and_every_command_runs(self):
        files = {}
        scripts = []
        for _, name, language, text in BLOCK.findall(GUIDE):
            if language == "sh":
                scripts.append((dict(files), text))
            else:
                self.assertTrue(name, text)
                files[name] = files.get(name, "") + text
        self.assertEqual(sorted(files), ["CMakeLists.txt", "free_bits.cpp", "free_bits.yaml",
                                         "skip_vae.cpp", "skip_vae.yaml"])
        self.assertLessEqual(len(lines_of(files["free_bits.cpp"])), 20)
        self.assertLessEqual(len(files["skip_vae.cpp"].splitlines()), 150)
        self.assertEqual(len(scripts), 2)
        for there, script in scripts:
            for name, text in there.items():
                (self.folder / name).write_text(text)
            script = re.sub(r"^varia=.*$", "", script, flags=re.MULTILINE)
            self.call("sh", "-ec", f"varia='{self.tree}'\n{script}")
        for name, count in (("free_bits", 3), ("skip_vae", 4)):
            trials = self.trials(self.folder / "results" / f"{name}.h5")
            self.assertEqual([trial["status"] for trial in trials], ["done"] * count)


if __name__ == "__main__":
    unittest.main()
