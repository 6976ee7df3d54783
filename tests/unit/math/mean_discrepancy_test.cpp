#include <cmath>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/draw.hpp"
#include "varia/mean_discrepancy.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

constexpr auto kRbf = DiscrepancyKernel::rbf;
constexpr auto kImq = DiscrepancyKernel::inverse_multiquadric;

double discrepancy(const Tensor& x, const Tensor& y, DiscrepancyKernel kernel,
                   const std::vector<double>& scales, bool unbiased) {
  return number(squared_mean_discrepancy(x, y, kernel, scales, unbiased));
}

}  // namespace

TEST_CASE("the mean discrepancy is that of its definition, pair by pair") {
  const auto x = doubles({0, 1, 3, -1, 2, 2}).view({3, 2});
  const auto y = doubles({1, 0, -2, 1}).view({2, 2});
  const std::vector<double> scales = {0.7, 3};
  for (const auto kernel : {kRbf, kImq})
    for (const bool unbiased : {false, true}) {
      const auto mean = [&](const Tensor& a, const Tensor& b, bool same) {
        double sum = 0, count = 0;
        for (std::int64_t i = 0; i < a.size(0); ++i)
          for (std::int64_t j = 0; j < b.size(0); ++j) {
            if (same && unbiased && i == j) continue;
            const double s = number((a[i] - b[j]).square().sum());
            for (const double c : scales) sum += kernel == kRbf ? std::exp(-s / c) : c / (c + s);
            count += 1;
          }
        return sum / count;
      };
      const double truth = mean(x, x, true) + mean(y, y, true) - 2 * mean(x, y, false);
      CHECK(discrepancy(x, y, kernel, scales, unbiased) == Approx(truth));
    }
}

TEST_CASE("without its bias the discrepancy of two Gaussians has the closed form as its mean") {
  // E e^(-(a - b)^2 / c) for a - b ~ N(m, v) is sqrt(c / (c + 2 v)) e^(-m^2 / (c + 2 v)).
  const double c = 2, shift = 0.8;
  const auto alike = [&](double m) { return std::sqrt(c / (c + 4)) * std::exp(-m * m / (c + 4)); };
  const double truth = 2 * alike(0) - 2 * alike(shift);
  Draw draw(3);
  double unbiased = 0, biased = 0, null = 0;
  const int rounds = 3000;
  for (int i = 0; i < rounds; ++i) {
    const auto x = draw.normal({10, 1}), y = draw.normal({10, 1});
    unbiased += discrepancy(x, y + shift, kRbf, {c}, true) / rounds;
    biased += discrepancy(x, y + shift, kRbf, {c}, false) / rounds;
    null += discrepancy(x, y, kRbf, {c}, true) / rounds;
  }
  CHECK(unbiased == Approx(truth).margin(0.006));
  CHECK(null == Approx(0).margin(0.006));
  // A point and itself: (1 - E k) / n too much, for each of the two sets.
  CHECK(biased == Approx(truth + 2 * (1 - alike(0)) / 10).margin(0.006));
}

TEST_CASE("with its bias the discrepancy is zero for the same points and never negative") {
  Draw draw(4);
  const auto x = draw.normal({20, 3});
  for (const auto kernel : {kRbf, kImq}) {
    CHECK(discrepancy(x, x, kernel, {1, 6}, false) == Approx(0).margin(1e-6));
    for (int i = 0; i < 20; ++i)
      CHECK(discrepancy(x, draw.normal({20, 3}), kernel, {1, 6}, false) > 0);
  }
}

TEST_CASE("the gradient of the mean discrepancy is that of finite differences") {
  Draw draw(5);
  const auto x = draw.normal({4, 2}).to(at::kDouble), y = draw.normal({5, 2}).to(at::kDouble);
  for (const auto kernel : {kRbf, kImq})
    for (const bool unbiased : {false, true})
      CHECK(gradient_error(
                [&](const Tensor& at) {
                  return squared_mean_discrepancy(at, y, kernel, {0.5, 4}, unbiased);
                },
                x) < 1e-6);
}
