#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/merged/results.hpp"
#include "unit/results/results_fixtures.hpp"

namespace varia::analysis {

/// A trial of a made-up sweep.
struct MadeTrial {
  std::map<std::string, std::variant<double, std::string>> swept;
  std::int64_t replicate = 0;
  std::map<std::string, double> metrics;  ///< "test/elbo" -> value at the last epoch
  std::map<std::string, std::variant<double, std::string>> fixed = {};  ///< not swept
  results::TrialState status = results::TrialState::done;
  std::string bound = "log p(x)";                    ///< of every elbo
  std::optional<std::uint64_t> seed = std::nullopt;  ///< none: one for each replicate
  std::map<std::string, Better> better = {};         ///< of metrics beside those of every trial
  /// "test/nll_per_image" -> values at the last epoch alone
  std::map<std::string, std::vector<double>> arrays = {};
  std::map<std::string, results::Array> matrices = {};  ///< the same with any shape
  std::map<std::string, std::string> units = {};        ///< none: "1" of an accuracy, else "nats"
};

/// A merged file of made-up trials of two epochs, in a folder of its own. At the first epoch every
/// metric is 1000 higher.
class MadeResults {
 public:
  explicit MadeResults(const std::vector<MadeTrial>& trials) {
    std::vector<results::PlannedTrial> plan;
    for (const auto& trial : trials) {
      const auto id = "00" + std::to_string(100 + plan.size());
      plan.push_back({id, folder_ / (id + ".h5")});
      write(trial, id, plan.back().path);
    }
    results::merge(results::experiment_info(), plan, path());
    results_ = std::make_unique<results::Results>(results::open_results(path()));
  }

  std::string path() const { return folder_ / "made.h5"; }
  const results::Results& operator*() const { return *results_; }

 private:
  static void write(const MadeTrial& trial, const std::string& id, const std::string& path) {
    results::TrialHeader header;
    header.id = id;
    header.experiment = "sweep";
    header.replicate = trial.replicate;
    header.seed = trial.seed.value_or(1000 + static_cast<std::uint64_t>(trial.replicate));
    header.target_epochs = 2;
    for (const auto& [key, value] : trial.swept) header.parameters.push_back({key, value, true});
    for (const auto& [key, value] : trial.fixed) header.parameters.push_back({key, value, false});
    for (const auto& [name, value] : trial.metrics) {
      const bool is_elbo = name.find("/elbo") != std::string::npos;
      const bool is_part = name.find("accuracy") != std::string::npos;
      const auto declared = trial.better.find(name);
      const auto units = trial.units.find(name);
      header.metrics[name] = {.units = units != trial.units.end() ? units->second
                                       : is_part                  ? "1"
                                                                  : "nats",
                              .bound = is_elbo ? trial.bound : "",
                              .better = declared != trial.better.end() ? declared->second
                                        : is_elbo || is_part           ? Better::higher
                                                                       : Better::lower};
    }
    results::TrialFile file(
        trial.status == results::TrialState::partial ? path : results::working(path), header);
    for (int epoch = 1; epoch <= 2; ++epoch) {
      results::EpochRecord record;
      record.epoch = epoch;
      record.metrics["train"]["loss"] = results::Array::scalar(100);
      for (const auto& [name, value] : trial.metrics) {
        const auto slash = name.find('/');
        record.metrics[name.substr(0, slash)][name.substr(slash + 1)] =
            results::Array::scalar(epoch == 2 ? value : value + 1000);
      }
      for (const auto& [name, values] : trial.arrays) {
        if (epoch == 1) continue;
        const auto slash = name.find('/');
        record.metrics[name.substr(0, slash)][name.substr(slash + 1)] = {
            {static_cast<std::int64_t>(values.size())}, values};
      }
      for (const auto& [name, values] : trial.matrices) {
        if (epoch == 1) continue;
        const auto slash = name.find('/');
        record.metrics[name.substr(0, slash)][name.substr(slash + 1)] = values;
      }
      file.append(record);
    }
    if (trial.status == results::TrialState::partial) {
      file.commit();
    } else {
      file.publish(trial.status, trial.status == results::TrialState::failed ? "loss is nan" : "",
                   path, true);
    }
  }

  results::TemporaryFolder folder_;
  std::unique_ptr<results::Results> results_;
};

}  // namespace varia::analysis
