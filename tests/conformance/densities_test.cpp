#include <ATen/Functions.h>

#include <cmath>
#include <limits>

#include "support/catch.hpp"
#include "support/contains.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/density.hpp"
#include "varia/error.hpp"

// The closed forms of each density; what all keep to is in test_every_component.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

std::shared_ptr<Density> make(const std::string& text) {
  return training::make<Density>(training::configure(registry(), "density", yaml(text)), Build{});
}

std::shared_ptr<Density> fitted(const std::string& text, const Tensor& points) {
  auto density = make(text);
  Draw draw(1);
  density->fit(points, draw);
  return density;
}

const std::vector<std::string> kSettings = {
    "{use: histogram}",
    "{use: histogram, bins: 7, offset: 0.2}",
    "{use: kde, bandwidth: 0.3}",
    "{use: kde, rule: silverman, whiten: true}",
    "{use: kde, kernel: box, bandwidth: 0.4}",
    "{use: kde, kernel: box, whiten: true}",
    "{use: gmm, components: 3}",
    "{use: gmm, components: 3, covariance: diagonal, restarts: 2}",
    "{use: gmm, components: 2, covariance: spherical}",
    "{use: maf, layers: 2, hidden: [8], epochs: 30, batch: 30, lr: 1e-2}"};

/// Two groups, correlated where D is 2. [300, D]
Tensor two_groups(std::int64_t dimensions) {
  Draw draw(7);
  auto points = draw.normal({300, dimensions}).to(at::kDouble);
  if (dimensions == 2) points = points.matmul(doubles({0.6, 0.5, -0.3, 0.8}).view({2, 2}));
  points.slice(0, 0, 90).add_(4.0);
  return points;
}

constexpr double kFrom = -8, kTo = 12;

/// Centres of `count` equal intervals.
Tensor midpoints(std::int64_t count) {
  return (at::arange(count, at::kDouble) + 0.5) * ((kTo - kFrom) / static_cast<double>(count)) +
         kFrom;
}

std::string refusal(const std::string& text, const Tensor& points) {
  try {
    fitted(text, points);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a density in one dimension integrates to one and is that of its samples") {
  const auto points = two_groups(1);
  const auto places = midpoints(50'000);
  for (const auto& setting : kSettings) {
    INFO(setting);
    const auto density = fitted(setting, points);
    const auto mass = density->log_prob(places.unsqueeze(1)).exp() * ((kTo - kFrom) / 50'000.0);
    CHECK(number(mass.sum()) == Approx(1).epsilon(1e-3));
    const auto below = mass.cumsum(0);
    Draw draw(3);
    const auto sample = density->sample(20'000, draw);
    CHECK(kolmogorov_distance(sample, [&](const Tensor& sorted) {
            return below.index_select(0, at::searchsorted(places, sorted).clamp_max(49'999));
          }) < kOnceInAMillion);
  }
}

TEST_CASE("a density in two dimensions integrates to one and has its samples' moments", "[slow]") {
  const auto points = two_groups(2);
  constexpr std::int64_t kGrid = 700;
  const auto axis = midpoints(kGrid);
  const auto places = at::stack({axis.repeat_interleave(kGrid), axis.repeat({kGrid})}, 1);
  const double area = std::pow((kTo - kFrom) / static_cast<double>(kGrid), 2);
  const auto products = [](const Tensor& x) {  // x, y, x^2, xy, y^2
    return at::stack({x.select(1, 0), x.select(1, 1), x.select(1, 0).square(),
                      x.select(1, 0) * x.select(1, 1), x.select(1, 1).square()},
                     1);
  };
  for (const auto& setting : kSettings) {
    INFO(setting);
    const auto density = fitted(setting, points);
    const auto mass = density->log_prob(places).exp() * area;
    CHECK(number(mass.sum()) == Approx(1).epsilon(0.01));
    const auto truth = mass.unsqueeze(0).matmul(products(places)).squeeze(0) / mass.sum();
    Draw draw(3);
    const auto sample = products(density->sample(40'000, draw));
    const auto error = sample.std(0) / std::sqrt(40'000.0);
    // Six standard errors, and the error of the grid where the density is not smooth.
    CHECK(((sample.mean(0) - truth).abs() < 6 * error + 0.01).all().item<bool>());
  }
}

TEST_CASE("a density refuses what it cannot be fitted to, and says why") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto* setting : {"{use: histogram}", "{use: kde}", "{use: gmm}", "{use: maf}"}) {
    INFO(setting);
    CHECK(contains(refusal(setting, doubles({1, nan, 2, 3}).view({2, 2})),
                   "1 of 2 with NaN or infinity"));
    CHECK(contains(refusal(setting, doubles({1, HUGE_VAL})), "found [2]"));
    CHECK(contains(refusal(setting, at::zeros({0, 2})), "found [0, 2]"));
    CHECK(contains(refusal(setting, {}), "undefined"));
  }
  CHECK(contains(refusal("{use: gmm, components: 5}", at::rand({4, 2})),
                 "5 components need at least 5 points, found 4"));
  CHECK(contains(refusal("{use: gmm, components: 2, regularisation: 0}", at::ones({4, 2})),
                 "Raise 'regularisation'"));
  CHECK(contains(refusal("{use: gmm, components: 1}", doubles({1e200, -1e200, 1, 2}).view({4, 1})),
                 "too large for float64"));
  CHECK(contains(refusal("{use: gmm, components: 1000}", at::ones({1000, 400})),
                 "Use 'covariance: diagonal'"));
  CHECK(contains(refusal("{use: histogram, bins: 100}", at::rand({4, 10})), "Use fewer 'bins'"));
  CHECK(contains(refusal("{use: histogram, from: 2, to: 3}", at::rand({4, 1})), "none of the 4"));
  CHECK(contains(refusal("{use: histogram, from: 2}", at::rand({4, 1})), "do not fit"));
  CHECK(contains(refusal("{use: kde, whiten: true}", at::ones({4, 2})), "singular"));
  CHECK(contains(refusal("{use: kde, whiten: true}", at::ones({1, 2})), "singular"));
}

TEST_CASE("a density refuses parameters that contradict each other") {
  CHECK_THROWS_AS(make("{use: histogram, from: 1, to: 1}"), ConfigError);
  CHECK_THROWS_AS(make("{use: kde, bandwidth: 1, rule: scott}"), ConfigError);
  CHECK_THROWS_AS(make("{use: kde, bandwidth: 0}"), ConfigError);
  CHECK_THROWS_AS(make("{use: gmm, covariance: round}"), ConfigError);
}

TEST_CASE("points that are all equal have a density about them") {
  const auto points = at::full({20, 2}, 3.0);
  const auto at_them = at::full({1, 2}, 3.0);
  CHECK(number(fitted("{use: histogram, bins: 4}", points)->log_prob(at_them)) ==
        Approx(std::log(16.0)));  // bins from 2.5 to 3.5, as NumPy has them
  CHECK(number(fitted("{use: kde, bandwidth: 0.5}", points)->log_prob(at_them)) ==
        Approx(-std::log(2 * M_PI * 0.25)));
  CHECK(number(fitted("{use: kde, kernel: box, bandwidth: 0.5}", points)->log_prob(at_them)) ==
        Approx(0).margin(1e-12));
  for (const auto* covariance : {"full", "diagonal", "spherical"}) {
    const auto density =
        fitted("{use: gmm, components: 3, covariance: " + std::string(covariance) + "}", points);
    CHECK(number(density->log_prob(at_them)) == Approx(-std::log(2 * M_PI * 1e-6)));
    Draw draw(2);
    CHECK(number((density->sample(1000, draw) - 3.0).abs().max()) < 0.01);
  }
}

TEST_CASE("a mixture of one Gaussian has the points' mean and covariance") {
  const auto points = two_groups(2);
  const auto mean = points.mean(0);
  const auto centred = points - mean;
  const auto covariance = centred.t().matmul(centred) / 300 + 1e-6 * at::eye(2, at::kDouble);
  const auto places = doubles({0, 0, 3, -1, 5, 5}).view({3, 2});
  const auto log_prob = [&](const Tensor& c) {
    const auto x = places - mean;
    const auto distances = (x.matmul(at::inverse(c)) * x).sum(1);
    return -0.5 * (distances + at::logdet(c) + 2 * std::log(2 * M_PI));
  };
  CHECK(close(fitted("{use: gmm, components: 1}", points)->log_prob(places), log_prob(covariance),
              1e-10));
  CHECK(close(fitted("{use: gmm, components: 1, covariance: diagonal}", points)->log_prob(places),
              log_prob(at::diag(covariance.diagonal())), 1e-10));
  CHECK(close(fitted("{use: gmm, components: 1, covariance: spherical}", points)->log_prob(places),
              log_prob(covariance.diagonal().mean() * at::eye(2, at::kDouble)), 1e-10));
}

TEST_CASE("a kernel estimate of many points is the mean of its kernels, whatever the memory") {
  Draw draw(9);
  const auto points = draw.normal({150'000, 2}).to(at::kDouble);  // more than one part holds
  const auto places = doubles({0, 0, 1, -1, 9, 9}).view({3, 2});
  const auto apart = places.unsqueeze(1) - points;
  const auto gaussians = (apart.square().sum(2) / (-2 * 0.09)).exp() / (2 * M_PI * 0.09);
  CHECK(close(fitted("{use: kde, bandwidth: 0.3}", points)->log_prob(places),
              gaussians.mean(1).log(), 1e-9));
  const auto boxes = apart.abs().lt(0.3).all(2).to(at::kDouble) / 0.36;
  CHECK(at::allclose(
      fitted("{use: kde, kernel: box, bandwidth: 0.3}", points)->log_prob(places).exp(),
      boxes.mean(1)));
}

TEST_CASE("a histogram's offset shifts its edges, and its last bin has both") {
  const auto points = doubles({0, 0.5, 1, 2}).view({4, 1});
  const auto at_places = [&](const std::string& text, const std::vector<double>& places) {
    return fitted(text, points)->log_prob(doubles(places).unsqueeze(1)).exp();
  };
  CHECK(at::allclose(at_places("{use: histogram, bins: 2}", {-0.1, 0, 0.9, 1, 2, 2.1}),
                     doubles({0, 0.5, 0.5, 0.5, 0.5, 0})));
  // From 0.75 to 2.75: 1 and 2 alone, one in each bin of width 1.
  CHECK(at::allclose(
      at_places("{use: histogram, bins: 2, from: 0, to: 2, offset: 0.75}", {0.5, 1.7, 1.8, 2.7}),
      doubles({0, 0.5, 0.5, 0.5})));
  // From 1.9 to 3.9: the first bin alone.
  CHECK(at::allclose(at_places("{use: histogram, bins: 2, offset: 1.9}", {1.95, 2.95}),
                     doubles({1, 0})));
}

TEST_CASE("an autoregressive flow comes near the entropy of a bent Gaussian", "[slow]") {
  // y = x^2 + 0.3 e bends the plane without stretching it.
  const auto bent = [](std::int64_t n, std::uint64_t key) {
    const auto noise = Draw(key).normal({n, 2}).to(at::kDouble);
    const auto x = noise.select(1, 0);
    return at::stack({x.square() + 0.3 * noise.select(1, 1), x}, 1);
  };
  const double truth = -std::log(2 * M_PI) - 1 - std::log(0.3);
  const auto fresh = bent(5'000, 2);
  const auto log_prob = [&](const std::string& density) {
    return number(fitted(density, bent(5'000, 1))->log_prob(fresh).mean());
  };
  CHECK(log_prob("{use: maf, epochs: 40}") == Approx(truth).margin(0.06));
  CHECK(log_prob("{use: gmm, components: 1}") < truth - 0.5);
}
