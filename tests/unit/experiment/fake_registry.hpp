#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "varia/host/host_key.hpp"
#include "varia/parameters.hpp"
#include "varia/registry.hpp"
#include "varia/schedule.hpp"

/// Components without LibTorch, one or two of a kind.
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

}  // namespace varia::experiment::testing
