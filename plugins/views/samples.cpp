#include <ATen/Functions.h>

#include <algorithm>
#include <numeric>

#include "code_prior.hpp"
#include "decoded_images.hpp"
#include "varia/device.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"
#include "varia/view.hpp"

// Images decoded from codes that no image was encoded to.

namespace {

using namespace varia;
using namespace varia::views;

constexpr std::int64_t kMostNumbers = 100'000'000;  // of the categories shown, one-hot

struct SamplesParams final : CodePriorParams {
  Integer rows{this, "rows", 8, {1, 100}, "Rows of images."};
  Integer columns{this, "columns", 8, {1, 100}, "Images in a row."};
  Boolean sampled{this, "sampled", true,
                  "The density is fitted to a draw of each code and not to its mean."};

 protected:
  bool in_force(const Parameter& parameter) const override {
    return CodePriorParams::in_force(parameter) && (prior.has_value() || &parameter != &sampled);
  }
};

/// Means of p(x | z) for codes drawn from the prior, the same codes at every epoch.
class PriorSamples final : public View {
 public:
  using Params = SamplesParams;
  PriorSamples(const Params& params, const Build& build)
      : params_(params), prior_(params, build, params.sampled(), "view samples") {
    require_decoder(build, "view samples");
  }

  Rendering render(const Evaluation& evaluation) override {
    prior_.fit(evaluation);
    const auto codes = prior_.draw(evaluation, params_.rows() * params_.columns());
    const auto images = decoded_images(evaluation.model, codes);
    return {{{image_grid(images, params_.columns()), ""}}, {}};
  }

 private:
  const Params& params_;
  CodePrior prior_;
};

struct ClassGridParams final : ParamSet {
  Text block{this, "block", kUnset,
             "The categorical latent variable, inferred or a label; unset: the only one."};
  Integer columns{this, "columns", 8, {1, 100}, "Draws of the rest, shared by all categories."};
  IntegerList only{
      this, "only", {}, {0, 1'000'000}, "The categories shown, in this order; empty: all."};
  Choice layout{this,
                "layout",
                "rows",
                {"rows", "columns"},
                "Whether a category is a row of the picture, or a column."};
};

/// A row for each category of a latent variable; all images of a column share the rest.
class ClassGrid final : public View {
 public:
  using Params = ClassGridParams;
  ClassGrid(const Params& params, const Build& build)
      : params_(params), block_(categorical_latent(build)) {
    require_decoder(build, "view class_grid");
    require_prior(build, "view class_grid");
    shown_ = params.only();
    for (const auto category : shown_)
      if (category >= categories())
        throw ConfigError(params.only.where(), "view class_grid: only: '" + block_.name + "' has " +
                                                   std::to_string(categories()) +
                                                   " categories, found " +
                                                   std::to_string(category));
    const auto rows = shown_.empty() ? categories() : static_cast<std::int64_t>(shown_.size());
    if (rows > kMostNumbers / std::max(categories(), params.columns()))
      throw ConfigError(params.only.where(),
                        "view class_grid: the " + std::to_string(rows) + " categories of '" +
                            block_.name + "' are too many for one picture; name some by `only`");
    if (shown_.empty()) {
      shown_.resize(static_cast<std::size_t>(categories()));
      std::iota(shown_.begin(), shown_.end(), 0);
    }
  }

  Rendering render(const Evaluation& evaluation) override {
    auto& model = evaluation.model;
    const auto rows = static_cast<std::int64_t>(shown_.size());
    const auto columns = params_.columns();
    const auto one_hot = one_hot_rows(
        to_device(at::tensor(shown_, at::kLong), evaluation.draw.device()), categories());
    const auto first = one_hot.slice(0, 0, 1).expand({columns, -1}).unsqueeze(0);
    auto values = model.sample_prior(columns, {{block_.name, first}}, evaluation.draw);
    for (auto& [name, value] : values)
      value = at::cat(std::vector<Tensor>(shown_.size(), value), 1);
    values[block_.name] = one_hot.repeat_interleave(columns, 0).unsqueeze(0);

    auto tiles = decoded_images(model, values).unflatten(0, {rows, columns});
    if (params_.layout.is("columns")) tiles = tiles.transpose(0, 1);
    return {{{tiles, title(evaluation.train.annotations().class_names)}}, {}};
  }

 private:
  std::int64_t categories() const { return block_.event.front(); }

  /// @param names of the classes, which the categories of an inferred variable are not
  std::string title(const std::vector<std::string>& names) const {
    const bool is_label = block_.observed;
    std::string text = block_.name + " =";
    for (const auto category : shown_)
      text.append(" ").append(is_label ? class_text(category, names) : std::to_string(category));
    return text;
  }

  Latent categorical_latent(const Build& build) const {
    std::vector<Latent> found;
    std::vector<std::string> names;
    for (const auto& latent : build.model->latents()) {
      if (latent.family != Categorical::kFamily) continue;
      found.push_back(latent);
      names.push_back(latent.name);
      if (params_.block.has_value() && params_.block() == latent.name) return latent;
    }
    if (found.empty())
      throw ConfigError("view class_grid needs a model with a categorical latent variable");
    if (params_.block.has_value())
      throw ConfigError(params_.block.where(),
                        "view class_grid: block: no categorical latent "
                        "variable is named '" +
                            params_.block() + "'. " + suggestion(params_.block(), names));
    if (found.size() > 1)
      throw ConfigError(
          "view class_grid: expected `block`, the one of several categorical latent "
          "variables that is meant. " +
          suggestion("", names));
    return found.front();
  }

  const Params& params_;
  Latent block_;
  std::vector<std::int64_t> shown_;
};

}  // namespace

VARIA_PLUGIN("samples", "1.1.0") {
  registry.add<PriorSamples>("samples",
                             "Images decoded from draws of the prior, or of a fitted density.");
  registry.add<ClassGrid>("class_grid",
                          "Images of each category, or of each label, with one draw "
                          "of the rest a column (Dupont 2018).");
}
