#include "cli/results/export_figure.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "cli/file_arguments.hpp"
#include "cli/shipped_files.hpp"
#include "cluster/shell.hpp"
#include "varia/error.hpp"
#include "varia/host/program.hpp"

namespace varia::cli {

namespace {

// The folder of the package comes first, and the folder in which the user works not at all.
constexpr const char* kProgram = R"(
import sys
from importlib.util import find_spec
packages = [name for name in ("numpy", "h5py", "pandas", "xarray", "matplotlib") if not find_spec(name)]
if packages:
    print("figures need " + ("the Python package " if len(packages) == 1 else "the Python packages ")
          + ", ".join(packages) + ", which " + sys.executable + " does not have. Install: pip install "
          + " ".join(packages) + ", or apt install " + " ".join("python3-" + name for name in packages)
          + " for Debian's own Python: VARIA_PYTHON=/usr/bin/python3", file=sys.stderr)
    sys.exit(2)
sys.path.insert(0, sys.argv[1])
from varia.figures import main
sys.exit(main(sys.argv[2:]))
)";

constexpr int kWrongCall = 2;

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const auto begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

}  // namespace

const std::vector<std::string>& figure_names() {
  static const std::vector<std::string> names{
      "curves",          "means",         "bars",    "heat_map", "scatter",
      "rate_distortion", "per_dimension", "picture", "pictures", "points"};
  return names;
}

void export_figure(const std::string& results, const FigureOptions& figure,
                   const std::vector<std::string>& metrics, const std::vector<std::string>& views,
                   const std::vector<std::string>& trials) {
  const auto output = figure.output.empty() ? figure.name : figure.output;
  if (!figure.output.empty()) check_text_output("--output", output, {results});
  const auto* const named = std::getenv("VARIA_PYTHON");
  const std::string python = named == nullptr ? "python3" : named;
  std::vector<std::string> words{python,  "-B",       "-P", "-c", kProgram, python_package_folder(),
                                 results, figure.name};
  const auto add = [&](const std::string& option, const std::vector<std::string>& values) {
    for (const auto& value : values) words.push_back("--" + option + "=" + value);
  };
  add("metric", metrics);
  add("by", figure.by);
  add("over", figure.over);
  add("best", figure.best);
  add("view", views);
  add("trial", trials);
  add("split", figure.splits);
  add("where", figure.where);
  add("output", {output});
  add("width", {fmt::format("{}", figure.width)});
  add("program", {own_program()});
  const auto outcome = cluster::run_command(words);
  if (!outcome)
    throw ConfigError(
        named == nullptr ? "--figure draws with Python, and there is no python3 in PATH. Install "
                           "it with what it "
                           "draws with: apt install python3-matplotlib python3-h5py python3-pandas "
                           "python3-xarray"
                         : fmt::format("VARIA_PYTHON: '{}' is not a program", python));
  if (outcome->code == kWrongCall) throw ConfigError(last_line(outcome->err));
  if (outcome->code != 0)
    throw Error(fmt::format("{} ended with code {} while it drew the figure: {}", python,
                            outcome->code, last_line(outcome->err)));
  fmt::print("{}", outcome->out);
}

}  // namespace varia::cli
