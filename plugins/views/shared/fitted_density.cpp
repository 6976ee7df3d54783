#include "fitted_density.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cstdio>

#include "decoded_images.hpp"
#include "varia/error.hpp"

namespace varia::views {

bool DensityViewParams::in_force(const Parameter& parameter) const {
  return space.is("codes") || (&parameter != &sampled && &parameter != &blocks);
}

void DensityViewParams::check() const {
  CodeParams::check();
  if (from.has_value() && to.has_value() && to() <= from())
    fail(to, "expected more than `from`, " + short_text(from()));
}

void require_points(const DensityViewParams& params, const Build& build,
                    const std::vector<std::int64_t>& chosen, const Parameter& parameter,
                    const std::string& view) {
  if (params.space.is("codes")) {
    const CodeSpace space(build, {params.blocks(), params.sampled()}, view);
    for (const auto dimension : chosen) space.require(dimension, parameter);
    return;
  }
  const auto wanted = static_cast<std::int64_t>(chosen.size());
  if (build.data.pixels() != wanted)
    throw ConfigError(params.space.where(), "view " + view + ": space: data needs points of " +
                                                std::to_string(wanted) +
                                                " numbers; those of this data set have " +
                                                std::to_string(build.data.pixels()));
}

Tensor points_of(const DensityViewParams& params, const Evaluation& evaluation,
                 const std::vector<std::int64_t>& chosen) {
  const auto& split = chosen_split(params.split, evaluation);
  if (params.space.is("codes"))
    return encode_split(evaluation.model, split, params.count(),
                        {params.blocks(), params.sampled()}, evaluation.draw)
        .points.index_select(1, at::tensor(chosen, at::kLong));
  const auto count = std::min(params.count(), split.size());
  return split.slice(0, count, evaluation.draw).target.flatten(1).to(at::kCPU, at::kDouble);
}

Tensor Axis::places(std::int64_t places) const {
  return from + step(places) * (at::arange(places, at::kDouble) + 0.5);
}

std::string Axis::text() const { return short_text(from) + " to " + short_text(to); }

Axis axis_of(const DensityViewParams& params, const Tensor& points) {
  const auto low = points.min().item<double>();
  const auto high = points.max().item<double>();
  const auto beyond = high > low ? (high - low) / 10 : 1.0;
  Axis axis{params.from.has_value() ? params.from() : low - beyond,
            params.to.has_value() ? params.to() : high + beyond};
  if (axis.to <= axis.from)
    throw TrialError("the points lie outside the axes, which go from " + axis.text() +
                     "; give both `from` and `to`");
  return axis;
}

std::string short_text(double number) {
  char text[64];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

}  // namespace varia::views
