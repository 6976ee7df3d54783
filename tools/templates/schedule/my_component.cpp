#include "varia/schedule.hpp"

#include <algorithm>
#include <cmath>

#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct MyComponentParams final : ParamSet {
  Real from{this, "from", 0.0, {-1e30, 1e30}, "First value."};
  Real to{this, "to", 1.0, {-1e30, 1e30}, "Last value, kept from then on."};
  Real epochs{this, "epochs", 1.0, {1e-9, 1e12}, "How many epochs it takes."};
};

/// Leaves the first value slowly, arrives at the last one slowly: 3t^2 - 2t^3.
class MyComponent final : public Schedule {
 public:
  using Params = MyComponentParams;
  explicit MyComponent(const Params& params) : params_(params) {}

  // A pure function: a run that is continued asks for any step.
  double value(const Progress& progress, const Horizon&) const override {
    const double t = std::min(1.0, progress.epoch / params_.epochs());
    return std::lerp(params_.from(), params_.to(), t * t * (3 - 2 * t));
  }

  Range bounds() const override {
    return {std::min(params_.from(), params_.to()), std::max(params_.from(), params_.to())};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("my_component", "0.1.0") {
  registry.add<MyComponent>("my_component", "From one value to another, slow at both ends.");
}
