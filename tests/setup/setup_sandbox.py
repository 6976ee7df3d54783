"""A sandbox where tools/setup finds apt, CMake and Ninja played by scripts."""

import os

import sandbox

# Knows the packages listed in $STATE/installed.
DPKG_QUERY = """
for package in "${@:3}"; do
  if grep -qx -- "$package" "$STATE/installed"; then echo "installed $package"; fi
done"""

APT_GET = """
echo "apt-get $*" >>"$STATE/log"
if [[ -e $STATE/apt-is-broken ]]; then echo "E: no such package" >&2; exit 100; fi
# apt closes the status descriptor for the packages' scripts, which need stdout and stderr.
if [[ $* == *Status-Fd=[12]* ]]; then echo "E: no stdout for scripts" >&2; exit 100; fi
if [[ $* == *Status-Fd=3* ]]; then echo "pmstatus:ccache:12.5:Installing ccache" >&3; fi
for word in "$@"; do echo "$word" >>"$STATE/installed"; done"""

CMAKE = """
echo "cmake $*" >>"$STATE/log"
if [[ -e $STATE/cmake-is-broken ]]; then echo "CMake Error: no Torch" >&2; exit 1; fi
sleep "${STEP_SECONDS:-0}"
folder=build/release
if [[ $3 == -B ]]; then folder=$4; fi
mkdir -p "$folder" && touch "$folder/build.ninja"
"""

# Builds $STATE/sources into build/release/built.
NINJA = """
target=${!#} folder=$2
if cmp -s "$STATE/sources" "$folder/built"; then echo 'ninja: no work to do.'; exit; fi
if [[ " $* " == *' -n '* ]]; then echo '[1/1] would build'; exit; fi
echo "ninja $target" >>"$STATE/log"
if [[ -e $STATE/source-is-broken ]]; then echo 'main.cpp:1: error: broken'; exit 1; fi
sleep "${STEP_SECONDS:-0}"
echo '[1/1] built'
mkdir -p "$folder/bin"
cp "$STATE/sources" "$folder/built"
cp "$STATE/program" "$folder/bin/varia"
"""

PROGRAM = """#!/usr/bin/env bash
printf '%s|' "$PWD" "$@"
exit 3
"""


class SetupSandbox(sandbox.Sandbox):
    def setUp(self):
        super().setUp()
        (self.root / "CMakePresets.json").write_text("{}\n")
        (self.folder / "sources").write_text("1\n")
        (self.folder / "program").write_text(PROGRAM)
        (self.folder / "program").chmod(0o755)
        (self.folder / "installed").write_text("")
        (self.commands / "cmp").symlink_to("/usr/bin/cmp")
        self.command("id", "echo 0")
        self.command("dpkg-query", DPKG_QUERY)
        self.command("apt-get", APT_GET)
        self.command("cmake", CMAKE)
        self.command("ninja", NINJA)
        self.command("c++", "echo no-such-triplet")
        self.charts = self.folder / "home" / ".cache" / "varia" / "echarts"
        self.have_charts()

    def have_charts(self):
        """The chart library seems to be there: nothing is fetched."""
        self.charts.mkdir(parents=True)
        for line in (self.root / "tools" / "data_sets.txt").read_text().splitlines():
            data_set, name, size, _ = line.split() if line[0] != "#" else ("#", "", 0, "")
            if data_set == "echarts":
                (self.charts / name).write_bytes(b"")
                os.truncate(self.charts / name, int(size))

    def become_user(self):
        self.command("id", "echo 1000")
        self.command("sudo", "exit 1")

    def packages(self):
        """Rows of tools/setup --list: (part, package, reason)."""
        code, out, err = self.run_tool("setup", "--list")
        self.assertEqual((code, err), (0, ""))
        return [tuple(line.split(maxsplit=2)) for line in out.splitlines()]

    def install(self, *left_out):
        names = [package for _, package, _ in self.packages() if package not in left_out]
        (self.folder / "installed").write_text("\n".join(names) + "\n")
