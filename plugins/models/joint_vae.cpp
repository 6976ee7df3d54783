#include "shared/joint_code.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct JointVaeParams final : MlpParams {
  JointCodeParams code{this, {10}};

 protected:
  void check() const override {
    if (code.is_empty())
      fail(code.gaussian, "a model needs a code: gaussian and categorical are both empty lists");
  }
};

/// Gaussian and categorical codes between two stacks of fully connected layers.
class JointVae final : public Model {
 public:
  using Params = JointVaeParams;

  JointVae(const Params& params, const Build& build)
      : code_(params.code),
        encoder_(register_module("encoder",
                                 mlp_encoder(params, build.data.pixels(), code_.encoded_size()))),
        decoder_(register_module("decoder",
                                 std::make_shared<MlpDecoder>(params, build, code_.size()))) {}

  std::vector<Latent> latents() const override { return code_.latents(decoder_->device()); }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto encoded = encoder_->forward(batch.images.flatten(1)).unsqueeze(0);
    return code_.blocks(encoded, draw, is_training());
  }

  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(code_.joined(values));
  }

  std::string_view bound() const override { return code_.bound(is_training()); }

 private:
  JointCode code_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("joint_vae", "1.0.0") {
  registry.add<JointVae>("joint_vae",
                         "Gaussian and categorical codes between fully connected layers, with "
                         "Gumbel-softmax draws (Dupont 2018).");
}
