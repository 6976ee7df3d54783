#include <ATen/Functions.h>

#include <cmath>
#include <limits>

#include "varia/dataset.hpp"
#include "varia/error_list.hpp"
#include "varia/plugin.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {
namespace {

/// The parameters of both sets.
struct ToyParams : DatasetParams {
  Integer points{this,
                 "points",
                 1000,
                 {2, 10'000'000},
                 "Points of the training split, and as many others of the test split."};
  Integer seed{this,
               "seed",
               0,
               {0, std::numeric_limits<std::int64_t>::max()},
               "Chooses the points; the trial's seed does not."};

  std::string default_likelihood() const override {
    return varia::default_likelihood(Domain::real);
  }

 protected:
  void check() const override {
    ErrorList errors;
    errors.collect([&] { DatasetParams::check(); });
    errors.collect([&] {
      if (!resize().empty()) fail(resize, "these are points, not images: they have no size.");
    });
    errors.collect([&] {
      if (!binarize.is("none")) fail(binarize, "these are points, not images: use none.");
    });
    errors.collect([&] {
      if (!corrupt.is("none")) fail(corrupt, "these are points, not images: use none.");
    });
    errors.raise();
  }
};

/// Points of two Gaussians in a random order, each with the number of its Gaussian as its label.
class TwoGaussians : public Dataset {
 public:
  explicit TwoGaussians(const ToyParams& params) : params_(params) {}

  std::shared_ptr<const Samples> load(std::string_view split) override {
    Draw draw(stream_key(static_cast<std::uint64_t>(params_.seed()), split));
    const auto count = params_.points();
    const auto of_first = first();
    const auto points = at::cat({make(0, draw.normal({of_first, dimensions()})),
                                 make(1, draw.normal({count - of_first, dimensions()}))});
    const auto order = draw.permutation(count);
    return std::make_shared<MemorySamples>(points.index_select(0, order),
                                           Annotations{.blocks = {{Domain::real, dimensions()}},
                                                       .labels = order.ge(of_first).to(at::kLong)});
  }
  std::string digest() override {
    Sha256 hash;
    hash.update(recipe() + "; points " + std::to_string(params_.points()) + "; seed " +
                std::to_string(params_.seed()));
    return hash.digest();
  }

 protected:
  virtual std::int64_t dimensions() const = 0;
  /// How many points are of the first Gaussian.
  virtual std::int64_t first() const = 0;
  /// @param normal [n, D] standard normal
  /// @returns      [n, D] points of this Gaussian
  virtual Tensor make(int gaussian, const Tensor& normal) const = 0;
  /// Names everything else that determines the points, for the digest.
  virtual std::string recipe() const = 0;

 private:
  const ToyParams& params_;
};

struct TwoGaussians1dParams final : ToyParams {
  Real fraction{this, "fraction", 0.3, {0, 1}, "The part of the points that is of the first one."};
  RealList means{this, "means", {0, 5}, {-1e6, 1e6}, "The two means; the variances are 1."};

  std::int64_t first() const { return std::llround(fraction() * static_cast<double>(points())); }

 protected:
  void check() const override {
    ErrorList errors;
    errors.collect([&] { ToyParams::check(); });
    errors.collect([&] {
      if (means().size() != 2)
        fail(means, "expected two means, found " + std::to_string(means().size()) + ".");
    });
    errors.collect([&] {
      if (first() == 0 || first() == points())
        fail(fraction, number_text(fraction()) + " of " + std::to_string(points()) +
                           " points leaves none for the " + (first() == 0 ? "first" : "second") +
                           " Gaussian. Use another part, or more points.");
    });
    errors.raise();
  }
};

class TwoGaussians1d final : public TwoGaussians {
 public:
  using Params = TwoGaussians1dParams;
  explicit TwoGaussians1d(const Params& params) : TwoGaussians(params), params_(params) {}

 private:
  std::int64_t dimensions() const override { return 1; }
  std::int64_t first() const override { return params_.first(); }
  Tensor make(int gaussian, const Tensor& normal) const override {
    return normal + params_.means()[static_cast<std::size_t>(gaussian)];
  }
  std::string recipe() const override {
    return "two_gaussians_1d 1; fraction " + number_text(params_.fraction()) + "; means " +
           number_text(params_.means()[0]) + " " + number_text(params_.means()[1]);
  }

  const Params& params_;
};

class StretchedGaussians2d final : public TwoGaussians {
 public:
  using Params = ToyParams;
  explicit StretchedGaussians2d(const Params& params) : TwoGaussians(params), params_(params) {}

 private:
  std::int64_t dimensions() const override { return 2; }
  std::int64_t first() const override { return params_.points() / 2; }
  Tensor make(int gaussian, const Tensor& normal) const override {
    if (gaussian == 0) return normal + at::tensor({20.0F, -20.0F});
    return normal.matmul(at::tensor({-1.0F, -0.7F, 3.5F, 0.7F}).view({2, 2}));
  }
  std::string recipe() const override { return "stretched_gaussians_2d 1"; }

  const Params& params_;
};

}  // namespace
}  // namespace varia::datasets

VARIA_PLUGIN("toy_densities", "1.0.0") {
  registry.add<varia::datasets::TwoGaussians1d>(
      "two_gaussians_1d",
      "Numbers, 30% of N(0, 1) and 70% of N(5, 1), labelled by their Gaussian.");
  registry.add<varia::datasets::StretchedGaussians2d>(
      "stretched_gaussians_2d",
      "Points in the plane, half of N((20, -20), I) and half of a stretched normal about 0.");
}
