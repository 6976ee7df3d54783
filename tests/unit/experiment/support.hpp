#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "varia/host/host_key.hpp"
#include "varia/parameters.hpp"

/// Components without LibTorch, and short ways to read and to fail.
namespace varia::experiment::testing {

struct FakeDataParams final : ParamSet {
  Integer batch{this, "batch", 128, {1, 100'000}, "Samples of a batch."};
  Real validation{this, "validation", 0.1, {0, 0.9}, "Share of the training data."};
  Integer folds{this, "folds", kUnset, {2, 10'000}, "Parts of the training data."};
  Integer fold{this, "fold", kUnset, {0, 9'999}, "Which part is set aside."};
};

struct FakeLikelihoodParams final : ParamSet {
  Real scale{this, "scale", 1.0, {1e-6, 1e6}, "Standard deviation."};
};

struct FakeModelParams final : ParamSet {
  IntegerList hidden{this, "hidden", {400}, {1, 100'000}, "Widths of the layers."};
  Integer latent{this, "latent", 20, {1, 10'000}, "Dimensions of the code."};
  Variant likelihood{this,
                     "likelihood",
                     "bernoulli",
                     {Variant::option<FakeLikelihoodParams>("gaussian"), {"bernoulli", nullptr}},
                     "Of a pixel."};
};

struct FakeElboParams final : ParamSet {
  Scheduled beta{this, "beta", 1.0, {0, 1e4}, "Weight of the KL divergence."};
  Scheduled gamma{this, "gamma", kUnset, {0, 1e4}, "Weight of the distance to the capacity."};
  Scheduled capacity{this, "capacity", kUnset, {0, 1e4}, "Nats of the KL divergence."};
};

struct FakeFactorParams final : ParamSet {
  Real gamma{this, "gamma", 10.0, {0, 1e4}, "Weight of the total correlation."};
};

struct FakeAdamParams final : ParamSet {
  Scheduled lr{this, "lr", 1e-3, {0, 10}, "Learning rate."};
};

struct FakeNllParams final : ParamSet {
  Integer samples{this, "samples", 100, {1, 100'000}, "Importance samples."};
};

struct FakeSamplesParams final : ParamSet {
  Integer rows{this, "rows", 8, {1, 100}, "Rows of the grid."};
};

struct NoParams final : ParamSet {};

struct FakeLinearParams final : ParamSet {
  Real from{this, "from", 0, {}, "First value."};
  Real to{this, "to", 1, {}, "Last value."};
  Integer epochs{this, "epochs", kUnset, {1, 1'000'000}, "Its length."};
  Real fraction{this, "fraction", kUnset, {0, 1}, "Its length, of the run."};
};

class FakeLinear final : public Schedule {
 public:
  using Params = FakeLinearParams;
  explicit FakeLinear(const FakeLinearParams& params) : params_(params) {}
  double value(const Progress&, const Horizon&) const override { return params_.from(); }
  Range bounds() const override { return {params_.from(), params_.to()}; }
  bool depends_on_run_length() const override { return params_.fraction.has_value(); }

 private:
  const FakeLinearParams& params_;
};

template <class Params>
void add_fake(Registry& registry, const std::string& kind, const std::string& name,
              std::int64_t every = 0) {
  ComponentInfo info;
  info.every = every;
  info.kind = kind;
  info.name = name;
  info.file = "fake.so";
  info.make_params = [] { return std::unique_ptr<ParamSet>(std::make_unique<Params>()); };
  registry.add(std::move(info));
}

inline const Registry& fake_registry() {
  static const Registry& filled = [&]() -> const Registry& {
    static Registry registry;
    registry.set_plugin(HostKey{}, "fake", "1.0.0", "fake.so");
    add_fake<FakeDataParams>(registry, "dataset", "mnist");
    add_fake<FakeModelParams>(registry, "model", "mlp_vae");
    add_fake<FakeElboParams>(registry, "loss", "elbo");
    add_fake<FakeFactorParams>(registry, "loss", "factor");
    add_fake<FakeAdamParams>(registry, "optimizer", "adam");
    add_fake<FakeAdamParams>(registry, "optimizer", "sgd");
    add_fake<NoParams>(registry, "metric", "active_units", 1);
    add_fake<FakeNllParams>(registry, "metric", "nll");
    add_fake<FakeSamplesParams>(registry, "view", "samples");
    add_fake<NoParams>(registry, "view", "reconstructions");
    registry.add<FakeLinear>("linear", "From one number to another.");
    return registry;
  }();
  return filled;
}

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
