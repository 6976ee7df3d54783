#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <limits>

#include "bench/loops/loop.hpp"

namespace varia::bench {

namespace {

/// One linear layer: three products, or two where no gradient of its input is needed.
struct Layer {
  Tensor input, weight, output, output_gradient, weight_gradient, input_gradient;

  Layer(std::int64_t batch, std::int64_t in, std::int64_t out, bool is_first)
      : input(at::rand({batch, in})),
        weight(at::rand({out, in})),
        output(at::empty({batch, out})),
        output_gradient(at::rand({batch, out})),
        weight_gradient(at::empty({out, in})) {
    if (!is_first) input_gradient = at::empty({batch, in});
  }

  void forward() { at::mm_out(output, input, weight.t()); }

  void backward() {
    if (input_gradient.defined()) at::mm_out(input_gradient, output_gradient, weight);
    at::mm_out(weight_gradient, output_gradient.t(), input);
  }
};

class ProductLoop final : public Loop {
 public:
  explicit ProductLoop(const Network& network) {
    for (const auto& sizes : {network.encoder(), network.decoder()})
      for (std::size_t i = 1; i < sizes.size(); ++i)
        layers_.emplace_back(network.batch, sizes[i - 1], sizes[i], layers_.empty());
  }

  double run(std::int64_t steps) override {
    const at::NoGradGuard no_grad;
    for (std::int64_t step = 0; step < steps; ++step) {
      for (auto& layer : layers_) layer.forward();
      for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) layer->backward();
    }
    return std::numeric_limits<double>::quiet_NaN();
  }

 private:
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Loop> make_product_loop(const Network& network) {
  return std::make_unique<ProductLoop>(network);
}

}  // namespace varia::bench
