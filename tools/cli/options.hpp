#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "sweep/run_options.hpp"

namespace CLI {
class App;
class Option;
class Validator;
}  // namespace CLI

/// The options that several commands take.
namespace varia::cli {

/// For CLI11's `check`, which prints the message behind the option's name: "expected a whole number
/// from 1 to 4096, found 0". Whole numbers are decimal, without a sign or zeros before them.
/// @param most the largest that there is: without an upper bound
CLI::Validator whole_number(std::int64_t least,
                            std::int64_t most = std::numeric_limits<std::int64_t>::max());
/// A finite number.
CLI::Validator real_number(double least, double most);
/// "expected 'higher' or 'lower', found 'hihger'. Did you mean 'higher'?"
CLI::Validator one_of(const std::vector<std::string>& words);

/// What commands about an experiment take.
struct ExperimentOptions {
  std::string file;
  std::vector<std::string> overrides;  ///< KEY=VALUE
  std::vector<std::string> only;       ///< which trials; none: all
  std::string results = "results";
  std::string name;  ///< replaces the experiment's
  bool json = false;
  std::string from;   ///< a results file, in place of `file`
  std::string trial;  ///< of `from`: the trial that is the experiment
};
/// Defines them, but for `only`, `from` and `trial`.
void add_experiment_options(CLI::App& command, ExperimentOptions& options);
/// --results: the folder of the results
void add_results_folder(CLI::App& command, std::string& folder);
/// --jobs and --rerun
void add_run_options(CLI::App& command, sweep::RunOptions& run);
/// --only
void add_only(CLI::App& command, std::vector<std::string>& only);

/// What commands about the results of a name take.
struct NamedOptions {
  std::string name;
  std::string results = "results";
  bool json = false;
};
void add_named_options(CLI::App& command, NamedOptions& options);

/// What commands about the model of one trial take.
struct TrainedOptions {
  std::string file;            ///< the results file
  std::string trial;           ///< id, row, or the beginning of an id
  std::string parameters;      ///< file; empty: NAME/models/<id>.h5 beside the results
  bool other_plugins = false;  ///< take other builds of its plugins, too
  std::string output;          ///< empty: a name of its own in the current folder
};
/// Defines them. @param what `output` is, with the default
void add_trained_options(CLI::App& command, TrainedOptions& options, const std::string& what);

/// --parameters and --other-plugins, of these options.
std::array<CLI::Option*, 2> add_model_options(CLI::App& command, std::string& parameters,
                                              bool& other_plugins);

/// --split
void add_splits(CLI::App& command, std::vector<std::string>& splits);

/// Each argument of an option becomes the path of a results file that it names (results_path).
void take_results_files(CLI::Option& option);
/// The one results file that a command reads.
void add_results_file(CLI::App& command, std::string& file);
/// --limit and --all.
void add_limit(CLI::App& command, std::size_t& limit, const std::string& what);
/// --wide of tables.
void add_wide(CLI::App& command, bool& wide);
/// --scale and --frame-rate of pictures.
/// @param needed by both; null: no other option
void add_picture_options(CLI::App& command, std::int64_t& scale, double& frame_rate,
                         CLI::Option* needed = nullptr);

/// For CLI11's `check`. @returns what is wrong; empty if it can be a folder's name
std::string check_folder_name(const std::string& name);

}  // namespace varia::cli
