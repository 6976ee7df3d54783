#include "joint_code.hpp"

#include <ATen/Functions.h>

#include <numeric>

#include "blocks.hpp"
#include "varia/distributions.hpp"

namespace varia::models {

namespace {

/// The blocks' names: the letter alone if there is one, else numbered from 1.
std::vector<std::string> block_names(const std::string& letter, std::size_t count) {
  if (count == 1) return {letter};
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back(letter + std::to_string(i));
  return names;
}

std::int64_t total(const std::vector<std::int64_t>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
}

}  // namespace

JointCodeParams::JointCodeParams(ParamSet* owner, std::vector<std::int64_t> default_categorical)
    : gaussian(owner, "gaussian", {20}, {1, 1 << 16},
               "Dimensions of each Gaussian code: one is named z, several z1, z2, ..."),
      categorical(owner, "categorical", std::move(default_categorical), {2, 1 << 16},
                  "Categories of each categorical code, with a uniform prior: one is named c, "
                  "several c1, c2, ..."),
      temperature(owner, "temperature", 1.0, {1e-6, 1e6},
                  "Of the Gumbel-softmax draws in training."),
      straight_through(owner, "straight_through", false,
                       "Train with one-hot draws that pass on the gradient of the soft ones.") {}

JointCode::JointCode(const JointCodeParams& params)
    : params_(params),
      gaussian_names_(block_names("z", params.gaussian().size())),
      categorical_names_(block_names("c", params.categorical().size())) {}

std::vector<JointCode::Part> JointCode::parts() const {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < gaussian_names_.size(); ++i) {
    parts.push_back({"means of " + gaussian_names_[i], params_.gaussian()[i]});
    parts.push_back({"log-variances of " + gaussian_names_[i], params_.gaussian()[i]});
  }
  for (std::size_t i = 0; i < categorical_names_.size(); ++i)
    parts.push_back({"logits of " + categorical_names_[i], params_.categorical()[i]});
  return parts;
}

std::int64_t JointCode::encoded_size() const {
  return 2 * total(params_.gaussian()) + total(params_.categorical());
}

std::int64_t JointCode::size() const {
  return total(params_.gaussian()) + total(params_.categorical());
}

std::vector<Latent> JointCode::latents(torch::Device device) const {
  std::vector<Latent> latents;
  for (std::size_t i = 0; i < gaussian_names_.size(); ++i)
    latents.push_back(gaussian_latent(gaussian_names_[i], params_.gaussian()[i], device));
  for (std::size_t i = 0; i < categorical_names_.size(); ++i) {
    const auto categories = params_.categorical()[i];
    latents.push_back({categorical_names_[i],
                       std::string(Categorical::kFamily),
                       {categories},
                       Categorical::uniform(categories, device)});
  }
  return latents;
}

std::vector<Block> JointCode::blocks(const Tensor& encoded, Draw& draw, bool training) const {
  std::int64_t begin = 0;
  const auto next = [&](std::int64_t size) {
    begin += size;
    return encoded.slice(-1, begin - size, begin);
  };
  std::optional<Relaxation> relaxation;
  if (training) relaxation = Relaxation{params_.temperature(), params_.straight_through()};
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < gaussian_names_.size(); ++i)
    blocks.push_back(gaussian_block(gaussian_names_[i], next(2 * params_.gaussian()[i]), draw));
  for (std::size_t i = 0; i < categorical_names_.size(); ++i) {
    const auto categories = params_.categorical()[i];
    blocks.push_back(drawn_block(categorical_names_[i],
                                 std::make_shared<Categorical>(next(categories), relaxation),
                                 Categorical::uniform(categories, encoded.device()), draw));
  }
  return blocks;
}

Tensor JointCode::joined(const LatentValues& values) const {
  std::vector<Tensor> codes;
  for (const auto& name : gaussian_names_) codes.push_back(values.at(name));
  for (const auto& name : categorical_names_) codes.push_back(values.at(name));
  return at::cat(codes, -1);
}

std::string_view JointCode::bound(bool training) const {
  const bool relaxed = training && !categorical_names_.empty() && !params_.straight_through();
  return relaxed ? "relaxed" : "log p(x)";
}

}  // namespace varia::models
