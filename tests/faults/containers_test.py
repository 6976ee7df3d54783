"""Containers of one host name and equal process ids use one results folder: a reader never sees half
of the merged file, no merge fails, and no one removes a file that another one is writing.

VARIA_MERGES  how many merges each container makes (4)
"""
import signal
import sys

from faults import (LONGEST, Faults, children, files_being_written, hold, main,
                    number_from_environment, send, wait_until)
from harness import results_of

EXPERIMENT = """
train: {epochs: 2}
views: [{use: samples, rows: 4, columns: 4}]
sweep: {loss.beta: [1, 2, 3, 4, 5, 6, 7, 8]}
"""

# $1 processes that end before, so that ids differ; $2 times the command after them
REPEAT = """
for ((i = 0; i < $1; ++i)); do /bin/true; done
times=$2
shift 2
for ((i = 0; i < times; ++i)); do "$@" > /dev/null || exit; done
"""

MERGES = number_from_environment("VARIA_MERGES", 4)


def descendants(process):
    found = children(process)
    return found + [number for child in found for number in descendants(child)]


class Containers(Faults):
    def setUp(self):
        super().setUp()
        self.experiment("e", EXPERIMENT)
        self.container = self.machine("clone", own_processes=True)

    def start_merges(self, times, ended_before=0):
        process = self.start("merge", "e", start_new_session=True, before=[
            *self.container, "bash", "-c", REPEAT, "-", str(ended_before), str(times)])
        self.addCleanup(self.end, process)
        return process

    def writer_of(self, process):
        """A process below this one that was stopped while it writes, and its file.
        @returns None where none was met"""
        while process.poll() is None:
            for number in descendants(process.pid):
                if not files_being_written(number, self.path("results")) or not hold(number):
                    continue
                if paths := files_being_written(number, self.path("results")):
                    return number, paths[0]
                send(number, signal.SIGCONT)
        return None

    def test_a_reader_sees_whole_files_while_two_containers_merge(self):
        self.varia("run", "e.yaml")
        expected = results_of(self.path("results/e.h5"))
        for ended_before in (0, 5):
            merging = [self.start_merges(MERGES), self.start_merges(MERGES, ended_before)]
            reads = 0
            while any(process.poll() is None for process in merging):
                self.assert_same_content(expected, results_of(self.path("results/e.h5")))
                reads += 1
            for process in merging:
                self.finish(process)
            self.assert_nothing_left_behind()
            print(f"{2 * MERGES} merges, {reads} reads", file=sys.stderr)

    def test_no_one_removes_the_file_that_another_container_is_writing(self):
        self.varia("run", "e.yaml")
        for ended_before in (0, 5):
            slow, (writer, path) = wait_until(
                lambda: (process := self.start_merges(1)) and (found := self.writer_of(process))
                and (process, found), "a merge that writes")
            quick = self.start_merges(2, ended_before)
            self.finish(quick)
            self.assertEqual(self.files("results", "*.tmp"), [path])
            send(writer, signal.SIGCONT)
            self.finish(slow)
            self.assert_nothing_left_behind()

    def test_runs_of_equal_process_ids_share_the_trials(self):
        self.varia("run", "e.yaml", "--results", "whole")
        runs = [self.start_logged(f"log{number}", "e.yaml", before=self.container)
                for number in (1, 2)]
        trained = 0
        for process in runs:
            self.assertEqual(process.wait(timeout=LONGEST), 0, self.printed(process))
            trained += int(self.printed(process).splitlines()[-1].split(" trained")[0])
        self.assertEqual(trained, 8)
        self.assert_same_results("whole", "results")
        self.assert_nothing_left_behind()


if __name__ == "__main__":
    main()
