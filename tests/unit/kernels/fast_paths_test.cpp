#include <ATen/Functions.h>
#include <torch/autograd.h>

#include <vector>

#include "derivatives.hpp"
#include "support/catch.hpp"
#include "varia/distributions.hpp"
#include "varia/draw.hpp"
#include "varia/linear_layer.hpp"
#include "varia/networks.hpp"
#include "varia/scaled_sum.hpp"

namespace varia {

TEST_CASE("a layer in one pass equals LibTorch's, for every activation") {
  seed_default_generator(1);
  for (const auto& activation : activation_names()) {
    INFO(activation);
    const auto plain = [&](const Inputs& in) {
      return activate(at::linear(in[0], in[1], in[2]), activation);
    };
    const auto fast = [&](const Inputs& in) {
      return linear_layer(in[0], in[1], in[2], activation);
    };
    check_same(fast, plain, {at::randn({2, 4, 5}), at::randn({7, 5}), at::randn({7})});
    // Of an input in another order of memory, and of a single row.
    const auto fast_of_transpose = [&](const Inputs& in) {
      return fast({in[0].t(), in[1], in[2]});
    };
    const auto plain_of_transpose = [&](const Inputs& in) {
      return plain({in[0].t(), in[1], in[2]});
    };
    check_same(fast_of_transpose, plain_of_transpose,
               {at::randn({5, 4}), at::randn({7, 5}), at::randn({7})});
    check_same(fast, plain, {at::randn({5}), at::randn({7, 5}), at::randn({7})});
  }
}

TEST_CASE("a layer refuses sizes that do not fit") {
  const auto weight = at::ones({3, 4});
  const auto bias = at::ones({3});
  CHECK_THROWS(linear_layer(at::ones({2, 5}), weight, bias, "relu"));
  CHECK_THROWS(linear_layer(at::ones({2, 4}), weight, at::ones({4}), "relu"));
  CHECK(linear_layer(at::ones({2, 4}), weight, bias, "relu").size(1) == 3);
  CHECK(linear_layer(at::ones({2, 4}), at::ones({0, 4}), at::ones({0}), "relu").numel() == 0);
}

TEST_CASE("a layer differentiates only what asks for it") {
  const auto input = at::randn({3, 4});
  const auto weight = at::randn({2, 4}).requires_grad_();
  const auto bias = at::randn({2});
  linear_layer(input, weight, bias, "relu").sum().backward();
  CHECK(weight.grad().defined());
  CHECK_FALSE(bias.grad().defined());
  CHECK_FALSE(input.grad().defined());
  CHECK_FALSE(linear_layer(input, weight.detach(), bias, "relu").requires_grad());
  CHECK(linear_layer(at::empty({0, 4}), weight, bias, "relu").sizes() == at::IntArrayRef{0, 2});
}

TEST_CASE("the Bernoulli log-likelihood in one pass equals its formula") {
  seed_default_generator(2);
  const auto plain = [](const Tensor& value) {
    return [value](const Inputs& in) {
      const auto exact = value.to(in[0].scalar_type());
      return sum_event(exact * in[0] - at::softplus(in[0]));
    };
  };
  for (const std::int64_t samples : {1, 3}) {
    const auto value = at::rand({samples, 4, 1, 5, 5});
    const auto single = value.slice(0, 0, 1);
    const Inputs logits = {3 * at::randn({samples, 4, 1, 5, 5})};
    for (const auto& given : {value, single}) {
      const auto fast = [&](const Inputs& in) { return Bernoulli(in[0]).log_prob(given); };
      check_same(fast, plain(given), logits);
    }
    const auto turned = [&](const Inputs& in) {
      return Bernoulli(in[0].transpose(3, 4)).log_prob(value);
    };
    const auto plain_turned = [&](const Inputs& in) {
      return plain(value)({in[0].transpose(3, 4)});
    };
    check_same(turned, plain_turned, logits);
  }
}

TEST_CASE("KL divergence and draw of halves side by side equal their formulas") {
  seed_default_generator(3);
  // Mean and log-variance are the halves of one tensor, as an encoder puts them out.
  const auto plain_kl = [](const Inputs& in) {
    const auto halves = in[0].chunk(2, -1);
    return 0.5 * (halves[0].square() + halves[1].exp() - 1 - halves[1]);
  };
  const auto kl = [](const Inputs& in) {
    const auto halves = in[0].chunk(2, -1);
    return kl_to_unit_normal(halves[0], halves[1]);
  };
  const auto noise = Draw(7).normal({3, 4, 5});
  const auto plain_draw = [&](const Inputs& in) {
    const auto halves = in[0].chunk(2, -1);
    const auto used = noise.slice(0, 0, in[0].size(0) == 1 ? 1 : 3).to(in[0].scalar_type());
    return halves[0] + (0.5 * halves[1]).exp() * used;
  };
  const auto draw = [](const Inputs& in) {
    const auto halves = in[0].chunk(2, -1);
    Draw stream(7);
    return Normal(halves[0], halves[1]).rsample(stream).value;
  };
  for (const std::int64_t samples : {1, 3}) {
    check_same(kl, plain_kl, {at::randn({samples, 4, 10})});
    check_same(draw, plain_draw, {at::randn({samples, 4, 10})});
  }
}

TEST_CASE("a scaled sum equals the product with a sum, in one piece of memory or several") {
  seed_default_generator(4);
  const auto fast = [](const Inputs& in) { return scaled_sum(in[0], -0.25).view({1}); };
  const auto plain = [](const Inputs& in) { return (-0.25 * in[0].sum()).view({1}); };
  check_same(fast, plain, {at::randn({3, 4})});
  const auto of_part = [](const Inputs& in) { return scaled_sum(in[0].select(1, 2), 2).view({1}); };
  const auto plain_of_part = [](const Inputs& in) {
    return (2 * in[0].select(1, 2).sum()).view({1});
  };
  check_same(of_part, plain_of_part, {at::randn({3, 4})});
}

}  // namespace varia
