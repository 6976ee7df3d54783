#include "varia/error_list.hpp"
#include "varia/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

constexpr Range kAnyReal{-1e30, 1e30};
constexpr IntegerRange kPositive{1, std::int64_t{1} << 53};

/// How long a schedule takes: exactly one of its members is given.
struct LengthParams : ParamSet {
  Real epochs{this, "epochs", kUnset, {1e-9, 1e12}, "Its length in epochs."};
  Integer steps{this, "steps", kUnset, kPositive, "Its length in steps."};
  Real fraction{this, "fraction", kUnset, {1e-9, 1}, "Its length as a part of the whole run."};

  double in_steps(const Horizon& horizon) const {
    if (steps.has_value()) return static_cast<double>(steps());
    if (epochs.has_value()) return epochs() * static_cast<double>(horizon.steps_per_epoch);
    return fraction() * static_cast<double>(horizon.steps);
  }

 protected:
  void check() const override {
    if (epochs.has_value() + steps.has_value() + fraction.has_value() != 1)
      fail(epochs, "a schedule needs exactly one of epochs, steps and fraction: how long it takes");
  }
};

struct RampParams : LengthParams {
  Real from{this, "from", 0.0, kAnyReal, "First value."};
  Real to{this, "to", 1.0, kAnyReal, "Last value, kept from then on."};
};

/// A schedule between two values that is given by how far it has come, in [0, 1].
template <class P>
class Ramp : public Schedule {
 public:
  using Params = P;
  explicit Ramp(const Params& params) : params_(params) {}
  Range bounds() const override {
    return {std::min(params_.from(), params_.to()), std::max(params_.from(), params_.to())};
  }
  bool depends_on_run_length() const override { return params_.fraction.has_value(); }

 protected:
  /// `part` of the way from the first value to the last; exact at both ends.
  double between(double part) const {
    return std::lerp(params_.from(), params_.to(), part);  // never outside the two by rounding
  }
  double part_done(const Progress& progress, const Horizon& horizon) const {
    return std::min(1.0, static_cast<double>(progress.step) / params_.in_steps(horizon));
  }
  const Params& params_;
};

class Linear final : public Ramp<RampParams> {
 public:
  using Ramp::Ramp;
  double value(const Progress& progress, const Horizon& horizon) const override {
    return between(part_done(progress, horizon));
  }
};

class Cosine final : public Ramp<RampParams> {
 public:
  using Ramp::Ramp;
  double value(const Progress& progress, const Horizon& horizon) const override {
    const double part = part_done(progress, horizon);
    return part >= 1 ? params_.to() : between((1 - std::cos(std::numbers::pi * part)) / 2);
  }
};

struct ExponentialParams final : RampParams {
 protected:
  void check() const override {
    LengthParams::check();
    if (from() * to() <= 0)
      fail(from, "an exponential schedule needs from and to of one sign, neither of them 0");
  }
};

class Exponential final : public Ramp<ExponentialParams> {
 public:
  using Ramp::Ramp;
  double value(const Progress& progress, const Horizon& horizon) const override {
    const double part = part_done(progress, horizon);
    if (part >= 1) return params_.to();
    const Range range = bounds();
    return std::clamp(params_.from() * std::pow(params_.to() / params_.from(), part), range.min,
                      range.max);
  }
};

class Staircase final : public Ramp<RampParams> {
 public:
  using Ramp::Ramp;
  double value(const Progress& progress, const Horizon& horizon) const override {
    const auto epoch = progress.step / horizon.steps_per_epoch + 1;
    const double length = params_.in_steps(horizon) / static_cast<double>(horizon.steps_per_epoch);
    return between(std::min(1.0, static_cast<double>(epoch) / length));
  }
};

struct CyclicParams final : RampParams {
  Real ramp{
      this, "ramp", 0.5, {1e-6, 1}, "The part of a cycle that rises; the rest stays at `to`."};
};

class Cyclic final : public Ramp<CyclicParams> {
 public:
  using Ramp::Ramp;
  double value(const Progress& progress, const Horizon& horizon) const override {
    const double length = params_.in_steps(horizon);
    const double place = std::fmod(static_cast<double>(progress.step), length) / length;
    return between(std::min(1.0, place / params_.ramp()));
  }
};

struct PointParams final : ParamSet {
  Real epoch{this, "epoch", kUnset, {0, 1e12}, "Where it stands, in epochs."};
  Integer step{this, "step", kUnset, {0, std::int64_t{1} << 53}, "Where it stands, in steps."};
  Real value{this, "value", 0.0, kAnyReal, "The value there."};

  double in_steps(const Horizon& horizon) const {
    return step.has_value() ? static_cast<double>(step())
                            : epoch() * static_cast<double>(horizon.steps_per_epoch);
  }

 protected:
  void check() const override {
    if (epoch.has_value() == step.has_value())
      fail(value, "a point needs exactly one of epoch and step: where it stands");
  }
};

struct PiecewiseParams final : ParamSet {
  RecordList<PointParams> points{this, "points", "In order; the ends reach on."};
  Choice between{this,
                 "between",
                 "linear",
                 {"linear", "constant"},
                 "Straight lines from point to point, or each value up to the next point."};

 protected:
  void check() const override {
    if (points.size() == 0) fail(points, "a piecewise schedule needs at least one point");
    for (std::size_t i = 1; i < points.size(); ++i) {
      const auto& last = points[i - 1];
      const auto& point = points[i];
      if (last.step.has_value() != point.step.has_value())
        fail(points, "all points must be given in epochs, or all in steps");
      const Horizon unit{};
      if (point.in_steps(unit) <= last.in_steps(unit))
        fail(points, "the points must be in rising order");
    }
  }
};

class Piecewise final : public Schedule {
 public:
  using Params = PiecewiseParams;
  explicit Piecewise(const Params& params) : params_(params) {}

  double value(const Progress& progress, const Horizon& horizon) const override {
    const auto at = static_cast<double>(progress.step);
    const auto& points = params_.points;
    std::size_t next = 0;
    while (next < points.size() && points[next].in_steps(horizon) <= at) ++next;
    if (next == 0) return points[0].value();
    const auto& last = points[next - 1];
    if (next == points.size() || params_.between.is("constant")) return last.value();
    const double begin = last.in_steps(horizon);
    const double part = (at - begin) / (points[next].in_steps(horizon) - begin);
    return std::lerp(last.value(), points[next].value(), part);
  }

  Range bounds() const override {
    Range range{params_.points[0].value(), params_.points[0].value()};
    for (std::size_t i = 1; i < params_.points.size(); ++i) {
      range.min = std::min(range.min, params_.points[i].value());
      range.max = std::max(range.max, params_.points[i].value());
    }
    return range;
  }

 private:
  const Params& params_;
};

struct ConstantParams final : ParamSet {
  Real at{this, "value", 1.0, kAnyReal, "The value."};
};

class Constant final : public Schedule {
 public:
  using Params = ConstantParams;
  explicit Constant(const Params& params) : params_(params) {}
  double value(const Progress&, const Horizon&) const override { return params_.at(); }
  Range bounds() const override { return {params_.at(), params_.at()}; }

 private:
  const Params& params_;
};

struct PlateauParams final : ParamSet {
  Text metric{this, "metric", kUnset,
              "A metric of the validation split, such as validation/elbo; it declares itself "
              "whether higher or lower values are better."};
  Real from{this, "from", 1.0, kAnyReal, "First value."};
  Real factor{this, "factor", 0.1, {0, 1}, "What the value is multiplied by."};
  Integer patience{this,
                   "patience",
                   10,
                   {1, 1'000'000},
                   "Evaluations of the metric without a better value after which it is."};
  Real min_delta{this,
                 "min_delta",
                 0.0,
                 {0, 1e9},
                 "How much better than the best value so far a value must be to count."};
  Real least{this, "least", 0.0, {0, 1e30}, "No value is below it."};

 protected:
  void check() const override {
    ErrorList errors;
    errors.collect([&] {
      if (!metric.has_value())
        fail(metric, "say which one it follows, validation/elbo for instance");
    });
    errors.collect([&] {
      if (from() < least()) fail(from, "is below 'least'");
    });
    errors.raise();
  }
};

class Plateau final : public Schedule {
 public:
  using Params = PlateauParams;
  explicit Plateau(const Params& params) : params_(params) {}

  double value(const Progress& progress, const Horizon&) const override {
    double value = params_.from();
    if (progress.measured == nullptr) return value;
    const auto found = progress.measured->find(params_.metric());
    if (found == progress.measured->end()) return value;
    double best = std::numeric_limits<double>::quiet_NaN();
    std::int64_t waited = 0;
    for (const auto& [step, measured] : found->second.values) {
      if (step > progress.step) break;
      if (is_better(measured, best, found->second.order, params_.min_delta())) {
        best = measured;
        waited = 0;
      } else if (++waited == params_.patience()) {
        value = std::max(params_.least(), value * params_.factor());
        waited = 0;
      }
    }
    return value;
  }
  Range bounds() const override { return {params_.least(), params_.from()}; }
  std::string follows() const override { return params_.metric(); }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("schedules", "1.0.0") {
  registry.add<Constant>("constant", "One value.");
  registry.add<Linear>("linear", "A straight line, then constant (warm-up: Bowman et al. 2016).");
  registry.add<Cosine>("cosine", "Half a cosine, then constant (Loshchilov & Hutter 2017).");
  registry.add<Exponential>("exponential", "Equal ratios in equal times, then constant.");
  registry.add<Staircase>("staircase",
                          "A line in equal steps, constant within an epoch: epoch e of n stands at "
                          "e/n.");
  registry.add<Cyclic>("cyclic", "Rises and holds, again and again (Fu et al. 2019).");
  registry.add<Plateau>("plateau", "Falls by a factor whenever a metric no longer becomes better.");
  registry.add<Piecewise>("piecewise", "Values at given epochs or steps, lines or steps between.");
}
