#pragma once

#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

/// A component that costs nothing: a schedule that always has one value.
struct FixedScheduleParams final : varia::ParamSet {
  varia::Real value{this, "value", 0.5, {0, 1}, "The value."};
};

class FixedSchedule final : public varia::Schedule {
 public:
  using Params = FixedScheduleParams;
  explicit FixedSchedule(const Params& params) : params_(params) {}
  double value(const varia::Progress&, const varia::Horizon&) const override {
    return params_.value();
  }
  varia::Range bounds() const override { return {params_.value(), params_.value()}; }

 private:
  const Params& params_;
};
