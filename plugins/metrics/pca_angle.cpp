#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "code_space.hpp"
#include "decoded_images.hpp"
#include "principal_components.hpp"
#include "varia/build.hpp"
#include "varia/codes.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

constexpr std::int64_t kMostPixels = 4096;  // the covariance of the pixels must fit

struct PcaAngleParams final : ParamSet {
  Integer images{
      this,
      "images",
      10'000,
      {2, 100'000'000},
      "How many training images the principal components and the active dimensions of the code "
      "come from: a random subset, the same for every trial and experiment."};
};

/// Directions that span the columns, as orthonormal columns. Columns that depend on the others give
/// none.
Tensor orthonormal(const Tensor& columns) {
  if (columns.size(1) == 0) return columns;
  const auto svd = at::linalg_svd(columns, false);
  const auto& sizes = std::get<1>(svd);
  const auto rank = sizes.gt(1e-5 * sizes[0]).sum().item<std::int64_t>();
  return std::get<0>(svd).slice(1, 0, rank);
}

/// The largest principal angle between two spaces of one dimension, in degrees.
/// @param a, b [P, D] orthonormal columns
/// @see Bjorck & Golub 1973: the sine for small angles, the cosine for others
double largest_angle(const Tensor& a, const Tensor& b) {
  const auto along = b.t().matmul(a);
  const auto across = a - b.matmul(along);
  const auto cosine = at::linalg_svdvals(along).min().item<double>();
  const auto sine = at::linalg_svdvals(across).max().item<double>();
  return std::atan2(sine, cosine) * 180 / std::numbers::pi;
}

class PcaAngle final : public Metric {
 public:
  using Params = PcaAngleParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  PcaAngle(const Params& params, const Build& build) : params_(params) {
    views::require_mean(build, "metric pca_angle");
    try {
      codes_ = chosen_latents(*build.model, {});
    } catch (const Error& error) {
      throw ConfigError(std::string("metric pca_angle: ") + error.what());
    }
    if (codes_.size() != build.model->latents().size())
      throw ConfigError("metric pca_angle needs a model without categories and labels");
    for (const auto& latent : codes_) dimensions_ += latent.size();
    if (build.data.event_size() > kMostPixels || build.data.event_size() <= dimensions_)
      throw ConfigError("metric pca_angle: expected more pixels than the " +
                        std::to_string(dimensions_) + " dimensions of the code, and at most " +
                        std::to_string(kMostPixels) + "; found " +
                        std::to_string(build.data.event_size()));
  }

  std::string units(std::string_view value) const override {
    return value == "pca_angle" ? "degrees" : "count";
  }
  Better better(std::string_view value) const override {
    return value == "pca_angle" ? Better::lower : Better::neither;
  }

  Values result(const Evaluation& evaluation) override {
    const auto used = active_dimensions(evaluation);
    const auto decoder = orthonormal(decoder_columns(evaluation).index_select(1, used));
    const auto axes = principal_axes(evaluation, decoder.size(1));
    const auto angle = decoder.size(1) > 0 ? largest_angle(decoder, axes) : NAN;
    return {{"pca_angle", at::full({}, angle, at::kDouble)},
            {"pca_angle_dimensions", at::full({}, decoder.size(1), at::kDouble)}};
  }

 private:
  /// A dimension that no image uses is decoded to a small, arbitrary direction.
  /// @returns [A] int64
  Tensor active_dimensions(const Evaluation& evaluation) const {
    const auto centred_codes = [&] {
      const auto codes =
          encode_split(evaluation.model, evaluation.train, params_.images(), {}, evaluation.draw)
              .points;
      return codes - codes.mean(0);
    };
    // Where draws stand for the means, their noise is a variance, too. That of the images alone is
    // what two encodings share.
    const auto first = centred_codes(), second = centred_codes();
    const auto variance = (first * second).sum(0) / static_cast<double>(first.size(0) - 1);
    return variance.gt(kActiveVariance).nonzero().flatten();
  }

  /// The derivative of the decoded mean by each dimension of the code, at zero.
  /// @returns [P, D] float64
  Tensor decoder_columns(const Evaluation& evaluation) const {
    const auto zero =
        with_points({}, codes_, at::zeros({1, dimensions_}, at::kDouble), evaluation.draw.device());
    return views::decoder_derivatives(evaluation.model, zero, codes_).select(1, 0).t();
  }

  /// @returns [P, count] float64
  Tensor principal_axes(const Evaluation& evaluation, std::int64_t count) const {
    const auto& train = evaluation.train;
    const auto places = random_places(train.size(), params_.images(), "images of metric pca_angle");
    const auto images = [&](std::int64_t begin, std::int64_t end) {
      return train.batch(places.slice(0, begin, end), evaluation.draw).target.flatten(1);
    };
    const auto origin = train.mean().flatten().to(at::kCPU, at::kDouble);
    return views::principal_axes(images, places.size(0), origin, count).second;
  }

  const Params& params_;
  std::vector<Latent> codes_;
  std::int64_t dimensions_ = 0;
};

}  // namespace

VARIA_PLUGIN("pca_angle", "1.0.0") {
  registry.add<PcaAngle>("pca_angle",
                         "Largest principal angle between the span of the decoder's derivatives "
                         "and that of the first principal components (Bjorck & Golub 1973).");
}
