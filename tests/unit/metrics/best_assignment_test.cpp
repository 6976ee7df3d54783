#include "contingency_table.hpp"

#include <algorithm>
#include <numeric>

#include "support.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;
using metrics::ContingencyTable;

namespace {

/// A table with random counts below `most`.
ContingencyTable random_table(std::int64_t categories, std::int64_t classes, std::int64_t most,
                              std::int64_t seed) {
  ContingencyTable table(categories, classes);
  const auto counts = stream(categories * classes, most, seed);
  for (std::int64_t i = 0; i < categories * classes; ++i)
    for (std::int64_t n = counts[static_cast<std::size_t>(i)]; n > 0; --n)
      table.add(i / classes, i % classes);
  return table;
}

/// The most pairs that agree, by trying everything: as many places as there are categories or
/// classes, in any order, of which those beyond the table are left over.
std::int64_t most_agreeing(const ContingencyTable& table) {
  std::vector<std::int64_t> order(
      static_cast<std::size_t>(std::max(table.categories(), table.classes())));
  std::iota(order.begin(), order.end(), 0);
  std::int64_t most = 0;
  do {
    std::int64_t agreeing = 0;
    for (std::int64_t i = 0; i < table.categories(); ++i) {
      const auto label = order[static_cast<std::size_t>(i)];
      if (label < table.classes()) agreeing += table.count(i, label);
    }
    most = std::max(most, agreeing);
  } while (std::next_permutation(order.begin(), order.end()));
  return most;
}

}  // namespace

TEST_CASE("the best assignment agrees with a search of all of them") {
  for (const auto& [categories, classes] :
       {std::pair{1, 1}, {2, 2}, {5, 5}, {6, 3}, {3, 6}, {1, 4}, {4, 1}, {7, 6}})
    for (std::int64_t seed = 1; seed <= 30; ++seed) {
      const auto table = random_table(categories, classes, seed % 3 == 0 ? 3 : 20, seed);
      if (table.total() == 0) continue;
      INFO(categories << " categories, " << classes << " classes, seed " << seed);
      const auto assigned = metrics::best_assignment(table);
      REQUIRE(assigned.size() == static_cast<std::size_t>(categories));
      std::int64_t agreeing = 0, used = 0;
      std::vector<bool> taken(static_cast<std::size_t>(classes));
      for (std::int64_t i = 0; i < categories; ++i) {
        const auto label = assigned[static_cast<std::size_t>(i)];
        if (label < 0) continue;
        REQUIRE(label < classes);
        CHECK_FALSE(taken[static_cast<std::size_t>(label)]);
        taken[static_cast<std::size_t>(label)] = true;
        agreeing += table.count(i, label);
        ++used;
      }
      CHECK(used == std::min(categories, classes));
      CHECK(agreeing == most_agreeing(table));
      CHECK(metrics::cluster_accuracy(table) ==
            Approx(static_cast<double>(agreeing) / static_cast<double>(table.total())));
    }
}

TEST_CASE("renaming the categories does not change the cluster accuracy") {
  const auto labels = stream(300, 10, 4);
  ContingencyTable same(10, 10), renamed(10, 10);
  for (const auto label : labels) {
    same.add(label, label);
    renamed.add((label * 3 + 7) % 10, label);
  }
  CHECK(metrics::cluster_accuracy(same) == 1);
  CHECK(metrics::cluster_accuracy(renamed) == 1);
  const auto assigned = metrics::best_assignment(renamed);
  for (std::int64_t label = 0; label < 10; ++label)
    CHECK(assigned[static_cast<std::size_t>((label * 3 + 7) % 10)] == label);
}
