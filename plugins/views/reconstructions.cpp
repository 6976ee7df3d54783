#include <ATen/Functions.h>

#include <algorithm>

#include "decoded_images.hpp"
#include "varia/error.hpp"
#include "varia/plugin.hpp"
#include "varia/view.hpp"

// Images of the data, and what a model makes of them.

namespace {

using namespace varia;
using namespace varia::views;

struct ImagesParams final : ParamSet {
  Integer count{this, "count", 6, {1, 1000}, "Images shown: the first of the split."};
  Integer columns{this, "columns", 3, {1, 1000}, "Images in a row."};
  Choice split{this, "split", "train", {"train", "test"}, "Where the images come from."};
};

/// The labels of the images, row by row, by their names if they have some: "labels 5 0 4 / 1 9 2".
std::string label_title(const Tensor& labels, const std::vector<std::string>& names,
                        std::int64_t columns) {
  if (!labels.defined()) return "";
  std::string title = "labels";
  for (std::int64_t i = 0; i < labels.size(0); ++i) {
    if (i > 0 && i % columns == 0) title += " /";
    title.append(" ").append(class_text(labels[i].item<std::int64_t>(), names));
  }
  return title;
}

class Images final : public View {
 public:
  using Params = ImagesParams;
  Images(const Params& params, const Build& build) : params_(params) {
    require_pictures(build, "view images");
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto& split = chosen_split(params_.split, evaluation);
    const auto count = std::min(params_.count(), split.size());
    const auto columns = std::min(params_.columns(), count);
    const auto batch = split.slice(0, count, evaluation.draw);
    return {{{image_grid(batch.target, columns),
              label_title(batch.labels, split.annotations().class_names, columns)}},
            {}};
  }

 private:
  const Params& params_;
};

struct ReconstructionsParams final : ParamSet {
  Integer count{this, "count", 24, {1, 10'000}, "Images shown: the first of the split."};
  Integer columns{this, "columns", 8, {1, 1000}, "Images in a row, each with its reconstruction."};
  Choice split{this, "split", "test", {"test", "train"}, "Where the images come from."};
  Choice layout{this,
                "layout",
                "pairs",
                {"pairs", "grids"},
                "pairs: an image and its reconstruction side by side; grids: all reconstructions, "
                "and beside them all images."};
  Integer draws{this, "draws", 1, {1, 100}, "Draws of each image's code, each decoded."};

 protected:
  void check() const override {
    if (count() * draws() > 20'000)
      fail(draws, "expected at most 20000 reconstructions, found " + std::to_string(count()) +
                      " images with " + std::to_string(draws()) + " each");
  }
};

/// Pictures of one kind, each [n, C, H, W].
struct Kind {
  std::string name;
  Tensor images;
};

/// Images, and the means of what the model makes of draws of their codes. Where the model sees
/// other images than it is to reconstruct, both are shown.
class Reconstructions final : public View {
 public:
  using Params = ReconstructionsParams;
  Reconstructions(const Params& params, const Build& build) : params_(params) {
    require_decoder(build, "view reconstructions");
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto& split = chosen_split(params_.split, evaluation);
    const auto count = std::min(params_.count(), split.size());
    const auto batch = split.slice(0, count, evaluation.draw);
    const auto kinds = shown(evaluation, batch);

    std::string title;
    std::vector<Tensor> parts;
    for (const auto& kind : kinds) {
      title += (title.empty() ? "" : ", ") + kind.name;
      parts.push_back(image_grid(kind.images, params_.columns()));
    }
    if (params_.layout.is("pairs")) return {{{at::stack(parts, 2).flatten(1, 2), title}}, {}};
    // An empty column between the grids.
    for (std::size_t i = parts.size() - 1; i > 0; --i)
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(i),
                   at::zeros_like(parts[0].slice(1, 0, 1)));
    return {{{at::cat(parts, 1), title}}, {}};
  }

 private:
  std::vector<Kind> shown(const Evaluation& evaluation, const Batch& batch) const {
    const auto made = reconstructed(evaluation, batch, params_.draws(), "view reconstructions")
                          .clamp(0, 1);  // [draws, n, C, H, W]
    const bool corrupted = !at::equal(batch.input, batch.target);
    std::vector<Kind> all_draws;
    for (std::int64_t i = 0; i < made.size(0); ++i)
      all_draws.push_back(
          {made.size(0) > 1 ? "draw " + std::to_string(i + 1) : "reconstruction", made[i]});
    const Kind original{"original", batch.target};
    // A grid stands left of what it is to be compared with; a pair starts with what was given.
    std::vector<Kind> kinds;
    if (corrupted) kinds.push_back({"input", batch.input});
    if (!corrupted && params_.layout.is("pairs")) kinds.push_back(original);
    kinds.insert(kinds.end(), all_draws.begin(), all_draws.end());
    if (corrupted || params_.layout.is("grids")) kinds.push_back(original);
    return kinds;
  }

  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("reconstructions", "1.1.0") {
  registry.add<Images>("images", "Images of the data with their labels.");
  registry.add<Reconstructions>("reconstructions",
                                "Images and their reconstructions (Kingma & Welling 2014).");
}
