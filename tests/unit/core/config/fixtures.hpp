#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "varia/component.hpp"
#include "varia/host/host_key.hpp"
#include "varia/parameters.hpp"
#include "varia/registry.hpp"

/// Small values, components and a registry for the tests of the configuration.
namespace varia::test {

inline Location place(int line, int column) { return {"a.yaml", line, column}; }

inline Value plain(std::string text, Location where = place(3, 9)) {
  return Value::scalar(std::move(text), false, std::move(where));
}

inline Value list_of(std::initializer_list<std::string> items) {
  Value list = Value::list({}, place(3, 9));
  int column = 10;
  for (const auto& item : items) list.push(plain(item, place(3, column++)));
  return list;
}

inline Value map_of(std::initializer_list<std::pair<std::string, Value>> entries) {
  Value map = Value::map({}, place(2, 1));
  for (const auto& [key, value] : entries) map.set(key, value, place(3, 5));
  return map;
}

/// The message of the exception `E` that `action` throws; empty if it throws none.
template <class E = ConfigError, class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  return {};
}

/// The message with which `P` refuses the map.
template <class P>
std::string refusal(const Value& map, const Registry* registry = nullptr) {
  P params;
  LoadContext context;
  context.registry = registry;
  context.subject = "model m";
  return message_of([&] { params.load(map, context); });
}

/// Goes from `from` to `to` in `epochs`.
class Linear final : public Schedule {
 public:
  struct Params final : ParamSet {
    Real from{this, "from", 0.0, {}, "Value at the start."};
    Real to{this, "to", 1.0, {}, "Value at the end."};
    Real epochs{this, "epochs", kUnset, {1e-3, 1e6}, "Length; the whole run where it is unset."};
  };
  explicit Linear(const Params& params) : params_(params) {}
  double value(const Progress& progress, const Horizon& horizon) const override {
    const double length = params_.epochs.has_value() ? params_.epochs() * horizon.steps_per_epoch
                                                     : static_cast<double>(horizon.steps);
    const double done = static_cast<double>(progress.step) / length;
    return params_.from() + (params_.to() - params_.from()) * (done < 1 ? done : 1);
  }
  Range bounds() const override {
    return params_.from() < params_.to() ? Range{params_.from(), params_.to()}
                                         : Range{params_.to(), params_.from()};
  }
  bool depends_on_run_length() const override { return !params_.epochs.has_value(); }

 private:
  const Params& params_;
};

/// A kind of its own, so that these tests need nothing of LibTorch.
class Noise {
 public:
  using KindBase = Noise;
  static constexpr const char* kKind = "likelihood";
  virtual ~Noise() = default;
  virtual double scale() const = 0;
};

class Gaussian final : public Noise {
 public:
  struct Params final : ParamSet {
    Real scale{this, "scale", 1.0, {1e-6, 1e6}, "Standard deviation."};
  };
  explicit Gaussian(const Params& params) : params_(params) {}
  double scale() const override { return params_.scale(); }

 private:
  const Params& params_;
};

/// Holds a component of its own kind.
class Mixed final : public Noise {
 public:
  struct Params final : ParamSet {
    Component<Noise> of{this, "of", "gaussian", "What is mixed."};
    Scheduled weight{this, "weight", 0.5, {0, 1}, "Weight."};
  };
  Mixed(const Params& params, const Build& build) : params_(params), of_(params.of.make(build)) {}
  double scale() const override { return params_.weight() * of_->scale(); }

 private:
  const Params& params_;
  std::shared_ptr<Noise> of_;
};

inline void fill(Registry& registry) {
  registry.set_plugin(HostKey{}, "fakes", "1.0.0", "/plugins/libfakes.so");
  registry.add<Linear>("linear", "A straight line.");
  registry.add<Gaussian>("gaussian", "Gaussian.");
  registry.add<Mixed>("mixed", "A mixture.");
}

}  // namespace varia::test
