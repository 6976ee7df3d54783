#include "nearest_neighbours.hpp"

#include <cmath>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using metrics::nearest_neighbour_classes;
using Classes = std::vector<std::int64_t>;

TEST_CASE("the vote of the nearest neighbours is scikit-learn's") {
  // scikit-learn 1.2.1, with stream() as in support.hpp and i = arange(60):
  //   y = stream(60, 3, 3)
  //   X = stack([sin(1.3 * i * (d + 1)) + 0.8 * (y == d) for d in range(3)], 1)
  //   q = stack([sin(0.7 * arange(12) * (d + 1)) for d in range(3)], 1)
  //   KNeighborsClassifier(k).fit(X, y).predict(q)
  const auto labels = stream(60, 3, 3);
  std::vector<double> known, queries;
  for (int i = 0; i < 60; ++i)
    for (int d = 0; d < 3; ++d)
      known.push_back(std::sin(1.3 * i * (d + 1)) +
                      (labels[static_cast<std::size_t>(i)] == d ? 0.8 : 0));
  for (int i = 0; i < 12; ++i)
    for (int d = 0; d < 3; ++d) queries.push_back(std::sin(0.7 * i * (d + 1)));
  CHECK(nearest_neighbour_classes(known, labels, queries, 3, 1) ==
        Classes{2, 2, 1, 2, 0, 1, 2, 1, 2, 2, 2, 1});
  CHECK(nearest_neighbour_classes(known, labels, queries, 3, 4) ==
        Classes{2, 1, 0, 2, 2, 1, 2, 1, 1, 2, 1, 0});
  CHECK(nearest_neighbour_classes(known, labels, queries, 3, 5) ==
        Classes{2, 1, 0, 2, 2, 1, 2, 1, 1, 2, 1, 0});
}

TEST_CASE("of classes with as many votes the lowest wins, and of equal distances the earlier") {
  const std::vector<double> known = {1, -1, 2, -2};
  const std::vector<double> query = {0};
  CHECK(nearest_neighbour_classes(known, Classes{9, 4, 4, 9}, query, 1, 2) == Classes{4});
  CHECK(nearest_neighbour_classes(known, Classes{9, 4, 4, 9}, query, 1, 1) == Classes{9});
  CHECK(nearest_neighbour_classes(known, Classes{9, 4, 4, 9}, query, 1, 4) == Classes{4});
  CHECK(nearest_neighbour_classes(known, Classes{9, 4, 9, 9}, query, 1, 100) == Classes{9});
}

TEST_CASE("neighbours need a known point and labels that are not negative") {
  CHECK_THROWS_AS(nearest_neighbour_classes({}, {}, std::vector<double>{1}, 1, 1), Error);
  CHECK_THROWS_AS(
      nearest_neighbour_classes(std::vector<double>{1}, Classes{-1}, std::vector<double>{1}, 1, 1),
      Error);
}
