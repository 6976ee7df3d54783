#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cluster/packing.hpp"
#include "cluster/parameter_files.hpp"
#include "cluster/settings.hpp"
#include "experiment/experiment.hpp"

namespace varia::cluster {

/// A plugin whose library goes with a submission.
struct PluginFile {
  std::string name, version;
  std::filesystem::path file;  ///< canonical
  std::string digest;          ///< SHA-256 of the file when it was loaded
};

/// What is frozen. Paths are absolute.
struct SubmissionInput {
  const experiment::Experiment& experiment;
  const Settings& settings;
  Tasks tasks;
  std::int64_t max_array_size = 1001;
  std::int64_t threads = 1;  ///< the most that a trial uses
  std::string rerun;         ///< as `varia run --rerun`
  std::filesystem::path results;
  std::filesystem::path working_folder;
  std::vector<std::filesystem::path> program;  ///< see program_files()
  std::vector<PluginFile> plugins;
  std::vector<ParameterFile> files;
  std::string versions;  ///< one line
};

/// A text file of a submission.
struct SubmissionFile {
  std::string name;  ///< in the submission's folder
  std::string text;
};

/// The folder that the next submission gets: `<submissions>/<k>`, k from 1.
std::filesystem::path next_submission(const std::filesystem::path& submissions);

/// The text files of a submission: experiment.yaml (everything merged; plugins are the copies),
/// tasks/<i> (trial ids, one a line), digests (as sha256sum reads them), job.sh, merge.sh,
/// submit.sh, submission.json.
std::vector<SubmissionFile> submission_files(const SubmissionInput& input,
                                             const std::filesystem::path& folder);

/// Makes `<submissions>/<k>` with copies of the plugins, of the files that parameters name, and all
/// text files; submission.json, written last, says that the rest is there.
/// @returns the folder
/// @throws StoreError where it cannot be written, or a plugin has changed since it was loaded, or a
///         file since the plan was made
std::filesystem::path write_submission(const SubmissionInput& input,
                                       const std::filesystem::path& submissions);

}  // namespace varia::cluster
