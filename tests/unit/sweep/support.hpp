#pragma once

#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include "files/lease.hpp"
#include "results/folder/results_folder.hpp"
#include "results/folder/trial_header.hpp"
#include "results/folder/trial_states.hpp"
#include "results/merged/merge.hpp"
#include "results/tensors.hpp"
#include "results/trial/trial_file.hpp"
#include "unit/experiment/support.hpp"

/// A results folder that tests fill as runs do, without training.
namespace varia::sweep::testing {

using experiment::testing::fake_registry;
using experiment::testing::kBase;
using experiment::testing::message_of;
using namespace varia::results;

/// The plan of a small experiment with more keys; of 2 epochs unless they say otherwise.
inline experiment::Plan plan_of(const std::string& text) {
  const bool has_length = text.find("train:") != std::string::npos;
  return experiment::testing::plan(has_length ? kBase.substr(0, kBase.find("train:")) + text
                                              : kBase + text);
}

inline Environment environment() {
  Environment environment;
  environment.host = "node7";
  environment.cpu = "EPYC";
  environment.versions.varia = "1.2.0";
  environment.versions.torch = "2.6.0";
  environment.versions.hdf5 = "1.10.8";
  environment.versions.blas = "OpenBLAS 0.3.21 (Zen)";
  environment.versions.compiler = "GCC 12.2.0";
  return environment;
}

class SampleFolder {
 private:
  experiment::testing::Folder folder_;

 public:
  ResultPaths paths{folder_.path("results"), "e"};

  results::TrialHeader header(const experiment::Trial& trial, std::uint64_t token = 1) const {
    return header_of(trial, fake_registry(), environment(), trial.train->record_count(), token);
  }

  /// The file of a trial in progress, with some epochs of 2 s each.
  results::TrialFile begin(const results::TrialHeader& header, std::int64_t epochs) const {
    const auto name = "trial." + std::to_string(header.token) + ".h5";
    results::TrialFile file((paths.in_progress(header.id) / name).string(), header);
    for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) {
      results::EpochRecord record;
      record.epoch = epoch;
      record.seconds = 2;
      record.metrics["test"]["loss"] = results::Array::scalar(100.0 - static_cast<double>(epoch));
      file.append(record);
    }
    file.commit();
    return file;
  }

  void publish(const results::TrialHeader& header, std::int64_t epochs,
               results::TrialState status = results::TrialState::done,
               const std::string& error = "") const {
    auto file = begin(header, epochs);
    results::save_tensors(paths.parameters(header.id).string(),
                          {{"epoch", results::ElementType::i64, {}, std::vector<std::byte>(8)}});
    file.publish(status, error, paths.trial(header.id).string(), true);
    std::filesystem::remove_all(paths.in_progress(header.id));
  }

  void write(const std::filesystem::path& path, const std::string& text) const {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  results::ExperimentInfo info() const {
    return {
        "e", "name: e\n", "2026-01-02T03:04:05Z", "node7", versions_text(environment().versions),
        ""};
  }

  void merge(const experiment::Plan& plan) const {
    std::vector<results::PlannedTrial> planned;
    for (const auto& trial : plan.trials)
      planned.push_back({trial.id, paths.trial(trial.id).string()});
    results::merge(info(), planned, paths.merged().string());
  }

  std::vector<TrialStatus> states(const experiment::Plan& plan) const {
    ResultsFolder folder(paths);
    return TrialStates(folder, fake_registry(), environment().versions).of(plan);
  }
};

}  // namespace varia::sweep::testing
