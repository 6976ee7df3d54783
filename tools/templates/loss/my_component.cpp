#include "varia/loss.hpp"

#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct MyComponentParams final : ParamSet {
  Scheduled beta{this, "beta", 1.0, {0, 1e4}, "Weight of the KL divergence."};
};

/// Reconstruction and a weighted KL divergence, in nats per sample.
class MyComponent final : public Loss {
 public:
  using Params = MyComponentParams;
  explicit MyComponent(const Params& params) : params_(params) {}

  Terms evaluate(const Inference& inference, const Step&) override {
    // What is yours goes here. inference.kl(0) has the first block's divergence, [K|1, B, D].
    const auto regulariser = params_.beta() * total_kl(inference);
    // Named terms are recorded beside loss, reconstruction, kl and elbo.
    return {reconstruction(inference) + regulariser, {{"regulariser", regulariser}}};
  }

  // What `varia show` and `varia compare` rank by; without it they ask for --order.
  Better better(std::string_view) const override { return Better::lower; }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("my_component", "0.1.0") {
  registry.add<MyComponent>("my_component", "Reconstruction and a weighted KL divergence.");
}
