#include <ATen/Functions.h>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/error.hpp"
#include "varia/host/splits.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

std::shared_ptr<Dataset> make(const std::string& text) {
  return training::make<Dataset>(training::configure(registry(), "dataset", yaml(text)), Build{});
}

/// [N, D] float64, as training reads them.
Tensor all(const Samples& samples) {
  return samples.gather(at::arange(samples.size(), at::kLong), at::kCPU).flatten(1).to(at::kDouble);
}

/// The points with one label.
Tensor of_label(const Samples& samples, std::int64_t label) {
  return all(samples).index_select(0, samples.annotations().labels.eq(label).nonzero().flatten());
}

/// Whether mean and covariance are those of N(mean, covariance), to six standard errors.
void check_normal(const Tensor& points, const Tensor& mean, const Tensor& covariance) {
  const auto count = static_cast<double>(points.size(0));
  const auto variances = covariance.diagonal();
  CHECK(((points.mean(0) - mean).abs() < 6 * (variances / count).sqrt()).all().item<bool>());
  const auto centred = points - mean;
  const auto found = centred.t().matmul(centred) / count;
  const auto error = ((at::outer(variances, variances) + covariance.square()) / count).sqrt();
  CHECK(((found - covariance).abs() < 6 * error).all().item<bool>());
}

}  // namespace

TEST_CASE("two Gaussians on a line have the parts and the means that are asked for") {
  const auto small = make("{use: two_gaussians_1d}")->load("train");
  CHECK(small->size() == 1000);
  CHECK(small->event() == std::vector<std::int64_t>{1});
  CHECK(number(small->annotations().labels.eq(0).sum()) == 300);
  const auto set = make("{use: two_gaussians_1d, points: 20000, fraction: 0.1, means: [-3, 2]}");
  for (const auto* split : {"train", "test"}) {
    const auto samples = set->load(split);
    CHECK(samples->size() == 20'000);
    CHECK(number(samples->annotations().labels.eq(0).sum()) == 2'000);
    check_normal(of_label(*samples, 0), doubles({-3}), at::eye(1, at::kDouble));
    check_normal(of_label(*samples, 1), doubles({2}), at::eye(1, at::kDouble));
  }
}

TEST_CASE("the stretched Gaussians have their means and covariances") {
  const auto small = make("{use: stretched_gaussians_2d}")->load("train");
  CHECK(small->size() == 1000);
  CHECK(small->event() == std::vector<std::int64_t>{2});
  CHECK(number(small->annotations().labels.eq(0).sum()) == 500);
  const auto samples = make("{use: stretched_gaussians_2d, points: 40000}")->load("train");
  check_normal(of_label(*samples, 0), doubles({20, -20}), at::eye(2, at::kDouble));
  const auto stretch = doubles({-1, -0.7, 3.5, 0.7}).view({2, 2});
  check_normal(of_label(*samples, 1), doubles({0, 0}), stretch.t().matmul(stretch));
}

TEST_CASE("points follow from the data's seed, and the splits differ") {
  for (const auto* name : {"two_gaussians_1d", "stretched_gaussians_2d"}) {
    INFO(name);
    const auto with = [&](const std::string& more) {
      return make("{use: " + std::string(name) + more + "}");
    };
    const auto train = all(*with("")->load("train"));
    CHECK(at::equal(train, all(*with("")->load("train"))));
    CHECK_FALSE(at::equal(train, all(*with("")->load("test"))));
    CHECK_FALSE(at::equal(train, all(*with(", seed: 1")->load("train"))));
    CHECK(with("")->digest() == with("")->digest());
    CHECK(with("")->digest() != with(", seed: 1")->digest());
    CHECK(with("")->digest() != with(", points: 999")->digest());
    // The order is random: the first half of the points has both labels.
    const auto labels = with("")->load("train")->annotations().labels.slice(0, 0, 500);
    CHECK(number(labels.sum()) > 0);
    CHECK(number(labels.sum()) < 500);
  }
  CHECK(make("{use: two_gaussians_1d}")->digest() !=
        make("{use: two_gaussians_1d, means: [0, 6]}")->digest());
}

TEST_CASE("points of any value arrive in a split as they are") {
  const auto config =
      training::configure(registry(), "dataset", yaml("{use: stretched_gaussians_2d}"));
  const auto set = training::make<Dataset>(config, Build{});
  const auto splits = make_splits(*set, static_cast<const DatasetParams&>(*config.params));
  CHECK(splits.spec.classes == 2);
  Draw draw(1);
  const auto batch = splits.train.slice(0, 1000, draw).input.flatten(1).to(at::kDouble);
  CHECK(at::equal(batch, all(*set->load("train"))));
  CHECK(number(batch.max()) > 15);
  CHECK(number(batch.min()) < -15);
}

TEST_CASE("points refuse the options of images, and parts that leave no point") {
  for (const auto* name : {"two_gaussians_1d", "stretched_gaussians_2d"}) {
    const auto start = "{use: " + std::string(name);
    CHECK_THROWS_AS(make(start + ", resize: [2, 2]}"), ConfigError);
    CHECK_THROWS_AS(make(start + ", binarize: dynamic}"), ConfigError);
    CHECK_THROWS_AS(make(start + ", corrupt: mask}"), ConfigError);
    CHECK_THROWS_AS(make(start + ", points: 1}"), ConfigError);
  }
  CHECK_THROWS_AS(make("{use: two_gaussians_1d, fraction: 0}"), ConfigError);
  CHECK_THROWS_AS(make("{use: two_gaussians_1d, fraction: 1}"), ConfigError);
  CHECK_THROWS_AS(make("{use: two_gaussians_1d, means: [1]}"), ConfigError);
}
