#include <ATen/Functions.h>

#include "varia/error.hpp"
#include "varia/plugin.hpp"
#include "varia/view.hpp"

namespace {

using namespace varia;

struct ReconstructionsParams final : ParamSet {
  Integer count{this, "count", 24, {1, 10'000}, "Images shown: the first of the split."};
  Integer columns{this, "columns", 8, {1, 1000}, "Pairs in a row."};
  Choice split{this, "split", "test", {"test", "train"}, "Where the images come from."};
};

/// Pairs: an image, and beside it the mean of what the model makes of one draw of its code.
class Reconstructions final : public View {
 public:
  using Params = ReconstructionsParams;
  explicit Reconstructions(const Params& params) : params_(params) {}

  Rendering render(const Evaluation& evaluation) override {
    const auto& split = params_.split.is("train") ? evaluation.train : evaluation.split;
    const auto count = std::min(params_.count(), split.size());
    const auto batch = split.slice(0, count, evaluation.draw);
    const auto inference = evaluation.model.infer(batch, evaluation.draw);
    const auto mean = inference.likelihood ? inference.likelihood->mean() : Tensor();
    if (!mean.defined())
      throw TrialError("the view reconstructions needs a model whose likelihood has a mean");
    const auto shown = mean.select(0, 0).clamp(0, 1);
    const auto pairs = at::stack({batch.target, shown}, 1);  // [count, 2, C, H, W]

    const auto columns = std::min(params_.columns(), count);
    const auto rows = (count + columns - 1) / columns;
    auto sizes = pairs.sizes().vec();
    sizes[0] = rows * columns;
    auto tiles = at::zeros(sizes, pairs.options());
    tiles.slice(0, 0, count).copy_(pairs);
    return {{{tiles.flatten(0, 1).unflatten(0, {rows, 2 * columns}), ""}}, {}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("reconstructions", "1.0.0") {
  registry.add<Reconstructions>(
      "reconstructions", "Pairs of an image and its reconstruction (Kingma & Welling 2014).");
}
