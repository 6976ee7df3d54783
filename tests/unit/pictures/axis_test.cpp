#include "pictures/axis.hpp"

#include <algorithm>
#include <set>

#include "support/catch.hpp"

namespace varia::pictures {

using Catch::Approx;

TEST_CASE("ticks are round numbers") {
  const auto axis = make_axis(-3, 3, 8);
  CHECK(axis.labels == std::vector<std::string>{"-3", "-2", "-1", "0", "1", "2", "3"});
  CHECK(axis.place(axis.from) == 0);
  CHECK(axis.place(axis.to) == 1);
  CHECK(axis.place(0) == Approx(0.5));
  CHECK(make_axis(-100, 50, 6).labels == std::vector<std::string>{"-100", "-50", "0", "50"});
  CHECK(make_axis(0, 1, 8).labels ==
        std::vector<std::string>{"0", "0.2", "0.4", "0.6", "0.8", "1"});
}

TEST_CASE("an axis has ticks that can be told apart, whatever it spans") {
  for (const auto& [lowest, highest] : std::vector<std::pair<double, double>>{{0, 0},
                                                                              {5, 5},
                                                                              {-1e-30, 1e-30},
                                                                              {-3e38, 3e38},
                                                                              {1e6, 1e6 + 0.5},
                                                                              {99.95, 100.05},
                                                                              {-7, -7},
                                                                              {3e38, 3e38},
                                                                              {0.1, 1234.5},
                                                                              {1, 1 + 1e-7}}) {
    const auto axis = make_axis(lowest, highest, 8);
    CAPTURE(lowest, highest);
    CHECK(axis.from < axis.to);
    CHECK(axis.from <= lowest);
    CHECK(axis.to >= highest);
    CHECK(axis.ticks.size() >= 2);
    CHECK(axis.ticks.size() <= 8);
    CHECK(std::set<std::string>(axis.labels.begin(), axis.labels.end()).size() ==
          axis.ticks.size());
    for (std::size_t i = 0; i < axis.ticks.size(); ++i) {
      CHECK(axis.place(axis.ticks[i]) >= 0);
      CHECK(axis.place(axis.ticks[i]) <= 1);
      CHECK(std::stod(axis.labels[i]) ==
            Approx(axis.ticks[i]).margin(1e-12 * (axis.to - axis.from)));
    }
  }
}

}  // namespace varia::pictures
