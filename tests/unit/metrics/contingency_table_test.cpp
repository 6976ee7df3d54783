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

using Numbers = std::vector<std::int64_t>;

ContingencyTable table_of(const Numbers& categories, const Numbers& labels) {
  ContingencyTable table(7, 4);
  for (std::size_t i = 0; i < labels.size(); ++i) table.add(categories[i], labels[i]);
  return table;
}

double nmi(const Numbers& categories, const Numbers& labels) {
  return table_of(categories, labels).normalised_mutual_information();
}

double ari(const Numbers& categories, const Numbers& labels) {
  return table_of(categories, labels).adjusted_rand_index();
}

/// Labels, others that have nothing to do with them, and a mixture of both.
struct Streams {
  Numbers labels = stream(200, 4, 1);
  Numbers other = stream(200, 7, 2);
  Numbers mixed = labels;
  Numbers permuted = labels;
  Numbers constant = Numbers(200, 2);

  Streams() {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (other[i] % 2 != 0) mixed[i] = (other[i] + labels[i]) % 4;
      permuted[i] = (labels[i] + 1) % 4;
    }
  }
};

}  // namespace

TEST_CASE("normalised mutual information is scikit-learn's") {
  // scikit-learn 1.2.1, with stream() as in support.hpp:
  //   a = stream(200, 4, 1); b = stream(200, 7, 2); mixed = where(b % 2 == 0, a, (b + a) % 4)
  //   normalized_mutual_info_score(a, b), normalized_mutual_info_score(a, mixed)
  const auto [labels, other, mixed, permuted, constant] = Streams();
  CHECK(std::abs(nmi(other, labels) - 0.026717550836022532) < 1e-9);
  CHECK(std::abs(nmi(mixed, labels) - 0.35527282938557747) < 1e-9);
  CHECK(std::abs(nmi(labels, labels) - 1) < 1e-9);
  CHECK(std::abs(nmi(permuted, labels) - 1) < 1e-9);
  CHECK(nmi(constant, labels) == 0);
  CHECK(nmi(other, constant) == 0);
  CHECK(nmi(constant, constant) == 1);
}

TEST_CASE("the adjusted Rand index is scikit-learn's") {
  // scikit-learn 1.9.1, adjusted_rand_score of the same.
  const auto [labels, other, mixed, permuted, constant] = Streams();
  CHECK(std::abs(ari(other, labels) - -0.00326911800814405) < 1e-12);
  CHECK(std::abs(ari(mixed, labels) - 0.2809484055489045) < 1e-12);
  CHECK(ari(permuted, labels) == 1);
  CHECK(ari(constant, labels) == 0);
  CHECK(ari(other, constant) == 0);
  CHECK(ari(constant, constant) == 1);
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
