#include <ATen/Functions.h>

#include <cmath>
#include <map>

#include "shared/planar_flow.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/codes.hpp"

// Codes of posteriors that know their mean, and of those that do not.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

Run run_of(const std::string& model) {
  return Run("data: {use: synthetic, size: 6, batch: 20}\nmodel: {use: " + model +
             ", hidden: [12], latent: 3}\nloss: {use: elbo}\noptimizer: {use: adam}\n"
             "train: {epochs: 100}\n");
}

/// How far codes are from the means, in root mean squares of the standard errors of one draw.
/// @param codes, means, variance [n, D]
double distance(const Tensor& codes, const Tensor& means, const Tensor& variance) {
  return std::sqrt(number(((codes - means).square() / variance).mean()));
}

}  // namespace

TEST_CASE("codes of a planar flow that moves nothing are the means of its Gaussian, nearly") {
  Draw draw(1);
  const auto mean = draw.normal({1, 200, 5}), log_var = draw.normal({1, 200, 5});
  // With w = 0, too: a map needs to be invertible, and u is moved along w for that.
  const auto nothing = at::zeros({1, 200, models::PlanarFlow::parameter_count(5)});
  Block block{.name = "z",
              .posterior = std::make_shared<models::PlanarFlow>(
                  Normal(mean, log_var), std::vector<Tensor>{nothing, nothing}),
              .prior = nullptr,
              .value = mean,
              .log_q = {}};
  const auto found = mean_code(block, draw);
  REQUIRE(found.sizes() == mean.sizes());
  // 1000 numbers, each a mean of 64 draws: a root mean square of 1 / 8.
  CHECK(distance(found, mean, log_var.exp()) == Approx(0.125).epsilon(0.1));
  // A posterior that knows its mean is not drawn from, and one that is not there has its value.
  block.posterior = std::make_shared<Normal>(mean, log_var);
  CHECK(at::equal(mean_code(block, draw), mean));
  block.posterior = nullptr;
  block.value = at::stack({mean[0] + 1, mean[0]});
  CHECK(at::equal(mean_code(block, draw), mean + 1));
}

TEST_CASE("codes of flow_vae are the means of its posterior, which an integral gives") {
  // z + u tanh(w z + b) of z ~ N(m, v): w z is one Gaussian number, of which tanh has a mean.
  const auto run = run_of("flow_vae, flows: 1");
  auto& model = *run.components.model;
  model.eval();
  const at::NoGradGuard no_grad;
  const auto& split = run.components.data->splits.train;
  Draw data(1), again(2), noise(2);
  const auto codes = encode_split(model, split, split.size(), {}, noise).points;
  CHECK(at::equal(encode_split(model, split, split.size(), {}, again).points, codes));
  const auto z = model.encode(split.slice(0, split.size(), data), data)[0];
  std::map<std::string, Tensor> q;
  for (const auto& [name, value] : z.posterior->parameters())
    q[name] = value.select(0, 0).to(at::kDouble);
  const auto variance = q["log_var"].exp();
  const auto centre = (q["w0"] * q["mean"]).sum(-1, true) + q["b0"];       // [n, 1]
  const auto spread = (q["w0"].square() * variance).sum(-1, true).sqrt();  // [n, 1]
  const auto points = grid(-8, 8, 401);
  const auto weights = (-0.5 * points.square()).exp();
  const auto bend =
      ((centre + spread * points).tanh() * weights).sum(-1, true) / weights.sum();  // [n, 1]
  const auto truth = q["mean"] + q["u0"] * bend;
  CHECK(number((truth - q["mean"]).abs().max()) > 1e-3);
  // The map changes the spread by less than a half, as the encoder starts.
  CHECK(distance(codes, truth, variance) < 1.5 / 8);
  CHECK(distance(z.value[0].to(at::kDouble), truth, variance) > 0.5);
}

TEST_CASE("codes of iaf_vae are nearer to the means of its posterior than a draw") {
  const auto run = run_of("iaf_vae, steps: 2, step_hidden: [8], context: 4");
  auto& model = *run.components.model;
  model.eval();
  const at::NoGradGuard no_grad;
  const auto& split = run.components.data->splits.train;
  Draw data(1), noise(2), many(3, 1000);
  const auto codes = encode_split(model, split, split.size(), {}, noise).points;
  const auto z = model.encode(split.slice(0, split.size(), data), data)[0];
  const auto draws = z.posterior->rsample(many).value.to(at::kDouble);
  CHECK(distance(codes, draws.mean(0), draws.var(0)) == Approx(0.125).epsilon(0.35));
}

TEST_CASE("draws of codes are asked for by name, and are draws") {
  const auto run = run_of("flow_vae, flows: 1");
  auto& model = *run.components.model;
  model.eval();
  const at::NoGradGuard no_grad;
  const auto& split = run.components.data->splits.train;
  Draw noise(2), same(2);
  const auto drawn = encode_split(model, split, split.size(), {{}, true}, noise).points;
  const auto value = model.encode(split.slice(0, split.size(), same), same)[0].value[0];
  CHECK(at::equal(drawn, value.to(at::kDouble)));
}

TEST_CASE("sphere_vae decodes the nearest point of its sphere") {
  const auto run = run_of("sphere_vae");
  auto& model = *run.components.model;
  model.eval();
  const at::NoGradGuard no_grad;
  Draw draw(4);
  const auto z = model.sample_prior(50, {}, draw).at("z");
  const auto decoded = [&](const Tensor& points) { return model.decode({{"z", points}})->mean(); };
  const auto on_sphere = decoded(z);
  for (const double length : {0.1, 0.8, 3.0}) CHECK(close(decoded(length * z), on_sphere, 1e-5));
  // Half of a straight way between two codes is half of the great circle.
  const auto first = z.narrow(1, 0, 25), second = z.narrow(1, 25, 25);
  const auto angle = (first * second).sum(-1, true).acos();
  const auto circle = (angle / 2).sin() / angle.sin() * (first + second);
  CHECK(close(decoded(0.5 * (first + second)), decoded(circle), 1e-4, 1e-5));
  CHECK(decoded(at::zeros_like(z)).isfinite().all().item<bool>());
  // Training decodes draws, as they are.
  model.train();
  CHECK(close(decoded(z), on_sphere, 1e-5));
  CHECK_FALSE(close(decoded(3 * z), on_sphere, 1e-2, 1e-2));
}
