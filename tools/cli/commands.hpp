#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "sweep/run_options.hpp"

namespace varia::cli {

struct RunArguments {
  ExperimentOptions experiment;
  std::vector<std::string> only;  ///< which trials; none: all
  sweep::RunOptions run;
  bool quiet = false;
  bool live = false;  ///< serve the page that watches the run
  std::string live_host = "127.0.0.1";
  std::optional<int> live_port;  ///< none: the usual one, or the next that is free
};

struct PlanOptions {
  ExperimentOptions experiment;
  std::vector<std::string> only;  ///< which trials; none: all
  bool all = false;               ///< list every trial
  bool commands = false;          ///< print a command for each trial that is not done
  bool prune = false;             ///< remove what is of no planned trial
  bool yes = false;               ///< do not ask
};

struct SubmitOptions {
  ExperimentOptions experiment;
  std::vector<std::string> only;  ///< which trials; none: all
  std::string rerun;              ///< "failed", "stale" or nothing
  /// Keys of `cluster:`; empty text is not given.
  std::map<std::string, std::string> cluster;
  bool dry_run = false;  ///< print everything, write nothing
  bool no_send = false;  ///< write the submission, and leave it to be sent by hand
};

struct StatusOptions {
  NamedOptions named;
  bool all = false;  ///< list every trial
};

struct MergeOptions {
  NamedOptions named;
  std::string experiment;  ///< file; empty: the one that the last run left beside the results
  bool pack = false;       ///< remove the trial files of what is merged
  bool prune = false;      ///< drop rows of trials that are not planned
  bool yes = false;        ///< do not ask
};

/// What commands about the model of one trial take.
struct TrainedOptions {
  std::string file;            ///< the results file
  std::string trial;           ///< id, row, or the beginning of an id
  std::string parameters;      ///< file; empty: NAME/models/<id>.h5 beside the results
  bool other_plugins = false;  ///< take other builds of its plugins, too
  std::string output;          ///< empty: a name of its own in the current folder
};

struct DrawOptions {
  TrainedOptions trained;
  std::string view;                   ///< component
  std::vector<std::string> settings;  ///< KEY=VALUE of the view
  std::int64_t scale = 1;
  double frame_rate = 10;
};

struct EncodeOptions {
  TrainedOptions trained;
  std::vector<std::string> splits;  ///< none: all
};

/// Every command prints to standard output and returns the exit code. What is wrong is thrown.
int run(const RunArguments& arguments);
int plan(const PlanOptions& options);
int check(const ExperimentOptions& options);
int submit(const SubmitOptions& options);
int status(const StatusOptions& options);
int merge(const MergeOptions& options);
int plugins(const std::string& kind, bool json);
int describe(const std::string& name, const std::string& kind, bool json);
int draw(const DrawOptions& options);
int encode(const EncodeOptions& options);

}  // namespace varia::cli
