#include <ATen/Functions.h>

#include "shared/gaussian_mixture.hpp"
#include "shared/points.hpp"
#include "varia/density.hpp"
#include "varia/error.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace varia::densities {
namespace {

const std::string kName = "gmm";
constexpr std::int64_t kMostEntries = std::int64_t{1} << 27;  // 1 GB of float64

struct GmmParams final : ParamSet {
  Integer components{this, "components", 10, {1, 1000}, "Gaussians in the mixture."};
  Choice covariance{this,
                    "covariance",
                    "full",
                    {"full", "diagonal", "spherical"},
                    "Shape of the covariances; spherical is one variance for all dimensions."};
  Integer restarts{this,
                   "restarts",
                   1,
                   {1, 1000},
                   "Fits from different k-means++ starts; the one of the highest likelihood is "
                   "kept."};
  Integer max_iterations{
      this, "max_iterations", 100, {0, 1'000'000}, "Iterations of a fit, at most."};
  Real tolerance{this,
                 "tolerance",
                 1e-3,
                 {0, 1e6},
                 "A fit ends with an iteration that gains less, in nats per point."};
  Real regularisation{this,
                      "regularisation",
                      1e-6,
                      {0, 1e6},
                      "Added to the variances, so that no Gaussian collapses onto a point."};
};

class Gmm final : public Density {
 public:
  using Params = GmmParams;
  explicit Gmm(const Params& params) : params_(params) {}

  void fit(const Tensor& points, Draw& draw) override {
    const auto data = points_to_fit(kName, points);
    const auto options = options_of(params_);
    require_size(data);
    mixture_ = fit_mixture(data, options, draw).mixture;
  }
  Tensor log_prob(const Tensor& points) const override {
    return mixture_.log_prob(points_to_judge(kName, points, dimensions()));
  }
  Tensor sample(std::int64_t n, Draw& draw) const override {
    require_fit(kName, dimensions(), n);
    return mixture_.sample(n, draw);
  }

 private:
  static MixtureOptions options_of(const Params& params) {
    MixtureOptions options;
    options.components = params.components();
    options.covariance = params.covariance.is("full")       ? Covariance::full
                         : params.covariance.is("diagonal") ? Covariance::diagonal
                                                            : Covariance::spherical;
    options.restarts = params.restarts();
    options.max_iterations = params.max_iterations();
    options.tolerance = params.tolerance();
    options.regularisation = params.regularisation();
    return options;
  }

  void require_size(const Tensor& points) const {
    const auto count = params_.components();
    if (points.size(0) < count) {
      throw TrialError("density gmm: " + std::to_string(count) + " components need at least " +
                       std::to_string(count) + " points, found " + std::to_string(points.size(0)) +
                       ". Use fewer 'components', or more points.");
    }
    if (points.size(0) > kMostEntries / count)
      throw TrialError("density gmm: " + std::to_string(count) + " components for " +
                       std::to_string(points.size(0)) + " points take more than 1 GB. Use fewer.");
    if (params_.covariance.is("full") && points.size(1) > kMostEntries / count / points.size(1)) {
      throw TrialError("density gmm: " + std::to_string(count) + " full covariances in " +
                       std::to_string(points.size(1)) +
                       " dimensions take more than 1 GB. Use 'covariance: diagonal'.");
    }
  }

  std::int64_t dimensions() const { return mixture_.means.defined() ? mixture_.dimensions() : 0; }

  const Params& params_;
  GaussianMixture mixture_;
};

}  // namespace
}  // namespace varia::densities

VARIA_PLUGIN("gmm", "1.0.0") {
  registry.add<varia::densities::Gmm>(
      "gmm", "A mixture of Gaussians by expectation maximisation (Dempster et al. 1977).");
}
