#include <ATen/Functions.h>

#include <algorithm>

#include "shared/joint_code.hpp"
#include "torchscript/script_file.hpp"
#include "varia/build.hpp"
#include "varia/component.hpp"
#include "varia/likelihood.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct TorchscriptParams final : ParamSet {
  Text encoder{this, "encoder", kUnset,
               "TorchScript file of the encoder: images [B, C, H, W] to means and log-variances of "
               "every Gaussian code, then logits of every categorical one, as one tensor [B, ...] "
               "or as a tuple of them. A relative path starts at the experiment file's folder."};
  Text decoder{this, "decoder", kUnset,
               "TorchScript file of the decoder: all codes side by side, [B, D], to what the "
               "likelihood takes (of bernoulli: logits), [B, C, H, W] or [B, C H W]. A relative "
               "path starts at the experiment file's folder."};
  JointCodeParams code{this, {}};
  Component<Likelihood> likelihood{this, "likelihood", kByData,
                                   "p(x | z); by default the one that fits the data."};
  Choice initial{this,
                 "initial",
                 "file",
                 {"file", "permuted"},
                 "Parameters at the start. Of file: those of the files, in every trial and with "
                 "every seed. Of permuted: the same numbers, those of each tensor in an order that "
                 "the seed draws; as good as new ones if an initialiser drew them independently "
                 "of each other, as those of torch.nn's layers do."};
  FileDigest encoder_sha256{this, "encoder_sha256", encoder, kScriptFile,
                            "SHA-256 of the encoder's file: found by itself, and a part of what a "
                            "trial is known by. Where it is given, another file is refused."};
  FileDigest decoder_sha256{this, "decoder_sha256", decoder, kScriptFile,
                            "The same of the decoder's file."};

  [[noreturn]] void refuse(const Parameter& parameter, const std::string& message) const {
    fail(parameter, message);
  }

 protected:
  void check() const override {
    if (code.is_empty())
      fail(code.gaussian, "a model needs a code: gaussian and categorical are both empty lists");
  }
};

std::string shape_text(at::IntArrayRef shape) { return c10::str(shape); }

/// Gaussian and categorical codes between two networks from Python.
class Torchscript final : public Model {
 public:
  using Params = TorchscriptParams;

  Torchscript(const Params& params, const Build& build)
      : code_(params.code),
        event_(build.data.event),
        encoder_(register_module("encoder", load_script(params.encoder_sha256))),
        decoder_(register_module("decoder", load_script(params.decoder_sha256))),
        likelihood_(register_module("likelihood", params.likelihood.make(build))),
        output_(likelihood_->output_shape(event_)) {
    at_file(params.encoder_sha256, [&] { try_encoder(); });
    at_file(params.decoder_sha256, [&] { try_decoder(params.likelihood.use()); });
    if (!is_trained(*encoder_) && !is_trained(*decoder_))
      params.refuse(params.encoder,
                    "neither the encoder nor the decoder has a parameter to train (requires_grad); "
                    "was torch.jit.freeze called?");
    if (!params.initial.is("permuted")) return;
    encoder_->permute_parameters();
    decoder_->permute_parameters();
  }

  std::vector<Latent> latents() const override { return code_.latents(device()); }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto encoded = at::cat(encoder_->forward(batch.input), -1);
    return code_.blocks(encoded.unsqueeze(0), draw, is_training());
  }

  DistributionPtr decode(const LatentValues& values) override {
    const auto codes = code_.joined(values);  // [K, B, D]
    std::vector<std::int64_t> shape = {codes.size(0), -1};
    shape.insert(shape.end(), output_.begin(), output_.end());
    const auto output = decoder_->forward(codes.flatten(0, 1)).at(0);
    return likelihood_->distribution(output.reshape(shape));
  }

  std::string_view bound() const override { return code_.bound(is_training()); }

 private:
  static bool is_trained(const ScriptModule& module) {
    const auto parameters = module.parameters();
    return std::any_of(parameters.begin(), parameters.end(),
                       [](const Tensor& parameter) { return parameter.requires_grad(); });
  }

  torch::Device device() const {
    for (const auto& tensors : {parameters(), buffers()})
      if (!tensors.empty()) return tensors.front().device();
    return torch::kCPU;
  }

  void try_encoder() const {
    try_script(*encoder_, three_inputs(event_).abs(), TriedModes::both,
               [&](const std::vector<Tensor>& outputs, std::int64_t images) {
                 require_parts(outputs, images);
               });
  }

  void require_parts(const std::vector<Tensor>& outputs, std::int64_t images) const {
    const auto all = outputs.size() == 1 ? code_.encoded_size() : 0;
    std::string separate, names;
    bool fits = outputs.size() == code_.parts().size();
    for (std::size_t i = 0; i < code_.parts().size(); ++i) {
      const auto part = code_.parts()[i];
      fits = fits && outputs[i].sizes() == at::IntArrayRef({images, part.size});
      separate += (i == 0 ? "" : ", ") + shape_text({images, part.size});
      names += (i == 0 ? "" : ", ") + part.name;
    }
    if (fits || (all > 0 && outputs[0].sizes() == at::IntArrayRef({images, all}))) return;
    throw ScriptError("expected from " + std::to_string(images) + " images one tensor " +
                      shape_text({images, code_.encoded_size()}) + " or a tuple of " + separate +
                      " (" + names + "), found " + shapes_text(outputs));
  }

  void try_decoder(const std::string& likelihood) const {
    try_script(*decoder_, three_inputs({code_.size()}), TriedModes::both,
               [&](const std::vector<Tensor>& outputs, std::int64_t images) {
                 require_image(outputs, images);
               });
    if ((likelihood == "bernoulli" || likelihood == "continuous_bernoulli") &&
        decoder_->ends_in_sigmoid())
      throw ScriptError("ends in a sigmoid, and the likelihood " + likelihood +
                        " takes logits, as binary_cross_entropy_with_logits does: leave the "
                        "sigmoid out");
  }

  void require_image(const std::vector<Tensor>& outputs, std::int64_t images) const {
    std::vector<std::int64_t> whole = {images};
    whole.insert(whole.end(), output_.begin(), output_.end());
    const std::vector<std::int64_t> flat = {images, c10::multiply_integers(output_)};
    if (outputs.size() == 1 && (outputs[0].sizes() == at::IntArrayRef(whole) ||
                                outputs[0].sizes() == at::IntArrayRef(flat)))
      return;
    throw ScriptError("expected from codes " + shape_text({images, code_.size()}) + " one tensor " +
                      shape_text(whole) + " or " + shape_text(flat) + ", found " +
                      shapes_text(outputs));
  }

  JointCode code_;
  std::vector<std::int64_t> event_;  // E...
  std::shared_ptr<ScriptModule> encoder_;
  std::shared_ptr<ScriptModule> decoder_;
  std::shared_ptr<Likelihood> likelihood_;
  std::vector<std::int64_t> output_;  // the likelihood's output_shape
};

}  // namespace

VARIA_PLUGIN("torchscript", "1.0.0") {
  registry.add<Torchscript>("torchscript",
                            "Gaussian and categorical codes between an encoder and a decoder that "
                            "Python exported (Kingma & Welling 2014).");
}
