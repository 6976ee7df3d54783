#include <numbers>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

struct Gaussian {
  double mean, log_var;
};
const Gaussian kGaussians[] = {{0, 0}, {1.5, -2}, {-3, 1.2}, {0.2, 0.01}, {4, -5}};

Normal normal(const Gaussian& g) {
  return Normal(doubles({g.mean}).view({1, 1, 1}), doubles({g.log_var}).view({1, 1, 1}));
}

Tensor log_density_of(const Gaussian& g, const Tensor& x) {
  return -0.5 *
         ((x - g.mean).square() / std::exp(g.log_var) + g.log_var + std::log(2 * std::numbers::pi));
}

/// The integral of q ln(q / p), over 12 standard deviations of q.
double kl_by_quadrature(const Gaussian& q, const Gaussian& p) {
  const double reach = 12 * std::exp(0.5 * q.log_var);
  const auto x = grid(q.mean - reach, q.mean + reach, 20001);
  const auto log_q = log_density_of(q, x);
  return integral(log_q.exp() * (log_q - log_density_of(p, x)), q.mean - reach, q.mean + reach);
}

}  // namespace

TEST_CASE("the KL divergence of two Normals is the integral of q ln(q / p)") {
  for (const auto& q : kGaussians)
    for (const auto& p : kGaussians)
      CHECK(number(normal(q).kl_to(normal(p)).sum()) ==
            Approx(kl_by_quadrature(q, p)).epsilon(1e-6).margin(1e-9));
}

TEST_CASE("the KL divergence to the unit Normal is that to N(0, 1)") {
  const auto unit = Normal::unit({1}, torch::kCPU);
  for (const auto& q : kGaussians) {
    const double truth = kl_by_quadrature(q, {0, 0});
    CHECK(number(normal(q).kl_to(*unit).sum()) == Approx(truth).epsilon(1e-6).margin(1e-9));
    CHECK(number(kl_to_unit_normal(doubles({q.mean}), doubles({q.log_var})).sum()) ==
          Approx(truth).epsilon(1e-6).margin(1e-9));
  }
}

TEST_CASE("a KL divergence is never negative beyond rounding, and zero between equals") {
  Draw draw(1);
  for (const float scale : {1e-4F, 1e-2F, 1.0F, 4.0F}) {
    const auto mean = draw.normal({1, 1000, 20}) * scale;
    const auto log_var = draw.normal({1, 1000, 20}) * scale;
    CHECK(kl_to_unit_normal(mean, log_var).min().item<float>() > -1e-6F);
    const Normal q(mean, log_var);
    CHECK(q.kl_to(Normal(mean, log_var)).abs().max().item<float>() == 0.0F);
    const Normal near(mean + 1e-4F, log_var - 1e-4F);
    CHECK(q.kl_to(near).min().item<float>() > -1e-6F);
  }
}

TEST_CASE("a Normal has no closed KL divergence to another family") {
  const auto zero = at::zeros({1, 1, 2});
  CHECK_FALSE(Normal(zero, zero).kl_to(Laplace(zero, zero)).defined());
}

TEST_CASE("the density of a Normal is the textbook's and integrates to one") {
  for (const auto& g : kGaussians) {
    const double reach = 12 * std::exp(0.5 * g.log_var);
    const auto x = grid(g.mean - reach, g.mean + reach, 4001);
    const auto density = normal(g).log_density(x.view({1, -1, 1})).flatten();
    CHECK(close(density, log_density_of(g, x)));
    CHECK(integral(density.exp(), g.mean - reach, g.mean + reach) == Approx(1).epsilon(1e-8));
  }
  const auto x = grid(-5, 5, 101).view({1, -1, 1});
  CHECK(close(Normal::unit({1}, torch::kCPU)->log_density(x), log_density_of({0, 0}, x)));
}

TEST_CASE("a density broadcasts over samples and batch, and log_prob sums over the event") {
  Draw draw(2);
  const auto mean = draw.normal({1, 4, 3}).to(at::kDouble);
  const auto log_var = draw.normal({1, 1, 3}).to(at::kDouble);
  const auto value = draw.normal({5, 4, 3}).to(at::kDouble);
  const auto log_prob = Normal(mean, log_var).log_prob(value);
  REQUIRE(log_prob.sizes() == at::IntArrayRef({5, 4}));
  double truth = 0;
  for (int d = 0; d < 3; ++d)
    truth +=
        number(log_density_of({number(mean[0][2][d]), number(log_var[0][0][d])}, value[3][2][d]));
  CHECK(number(log_prob[3][2]) == Approx(truth));
  const Normal images(at::zeros({2, 3, 1, 4, 4}), at::zeros({1, 1, 1}));
  CHECK(images.log_prob(at::zeros({1, 3, 1, 4, 4})).sizes() == at::IntArrayRef({2, 3}));
  CHECK(images.variance().sizes() == at::IntArrayRef({2, 3, 1, 4, 4}));
}

TEST_CASE("the density of what was observed leaves out the rest, gradients and all") {
  Draw draw(2);
  const auto mean = draw.normal({1, 4, 3}).to(at::kDouble).requires_grad_(true);
  const auto log_var = draw.normal({1, 1, 3}).to(at::kDouble);
  const auto value = draw.normal({1, 4, 3}).to(at::kDouble);
  auto mask = at::ones({4, 3}, at::kBool);
  mask[2][1] = false;
  const Normal normal(mean, log_var);
  const auto observed = normal.log_prob_of_observed(value, mask);
  REQUIRE(observed.sizes() == at::IntArrayRef({1, 4}));
  double truth = 0;
  for (const int d : {0, 2})
    truth +=
        number(log_density_of({number(mean[0][2][d]), number(log_var[0][0][d])}, value[0][2][d]));
  CHECK(number(observed[0][2]) == Approx(truth));
  CHECK(number(observed[0][1]) == Approx(number(normal.log_prob(value)[0][1])));
  CHECK(normal.log_prob_of_observed(value, {}).equal(normal.log_prob(value)));
  observed.sum().backward();
  CHECK(number(mean.grad()[0][2][1]) == 0);
  CHECK(number(mean.grad()[0][2][0]) != 0);
}

TEST_CASE("missing values need a density of single numbers") {
  const auto uniform = Categorical::uniform(3, torch::kCPU);
  auto mask = at::ones({2, 3}, at::kBool);
  mask[1][1] = false;
  CHECK_THROWS_AS(uniform->log_prob_of_observed(at::zeros({1, 2, 3}), mask), Error);
}

TEST_CASE("the gradients of a Normal's densities and divergences are those of finite differences") {
  Draw draw(3);
  const auto mean = draw.normal({1, 2, 3}).to(at::kDouble);
  const auto log_var = draw.normal({1, 2, 3}).to(at::kDouble);
  const auto value = draw.normal({4, 2, 3}).to(at::kDouble);
  const auto unit = Normal::unit({3}, torch::kCPU);
  const auto by_all = [&](const auto& function) {
    CHECK(gradient_error([&](const Tensor& x) { return function(x, log_var, value); }, mean) <
          1e-6);
    CHECK(gradient_error([&](const Tensor& x) { return function(mean, x, value); }, log_var) <
          1e-6);
    CHECK(gradient_error([&](const Tensor& x) { return function(mean, log_var, x); }, value) <
          1e-6);
  };
  by_all([](const Tensor& m, const Tensor& v, const Tensor& x) {
    return Normal(m, v).log_prob(x).square().sum();
  });
  by_all([](const Tensor& m, const Tensor& v, const Tensor& x) {
    return (Laplace(m, v).log_prob(x) * doubles({1, -2})).sum();
  });
  by_all([&](const Tensor& m, const Tensor& v, const Tensor& x) {
    return (Normal(m, v).kl_to(Normal(2 * v - m, m)) * x).sum() +
           Normal(x, m).kl_to(*unit).square().sum() + v.sum();
  });
}

TEST_CASE("draws of a Normal follow its distribution function") {
  Draw draw(4, 200'000);
  const auto value = normal({1.5, -2}).rsample(draw).value;
  REQUIRE(value.sizes() == at::IntArrayRef({200'000, 1, 1}));
  const double deviation = std::exp(-1.0);
  CHECK(kolmogorov_distance(value, [&](const Tensor& x) {
          return 0.5 * (1 + at::erf((x - 1.5) / (deviation * std::numbers::sqrt2)));
        }) < kOnceInAMillion);
}

TEST_CASE("draws of a Laplace distribution follow its distribution function") {
  const Laplace laplace(doubles({-1}).view({1, 1, 1}), doubles({0.7}).view({1, 1, 1}));
  Draw draw(5, 200'000);
  const auto value = laplace.rsample(draw).value;
  const double b = std::exp(0.7);
  CHECK(kolmogorov_distance(value, [&](const Tensor& x) {
          const auto y = (x + 1) / b;
          return at::where(y < 0, 0.5 * y.exp(), 1 - 0.5 * (-y).exp());
        }) < kOnceInAMillion);
  CHECK(number(value.mean()) == Approx(-1).margin(6 * b * std::numbers::sqrt2 / std::sqrt(2e5)));
  CHECK(number(laplace.variance().sum()) == Approx(2 * b * b));
}

TEST_CASE("the density of a Laplace distribution is the textbook's and integrates to one") {
  const Laplace laplace(doubles({-1}).view({1, 1, 1}), doubles({0.7}).view({1, 1, 1}));
  const double b = std::exp(0.7);
  const auto x = grid(-1, 79, 80001);
  const auto density = laplace.log_density(x.view({1, -1, 1})).flatten();
  CHECK(close(density, -(x + 1).abs() / b - std::log(2 * b)));
  CHECK(integral(density.exp(), -1, 79) == Approx(0.5).epsilon(1e-8));
}

TEST_CASE("a draw has one value per sample, and one each if the parameters have samples") {
  const auto check = [](const auto& make) {
    Draw seven(6, 7);
    CHECK(make(at::zeros({1, 3, 2})).rsample(seven).value.sizes() == at::IntArrayRef({7, 3, 2}));
    CHECK(make(at::zeros({5, 3, 2})).rsample(seven).value.sizes() == at::IntArrayRef({5, 3, 2}));
    CHECK(make(at::zeros({1, 3, 1, 4, 4})).rsample(seven).value.sizes() ==
          at::IntArrayRef({7, 3, 1, 4, 4}));
  };
  check([](const Tensor& p) { return Normal(p, p); });
  check([](const Tensor& p) { return Laplace(p, p); });
  check([](const Tensor& p) { return Bernoulli(p); });
  check([](const Tensor& p) { return ContinuousBernoulli(p); });
}

TEST_CASE("gradients flow through a reparameterised draw") {
  // The same key gives the same noise, so that a draw is a function of the parameters.
  Draw parameters(7);
  const auto mean = parameters.normal({1, 2, 3}).to(at::kDouble);
  const auto scale = parameters.normal({1, 2, 3}).to(at::kDouble);
  const auto check = [&](const auto& make) {
    const auto drawn = [&](const Tensor& m, const Tensor& s) {
      Draw draw(8, 4);
      return make(m, s).rsample(draw).value.to(at::kDouble).square().sum();
    };
    CHECK(gradient_error([&](const Tensor& x) { return drawn(x, scale); }, mean) < 1e-5);
    CHECK(gradient_error([&](const Tensor& x) { return drawn(mean, x); }, scale) < 1e-5);
  };
  check([](const Tensor& m, const Tensor& s) { return Normal(m, s); });
  check([](const Tensor& m, const Tensor& s) { return Laplace(m, s); });
  check([](const Tensor& m, const Tensor& s) { return ContinuousBernoulli(m + 3 * s); });
}
