#include <ATen/Functions.h>

#include <algorithm>

#include "code_space.hpp"
#include "decoded_images.hpp"
#include "principal_components.hpp"
#include "tsne.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"
#include "varia/plugin.hpp"
#include "varia/view.hpp"

namespace {

using namespace varia;
using namespace varia::views;

constexpr std::int64_t kMostPixels = 4096;  // the matrix of their products must fit
constexpr std::int64_t kMostForTsne = 5000;

struct LatentScatterParams final : CodeViewParams {
  Choice projection{this,
                    "projection",
                    "pca",
                    {"none", "pca", "tsne"},
                    "From codes to the plane: two of their dimensions as they are, their first two "
                    "principal components, or t-SNE (van der Maaten & Hinton 2008)."};
  IntegerList dimensions{this,
                         "dimensions",
                         {0, 1},
                         {0, 1 << 20},
                         "With projection: none, the dimensions that go across and up."};
  Choice space{this,
               "space",
               "codes",
               {"codes", "pixels"},
               "Whether the points are the images' codes or the images themselves."};
  Choice split{this, "split", "test", {"test", "train"}, "Where the images come from."};
  Integer count{this, "count", 2000, {4, 1'000'000}, "Images: a random subset of the split."};
  Boolean sampled{this, "sampled", false, "A draw of each code instead of its mean."};
  Real perplexity{
      this,
      "perplexity",
      15.0,
      {1, 1000},
      "Of t-SNE: how many neighbours a point pays heed to; at most a third of the others."};

 protected:
  bool in_force(const Parameter& parameter) const override {
    if (&parameter == &dimensions) return projection.is("none");
    if (&parameter == &perplexity) return projection.is("tsne");
    if (&parameter == &sampled || &parameter == &blocks) return space.is("codes");
    return true;
  }
  void check() const override {
    ErrorList errors;
    errors.collect([&] { CodeViewParams::check(); });
    errors.collect([&] {
      if (projection.is("none")) require_plane(dimensions);
    });
    errors.collect([&] {
      if (projection.is("none") && space.is("pixels"))
        fail(projection, "expected pca or tsne, since the points are images; found none");
    });
    errors.collect([&] {
      if (projection.is("tsne") && count() > kMostForTsne)
        fail(count, "t-SNE takes at most " + std::to_string(kMostForTsne) + " points, found " +
                        std::to_string(count()));
    });
    errors.raise();
  }
};

/// Codes of images as points in the plane, with the images' labels.
class LatentScatter final : public View {
 public:
  using Params = LatentScatterParams;
  LatentScatter(const Params& params, const Build& build)
      : params_(params), options_{params.blocks(), params.sampled()} {
    if (params.space.is("pixels")) {
      if (build.data.event_size() > kMostPixels)
        throw ConfigError(params.space.where(),
                          "view latent_scatter: space: expected images of at most " +
                              std::to_string(kMostPixels) + " pixels, found " +
                              std::to_string(build.data.event_size()) +
                              "; data.resize makes them smaller");
      return;
    }
    const CodeSpace space(build, params, "latent_scatter");
    if (params.projection.is("none")) space.require(params.dimensions(), params.dimensions);
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto& split = chosen_split(params_.split, evaluation);
    if (split.size() < 4)
      throw TrialError("view latent_scatter needs 4 images; the " + split.name() + " split has " +
                       std::to_string(split.size()));
    return {
        {},
        {params_.space.is("codes") ? of_codes(evaluation, split) : of_pixels(evaluation, split)}};
  }

 private:
  std::array<std::string, 2> axes() const {
    if (params_.projection.is("pca")) return {"principal component 1", "principal component 2"};
    if (params_.projection.is("tsne")) return {"t-SNE 1", "t-SNE 2"};
    const auto& dimensions = params_.dimensions();
    return {code_axis(dimensions[0]), code_axis(dimensions[1])};
  }

  Scatter of_codes(const Evaluation& evaluation, const Split& split) const {
    const auto codes =
        encode_split(evaluation.model, split, params_.count(), options_, evaluation.draw);
    const auto& points = codes.points;
    if (params_.projection.is("none"))
      return {points.index_select(1, at::tensor(params_.dimensions(), at::kLong)), codes.labels,
              axes()};
    const auto rows = [&](std::int64_t begin, std::int64_t end) {
      return points.slice(0, begin, end);
    };
    return {projected(rows, points.size(0), evaluation.draw), codes.labels, axes()};
  }

  Scatter of_pixels(const Evaluation& evaluation, const Split& split) const {
    const auto places =
        random_places(split.size(), params_.count(), "images of view latent_scatter");
    const auto start = evaluation.draw.with_samples(1);
    auto draw = start;
    const auto pixels = [&](std::int64_t begin, std::int64_t end) {
      if (begin == 0) draw = start;  // images that are drawn anew each time are the same ones
      return split.batch(places.slice(0, begin, end), draw).target.flatten(1).to(at::kCPU);
    };
    const auto& labels = split.labels();
    return {projected(pixels, places.size(0), evaluation.draw),
            labels.defined() ? labels.index_select(0, places) : labels, axes()};
  }

  Tensor projected(const PointRows& rows, std::int64_t count, Draw& draw) const {
    if (params_.projection.is("pca")) return principal_components(rows, count);
    TsneOptions options;
    options.perplexity = params_.perplexity();
    return tsne(rows(0, count), options, draw);
  }

  const Params& params_;
  CodeOptions options_;
};

}  // namespace

VARIA_PLUGIN("latent_scatter", "1.0.0") {
  registry.add<LatentScatter>("latent_scatter", "Codes of images as points, coloured by label.");
}
