#include <ATen/Functions.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "shared/points.hpp"
#include "varia/density.hpp"
#include "varia/error.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace varia::densities {
namespace {

const std::string kName = "kde";

struct KdeParams final : ParamSet {
  Choice kernel{this,
                "kernel",
                "gaussian",
                {"gaussian", "box"},
                "gaussian: the bandwidth is the standard deviation in every dimension; box: it is "
                "half the width of a cube."};
  Real bandwidth{
      this, "bandwidth", kUnset, {1e-12, 1e12}, "Width of the kernel; unset, 'rule' chooses it."};
  Choice rule{this,
              "rule",
              "scott",
              {"scott", "silverman"},
              "Bandwidth for N points in D dimensions: scott N^(-1/(D+4)), silverman "
              "(N(D+2)/4)^(-1/(D+4))."};
  Boolean whiten{this, "whiten", false,
                 "The kernel gets the covariance of the points times the squared bandwidth: for "
                 "points whose variance is not about 1."};

 protected:
  void check() const override {
    if (bandwidth.has_value() && rule.given())
      fail(rule, "a bandwidth is given: remove the one or the other.");
  }
  bool in_force(const Parameter& parameter) const override {
    return &parameter != &rule || !bandwidth.has_value();
  }
};

double bandwidth_of(const KdeParams& params, const Tensor& points) {
  if (params.bandwidth.has_value()) return params.bandwidth();
  const auto count = static_cast<double>(points.size(0));
  const auto size = static_cast<double>(points.size(1));
  const double effective = params.rule.is("scott") ? count : count * (size + 2) / 4;
  return std::pow(effective, -1 / (size + 4));
}

/// Lower Cholesky factor of the points' covariance (divisor N - 1).
Tensor covariance_factor(const Tensor& points) {
  const auto refuse = [&points] {
    throw TrialError("density kde: the covariance of the " + std::to_string(points.size(0)) +
                     " points is singular, so 'whiten' cannot be used with them.");
  };
  if (points.size(0) < 2) refuse();
  const auto centred = points - points.mean(0);
  const auto covariance = centred.t().matmul(centred) / static_cast<double>(points.size(0) - 1);
  if (!at::isfinite(covariance).all().item<bool>()) refuse();
  const auto [factor, info] = at::linalg_cholesky_ex(covariance);
  if (info.item<std::int64_t>() != 0) refuse();
  return factor;
}

class Kde final : public Density {
 public:
  using Params = KdeParams;
  explicit Kde(const Params& params) : params_(params) {}

  void fit(const Tensor& points, Draw&) override {
    const auto data = points_to_fit(kName, points);
    const auto size = data.size(1);
    auto scale = at::eye(size, torch::kDouble);
    if (params_.whiten()) scale = covariance_factor(data);
    scale_ = scale * bandwidth_of(params_, data);
    centres_ = in_bandwidths(data).t().contiguous();
  }

  Tensor log_prob(const Tensor& points) const override {
    const auto data = in_bandwidths(points_to_judge(kName, points, dimensions()));
    const auto result = at::empty({data.size(0)}, torch::kDouble);
    in_parts(data.size(0), centres_.size(1), kPart, [&](std::int64_t begin, std::int64_t end) {
      const auto part = data.slice(0, begin, end);
      result.slice(0, begin, end).copy_(params_.kernel.is("box") ? boxes(part) : gaussians(part));
    });
    const auto size = static_cast<double>(dimensions());
    const double kernel =
        params_.kernel.is("box") ? std::numbers::ln2 : std::log(2 * std::numbers::pi) / 2;
    return result - std::log(static_cast<double>(centres_.size(1))) - size * kernel -
           scale_.diagonal().log().sum();
  }

  Tensor sample(std::int64_t n, Draw& draw) const override {
    require_fit(kName, dimensions(), n);
    const auto chosen = draw_index(at::ones({centres_.size(1)}, torch::kDouble), n, draw);
    const auto noise = params_.kernel.is("box")
                           ? uniform_doubles(draw, {n, dimensions()}) * 2 - 1
                           : draw.normal({n, dimensions()}).to(torch::kCPU, torch::kDouble);
    return (centres_.index_select(1, chosen).t() + noise).matmul(scale_.t());
  }

 private:
  std::int64_t dimensions() const { return centres_.defined() ? centres_.size(0) : 0; }

  /// Points in coordinates in which the kernel is the unit one.
  Tensor in_bandwidths(const Tensor& points) const {
    return at::linalg_solve_triangular(scale_, points.t(), false).t();
  }

  /// Distances along one dimension.
  /// @returns [n, N]
  Tensor apart(const Tensor& points, std::int64_t d) const {
    return points.select(1, d).unsqueeze(1) - centres_[d];
  }

  /// ln sum_i exp(-|x - x_i|^2 / 2). By single dimensions, since |x|^2 + |y|^2 - 2xy cancels.
  Tensor gaussians(const Tensor& points) const {
    auto distances = apart(points, 0).square_();
    for (std::int64_t d = 1; d < dimensions(); ++d) {
      const auto along = apart(points, d);
      distances.addcmul_(along, along);
    }
    return distances.mul_(-0.5).logsumexp(1);
  }

  /// ln of the number of centres nearer than 1 in every dimension.
  Tensor boxes(const Tensor& points) const {
    auto near = apart(points, 0).abs_() < 1;
    for (std::int64_t d = 1; d < dimensions(); ++d) near.logical_and_(apart(points, d).abs_() < 1);
    return near.sum(1).to(torch::kDouble).log();
  }

  const Params& params_;
  Tensor centres_;  // [D, N] in units of the bandwidth
  Tensor scale_;    // [D, D] lower triangular: from these units back
};

}  // namespace
}  // namespace varia::densities

VARIA_PLUGIN("kde", "1.0.0") {
  registry.add<varia::densities::Kde>("kde",
                                      "Kernel density estimate (Rosenblatt 1956; Parzen 1962).");
}
