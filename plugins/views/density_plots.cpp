#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "code_space.hpp"
#include "decoded_images.hpp"
#include "plot.hpp"
#include "varia/component.hpp"
#include "varia/density.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"
#include "varia/plugin.hpp"
#include "varia/view.hpp"

// Pictures of a density that is fitted to the data or to codes.

namespace {

using namespace varia;
using namespace varia::views;

constexpr std::int64_t kMostDots = 1000;  // more hide the map

/// A number to four digits.
std::string short_text(double number) {
  char text[64];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

/// What the views of a density take besides the density itself.
struct DensityViewParams : CodeViewParams {
  Choice space{this,
               "space",
               "codes",
               {"codes", "data"},
               "Whether the density is fitted to codes of images, or to the data itself."};
  Choice split{this, "split", "train", {"train", "test"}, "Where the images come from."};
  Integer count{this, "count", 10'000, {2, 10'000'000}, "Images: a random subset of the split."};
  Boolean sampled{this, "sampled", false, "A draw of each code instead of its mean."};
  Real from{this, "from", kUnset, {-1e9, 1e9}, "Where the axes start; unset: below the points."};
  Real to{this, "to", kUnset, {-1e9, 1e9}, "Where the axes end; unset: above the points."};

 protected:
  bool in_force(const Parameter& parameter) const override {
    return space.is("codes") || (&parameter != &sampled && &parameter != &blocks);
  }
  void check() const override {
    ErrorList errors;
    errors.collect([&] { CodeViewParams::check(); });
    errors.collect([&] {
      if (from.has_value() && to.has_value() && to() <= from())
        fail(to, "expected more than `from`, " + short_text(from()));
    });
    errors.raise();
  }
};

/// Checks that the data or the code has the dimensions that a view shows.
/// @param chosen     dimensions of the code
/// @param parameter  that names them
/// @throws ConfigError if a code has not all of them, or the data not so many dimensions.
void require_points(const DensityViewParams& params, const Build& build,
                    const std::vector<std::int64_t>& chosen, const Parameter& parameter,
                    const std::string& view) {
  if (params.space.is("codes")) {
    const CodeSpace space(build, params, view);
    return space.require(chosen, parameter);
  }
  const auto wanted = static_cast<std::int64_t>(chosen.size());
  if (build.data.event_size() != wanted)
    throw ConfigError(params.space.where(), "view " + view + ": space: data needs points of " +
                                                std::to_string(wanted) +
                                                " numbers; those of this data set have " +
                                                std::to_string(build.data.event_size()));
}

/// The points that the density is fitted to.
/// @param chosen dimensions of the code; of the data, all
/// @returns      [n, D] float64 on the CPU
Tensor points_of(const DensityViewParams& params, const Evaluation& evaluation,
                 const std::vector<std::int64_t>& chosen) {
  const auto& split = chosen_split(params.split, evaluation);
  if (params.space.is("codes"))
    return encode_split(evaluation.model, split, params.count(),
                        {params.blocks(), params.sampled()}, evaluation.draw)
        .points.index_select(1, at::tensor(chosen, at::kLong));
  const auto places = random_places(split.size(), params.count(), "images of a density plot");
  return split.batch(places, evaluation.draw).target.flatten(1).to(at::kCPU, at::kDouble);
}

/// Both ends of the axes.
struct Axis {
  double from = 0;
  double to = 1;
  /// Middles of so many equal parts, [places] float64.
  Tensor places(std::int64_t places) const {
    const double step = (to - from) / static_cast<double>(places);
    return from + step * (at::arange(places, at::kDouble) + 0.5);
  }
  /// "-5 to 10"
  std::string text() const { return short_text(from) + " to " + short_text(to); }
};

/// As given, else a tenth of their range beyond the points.
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

/// What an axis measures.
PlotAxis labelled(const DensityViewParams& params, const Axis& axis, std::int64_t dimension) {
  return {axis.from, axis.to,
          params.space.is("codes") ? code_axis(dimension)
                                   : "data, coordinate " + std::to_string(dimension)};
}

/// [3, H, W] as a picture of one tile.
Picture single(const Tensor& image, std::string title, PictureLabels labels) {
  return {image.unsqueeze(0).unsqueeze(0), std::move(title), std::move(labels)};
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
    const auto edge = 1.05 * top;  // a little white stays above the curve
    const auto image = filled_curve(y / edge, params_.height());
    PictureLabels labels;
    labels.x = labelled(params_, axis, params_.space.is("codes") ? params_.dimension() : 0);
    labels.y = {0, edge, "density"};
    const std::array axes = {labels.x->name, labels.y->name};
    return {{single(image,
                    params_.density.use() + " from " + axis.text() + ", at most " + short_text(top),
                    std::move(labels))},
            {{at::stack({x, y}, 1), {}, axes}}};
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
               "A thousand of the points that it was fitted to, as black dots."};
  Integer samples{this, "samples", 0, {0, 1'000'000}, "Draws shown as a scatter plot."};

 protected:
  bool in_force(const Parameter& parameter) const override {
    return DensityViewParams::in_force(parameter) &&
           (&parameter != &dimensions || space.is("codes"));
  }
  void check() const override {
    ErrorList errors;
    errors.collect([&] { DensityViewParams::check(); });
    errors.collect([&] { require_plane(dimensions); });
    errors.raise();
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
    if (params_.dots()) {
      const auto chosen = random_places(points.size(0), kMostDots, "dots of a density plot");
      image = with_dots(image, points.index_select(0, chosen), axis.from, axis.to);
    }

    Rendering shown;
    const bool is_code = params_.space.is("codes");
    PictureLabels labels;
    labels.x = labelled(params_, axis, is_code ? params_.dimensions()[0] : 0);
    labels.y = labelled(params_, axis, is_code ? params_.dimensions()[1] : 1);
    const std::array axes = {labels.x->name, labels.y->name};
    if (range > 0) labels.colours = colour_bar(least, range);
    shown.pictures.push_back(single(image,
                                    params_.density.use() + ": negative log-density " +
                                        short_text(least) + " to " + short_text(most) +
                                        " nats, axes from " + axis.text(),
                                    std::move(labels)));
    if (params_.samples() > 0)
      shown.scatters.push_back({density_->sample(params_.samples(), evaluation.draw), {}, axes});
    return shown;
  }

 private:
  /// The bands of the map, whose edges have equal steps of ln(1 + nll - least) up to `range`.
  ColourBar colour_bar(double least, double range) const {
    ColourBar bar{"negative log-density [nats]", band_colours(params_.bands()), {}};
    std::ranges::reverse(bar.colours);
    for (std::int64_t i = 0; i <= params_.bands(); ++i)
      bar.edges.push_back(least + std::expm1(range * static_cast<double>(i) /
                                             static_cast<double>(params_.bands())));
    return bar;
  }

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
