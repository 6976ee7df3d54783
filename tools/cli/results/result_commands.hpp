#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "analysis/comparison.hpp"
#include "cli/options.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

/// The commands that read results files: show, diff, compare, export, report. Each has a file of
/// its own, `<name>_command.cpp`, with its options and what it does with them. The functions with
/// options print to standard output and return the exit code; what is wrong is thrown.
namespace varia::cli {

/// What is done once the command line is read; returns the exit code.
using Action = std::function<int()>;

struct ShowOptions {
  std::string file;
  std::string metric;              ///< "test/elbo"; empty: what `compare` ranks by, too
  Better order = Better::neither;  ///< neither: as the metric declares
  std::size_t limit = 50;          ///< trials that are listed at most
  bool json = false;
};
int show(const ShowOptions& options);

struct CompareOptions {
  std::string file;
  analysis::ComparisonRequest request;
  std::vector<std::string> against;  ///< KEY=VALUE, or one trial
  std::size_t limit = 50;            ///< settings that are listed at most
  bool plot = false;
  bool json = false;
  bool csv = false;
  bool latex = false;
};
int compare(const CompareOptions& options);

struct ReportOptions {
  std::vector<std::string> files;
  std::string output;             ///< empty: the first file's name with .html
  double picture_megabytes = 45;  ///< that pictures may take; 0: none
  bool json = false;
};
int report(const ReportOptions& options);

/// Each defines its command, which sets `action` when it is chosen. `action` outlives the parsing.
void add_show(CLI::App& app, Action& action);
void add_diff(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
void add_export(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);

/// The option for the one results file that a command reads.
void add_results_file(CLI::App& command, std::string& file);
/// --limit and --all.
void add_limit(CLI::App& command, std::size_t& limit, const std::string& what);
/// Reads results files in a process of its own; see read_guarded.
/// @throws StoreError if one of them is not there, with the one that may be meant
int read_results(const std::vector<std::string>& files, const Action& command);

}  // namespace varia::cli
