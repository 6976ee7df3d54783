#include <ATen/Functions.h>

#include <string>
#include <vector>

#include "derivatives.hpp"
#include "support/catch.hpp"
#include "varia/convolution_layer.hpp"
#include "varia/draw.hpp"
#include "varia/networks.hpp"

namespace varia {

namespace {

Tensor by_libtorch(const Inputs& in, const Convolution& convolution) {
  const auto [stride, padding, output_padding, transposed] = convolution;
  return transposed ? at::conv_transpose2d(in[0], in[1], in[2], stride, padding, output_padding)
                    : at::conv2d(in[0], in[1], in[2], stride, padding);
}

struct Shapes {
  std::vector<std::int64_t> input, weight;
  Convolution convolution;
};

/// Images [B, C, H, W] of odd sizes, kernels that hang over the edge, and a single channel.
const std::vector<Shapes> kShapes = {
    {{2, 3, 7, 6}, {5, 3, 3, 3}, {2, 1}},          {{3, 1, 6, 6}, {4, 1, 4, 4}, {2, 1}},
    {{1, 2, 5, 5}, {3, 2, 1, 1}, {1, 0}},          {{2, 2, 4, 3}, {3, 2, 5, 5}, {1, 3}},
    {{2, 2, 9, 9}, {1, 2, 2, 2}, {3, 0}},          {{2, 5, 3, 4}, {5, 2, 3, 3}, {2, 1, 1, true}},
    {{3, 4, 5, 5}, {4, 1, 4, 4}, {2, 1, 0, true}}, {{2, 3, 4, 4}, {3, 2, 3, 3}, {1, 1, 0, true}},
    {{1, 2, 1, 1}, {2, 3, 4, 4}, {1, 0, 0, true}}, {{2, 2, 3, 3}, {2, 2, 3, 3}, {4, 2, 3, true}},
};

Inputs inputs_of(const Shapes& shapes) {
  // Weights as small as those of a network, or tanh loses its digits.
  return {at::randn(shapes.input), 0.3 * at::randn(shapes.weight),
          at::randn({shapes.weight[shapes.convolution.transposed ? 1 : 0]})};
}

}  // namespace

TEST_CASE("a convolution in one pass equals LibTorch's, with the gradients of its gradients") {
  seed_default_generator(1);
  for (const auto& shapes : kShapes) {
    for (const auto* const activation : {"identity", "relu", "leaky_relu", "tanh"}) {
      CAPTURE(shapes.input, shapes.weight, std::string(activation));
      check_same(
          [&](const Inputs& in) {
            return convolution_layer(in[0], in[1], in[2], shapes.convolution, activation);
          },
          [&](const Inputs& in) {
            return activate(by_libtorch(in, shapes.convolution), activation);
          },
          inputs_of(shapes));
    }
  }
}

TEST_CASE("a convolution of more images than fit into the cache at once equals LibTorch's") {
  seed_default_generator(2);
  for (const bool transposed : {false, true}) {
    const Shapes shapes{{70, 16, 12, 12}, {16, 16, 3, 3}, {2, 1, 0, transposed}};
    const auto inputs = inputs_of(shapes);
    check_same(
        [&](const Inputs& in) {
          return convolution_layer(in[0], in[1], in[2], shapes.convolution, "relu");
        },
        [&](const Inputs& in) { return by_libtorch(in, shapes.convolution).relu(); }, inputs);
  }
}

TEST_CASE("a convolution takes images in any order of memory") {
  seed_default_generator(3);
  const Shapes shapes{{2, 3, 6, 4}, {2, 3, 3, 3}, {1, 1}};
  const auto inputs = inputs_of(shapes);
  const auto expected = by_libtorch(inputs, shapes.convolution);
  const auto last = at::MemoryFormat::ChannelsLast;
  for (const auto& image : {inputs[0], inputs[0].contiguous(last),
                            inputs[0].permute({3, 2, 1, 0}).contiguous().permute({3, 2, 1, 0})}) {
    for (const auto& weight : {inputs[1], inputs[1].contiguous(last)}) {
      const auto found =
          convolution_layer(image, weight, inputs[2], shapes.convolution, "identity");
      CHECK(at::allclose(found, expected, 1e-5, 1e-5));
    }
  }
}

TEST_CASE("a convolution refuses sizes that do not fit") {
  const auto weight = at::ones({2, 3, 3, 3});
  const auto bias = at::ones({2});
  CHECK_THROWS(convolution_layer(at::ones({1, 2, 5, 5}), weight, bias, {}, "relu"));
  CHECK_THROWS(convolution_layer(at::ones({1, 3, 2, 2}), weight, bias, {}, "relu"));
  CHECK_THROWS(convolution_layer(at::ones({1, 3, 5, 5}), weight, at::ones({3}), {}, "relu"));
  CHECK_THROWS(convolution_layer(at::ones({1, 3, 5, 5}), weight, bias, {0}, "relu"));
  CHECK_THROWS(convolution_layer(at::ones({1, 3, 5, 5}), weight, bias, {}, "unknown"));
  CHECK(convolution_layer(at::ones({0, 3, 5, 5}), weight, bias, {}, "relu").size(1) == 2);
}

TEST_CASE("a convolution differentiates only what asks for it") {
  const auto input = at::randn({2, 3, 5, 5});
  const auto weight = at::randn({2, 3, 3, 3}).requires_grad_();
  const auto bias = at::randn({2});
  convolution_layer(input, weight, bias, {2, 1}, "relu").sum().backward();
  CHECK(weight.grad().defined());
  CHECK(weight.grad().is_contiguous());
  CHECK_FALSE(bias.grad().defined());
  CHECK_FALSE(input.grad().defined());
  CHECK_FALSE(convolution_layer(input, weight.detach(), bias, {2, 1}, "relu").requires_grad());
}

}  // namespace varia
