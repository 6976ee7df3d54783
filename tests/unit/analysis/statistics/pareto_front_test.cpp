#include "analysis/statistics/pareto_front.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.hpp"

using varia::statistics::pareto_front;

namespace {

bool dominates(double ax, double ay, double bx, double by) {
  return ax <= bx && ay <= by && (ax < bx || ay < by);
}

}  // namespace

TEST_CASE("the Pareto front is what brute force finds, ties included") {
  std::mt19937 engine(7);
  std::uniform_int_distribution<int> value(0, 12);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> x, y;
    for (int i = 0; i < 40; ++i) {
      x.push_back(value(engine));
      y.push_back(value(engine));
    }
    for (const bool more_x : {false, true}) {
      for (const bool more_y : {false, true}) {
        const double sx = more_x ? -1 : 1;
        const double sy = more_y ? -1 : 1;
        std::vector<std::size_t> expected;
        for (std::size_t i = 0; i < x.size(); ++i) {
          bool is_dominated = false;
          for (std::size_t k = 0; k < x.size(); ++k)
            is_dominated |= dominates(sx * x[k], sy * y[k], sx * x[i], sy * y[i]);
          if (!is_dominated) expected.push_back(i);
        }
        auto front = pareto_front(x, y, more_x, more_y);
        CHECK(std::is_sorted(front.begin(), front.end(),
                             [&](std::size_t a, std::size_t b) { return sx * x[a] < sx * x[b]; }));
        std::sort(front.begin(), front.end());
        CHECK(front == expected);
      }
    }
  }
}

TEST_CASE("points that are not there are not on the front") {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> x = {1, kNaN, 0};
  const std::vector<double> y = {1, 0, kNaN};
  CHECK(pareto_front(x, y, false, false) == std::vector<std::size_t>{0});
  CHECK(pareto_front({}, {}, false, false).empty());
}
