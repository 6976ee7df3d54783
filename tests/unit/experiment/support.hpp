#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "unit/experiment/fake_registry.hpp"

/// Short ways to read and to fail.
namespace varia::experiment::testing {

/// A complete experiment, to which a test adds what it is about.
inline const std::string kBase =
    "data: mnist\n"
    "model: mlp_vae\n"
    "loss: elbo\n"
    "train: {epochs: 2}\n";

inline Experiment experiment_of(const std::string& text,
                                const std::vector<std::string>& overrides = {}) {
  return read_experiment_text(text, "e.yaml", overrides);
}

inline Plan plan(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return make_plan(experiment_of(text, overrides), fake_registry(),
                   [](const Value&) { return "digest"; });
}

inline std::vector<std::string> ids(const Plan& plan) {
  std::vector<std::string> ids;
  for (const Trial& trial : plan.trials) ids.push_back(trial.id);
  return ids;
}

/// A resolved parameter as one line, "" where the trial has no such key.
inline std::string setting(const Trial& trial, const std::string& key) {
  for (const Setting& setting : trial.parameters())
    if (setting.key == key) return setting.value.text();
  return "";
}

/// The message of the ConfigError that `action` throws.
template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

inline std::string plan_error(const std::string& text,
                              const std::vector<std::string>& overrides = {}) {
  return message_of([&] { plan(text, overrides); });
}

/// A folder that is gone when it goes out of scope, and files in it.
class Folder {
 public:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

 private:
  varia::testing::TemporaryFolder folder_;
};

}  // namespace varia::experiment::testing
