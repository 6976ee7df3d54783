#include <ATen/Functions.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "decoded_images.hpp"
#include "plot.hpp"
#include "varia/plugin.hpp"
#include "varia/view.hpp"

// Rows of numbers, and what a model makes of them: feature by feature, and as a map.

namespace {

using namespace varia;
using namespace varia::views;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t kSamplesAtOnce = 500;

/// Samples and their reconstructions, feature by feature. On the CPU.
struct Features {
  Tensor observed;       ///< [n, D] float64
  Tensor reconstructed;  ///< [n, D] float64
  Tensor mask;           ///< [n, D] bool: true if a number was observed
  Tensor labels;         ///< [n] int64, undefined if the data has none
};

Features features_of(const Evaluation& evaluation, const Split& split, std::int64_t count,
                     std::int64_t features, const std::string& view) {
  const auto first = [&](const Tensor& all) {
    return all.flatten(1).slice(1, 0, features).to(at::kCPU).clone();
  };
  std::vector<Tensor> observed, made, masks, labels;
  // By parts, since samples may have many more features than are shown.
  for (const auto& places :
       random_places(split.size(), count, "samples of features").split(kSamplesAtOnce)) {
    const auto batch = split.batch(places, evaluation.draw);
    observed.push_back(first(batch.target).to(at::kDouble));
    made.push_back(first(reconstructed(evaluation, batch, 1, view).select(0, 0)).to(at::kDouble));
    masks.push_back(batch.mask.defined() ? first(batch.mask)
                                         : at::ones_like(observed.back(), at::kBool));
    if (batch.labels.defined()) labels.push_back(batch.labels.to(at::kCPU));
  }
  return {at::cat(observed), at::cat(made), at::cat(masks),
          labels.empty() ? Tensor() : at::cat(labels)};
}

/// Numbers on a scale where 0 is the least and 1 the greatest of the given ones in each column.
/// @param values [n, D]
/// @param least, most [D]
Tensor on_scale(const Tensor& values, const Tensor& least, const Tensor& most) {
  const auto range = most - least;
  return (values - least) / at::where(range.gt(0), range, at::ones_like(range));
}

Tensor least_of(const Tensor& values, const Tensor& mask) {
  return std::get<0>(values.masked_fill(mask.logical_not(), kInfinity).min(0));
}

Tensor most_of(const Tensor& values, const Tensor& mask) {
  return std::get<0>(values.masked_fill(mask.logical_not(), -kInfinity).max(0));
}

/// The name of a feature, or its place if the data has no names.
std::string name_of(const std::vector<std::string>& names, std::int64_t place) {
  return std::cmp_less(place, names.size()) ? names[static_cast<std::size_t>(place)]
                                            : std::to_string(place);
}

/// "area, age / colour=blue", row by row; as many names as fit a title.
std::string names_text(const std::vector<std::string>& names, std::int64_t count,
                       std::int64_t columns) {
  constexpr std::size_t kLongest = 700;
  std::string text;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto name = name_of(names, i);
    if (text.size() + name.size() > kLongest) return text + ", ...";
    text += (i == 0 ? "" : i % columns == 0 ? " / " : ", ") + name;
  }
  return text;
}

/// The names of the panels of a grid; the places behind the last one have none.
std::vector<std::vector<std::string>> panel_names(const std::vector<std::string>& names,
                                                  std::int64_t count, std::int64_t columns) {
  std::vector<std::vector<std::string>> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    if (i % columns == 0) rows.emplace_back(static_cast<std::size_t>(columns));
    rows.back()[static_cast<std::size_t>(i % columns)] = name_of(names, i);
  }
  return rows;
}

struct FeatureParams : ParamSet {
  Choice split{this, "split", "test", {"test", "train"}, "Where the samples come from."};
  Integer features{this, "features", 30, {1, 1024}, "Features shown: the first of a sample."};
};

struct FeatureReconstructionParams final : FeatureParams {
  Integer count{this, "count", 1000, {1, 100'000}, "Samples: a random subset of the split."};
  Integer columns{this, "columns", 6, {1, 1000}, "Panels in a row."};
  Integer size{this, "size", 96, {16, 1024}, "Pixels across and down of a panel."};
};

/// A panel for each feature: a dot for each sample, its observed value across and the reconstructed
/// one up. On the grey diagonal both are equal.
class FeatureReconstruction final : public View {
 public:
  using Params = FeatureReconstructionParams;
  FeatureReconstruction(const Params& params, const Build& build)
      : params_(params), names_(build.data.features) {
    require_mean(build, "view feature_reconstruction");
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto& split = chosen_split(params_.split, evaluation);
    const auto shown = features_of(evaluation, split, params_.count(), params_.features(),
                                   "feature_reconstruction");
    // Both axes of a panel have one range, that of the observed and the reconstructed values.
    const auto least = at::minimum(least_of(shown.observed, shown.mask),
                                   least_of(shown.reconstructed, shown.mask));
    const auto most =
        at::maximum(most_of(shown.observed, shown.mask), most_of(shown.reconstructed, shown.mask));
    const auto across = on_scale(shown.observed, least, most);
    const auto up = on_scale(shown.reconstructed, least, most);

    const auto features = shown.observed.size(1);
    std::vector<Tensor> panels;
    for (std::int64_t i = 0; i < features; ++i) {
      const auto rows = shown.mask.select(1, i).nonzero().flatten();
      const auto points = at::stack({across.select(1, i), up.select(1, i)}, 1);
      panels.push_back(panel(points.index_select(0, rows)));
    }
    const auto columns = std::min(params_.columns(), features);
    Picture picture{image_grid(at::stack(panels), columns),
                    "observed across, reconstructed up: " + names_text(names_, features, columns)};
    picture.labels.tiles = panel_names(names_, features, columns);
    return {{std::move(picture)}, {}};
  }

 private:
  /// @param points [m, 2] in [0, 1]
  Tensor panel(const Tensor& points) const {
    constexpr double kFrom = -0.05;
    constexpr double kTo = 1.2;  // so that the name of the feature stands above the points
    const auto size = params_.size();
    const auto diagonal = at::eye(size).flip(0).gt(0);
    const auto map = at::ones({3, size, size}).masked_fill(diagonal, 0.75);
    // A frame, since panels have no space between them.
    map.slice(1, 0, 1).fill_(0.75);
    map.slice(2, 0, 1).fill_(0.75);
    return with_dots(map, points, kFrom, kTo);
  }

  const Params& params_;
  std::vector<std::string> names_;
};

struct HeatMapParams final : FeatureParams {
  Integer count{this, "count", 60, {1, 2000}, "Samples: a random subset of the split, a row each."};
  Integer cell{this, "cell", 8, {1, 64}, "Pixels across and down of a number."};
};

/// Samples x features as colours, observed on the left and reconstructed on the right; samples of
/// one label stand together, features in the order of the title. A feature's colours go from its
/// least to its greatest observed value.
class HeatMap final : public View {
 public:
  using Params = HeatMapParams;
  HeatMap(const Params& params, const Build& build) : params_(params), names_(build.data.features) {
    require_mean(build, "view heat_map");
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto& split = chosen_split(params_.split, evaluation);
    const auto shown =
        features_of(evaluation, split, params_.count(), params_.features(), "heat_map");
    const auto least = least_of(shown.observed, shown.mask);
    const auto most = most_of(shown.observed, shown.mask);
    auto observed = coloured(on_scale(shown.observed, least, most).nan_to_num(0));
    observed = observed.masked_fill(shown.mask.logical_not(), kUnobserved);
    const auto reconstructed = coloured(on_scale(shown.reconstructed, least, most).nan_to_num(0));
    const auto maps =
        at::stack({in_order(observed, shown.labels), in_order(reconstructed, shown.labels)});
    Picture picture{maps.unsqueeze(0), "observed, reconstructed: " +
                                           names_text(names_, shown.observed.size(1),
                                                      std::numeric_limits<std::int64_t>::max())};
    picture.labels.columns = {"observed", "reconstructed"};
    picture.labels.colours = colour_bar();
    return {{std::move(picture)}, {}};
  }

 private:
  static constexpr double kUnobserved = 0.8;

  static ColourBar colour_bar() {
    constexpr std::int64_t kBands = 20;
    ColourBar bar{"share of a feature's observed range", band_colours(kBands), {}};
    for (std::int64_t i = 0; i <= kBands; ++i) bar.edges.push_back(static_cast<double>(i) / kBands);
    return bar;
  }

  /// @param map [3, n, D]
  /// @returns   [3, H, W], samples in the order of their labels, and a white column at the right
  Tensor in_order(Tensor map, const Tensor& labels) const {
    if (labels.defined()) {
      const auto order = std::get<1>(at::sort(labels, /*stable=*/true, 0, false));
      map = map.index_select(1, order);
    }
    const auto cell = params_.cell();
    map = map.repeat_interleave(cell, 1).repeat_interleave(cell, 2);
    return at::cat({map, at::ones({3, map.size(1), cell})}, 2);
  }

  const Params& params_;
  std::vector<std::string> names_;
};

}  // namespace

VARIA_PLUGIN("features", "1.0.0") {
  registry.add<FeatureReconstruction>(
      "feature_reconstruction", "Observed numbers against reconstructed ones, a panel a feature.");
  registry.add<HeatMap>("heat_map",
                        "Samples x features as colours, observed and reconstructed side by side.");
}
