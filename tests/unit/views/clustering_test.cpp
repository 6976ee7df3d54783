#include <ATen/Functions.h>

#include <cmath>

#include "known_model.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;

namespace {

double frac(double number) { return number - std::floor(number); }

/// 240 codes in three squares that touch, each labelled by its square but for every eleventh.
Split squares() {
  const auto codes = at::empty({240, 2}, at::kDouble);
  const auto labels = at::empty({240}, at::kLong);
  for (int i = 0; i < 240; ++i) {
    codes[i][0] = (i % 3 == 1 ? 7 : 0) + 7.5 * frac(0.7548776662466927 * i);
    codes[i][1] = (i % 3 == 2 ? 7 : 0) + 7.5 * frac(0.5698402909980532 * i);
    labels[i] = (i % 11 == 0 ? i + 1 : i) % 3;
  }
  return known_split("test", codes, labels);
}

}  // namespace

TEST_CASE("clustering is scikit-learn's k-means on the codes against the labels") {
  KnownModel model(2);
  const auto found = measure("{use: clustering}", model, squares());
  // scikit-learn 1.9.1, of KMeans(3, n_init=10) on the same points:
  // normalized_mutual_info_score, adjusted_rand_score
  CHECK(std::abs(found.at("clustering_nmi").item<double>() - 0.607868255726442) < 1e-9);
  CHECK(std::abs(found.at("clustering_ari").item<double>() - 0.6214639723973934) < 1e-9);
}

TEST_CASE("clustering takes as many clusters as it is told, and no more than there are samples") {
  KnownModel model(2);
  const auto one = measure("{use: clustering, clusters: 1}", model, squares());
  CHECK(one.at("clustering_nmi").item<double>() == 0);
  CHECK(one.at("clustering_ari").item<double>() == 0);
  const auto few = measure("{use: clustering, clusters: 9, images: 4}", model, squares());
  CHECK(few.at("clustering_nmi").item<double>() > 0);
}

TEST_CASE("clustering asks for labels") {
  KnownModel model(2);
  CHECK_THROWS_WITH(measure("{use: clustering}", model, known_split("test", at::zeros({4, 2}))),
                    Catch::Matchers::ContainsSubstring("expected data with labels"));
}
