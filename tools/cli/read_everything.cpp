#include "cli/read_everything.hpp"

#include <filesystem>
#include <system_error>

#include "results/trial/trial_reader.hpp"

namespace varia::cli {

namespace {

namespace fs = std::filesystem;

void read_results(const std::string& path) {
  const auto results = results::open_results(path);
  for (const auto& metric : results.metrics()) {
    results.metric(metric.name);
    if (metric.shape.empty()) results.final_values(metric.name);
    results.bounds(metric.name);
  }
  for (const auto& key : results.schedules()) results.schedule(key, 0, results.size());
  results.seconds(0, results.size());
  for (std::size_t trial = 0; trial < results.size(); ++trial) {
    results.config(trial);
    for (const auto& name : results.steps()) results.step_values(name, trial);
    for (const auto& name : results.points()) results.point_sets(name, trial);
    for (const auto& view : results.views()) {
      results.layout(view.name, trial);
      for (std::size_t i = 0; i < results.captions(view.name, trial).size(); ++i)
        results.picture(view.name, trial, i);
    }
  }
}

/// Files of the folders in a folder.
void add_files(const fs::path& folder, const std::string& beginning,
               std::vector<std::string>& files) {
  std::error_code ignored;
  for (const auto& inner : fs::directory_iterator(folder, ignored))
    for (const auto& file : fs::directory_iterator(inner.path(), ignored))
      if (file.path().extension() == ".h5" &&
          file.path().filename().string().rfind(beginning, 0) == 0)
        files.push_back(file.path().string());
}

}  // namespace

void read_everything(const std::string& path) {
  if (path.find("/trials/") != std::string::npos || path.find("/checkpoints/") != std::string::npos)
    results::read_trial(path);
  else
    read_results(path);
}

std::vector<std::string> result_files(const results::ResultPaths& paths) {
  std::vector<std::string> files;
  std::error_code ignored;
  if (fs::exists(paths.merged(), ignored)) files.push_back(paths.merged().string());
  add_files(paths.trials(), "", files);
  add_files(paths.checkpoints(), "trial.", files);
  return files;
}

}  // namespace varia::cli
