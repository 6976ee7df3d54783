#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

#include "code_space.hpp"
#include "decoded_images.hpp"
#include "varia/error.hpp"
#include "varia/plugin.hpp"
#include "varia/value.hpp"
#include "varia/view.hpp"

namespace {

using namespace varia;
using namespace varia::views;

constexpr std::int64_t kMostImages = 1'000'000;
constexpr const char* kOriginal = "original";

struct TraversalParams final : CodeViewParams {
  Choice form{this,
              "form",
              "strip",
              {"strip", "animation"},
              "strip: one picture, a row a dimension and a column an offset; animation: a picture "
              "an offset, there and back, a row a dimension and a column a start."};
  IntegerList dimensions{this,
                         "dimensions",
                         {},
                         {0, 1 << 20},
                         "Those that are moved along; empty: every one, by falling KL divergence."};
  Choice start{this,
               "start",
               "image",
               {"image", "normal", "zero"},
               "Where the codes start: the mean codes of images, standard normal draws, or zero."};
  Integer image{this,
                "image",
                0,
                {0, 1'000'000'000},
                "With start: image, the place of the first one in the test split."};
  Real from{this, "from", -3.0, {-1e6, 1e6}, "The first offset."};
  Real to{this, "to", 3.0, {-1e6, 1e6}, "The last offset."};
  Integer columns{this, "columns", 11, {2, 1000}, "Offsets from the first to the last."};
  Integer images{this, "images", 8, {1, 1000}, "Starts that an animation shows side by side."};

 protected:
  bool in_force(const Parameter& parameter) const override {
    if (&parameter == &image) return start.is("image");
    // Every image that starts at zero is the same.
    if (&parameter == &images) return form.is("animation") && !start.is("zero");
    return true;
  }
};

/// A number with so many decimals.
std::string decimal_text(double number, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, number);
  return text;
}

/// Images decoded while one dimension of the code moves and the others stay.
class Traversal final : public View {
 public:
  using Params = TraversalParams;
  Traversal(const Params& params, const Build& build)
      : params_(params), space_(build, params, "traversal"), dimensions_(params.dimensions()) {
    require_decoder(build, "view traversal");
    if (!params.start.is("image")) require_prior(build, "view traversal");
    space_.require(dimensions_, params.dimensions);
    if (dimensions_.empty()) {
      dimensions_.resize(static_cast<std::size_t>(space_.dimensions()));
      std::iota(dimensions_.begin(), dimensions_.end(), 0);
    }
    const auto each = params.columns() * starts();
    if (each * static_cast<std::int64_t>(dimensions_.size()) > kMostImages)
      throw ConfigError("view traversal: expected at most " + std::to_string(kMostImages) +
                        " images, found " + std::to_string(each) + " for each of " +
                        std::to_string(dimensions_.size()) + " dimensions");
  }

  Rendering render(const Evaluation& evaluation) override {
    const Start start = start_of(evaluation);
    const auto kl = space_.kl_per_dimension(evaluation);
    const auto dimensions = ordered(kl);
    std::vector<std::string> names;
    for (const auto dimension : dimensions) {
      const double nats = kl[static_cast<std::size_t>(dimension)];
      names.push_back(std::to_string(dimension));
      if (!std::isnan(nats)) names.back() += ": " + decimal_text(nats, 2) + " nats";
    }
    const auto images = moved_images(evaluation, start.values, dimensions);
    return params_.form.is("strip") ? strip(images, start.originals, std::move(names))
                                    : animation(images, start.originals, std::move(names));
  }

 private:
  /// From where every dimension sets out.
  struct Start {
    LatentValues values;  ///< each [1, S, E]
    Tensor originals;  ///< [S, C, H, W], the images that are encoded; undefined if there are none
  };

  /// S.
  std::int64_t starts() const {
    return params_.form.is("strip") || params_.start.is("zero") ? 1 : params_.images();
  }

  Start start_of(const Evaluation& evaluation) const {
    auto& draw = evaluation.draw;
    const auto count = starts();
    if (params_.start.is("image")) {
      const auto& split = evaluation.split;
      const auto end = params_.image() + count;
      if (end > split.size())
        throw TrialError("view traversal: image: the " + split.name() + " split has " +
                         std::to_string(split.size()) + " images; " + std::to_string(end) +
                         " are needed");
      const auto batch = split.slice(params_.image(), end, draw);
      return {inferred_values(evaluation.model, batch, false, draw),
              batch.target.to(at::kCPU, at::kFloat).clamp(0, 1)};
    }
    const auto points = params_.start.is("normal") ? draw.normal({count, space_.dimensions()})
                                                   : at::zeros({count, space_.dimensions()});
    const auto given = with_points({}, space_.latents(), points, draw.device());
    return {evaluation.model.sample_prior(count, given, draw), {}};
  }

  /// The dimensions as they were named, or by falling KL divergence; unknown ones stand last.
  std::vector<std::int64_t> ordered(const std::vector<double>& kl) const {
    auto dimensions = dimensions_;
    if (!params_.dimensions().empty()) return dimensions;
    const auto key = [&](std::int64_t dimension) {
      const double nats = kl[static_cast<std::size_t>(dimension)];
      return std::isnan(nats) ? std::numeric_limits<double>::infinity() : -nats;
    };
    std::ranges::stable_sort(dimensions, {}, key);
    return dimensions;
  }

  /// [dimensions, offsets, S, C, H, W] on the CPU
  Tensor moved_images(const Evaluation& evaluation, const LatentValues& values,
                      const std::vector<std::int64_t>& dimensions) const {
    const auto columns = params_.columns();
    const auto start = space_.points(values);  // [S, D]
    const auto all = repeated(values, columns);
    std::vector<Tensor> rows;
    for (const auto dimension : dimensions) {
      auto points = start.repeat({columns, 1, 1});  // [offsets, S, D]
      points.select(2, dimension) += offsets().unsqueeze(1);
      rows.push_back(
          decoded_images(evaluation.model, with_points(all, space_.latents(), points.flatten(0, 1),
                                                       evaluation.draw.device()))
              .unflatten(0, {columns, start.size(0)}));
    }
    return at::stack(rows).cpu();
  }

  Tensor offsets() const {
    return at::linspace(params_.from(), params_.to(), params_.columns(), at::kDouble);
  }

  /// The offset of a column, with the decimals that tell columns apart.
  std::string offset_text(std::int64_t column) const {
    const double step =
        (params_.to() - params_.from()) / static_cast<double>(params_.columns() - 1);
    int decimals = 0;
    while (decimals < 4 && std::abs(step * std::pow(10, decimals) -
                                    std::round(step * std::pow(10, decimals))) > 1e-6)
      ++decimals;
    const double offset = params_.from() + static_cast<double>(column) * step;
    if (std::abs(offset) < std::abs(step) * 1e-6) return "0";
    return (offset > 0 ? "+" : "") + decimal_text(offset, decimals);
  }

  Rendering strip(const Tensor& images, const Tensor& originals,
                  std::vector<std::string> names) const {
    PictureLabels labels{.rows = std::move(names), .columns = {}, .x = {}, .y = {}, .colours = {}};
    for (std::int64_t column = 0; column < params_.columns(); ++column)
      labels.columns.push_back(offset_text(column));
    auto tiles = images.select(2, 0);  // [dimensions, offsets, C, H, W]
    if (originals.defined()) {
      auto sizes = tiles.sizes().vec();
      sizes[1] = 1;
      tiles = at::cat({originals.unsqueeze(0).expand(sizes), tiles}, 1);
      labels.columns.insert(labels.columns.begin(), kOriginal);
    }
    return {
        {{tiles, title() + ": " + number_text(params_.from()) + " to " + number_text(params_.to()),
          std::move(labels)}},
        {}};
  }

  /// From the first offset to the last, and back to the second.
  Rendering animation(const Tensor& images, const Tensor& originals,
                      std::vector<std::string> names) const {
    if (originals.defined()) names.insert(names.begin(), kOriginal);
    Rendering shown;
    const auto columns = params_.columns();
    for (std::int64_t frame = 0; frame < 2 * (columns - 1); ++frame) {
      const auto column = frame < columns ? frame : 2 * (columns - 1) - frame;
      auto tiles = images.select(1, column);  // [dimensions, S, C, H, W]
      if (originals.defined()) tiles = at::cat({originals.unsqueeze(0), tiles});
      shown.pictures.push_back({tiles,
                                title() + ": " + offset_text(column),
                                {.rows = names, .columns = {}, .x = {}, .y = {}, .colours = {}}});
    }
    return shown;
  }

  /// "Dimensions 0 to 15", "Dimensions 3, 1" or "Dimension 3"
  std::string title() const {
    if (params_.dimensions().empty() && dimensions_.size() > 1)
      return "Dimensions 0 to " + std::to_string(dimensions_.size() - 1);
    std::string text = dimensions_.size() > 1 ? "Dimensions" : "Dimension";
    for (std::size_t i = 0; i < dimensions_.size(); ++i)
      text += (i == 0 ? " " : ", ") + std::to_string(dimensions_[i]);
    return text;
  }

  const Params& params_;
  CodeSpace space_;
  std::vector<std::int64_t> dimensions_;
};

}  // namespace

VARIA_PLUGIN("traversal", "2.0.0") {
  registry.add<Traversal>(
      "traversal",
      "Images decoded while one dimension of the code moves at a time (Higgins et al. 2017).");
}
