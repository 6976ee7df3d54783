#include "decoded_images.hpp"

#include <ATen/Functions.h>

#include <algorithm>

#include "varia/error.hpp"

namespace varia::views {

namespace {

constexpr std::int64_t kImagesAtOnce = 500;

torch::Device device_of(const Model& model) {
  const auto parameters = model.parameters();
  return parameters.empty() ? torch::Device(torch::kCPU) : parameters.front().device();
}

/// Looks at a model without leaving a trace in it: running means of its layers stay as they are.
class Look {
 public:
  explicit Look(Model& model) : model_(model), training_(model.is_training()) { model_.eval(); }
  ~Look() { model_.train(training_); }
  Look(const Look&) = delete;
  Look& operator=(const Look&) = delete;

 private:
  Model& model_;
  bool training_;
  torch::NoGradGuard no_grad_;
};

}  // namespace

void require_pictures(const Build& build, const std::string& view) {
  if (build.data.is_picture()) return;
  throw ConfigError("view " + view + " shows pictures, and a sample of this data is a row of " +
                    std::to_string(build.data.event_size()) +
                    " numbers; latent_scatter, density_curve and density_contour show those");
}

void require_decoder(const Build& build, const std::string& view) {
  require_pictures(build, view);
  auto& model = *build.model;
  const Look look(model);
  LatentValues values;
  for (const auto& latent : model.latents()) {
    auto sizes = latent.event;
    sizes.insert(sizes.begin(), {1, 1});
    values[latent.name] = at::zeros(sizes, device_of(model));
  }
  const auto likelihood = model.decode(values);
  if (!likelihood || !likelihood->mean().defined())
    throw ConfigError("view " + view +
                      " shows decoded images; expected a model whose likelihood has a mean");
}

void require_prior(const Build& build, const std::string& view) {
  auto& model = *build.model;
  const Look look(model);
  Draw draw(0, 1, device_of(model));
  try {
    model.sample_prior(1, {}, draw);
  } catch (const Error& error) {
    throw ConfigError("view " + view + " draws from the model's prior: " + error.what());
  }
}

Tensor decoded_images(Model& model, const LatentValues& values) {
  const auto count = values.begin()->second.size(1);
  std::vector<Tensor> parts;
  for (std::int64_t begin = 0; begin < count; begin += kImagesAtOnce) {
    LatentValues part;
    for (const auto& [name, value] : values)
      part[name] = value.slice(1, begin, std::min(begin + kImagesAtOnce, count));
    const auto likelihood = model.decode(part);
    const auto mean = likelihood ? likelihood->mean() : Tensor();
    if (!mean.defined()) throw TrialError("the model's likelihood has no mean that can be shown");
    parts.push_back(mean.select(0, 0).to(at::kFloat).clamp(0, 1));
  }
  return at::cat(parts);
}

Tensor image_grid(const Tensor& images, std::int64_t columns) {
  columns = std::min(columns, images.size(0));
  const auto rows = (images.size(0) + columns - 1) / columns;
  auto sizes = images.sizes().vec();
  sizes[0] = rows * columns;
  auto tiles = at::zeros(sizes, images.options());
  tiles.slice(0, 0, images.size(0)).copy_(images);
  return tiles.unflatten(0, {rows, columns});
}

const Split& chosen_split(const Choice& split, const Evaluation& evaluation) {
  return split.is("train") ? evaluation.train : evaluation.split;
}

}  // namespace varia::views
