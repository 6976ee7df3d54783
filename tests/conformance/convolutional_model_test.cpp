#include <ATen/Functions.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/modules/conv.h>
#include <torch/optim/adam.h>

#include <cmath>
#include <map>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// The network of experiments/conv_beta.yaml.
const std::string kPublished =
    "{use: conv_vae, latent: 16, activate_start: false, decoder_start: [128, 7, 7],"
    " encoder: [{channels: 64, kernel: 3, stride: 2, padding: 1},"
    "           {channels: 256, kernel: 3, stride: 2, padding: 1}],"
    " decoder: [{channels: 256, kernel: 3, stride: 2, padding: 1},"
    "           {channels: 64, kernel: 3, stride: 2, padding: 0, output_padding: 1},"
    "           {channels: 1, kernel: 3, stride: 1, padding: 1}]}";

constexpr std::uint64_t kNoise = 2;

struct ConvRun : Run {
  explicit ConvRun(const std::string& model)
      : Run("data: {use: synthetic, size: 28}\nmodel: " + model +
            "\nloss: {use: elbo}\noptimizer: {use: adam, lr: 1e-3}\ntrain: {epochs: 1}\n") {}

  Batch images(std::int64_t count) const {
    Draw draw(1);
    return components.data->splits.train.slice(0, count, draw);
  }

  Inference infer(const Batch& batch, std::int64_t samples = 1) const {
    Draw draw(kNoise, samples);
    return components.model->infer(batch, draw);
  }

  /// Nats per sample.
  Tensor objective(const Batch& batch) const {
    Draw draw(3);
    return components.loss->evaluate(infer(batch), {batch, draw, {}, 60, "train"}).objective;
  }
};

/// Of a layer "decoder.1".
std::string weight_of(std::string layer) { return layer.insert(layer.size() - 1, "weight"); }
std::string bias_of(std::string layer) { return layer.insert(layer.size() - 1, "bias"); }

/// The negative ELBO of the published network, from LibTorch's own layers; the notebook's words.
/// @param noise [B, 16]
Tensor published_loss(const std::map<std::string, Tensor>& p, const Tensor& x,
                      const Tensor& noise) {
  const auto conv = [&](const Tensor& in, const std::string& name) {
    return at::conv2d(in, p.at(weight_of(name)), p.at(bias_of(name)), 2, 1).relu();
  };
  const auto up = [&](const Tensor& in, const std::string& name, std::int64_t stride,
                      std::int64_t padding, std::int64_t output_padding) {
    return at::conv_transpose2d(in, p.at(weight_of(name)), p.at(bias_of(name)), stride, padding,
                                output_padding);
  };
  const auto linear = [&](const Tensor& in, const std::string& name) {
    return at::linear(in, p.at(weight_of(name)), p.at(bias_of(name)));
  };
  const auto features = conv(conv(x, "encoder.0"), "encoder.1").flatten(1);
  const auto code = linear(features, "to_code.0").split(16, 1);
  const auto& mean = code[0];
  const auto& log_var = code[1];
  auto image = linear(mean + (0.5 * log_var).exp() * noise, "from_code.0").view({-1, 128, 7, 7});
  image = up(image, "decoder.0", 2, 1, 0).relu();
  image = up(image, "decoder.1", 2, 0, 1).relu();
  image = up(image, "decoder.2", 1, 1, 0);
  const auto reconstruction =
      at::binary_cross_entropy_with_logits(image, x, {}, {}, at::Reduction::Sum);
  const auto kl = -0.5 * (1 + log_var - mean.square() - log_var.exp()).sum();
  return (reconstruction + kl) / x.size(0);
}

}  // namespace

TEST_CASE("a convolutional model has exactly the layers that are given") {
  const ConvRun run(kPublished);
  std::int64_t count = 0;
  for (const auto& parameter : run.components.model->parameters()) count += parameter.numel();
  // Weights and biases, layer by layer.
  CHECK(count == (1 * 64 * 9 + 64) + (64 * 256 * 9 + 256) + (12544 * 32 + 32) + (16 * 6272 + 6272) +
                     (128 * 256 * 9 + 256) + (256 * 64 * 9 + 64) + (64 * 1 * 9 + 1));
  CHECK(run.infer(run.images(2), 3).likelihood->mean().sizes() ==
        at::IntArrayRef({3, 2, 1, 28, 28}));
}

TEST_CASE("the published convolutional network learns as one of LibTorch's layers does") {
  ConvRun run(kPublished);
  const auto batch = run.images(4);
  std::map<std::string, Tensor> copies;
  std::vector<Tensor> own, others;
  for (const auto& entry : run.components.model->named_parameters()) {
    const auto copy = entry.value().detach().clone().requires_grad_();
    copies.emplace(entry.key(), copy);
    own.push_back(entry.value());
    others.push_back(copy);
  }
  torch::optim::Adam adam(others, torch::optim::AdamOptions(1e-3));
  Draw draw(kNoise);
  const auto noise = draw.normal({1, 4, 16})[0];
  for (std::int64_t step = 0; step < 8; ++step) {
    const auto objective = run.objective(batch);
    const auto expected = published_loss(copies, batch.input, noise);
    // Where a gradient is almost zero, rounding decides which way Adam goes.
    CHECK(number(objective) == Approx(number(expected)).epsilon(step == 0 ? 1e-6 : 1e-3));
    const auto gradients = torch::autograd::grad({objective}, own);
    const auto truth = torch::autograd::grad({expected}, others);
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (step == 0)
        CHECK(number((gradients[i] - truth[i]).norm()) <= 1e-5 * number(truth[i].norm()));
      own[i].mutable_grad() = gradients[i];
      others[i].mutable_grad() = truth[i];
    }
    run.components.advance({step, 0}, {1000, 100});
    const torch::NoGradGuard no_grad;
    run.components.phases[0].optimizer->step();
    adam.step();
  }
}

TEST_CASE("the first parameters of convolutions are spread as those of LibTorch's layers") {
  const ConvRun run(kPublished);
  const auto parameters = run.components.model->named_parameters();
  const auto check = [&](const std::string& name, const Tensor& weight, const Tensor& bias) {
    CAPTURE(name);
    const auto& own = parameters[weight_of(name)];
    const auto& own_bias = parameters[bias_of(name)];
    REQUIRE(own.sizes() == weight.sizes());
    REQUIRE(own_bias.sizes() == bias.sizes());
    const auto largest = number(weight.abs().max());
    CHECK(number(own.abs().max()) == Approx(largest).epsilon(0.02));
    CHECK(number(own.std()) == Approx(number(weight.std())).epsilon(0.1));
    CHECK(number(own_bias.abs().max()) <= 1.02 * largest);
  };
  const auto conv = [&](const std::string& name, std::int64_t in, std::int64_t out) {
    const torch::nn::Conv2d layer(torch::nn::Conv2dOptions(in, out, 3));
    check(name, layer->weight, layer->bias);
  };
  const auto transposed = [&](const std::string& name, std::int64_t in, std::int64_t out) {
    const torch::nn::ConvTranspose2d layer(torch::nn::ConvTranspose2dOptions(in, out, 3));
    check(name, layer->weight, layer->bias);
  };
  seed_default_generator(1);
  conv("encoder.0", 1, 64);
  conv("encoder.1", 64, 256);
  transposed("decoder.0", 128, 256);
  transposed("decoder.1", 256, 64);
  transposed("decoder.2", 64, 1);
}

TEST_CASE("layers that do not fit the images are refused with the sizes") {
  const auto refused = [](const std::string& given, const std::string& part) {
    CHECK_THROWS_WITH(ConvRun("{use: conv_vae, " + given + "}"),
                      Catch::Matchers::ContainsSubstring(part));
  };
  refused("encoder: [{kernel: 99}]", "larger than");
  refused("decoder: [{channels: 1}]", "1 x 28 x 28");
  refused("decoder_start: [8, 7, 7], decoder: [{channels: 4, kernel: 3}, {channels: 1, kernel: 3}]",
          "Its layers give 8 x 7 x 7, 4 x 13 x 13, 1 x 25 x 25. An output_padding of 1, 1 fits.");
  refused("decoder_start: [1, 2]", "list of 2");
  refused("decoder_start: [1, 2, 2]", "there are none");
  refused("decoder: [{stride: 1, output_padding: 1}]", "smaller than the stride");
}
