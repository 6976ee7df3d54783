#include "feature_distances.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "varia/draw.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// [n, D] of numbers from 0 to 1 that other languages can write, see `stream`.
Tensor streamed(std::int64_t n, std::int64_t dimensions, std::int64_t seed) {
  std::vector<double> numbers;
  for (const auto number : stream(n * dimensions, 1000, seed))
    numbers.push_back(static_cast<double>(number) / 1000);
  return doubles(numbers).view({n, dimensions});
}

/// [n, D] points with exactly the mean 0 and the covariance I.
Tensor white(std::int64_t n, std::int64_t dimensions, std::uint64_t key) {
  const auto points = Draw(key).normal({n, dimensions}).to(at::kDouble);
  const auto centred = points - points.mean(0);
  const auto q = std::get<0>(at::linalg_qr(centred));
  return q * std::sqrt(static_cast<double>(n - 1));
}

double frechet(const Tensor& x, const Tensor& y) { return number(metrics::frechet_distance(x, y)); }

/// metrics::overlap point by point.
metrics::Overlap brute_force(const Tensor& real, const Tensor& generated, int neighbours) {
  const auto distance = [](const Tensor& a, const Tensor& b) {
    return std::sqrt(number((a - b).square().sum()));
  };
  const auto radii = [&](const Tensor& points) {
    std::vector<double> found;
    for (std::int64_t i = 0; i < points.size(0); ++i) {
      std::vector<double> others;
      for (std::int64_t j = 0; j < points.size(0); ++j)
        if (j != i) others.push_back(distance(points[i], points[j]));
      std::ranges::sort(others);
      found.push_back(others[static_cast<std::size_t>(neighbours - 1)]);
    }
    return found;
  };
  const auto of_real = radii(real), of_generated = radii(generated);
  std::vector<int> balls(of_generated.size());
  double recalled = 0, covered = 0;
  for (std::size_t i = 0; i < of_real.size(); ++i) {
    bool is_recalled = false, is_covered = false;
    for (std::size_t j = 0; j < of_generated.size(); ++j) {
      const double apart =
          distance(real[static_cast<std::int64_t>(i)], generated[static_cast<std::int64_t>(j)]);
      balls[j] += apart < of_real[i] ? 1 : 0;
      is_covered = is_covered || apart < of_real[i];
      is_recalled = is_recalled || apart < of_generated[j];
    }
    recalled += is_recalled ? 1 : 0;
    covered += is_covered ? 1 : 0;
  }
  double precise = 0, all = 0;
  for (const auto count : balls) {
    precise += count > 0 ? 1 : 0;
    all += count;
  }
  const auto n = static_cast<double>(of_real.size()), m = static_cast<double>(balls.size());
  return {precise / m, recalled / n, all / m / neighbours, covered / n};
}

}  // namespace

TEST_CASE("the Fréchet distance of Gaussians is that of the closed forms") {
  const auto x = white(50, 3, 1), y = white(80, 3, 2);
  CHECK(frechet(x, y) == Approx(0).margin(1e-12));
  const auto shift = doubles({1, -2, 0.5});
  CHECK(frechet(x, y + shift) == Approx(5.25));
  // Of independent dimensions: the squared differences of the standard deviations.
  const auto a = doubles({1, 2, 3}), b = doubles({4, 2, 0.5});
  CHECK(frechet(x * a, y * b) == Approx(9 + 0 + 6.25));
  // One is a line: of the other all but the part along it counts.
  CHECK(frechet(x * doubles({1, 0, 0}), y * b + shift) == Approx(9 + 4 + 0.25 + 5.25));
  // Both turned alike, and the order of the two, change nothing.
  const auto turn = std::get<0>(at::linalg_qr(Draw(3).normal({3, 3}).to(at::kDouble)));
  CHECK(frechet((x * a).matmul(turn), (y * b).matmul(turn)) == Approx(15.25));
  CHECK(frechet(y * b, x * a) == Approx(15.25));
}

TEST_CASE("the Fréchet distance has the root of the product of the covariances") {
  const auto x = Draw(1).normal({60, 5}).matmul(Draw(2).normal({5, 5})).to(at::kDouble);
  const auto y = Draw(3).normal({90, 5}).matmul(Draw(4).normal({5, 5})).to(at::kDouble) + 0.3;
  const auto of_x = at::cov(x.t()), of_y = at::cov(y.t());
  const auto eigenvalues = at::real(at::linalg_eigvals(of_x.matmul(of_y)));
  const auto truth = (x.mean(0) - y.mean(0)).square().sum() + of_x.trace() + of_y.trace() -
                     2 * eigenvalues.sqrt().sum();
  CHECK(frechet(x, y) == Approx(number(truth)).epsilon(1e-10));
}

// Python, with numpy, scipy 1.17 and prdc 0.2:
//
//     def streamed(n, d, s):
//         numbers = []
//         for _ in range(n * d):
//             s = (1103515245 * s + 12345) % 2**31
//             numbers.append((s >> 16) % 1000 / 1000)
//         return numpy.array(numbers).reshape(n, d)
//     x, y = streamed(700, 4, 1), streamed(600, 4, 2) ** 2 * 1.1
//     a, b = numpy.cov(x.T), numpy.cov(y.T)
//     ((x.mean(0) - y.mean(0)) ** 2).sum() + (a + b - 2 * scipy.linalg.sqrtm(a @ b).real).trace()
//     prdc.compute_prdc(real_features=x, fake_features=y, nearest_k=3)   # and 5
TEST_CASE("the Fréchet distance is SciPy's, and the overlap that of prdc") {
  const auto x = streamed(700, 4, 1), y = streamed(600, 4, 2).square() * 1.1;
  CHECK(frechet(x, y) == Approx(0.08686572987693578).epsilon(1e-12));
  const auto by_three = metrics::overlap(x, y, 3);
  CHECK(by_three.precision == Approx(0.905));
  CHECK(by_three.recall == Approx(0.97));
  CHECK(by_three.density == Approx(0.805));
  CHECK(by_three.coverage == Approx(0.61));
  const auto by_five = metrics::overlap(x, y, 5);
  CHECK(by_five.precision == Approx(0.9533333333333334));
  CHECK(by_five.recall == Approx(0.9985714285714286));
  CHECK(by_five.density == Approx(0.7673333333333333));
  CHECK(by_five.coverage == Approx(0.75));
}

TEST_CASE("the kernel distance is the sum over all pairs of different points") {
  for (const auto n : {2, 7, 620}) {
    const auto x = streamed(n, 3, 5), y = streamed(11, 3, 6) * 1.5;
    const auto kernel = [](const Tensor& a, const Tensor& b) {
      return ((a.matmul(b.t()) / 3 + 1) * (a.matmul(b.t()) / 3 + 1) * (a.matmul(b.t()) / 3 + 1));
    };
    const auto others = [&](const Tensor& points) {
      const auto all = kernel(points, points);
      double sum = 0;
      for (std::int64_t i = 0; i < points.size(0); ++i)
        for (std::int64_t j = 0; j < points.size(0); ++j)
          if (i != j) sum += number(all[i][j]);
      return sum / static_cast<double>(points.size(0) * (points.size(0) - 1));
    };
    const double truth = others(x) + others(y) - 2 * number(kernel(x, y).mean());
    CHECK(number(metrics::kernel_distance(x, y)) == Approx(truth).epsilon(1e-10));
  }
}

TEST_CASE("the kernel distance of samples of one distribution is zero on average") {
  std::vector<double> found;
  for (std::uint64_t key = 0; key < 200; ++key)
    found.push_back(number(metrics::kernel_distance(Draw(2 * key).normal({30, 4}),
                                                    Draw(2 * key + 1).normal({20, 4}))));
  const auto all = doubles(found);
  CHECK(std::abs(number(all.mean())) < 3 * number(all.std()) / std::sqrt(200.0));
  CHECK(number(all.min()) < 0);
}

TEST_CASE("precision, recall, density and coverage are 1 of the same points, 0 of distant ones") {
  const auto points = Draw(1).normal({600, 5});
  for (const int neighbours : {1, 3, 10}) {
    const auto same = metrics::overlap(points, points, neighbours);
    CHECK(same.precision == 1);
    CHECK(same.recall == 1);
    CHECK(same.density == Approx(1));
    CHECK(same.coverage == 1);
    const auto apart = metrics::overlap(points, points + 100, neighbours);
    CHECK(apart.precision == 0);
    CHECK(apart.recall == 0);
    CHECK(apart.density == 0);
    CHECK(apart.coverage == 0);
  }
}

TEST_CASE("precision is of the generated points, recall and coverage are of the real ones") {
  // Two clusters are real, of 10 and of 30 points; the second one alone is generated, and one point
  // that lies nowhere.
  const auto first = Draw(1).normal({10, 2}) * 0.1, second = Draw(2).normal({30, 2}) * 0.1 + 50;
  const auto real = at::cat({first, second}),
             generated = at::cat({second, first[0].view({1, 2}) - 90});
  const auto found = metrics::overlap(real, generated, 3);
  CHECK(found.precision == Approx(30.0 / 31));
  CHECK(found.coverage == Approx(30.0 / 40));
  CHECK(found.density == Approx(30.0 / 31));
  // The ball of the point that lies nowhere reaches over the first cluster to the second one: what
  // coverage was made for.
  CHECK(found.recall == 1);
}

TEST_CASE("the overlap is that of all pairs of points") {
  const auto real = streamed(40, 3, 7), generated = streamed(25, 3, 8) * 0.8 + 0.3;
  for (const int neighbours : {1, 3, 20}) {
    const auto found = metrics::overlap(real, generated, neighbours);
    const auto truth = brute_force(real, generated, neighbours);
    CHECK(found.precision == Approx(truth.precision));
    CHECK(found.recall == Approx(truth.recall));
    CHECK(found.density == Approx(truth.density));
    CHECK(found.coverage == Approx(truth.coverage));
  }
}
