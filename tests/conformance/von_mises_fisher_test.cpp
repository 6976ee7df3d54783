#include <ATen/Functions.h>

#include <cmath>
#include <numbers>

#include "shared/von_mises_fisher.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::models;
using namespace varia::test;
using Catch::Approx;

namespace {

VonMisesFisher around_first(std::int64_t dimensions, double concentration) {
  auto direction = at::zeros({1, 1, dimensions}, at::kDouble);
  direction.select(-1, 0).fill_(1);
  return {direction, at::full({1, 1, 1}, concentration, at::kDouble)};
}

/// Unit vectors with the given cosines to the first axis, [1, n, D].
Tensor with_cosines(const Tensor& cosine, std::int64_t dimensions) {
  auto vectors = at::zeros({1, cosine.numel(), dimensions}, at::kDouble);
  vectors.select(-1, 0).copy_(cosine);
  vectors.select(-1, 1).copy_((1 - cosine.square()).sqrt());
  return vectors;
}

}  // namespace

TEST_CASE("Bessel functions are those of the standard library, and go on where it overflows") {
  for (const double order : {0.0, 0.5, 1.0, 4.0, 24.5})
    for (const double x : {0.01, 0.7, 3.0, 40.0, 500.0}) {
      INFO(order << " at " << x);
      const auto at_x = doubles({x});
      CHECK(number(bessel(order, at_x).log) ==
            Approx(std::log(std::cyl_bessel_i(order, x))).margin(1e-9));
      CHECK(number(bessel(order, at_x).ratio) ==
            Approx(std::cyl_bessel_i(order + 1, x) / std::cyl_bessel_i(order, x)));
    }
  // I_(1/2)(x) = sqrt(2 / (pi x)) sinh(x), whose ratio is coth(x) - 1 / x.
  for (const double x : {9'999.0, 10'001.0, 20'000.0, 1e8}) {
    CHECK(number(bessel(0.5, doubles({x})).log) ==
          Approx(0.5 * std::log(2 / (std::numbers::pi * x)) + x - std::numbers::ln2)
              .epsilon(1e-13)
              .margin(1e-7));
    CHECK(number(bessel(0.5, doubles({x})).ratio) == Approx(1 - 1 / x).epsilon(1e-11));
  }
  const auto points = doubles({0.3, 5, 60});
  CHECK(gradient_error([](const Tensor& k) { return bessel(1.5, k).log.sum(); }, points) < 1e-7);
  CHECK(gradient_error([](const Tensor& k) { return bessel(1.5, k).ratio.sum(); }, points) < 1e-7);
}

TEST_CASE("the von Mises-Fisher density integrates to one, and its KL divergence is the integral") {
  for (const std::int64_t dimensions : {3, 5, 10})
    for (const double concentration : {1.0, 7.0, 60.0}) {
      const auto q = around_first(dimensions, concentration);
      const UniformSphere p(dimensions, torch::kCPU);
      // Over the cosine w: the sphere around has area A_(D-1) (1 - w^2)^((D-3)/2).
      const auto cosine = grid(-1, 1, 20'001);
      const double half = 0.5 * static_cast<double>(dimensions - 1);
      const auto ring = 2 * std::pow(std::numbers::pi, half) / std::tgamma(half) *
                        (1 - cosine.square()).pow(half - 1);
      const auto points = with_cosines(cosine, dimensions);
      const auto log_q = q.log_density(points).flatten(), log_p = p.log_density(points).flatten();
      CHECK(integral(log_q.exp() * ring, -1, 1) == Approx(1).epsilon(1e-5));
      CHECK(integral(log_p.exp() * ring, -1, 1) == Approx(1).epsilon(1e-5));
      CHECK(number(q.kl_to(p)) ==
            Approx(integral(log_q.exp() * ring * (log_q - log_p), -1, 1)).epsilon(1e-4));
      CHECK(number(q.mean()[0][0][0]) ==
            Approx(integral(log_q.exp() * ring * cosine, -1, 1)).epsilon(1e-4));
    }
}

TEST_CASE("draws from the sphere have length one and the law of the density") {
  // In three dimensions the cosine has the distribution function of an exponential, cut off.
  for (const double k : {1.0, 20.0}) {
    auto direction = doubles({2, -1, 2}).view({1, 1, 3}) / 3;
    const VonMisesFisher q(direction, at::full({1, 1, 1}, k, at::kDouble));
    Draw draw(1, 20'000);
    const auto z = q.rsample(draw).value;
    REQUIRE(z.sizes() == at::IntArrayRef({20'000, 1, 3}));
    CHECK(close(z.norm(2, -1), at::ones({20'000, 1}), 1e-5));
    CHECK(kolmogorov_distance((z * direction).sum(-1), [k](const Tensor& w) {
            return ((k * (w - 1)).exp() - std::exp(-2 * k)) / (1 - std::exp(-2 * k));
          }) < kOnceInAMillion);
    CHECK(close(z.mean(0), q.mean()[0], 0, 0.03));
  }
  // In others it is compared with the integral of the density over the angle.
  for (const std::int64_t dimensions : {2, 4, 10, 50})
    for (const double k : {0.1, 1.5, 30.0, 2000.0}) {
      INFO(dimensions << " dimensions, concentration " << k);
      const auto q = around_first(dimensions, k);
      Draw draw(2, 20'000);
      const auto z = q.rsample(draw).value;
      CHECK(close(z.norm(2, -1), at::ones({20'000, 1}), 1e-5));
      CHECK(close(z.mean(0), q.mean()[0], 0, 0.04));
      const auto angle = grid(0, std::numbers::pi, 200'001);
      const auto density =
          (k * (angle.cos() - 1)).exp() * angle.sin().pow(static_cast<double>(dimensions - 2));
      const auto below = density.cumsum(0) / density.sum();
      CHECK(kolmogorov_distance(z.select(-1, 0), [&](const Tensor& w) {
              const auto cell =
                  w.to(at::kDouble).clamp(-1, 1).acos() * (200'000 / std::numbers::pi);
              return 1 - below.index_select(0, cell.round().to(at::kLong).flatten());
            }) < kOnceInAMillion);
    }
  Draw draw(2, 50'000);
  const auto u = UniformSphere(4, torch::kCPU).rsample(draw).value;
  CHECK(close(u.mean(0), at::zeros({1, 4}), 0, 0.02));
  CHECK(close(u.square().mean(0), UniformSphere(4, torch::kCPU).variance()[0], 0, 0.02));
}

TEST_CASE("the most probable point lies on the sphere, and the mean within it") {
  const auto direction = doubles({2, -1, 2}).view({1, 1, 3}) / 3;
  const VonMisesFisher q(direction, at::full({1, 1, 1}, 0.5, at::kDouble));
  CHECK(close(q.mode(), direction));
  CHECK(number(q.mean().norm()) < 0.2);
  CHECK(number(q.log_prob(q.mode())) > number(q.log_prob(-q.mode())));
}

TEST_CASE("a concentration that is not finite ends a draw at once, and shows in the density") {
  Draw draw(4);
  CHECK(around_first(3, NAN).rsample(draw).value.isnan().any().item<bool>());
  CHECK(number(around_first(3, INFINITY).rsample(draw).value[0][0][0]) == Approx(1));
  for (const double bad : {NAN, INFINITY})
    CHECK_FALSE(std::isfinite(number(around_first(3, bad).log_prob(at::zeros({1, 1, 3})))));
}

TEST_CASE("gradients reach direction and concentration") {
  const auto value = with_cosines(doubles({0.3, -0.2}), 4);
  const auto k = doubles({3}).view({1, 1, 1});
  const auto direction = around_first(4, 1).mean() / around_first(4, 1).mean().norm();
  const UniformSphere p(4, torch::kCPU);
  CHECK(gradient_error(
            [&](const Tensor& at) { return VonMisesFisher(direction, at).log_prob(value).sum(); },
            k) < 1e-6);
  CHECK(gradient_error(
            [&](const Tensor& at) { return VonMisesFisher(direction, at).kl_to(p).sum(); }, k) <
        1e-6);
}

TEST_CASE("a draw moves with the concentration as the distribution function of its cosine does") {
  for (const std::int64_t dimensions : {2, 3, 4, 10, 50})
    for (const double k : {0.1, 1.5, 30.0, 2000.0}) {
      INFO(dimensions << " dimensions, concentration " << k);
      auto leaf = at::full({1, 50, 1}, k, at::kDouble).set_requires_grad(true);
      const auto direction = around_first(dimensions, 1).mean().sign().expand({1, 50, dimensions});
      Draw draw(1);
      const auto cosine = VonMisesFisher(direction, leaf).rsample(draw).value.select(-1, 0)[0];
      cosine.sum().backward();
      // Over the angle, whose density is exp(k cos) sin^(D - 2), and (D - 3) over the cosine.
      const auto power = static_cast<double>(dimensions - 2);
      const auto mass = [&](double from, double concentration) {
        const auto angle = grid(from, std::numbers::pi, 20'001);
        const auto density = (concentration * (angle.cos() - 1)).exp() * angle.sin().pow(power);
        return integral(density, from, std::numbers::pi);
      };
      const double h = 1e-4 * k;
      for (std::int64_t i = 0; i < 50; ++i) {
        const double w = number(cosine[i]), angle = std::acos(w);
        const auto below = [&](double concentration) {
          return mass(angle, concentration) / mass(0, concentration);
        };
        const double density =
            std::exp(k * (w - 1)) * std::pow(std::sin(angle), power - 1) / mass(0, k);
        CHECK(number(leaf.grad()[0][i]) ==
              Approx((below(k - h) - below(k + h)) / (2 * h * density)).epsilon(1e-4));
      }
    }
}

TEST_CASE("the mean gradient of draws is the derivative of the mean") {
  // Without what the acceptance adds it would be 0.51 of the truth for two dimensions.
  for (const auto& [dimensions, k] : {std::pair{2, 1.5}, {3, 3.0}, {4, 3.0}, {10, 15.0}}) {
    INFO(dimensions << " dimensions, concentration " << k);
    auto leaf = at::full({1, 1, 1}, k, at::kDouble).set_requires_grad(true);
    Draw draw(3, 20'000);
    const auto direction = around_first(dimensions, 1).mean().sign();
    VonMisesFisher(direction, leaf).rsample(draw).value.select(-1, 0).mean().backward();
    const auto mean = [order = 0.5 * dimensions - 1](double x) {
      return std::cyl_bessel_i(order + 1, x) / std::cyl_bessel_i(order, x);
    };
    CHECK(number(leaf.grad()) == Approx((mean(k + 1e-3) - mean(k - 1e-3)) / 2e-3).epsilon(0.03));
  }
}
