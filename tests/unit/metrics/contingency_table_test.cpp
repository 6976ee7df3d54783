#include "contingency_table.hpp"

#include <cmath>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;
using metrics::ContingencyTable;

namespace {

double nmi(const std::vector<std::int64_t>& categories, const std::vector<std::int64_t>& labels) {
  ContingencyTable table(7, 4);
  for (std::size_t i = 0; i < labels.size(); ++i) table.add(categories[i], labels[i]);
  return table.normalised_mutual_information();
}

}  // namespace

TEST_CASE("normalised mutual information is scikit-learn's") {
  // scikit-learn 1.2.1, with stream() as in support.hpp:
  //   a = stream(200, 4, 1); b = stream(200, 7, 2); mixed = where(b % 2 == 0, a, (b + a) % 4)
  //   normalized_mutual_info_score(a, b), normalized_mutual_info_score(a, mixed)
  const auto labels = stream(200, 4, 1);
  const auto other = stream(200, 7, 2);
  auto mixed = labels, permuted = labels;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (other[i] % 2 != 0) mixed[i] = (other[i] + labels[i]) % 4;
    permuted[i] = (labels[i] + 1) % 4;
  }
  const std::vector<std::int64_t> constant(200, 2);
  CHECK(std::abs(nmi(other, labels) - 0.026717550836022532) < 1e-9);
  CHECK(std::abs(nmi(mixed, labels) - 0.35527282938557747) < 1e-9);
  CHECK(std::abs(nmi(labels, labels) - 1) < 1e-9);
  CHECK(std::abs(nmi(permuted, labels) - 1) < 1e-9);
  CHECK(nmi(constant, labels) == 0);
  CHECK(nmi(other, constant) == 0);
  CHECK(nmi(constant, constant) == 1);
}

TEST_CASE("entropies and mutual information are those of the table by hand") {
  // Four pairs: (0, 0) twice, (1, 0) and (1, 1).
  ContingencyTable table(2, 2);
  table.add(0, 0);
  table.add(0, 0);
  table.add(1, 0);
  table.add(1, 1);
  CHECK(table.total() == 4);
  CHECK(table.count(0, 0) == 2);
  CHECK(table.count(0, 1) == 0);
  CHECK(table.category_entropy() == Approx(std::log(2)));
  const double classes = -(0.75 * std::log(0.75) + 0.25 * std::log(0.25));
  CHECK(table.class_entropy() == Approx(classes));
  // H(class) - H(class | category): the second category alone leaves a doubt, of one bit.
  CHECK(table.mutual_information() == Approx(classes - 0.5 * std::log(2)));
}

TEST_CASE("an empty table has no entropy, and pairs outside of it are refused") {
  ContingencyTable table(2, 3);
  CHECK(table.mutual_information() == 0);
  CHECK(table.class_entropy() == 0);
  CHECK_THROWS_AS(table.add(2, 0), Error);
  CHECK_THROWS_AS(table.add(-1, 0), Error);
  CHECK_THROWS_AS(table.add(0, 3), Error);
  CHECK_THROWS_AS(ContingencyTable(0, 3), Error);
  CHECK_THROWS_AS(ContingencyTable(1'000'000'000'000, 1'000'000'000'000), Error);
}
