#include "known_model.hpp"

#include <ATen/Functions.h>

#include "unit/training/support.hpp"
#include "varia/distributions.hpp"
#include "varia/networks.hpp"

namespace varia::test {

namespace {

constexpr double kScale = 0.01;

/// A component of the plugins with its parameters.
template <class Kind>
struct Component {
  std::unique_ptr<ParamSet> params;
  std::shared_ptr<Kind> made;
  Component(const std::string& text, const Build& build) {
    auto section = yaml(text);
    const auto use = section.find("use")->text();
    section.erase("use");
    const auto& info = registry().get(Kind::kKind, use, {});
    params = info.make_params();
    params->load(section, {&registry(), std::string(Kind::kKind) + " " + use, {}});
    made = std::static_pointer_cast<Kind>(info.make(*params, build));
  }
};

Build build_for(Model& model, const Split& train) {
  Draw draw(0);
  const auto images = train.slice(0, 1, draw).input;
  Build build;
  build.data.event = images.sizes().slice(1).vec();
  build.data.blocks = train.annotations().blocks;
  build.data.classes = train.labels().defined() ? train.labels().max().item<std::int64_t>() + 1 : 0;
  build.data.size = train.size();
  build.train = &train;
  build.model = &model;
  return build;
}

}  // namespace

KnownModel::KnownModel(std::int64_t dimensions, std::int64_t categories, bool observed)
    : dimensions_(dimensions), categories_(categories), observed_(observed) {
  eval();
}

std::vector<Latent> KnownModel::latents() const {
  std::vector<Latent> all = {
      {"z", "normal", {dimensions_}, Normal::unit({dimensions_}, torch::kCPU)}};
  if (categories_ > 0)
    all.push_back({"c",
                   std::string(Categorical::kFamily),
                   {categories_},
                   Categorical::uniform(categories_, torch::kCPU),
                   observed_});
  return all;
}

std::vector<Block> KnownModel::encode(const Batch& batch, Draw& draw) {
  const auto pixels = batch.input.flatten(1).unsqueeze(0);
  const auto mean = (pixels.slice(2, 0, dimensions_) - 0.5) / kScale;
  const auto z = std::make_shared<Normal>(mean, at::zeros_like(mean));
  std::vector<Block> blocks = {
      {"z", z, Normal::unit({dimensions_}, torch::kCPU), z->rsample(draw).value, {}}};
  if (categories_ > 0) {
    const auto c = std::make_shared<Categorical>(pixels.slice(2, dimensions_) * 2);
    blocks.push_back(
        {"c", c, Categorical::uniform(categories_, torch::kCPU), c->rsample(draw).value, {}});
  }
  return blocks;
}

DistributionPtr KnownModel::decode(const LatentValues& values) {
  auto mean = 0.5 + kScale * values.at("z");
  if (categories_ > 0) mean = at::cat({mean, values.at("c")}, -1);
  return std::make_shared<Normal>(mean.unsqueeze(2).unsqueeze(2), at::zeros({1}));
}

Split known_split(const std::string& name, const Tensor& codes, const Tensor& labels,
                  const Tensor& categories, std::int64_t category_count,
                  std::vector<std::string> class_names) {
  auto images = 0.5 + kScale * codes.to(at::kFloat);
  if (categories.defined()) images = at::cat({images, one_hot_rows(categories, category_count)}, 1);
  const auto shaped = images.view({-1, 1, 1, images.size(1)}).contiguous();
  return Split(name,
               std::make_shared<MemorySamples>(
                   shaped, Annotations{.labels = labels, .class_names = std::move(class_names)}),
               at::arange(codes.size(0), at::kLong), Binarize::none);
}

Tensor codes_in(const Tensor& tiles, std::int64_t dimensions) {
  const auto pixels = tiles.flatten(-3).to(at::kDouble);
  return (pixels.slice(-1, 0, dimensions) - 0.5) / kScale;
}

bool same_codes(const Tensor& a, const Tensor& b) {
  return a.sizes() == b.sizes() &&
         (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>() < 2e-4;
}

Rendering show(const std::string& view, Model& model, const Split& train, const Split& test) {
  const at::NoGradGuard no_grad;
  const Component<View> component(view, build_for(model, train));
  Draw draw(5);
  return component.made->render({model, train, test, draw, {}});
}

Rendering show(const std::string& view, Model& model, const Split& both) {
  return show(view, model, both, both);
}

Values measure(const std::string& metric, Model& model, const Split& train, const Split& split) {
  const at::NoGradGuard no_grad;
  const Component<Metric> component(metric, build_for(model, train));
  Draw draw(kMeasureKey);
  const Evaluation evaluation{model, train, split, draw, {}};
  component.made->begin(evaluation);
  if (component.made->follows_training()) {  // from the pass over the split that all share
    Draw of_pass(6);
    const auto batch = split.slice(0, split.size(), of_pass);
    component.made->update(model.infer(batch, of_pass), batch);
  }
  return component.made->result(evaluation);
}

Values measure(const std::string& metric, Model& model, const Split& both) {
  return measure(metric, model, both, both);
}

}  // namespace varia::test
