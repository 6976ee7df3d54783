#include "experiment/axes/owen_sobol.hpp"

#include <algorithm>
#include <cmath>

#include "support.hpp"

using namespace varia::experiment;

namespace {
std::vector<std::vector<double>> draw(std::vector<std::uint64_t> seeds, int count) {
  OwenSobol sequence(std::move(seeds));
  std::vector<std::vector<double>> points;
  for (int i = 0; i < count; ++i) points.push_back(sequence.next());
  return points;
}
}  // namespace

TEST_CASE("each interval of length 1/n has one of the first n = 2^m points, in every dimension") {
  for (const int count : {2, 8, 64, 1024}) {
    const auto points = draw({1, 2, 3, 4, 5}, count);
    for (std::size_t dimension = 0; dimension < 5; ++dimension) {
      std::vector<int> hits(static_cast<std::size_t>(count), 0);
      for (const auto& point : points)
        ++hits[static_cast<std::size_t>(std::floor(point[dimension] * count))];
      CHECK(std::all_of(hits.begin(), hits.end(), [](int n) { return n == 1; }));
    }
  }
}

TEST_CASE("the first two dimensions form a (0, m, 2)-net: each box of area 1/16 has one of 16") {
  const auto points = draw({7, 8}, 16);
  for (int rows = 1; rows <= 16; rows *= 2) {
    const int columns = 16 / rows;
    std::vector<int> hits(16, 0);
    for (const auto& point : points)
      ++hits[static_cast<std::size_t>(std::floor(point[0] * rows) * columns +
                                      std::floor(point[1] * columns))];
    CHECK(std::all_of(hits.begin(), hits.end(), [](int n) { return n == 1; }));
  }
}

TEST_CASE("other seeds give other points, the same seeds the same") {
  CHECK(draw({1, 2}, 16) == draw({1, 2}, 16));
  CHECK(draw({1, 2}, 1) != draw({3, 4}, 1));
}

TEST_CASE("the mean over many seeds is uniform: scrambled points are unbiased") {
  double sum = 0;
  double squares = 0;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const double u = draw({seed}, 1)[0][0];
    CHECK((u >= 0 && u < 1));
    sum += u;
    squares += u * u;
  }
  // Five standard errors: sqrt(1/12 / 4000) and sqrt(4/45 / 4000).
  CHECK(std::abs(sum / 4000 - 0.5) < 5 * std::sqrt(1.0 / 12 / 4000));
  CHECK(std::abs(squares / 4000 - 1.0 / 3) < 5 * std::sqrt(4.0 / 45 / 4000));
}
