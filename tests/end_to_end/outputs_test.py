"""Where commands print and write: what they refuse to replace, and streams that take nothing."""
import os
import shutil
import stat
import subprocess
import sys

from harness import PROGRAM, EndToEnd, results_of, unittest

DISK = "standard output cannot be written to; is the disk full?\n"
NOT_THERE = "cannot be opened: No such file or directory"
EXPERIMENT = "sweep: {loss.beta: [1, 4]}\n"


class Outputs(EndToEnd):
    def setUp(self):
        super().setUp()
        self.experiment("sweep", EXPERIMENT)
        self.varia("run", "sweep.yaml", "--quiet")
        self.results = "results/sweep.h5"

    def bytes_of(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def test_no_command_writes_over_results(self):
        trial = self.varia("show", self.results, "--json").json["trials"][0]["id"]
        parameters = f"results/sweep/models/{trial}.h5"
        published = f"results/sweep/trials/{trial[:2]}/{trial}.h5"
        before = {name: self.bytes_of(name) for name in (self.results, parameters, published)}
        for name in before:
            for arguments in (["export", "--csv"], ["export", "--trial", "0", "--yaml"],
                              ["report", "--output"]):
                line = self.refused(arguments[0], self.results, *arguments[1:], name)
                self.assertIn(name, line)
                self.assertIn("name another one", line)
        for name in (self.results, parameters):
            self.assertIn("is a file that this command reads; name another one",
                          self.refused("encode", self.results, "--trial", trial, "--output", name))
        self.assertEqual({name: self.bytes_of(name) for name in before}, before)

    def test_the_end_of_a_run_is_told_to_a_command(self):
        self.experiment("told", EXPERIMENT + """
run:
  on_end: printf '%s|' "$VARIA_EXPERIMENT" "$VARIA_STATE" "$VARIA_RESULTS" $VARIA_TRAINED \
    $VARIA_KEPT $VARIA_FAILED > end.txt; echo told; exit 3
""")
        done = self.varia("run", "told.yaml")
        self.assertIn("told\n", done.err)
        self.assertIn("run.on_end ended with code 3", done.err)
        self.assertEqual(self.bytes_of("end.txt").decode(),
                         f"told|done|{self.path('results', 'told.h5')}|2|0|0|")
        os.remove(self.path("end.txt"))
        self.assertIn("2 kept\n", self.varia("run", "told.yaml", "run.on_end=echo $VARIA_KEPT kept").err)
        self.varia("run", "told.yaml", "--no-merge")
        self.assertFalse(os.path.exists(self.path("end.txt")))

    def test_a_pipe_or_a_folder_is_not_replaced(self):
        os.mkfifo(self.path("pipe"))
        os.mkdir(self.path("folder"))
        for name, what in (("pipe", "is a device or a pipe"), ("folder", "is a folder")):
            for arguments in (["export", "--csv"], ["export", "--trial", "0", "--yaml"],
                              ["report", "--output"], ["encode", "--trial", "0", "--output"]):
                line = self.refused(arguments[0], self.results, *arguments[1:], name)
                self.assertIn(f"{arguments[-1]}: {name} {what}; expected the name of a file", line)
        self.assertTrue(stat.S_ISFIFO(os.stat(self.path("pipe")).st_mode))
        self.assertIn("a page is not printed", self.refused("report", self.results, "-o", "-"))

    def test_a_report_takes_a_file_once(self):
        self.assertIn("./results/sweep.h5 is given twice",
                      self.refused("report", self.results, "./results/sweep.h5"))

    def test_a_caller_that_ignores_how_its_children_end_hides_no_failure(self):
        self.write("damaged.h5", "no results")
        code = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); " \
            "os.execv(sys.argv[1], sys.argv[1:])"
        ignoring = [sys.executable, "-c", code]
        process = self.start("show", "damaged.h5", before=ignoring)
        out, err = process.communicate(timeout=300)
        self.assertEqual((process.returncode, out), (2, ""))
        self.assertIn("damaged.h5: cannot be opened as HDF5", err)
        process = self.start("run", "sweep.yaml", "run.on_end=exit 3", before=ignoring)
        self.assertIn("run.on_end ended with code 3", process.communicate(timeout=300)[1])
        self.assertEqual(process.returncode, 0)

    def test_a_full_disk_behind_the_output_is_told(self):
        for arguments in (["show", self.results], ["export", self.results, "--csv", "-"],
                          ["plugins"], ["plan", "sweep.yaml"]):
            with open("/dev/full", "w") as full:
                process = self.start(*arguments, stdout=full)
                _, err = process.communicate(timeout=300)
            self.assertEqual((process.returncode, err), (2, DISK))
        with open("/dev/full", "w") as full:
            process = self.start("run", "sweep.yaml", "--json", stdout=full)
            _, err = process.communicate(timeout=300)
        self.assertEqual((process.returncode, err), (0, "note: " + DISK))

    def test_what_cannot_be_told_changes_no_exit_code(self):
        with open("/dev/full", "w") as full:
            for arguments, code in ((["describe", "nope"], 2), (["run", "sweep.yaml", "lost.key=1"], 2),
                                    (["run", "sweep.yaml", "run.on_end=echo told; exit 3"], 0)):
                process = self.start(*arguments, stderr=full)
                process.communicate(timeout=300)
                self.assertEqual(process.returncode, code, arguments)

    def test_a_results_file_that_is_a_link_to_nowhere_is_told_before_anything_is_trained(self):
        os.mkdir(self.path("linked"))
        os.symlink("/gone/sweep.h5", self.path("linked/sweep.h5"))
        self.assertIn("linked/sweep.h5", self.refused("run", "sweep.yaml", "--results", "linked"))
        self.assertEqual(os.listdir(self.path("linked")), ["sweep.h5"])

    def test_a_folder_for_temporary_files_that_is_gone_stops_no_run(self):
        self.varia("run", "sweep.yaml", "--results", "again", "--quiet", environment={"TMPDIR": "/gone"})

    def test_what_looks_like_a_temporary_file_of_a_file_may_be_the_users(self):
        for name in ("codes.h5.tmp", "values.csv.backup.tmp", "values.csv.tmp"):
            self.write(name, "mine")
            os.utime(self.path(name), (1, 1))
        self.varia("encode", self.results, "--trial", "0", "--output", "codes.h5")
        self.varia("export", self.results, "--csv", "values.csv")
        for name in ("codes.h5.tmp", "values.csv.backup.tmp", "values.csv.tmp"):
            self.assertEqual(self.bytes_of(name), b"mine", name)
        self.assertEqual(len(self.files("codes.h5.*")), 1)

    def test_closed_streams_are_no_files_of_the_run(self):
        for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed):
                code = subprocess.call(
                    ["sh", "-c", f'exec "$0" run sweep.yaml --results closed {closed}', PROGRAM],
                    cwd=self.folder, timeout=300, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
                self.assertEqual(code, 0)
                self.assert_same_content(results_of(self.path(self.results)),
                                         results_of(self.path("closed/sweep.h5")))
                shutil.rmtree(self.path("closed"))

    def test_a_results_file_that_is_not_there_names_the_one_that_is(self):
        for given in ("sweep.h5", "results/sweep", "results/sweeep.h5"):
            for command in (["show"], ["compare"], ["report"], ["export", "--csv", "-"],
                            ["sample", "--trial", "0"]):
                what = "is a folder, not a results file" if given == "results/sweep" else NOT_THERE
                self.assertEqual(self.refused(command[0], given, *command[1:]),
                                 f"{given}: {what}. Did you mean '{self.results}'?")
        self.assertEqual(self.refused("show", "other.h5"),
                         f"other.h5: {NOT_THERE}")
        self.assertEqual(self.refused("show", "other"),
                         "other: there is neither such a file nor results/other.h5. Known: sweep.")
        # The name of an experiment stands for its results.
        for command in (["show"], ["compare"], ["report"], ["export", "--csv", "-"],
                        ["sample", "--trial", "0"]):
            self.varia(command[0], "sweep", *command[1:])
        self.assertEqual(self.refused("show", "sweeep"), f"sweeep: {NOT_THERE}. Did you mean '{self.results}'?")


if __name__ == "__main__":
    unittest.main()
