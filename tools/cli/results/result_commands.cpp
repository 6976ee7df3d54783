#include "cli/results/result_commands.hpp"

#include <CLI/CLI.hpp>
#include <limits>

#include "cli/file_arguments.hpp"
#include "cli/guarded_reading.hpp"

namespace varia::cli {

namespace {

/// For CLI11's `check`: its own would print the largest number that a double can be.
std::string check_count(const std::string& text) {
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (is_number && text.find_first_not_of('0') != text.npos) return "";
  return "expected a whole number from 1, found '" + text + "'";
}

}  // namespace

void add_results_file(CLI::App& command, std::string& file) {
  command.add_option("results", file, "The merged file: results/NAME.h5")
      ->required()
      ->type_name("RESULTS.h5");
}

void add_limit(CLI::App& command, std::size_t& limit, const std::string& what) {
  command.add_option("--limit", limit, "How many " + what + " are listed at most")
      ->check(check_count)
      ->capture_default_str();
  command.add_flag_callback(
      "--all", [&limit] { limit = std::numeric_limits<std::size_t>::max(); }, "List all " + what);
}

int read_results(const std::vector<std::string>& files, const Action& command) {
  require_results_files(files);
  return read_guarded(files, command);
}

}  // namespace varia::cli
