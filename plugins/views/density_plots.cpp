#include <ATen/Functions.h>

#include <cmath>

#include "fitted_density.hpp"
#include "plot.hpp"
#include "varia/component.hpp"
#include "varia/error.hpp"
#include "varia/plugin.hpp"
#include "varia/view.hpp"

// Pictures of a density that is fitted to the data or to codes.

namespace {

using namespace varia;
using namespace varia::views;

constexpr std::int64_t kMostDots = 1000;  // more hide the map

/// [3, H, W] as a picture of one tile.
Picture single(const Tensor& image, std::string title) {
  return {image.unsqueeze(0).unsqueeze(0), std::move(title)};
}

struct DensityCurveParams final : DensityViewParams {
  Component<Density> density{this, "density", "kde", "What is fitted."};
  Integer dimension{this, "dimension", 0, {0, 1 << 20}, "Of the code."};
  Integer width{this, "width", 400, {8, 4096}, "Pixels across, and points of the curve."};
  Integer height{this, "height", 240, {8, 4096}, "Pixels down."};

 protected:
  bool in_force(const Parameter& parameter) const override {
    return DensityViewParams::in_force(parameter) &&
           (&parameter != &dimension || space.is("codes"));
  }
};

class DensityCurve final : public View {
 public:
  using Params = DensityCurveParams;
  DensityCurve(const Params& params, const Build& build)
      : params_(params), density_(params.density.make(build)) {
    require_points(params, build, {params.dimension()}, params.dimension, "density_curve");
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto points = points_of(params_, evaluation, {params_.dimension()});
    density_->fit(points, evaluation.draw);
    const auto axis = axis_of(params_, points);
    const auto x = axis.places(params_.width());
    const auto y = density_->log_prob(x.unsqueeze(1)).to(at::kDouble).flatten().exp();
    const auto top = y.max().item<double>();
    if (!std::isfinite(top) || top <= 0)
      throw TrialError("view density_curve: the density is " + short_text(top) +
                       " at its highest; expected a positive number");
    // A little white stays above the curve.
    const auto image = filled_curve(y / (1.05 * top), params_.height());
    return {{single(image, params_.density.use() + " from " + axis.text() + ", at most " +
                               short_text(top))},
            {{at::stack({x, y}, 1), {}}}};
  }

 private:
  const Params& params_;
  std::shared_ptr<Density> density_;
};

struct DensityContourParams final : DensityViewParams {
  Component<Density> density{this, "density", "gmm", "What is fitted."};
  IntegerList dimensions{
      this, "dimensions", {0, 1}, {0, 1 << 20}, "Of the code, those across and up."};
  Integer size{this, "size", 300, {8, 4096}, "Pixels across and down."};
  Integer bands{this, "bands", 10, {2, 100}, "Steps of the colour, with a line between them."};
  Boolean dots{this, "dots", true,
               "The first thousand points that it was fitted to, as black dots."};
  Integer samples{this, "samples", 0, {0, 1'000'000}, "Draws shown as a scatter plot."};

 protected:
  bool in_force(const Parameter& parameter) const override {
    return DensityViewParams::in_force(parameter) &&
           (&parameter != &dimensions || space.is("codes"));
  }
  void check() const override {
    DensityViewParams::check();
    if (dimensions().size() != 2 || dimensions()[0] == dimensions()[1])
      fail(dimensions, "expected two different dimensions");
  }
};

/// The negative log-density as a map. Its steps are equal in ln(1 + what it lies above the least):
/// narrow about a peak, wide far away.
class DensityContour final : public View {
 public:
  using Params = DensityContourParams;
  DensityContour(const Params& params, const Build& build)
      : params_(params), density_(params.density.make(build)) {
    require_points(params, build, params.dimensions(), params.dimensions, "density_contour");
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto points = points_of(params_, evaluation, params_.dimensions());
    density_->fit(points, evaluation.draw);
    const auto axis = axis_of(params_, points);
    const auto size = params_.size();
    const auto places = axis.places(size);
    const auto across = places.repeat({size});
    const auto up = places.flip(0).repeat_interleave(size);
    auto nll = -density_->log_prob(at::stack({across, up}, 1)).to(at::kDouble).flatten();

    const auto known = nll.masked_select(nll.isfinite());
    if (known.numel() == 0)
      throw TrialError("view density_contour: the density is zero everywhere from " + axis.text());
    const auto least = known.min().item<double>();
    const auto most = known.max().item<double>();
    // A density of zero looks like the lowest one that is not.
    nll = at::where(nll.isfinite(), nll, at::full_like(nll, most));
    const auto range = std::log1p(most - least);
    const auto height = range > 0 ? (nll - least).log1p() / range : at::zeros_like(nll);
    auto image = contour_map(1 - height.view({size, size}), params_.bands());
    if (params_.dots()) image = with_dots(image, points.slice(0, 0, kMostDots), axis.from, axis.to);

    Rendering shown;
    shown.pictures.push_back(single(image, params_.density.use() + ": negative log-density " +
                                               short_text(least) + " to " + short_text(most) +
                                               " nats, axes from " + axis.text()));
    if (params_.samples() > 0)
      shown.scatters.push_back({density_->sample(params_.samples(), evaluation.draw), {}});
    return shown;
  }

 private:
  const Params& params_;
  std::shared_ptr<Density> density_;
};

}  // namespace

VARIA_PLUGIN("density_plots", "1.0.0") {
  registry.add<DensityCurve>("density_curve",
                             "A density in one dimension, fitted to the data or to codes.");
  registry.add<DensityContour>(
      "density_contour", "Negative log-density in two dimensions, fitted to the data or to codes.");
}
