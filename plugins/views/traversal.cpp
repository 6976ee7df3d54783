#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
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
constexpr std::int64_t kGridsAcross = 2;

struct TraversalParams final : CodeViewParams {
  Choice form{this,
              "form",
              "strip",
              {"strip", "animation"},
              "strip: one picture, a row a dimension and a column an offset; animation: a picture "
              "an offset, each a grid of images."};
  IntegerList dimensions{
      this, "dimensions", {}, {0, 1 << 20}, "Those that are moved along; empty: every one."};
  Choice start{this,
               "start",
               "normal",
               {"normal", "zero", "image"},
               "Where the codes start: standard normal draws, zero, or the mean codes of images."};
  Integer image{this,
                "image",
                0,
                {0, 1'000'000'000},
                "With start: image, the place of the first one in the test split."};
  Real from{this, "from", -3.0, {-1e6, 1e6}, "The first offset of a strip."};
  Real to{this, "to", 3.0, {-1e6, 1e6}, "The last offset of a strip."};
  Integer columns{this, "columns", 11, {2, 1000}, "Offsets of a strip."};
  Integer images{this, "images", 32, {1, 1000}, "Images in each grid of an animation."};
  Integer images_across{this, "images_across", 8, {1, 1000}, "Images in a row of such a grid."};
  Real step{this, "step", 0.2, {-1e6, 1e6}, "Added at each step of an animation."};
  Integer steps{this, "steps", 100, {1, 10'000}, "Steps of an animation."};
  Boolean thin{this, "thin", true,
               "Only the steps at which twice the root of the steps before rounds to a new number, "
               "and the last: every one at first, then fewer."};
  Boolean combine{this, "combine", true,
                  "Each frame of an animation shows all dimensions, two a row; else their "
                  "animations follow one another."};

 protected:
  bool in_force(const Parameter& parameter) const override {
    if (&parameter == &image) return start.is("image");
    const auto among = [&](std::initializer_list<const Parameter*> some) {
      return std::find(some.begin(), some.end(), &parameter) != some.end();
    };
    if (form.is("strip")) return !among({&images, &images_across, &step, &steps, &thin, &combine});
    return !among({&from, &to, &columns});
  }
};

/// Which of `steps` frames, counted from 0, are kept.
std::vector<std::int64_t> kept_frames(std::int64_t steps, bool thin) {
  std::vector<std::int64_t> kept;
  std::int64_t last = -1;
  for (std::int64_t frame = 0; frame < steps; ++frame) {
    const auto rounded = std::lround(2 * std::sqrt(static_cast<double>(frame)));
    if (thin && rounded <= last && frame != steps - 1) continue;
    last = rounded;
    kept.push_back(frame);
  }
  return kept;
}

std::string four_decimals(double number) {
  char text[64];
  std::snprintf(text, sizeof text, "%.4f", number);
  return text;
}

/// Images decoded while one dimension of the code moves and the others stay.
class Traversal final : public View {
 public:
  using Params = TraversalParams;
  Traversal(const Params& params, const Build& build)
      : params_(params),
        space_(build, params, "traversal"),
        dimensions_(params.dimensions()),
        frames_(kept_frames(params.steps(), params.thin())) {
    require_decoder(build, "view traversal");
    if (!params.start.is("image")) require_prior(build, "view traversal");
    space_.require(dimensions_, params.dimensions);
    if (dimensions_.empty()) {
      dimensions_.resize(static_cast<std::size_t>(space_.dimensions()));
      std::iota(dimensions_.begin(), dimensions_.end(), 0);
    }
    const auto each = params.form.is("strip")
                          ? params.columns()
                          : static_cast<std::int64_t>(frames_.size()) * params.images();
    if (each * static_cast<std::int64_t>(dimensions_.size()) > kMostImages)
      throw ConfigError("view traversal: expected at most " + std::to_string(kMostImages) +
                        " images, found " + std::to_string(each) + " for each of " +
                        std::to_string(dimensions_.size()) + " dimensions");
  }

  Rendering render(const Evaluation& evaluation) override {
    return params_.form.is("strip") ? strip(evaluation) : animation(evaluation);
  }

 private:
  /// Values of `count` images from which every dimension sets out.
  LatentValues start(const Evaluation& evaluation, std::int64_t count) const {
    auto& draw = evaluation.draw;
    if (params_.start.is("image")) {
      const auto& split = evaluation.split;
      const auto end = params_.image() + count;
      if (end > split.size())
        throw TrialError("view traversal: image: the " + split.name() + " split has " +
                         std::to_string(split.size()) + " images; " + std::to_string(end) +
                         " are needed");
      return inferred_values(evaluation.model, split.slice(params_.image(), end, draw), false,
                             draw);
    }
    const auto points = params_.start.is("normal") ? draw.normal({count, space_.dimensions()})
                                                   : at::zeros({count, space_.dimensions()});
    const auto given = with_points({}, space_.latents(), points, draw.device());
    return evaluation.model.sample_prior(count, given, draw);
  }

  Tensor moved_images(const Evaluation& evaluation, const LatentValues& values,
                      const Tensor& points) const {
    return decoded_images(evaluation.model,
                          with_points(values, space_.latents(), points, evaluation.draw.device()));
  }

  Rendering strip(const Evaluation& evaluation) const {
    const auto values = start(evaluation, 1);
    const auto columns = params_.columns();
    const auto offsets = at::linspace(params_.from(), params_.to(), columns, at::kDouble);
    std::vector<Tensor> rows;
    for (const auto dimension : dimensions_) {
      auto points = space_.points(values).repeat({columns, 1});
      points.select(1, dimension) += offsets;
      rows.push_back(moved_images(evaluation, repeated(values, columns), points));
    }
    return {{{at::stack(rows),
              names() + ": " + number_text(params_.from()) + " to " + number_text(params_.to())}},
            {}};
  }

  /// The grid of one dimension at one offset.
  Tensor frame(const Evaluation& evaluation, const LatentValues& values, std::int64_t dimension,
               double offset) const {
    auto points = space_.points(values).clone();
    points.select(1, dimension) += offset;
    return image_grid(moved_images(evaluation, values, points), params_.images_across());
  }

  Rendering animation(const Evaluation& evaluation) const {
    const auto values = start(evaluation, params_.images());
    const auto offset = [&](std::int64_t frame) {
      return static_cast<double>(frame + 1) * params_.step();
    };
    Rendering shown;
    if (!params_.combine()) {
      for (const auto dimension : dimensions_)
        for (const auto step : frames_)
          shown.pictures.push_back(
              {frame(evaluation, values, dimension, offset(step)),
               "Dimension " + std::to_string(dimension) + ": " + four_decimals(offset(step))});
      return shown;
    }
    for (const auto step : frames_) {
      std::vector<Tensor> grids;
      for (const auto dimension : dimensions_)
        grids.push_back(frame(evaluation, values, dimension, offset(step)));
      shown.pictures.push_back({combined(grids), names() + ": " + four_decimals(offset(step))});
    }
    return shown;
  }

  /// Grids in rows of two, an empty row or column of tiles between them.
  static Tensor combined(const std::vector<Tensor>& grids) {
    const auto count = static_cast<std::int64_t>(grids.size());
    const auto across = std::min(kGridsAcross, count);
    const auto down = (count + across - 1) / across;
    auto sizes = grids.front().sizes().vec();
    const auto height = sizes[0] + 1;
    const auto width = sizes[1] + 1;
    sizes[0] = down * height - 1;
    sizes[1] = across * width - 1;
    auto all = at::zeros(sizes, grids.front().options());
    for (std::int64_t i = 0; i < count; ++i)
      all.narrow(0, i / across * height, height - 1)
          .narrow(1, i % across * width, width - 1)
          .copy_(grids[static_cast<std::size_t>(i)]);
    return all;
  }

  /// "Dimensions 0 to 15", "Dimensions 3, 1" or "Dimension 3"
  std::string names() const {
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
  std::vector<std::int64_t> frames_;
};

}  // namespace

VARIA_PLUGIN("traversal", "1.0.0") {
  registry.add<Traversal>(
      "traversal",
      "Images decoded while one dimension of the code moves at a time (Higgins et al. 2017).");
}
