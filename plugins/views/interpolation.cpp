#include <ATen/Functions.h>

#include <algorithm>
#include <utility>

#include "code_space.hpp"
#include "decoded_images.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/plugin.hpp"
#include "varia/view.hpp"

namespace {

using namespace varia;
using namespace varia::views;

struct InterpolationParams final : ParamSet {
  Integer count{this, "count", 1, {1, 1000}, "Pairs of images, each a row."};
  Integer from{this,
               "from",
               kUnset,
               {0, 1'000'000'000},
               "The label of the first image, or its place in the split; unset: any image."};
  Integer to{this,
             "to",
             kUnset,
             {0, 1'000'000'000},
             "The same of the second image; unset: any image of another label."};
  Choice by{this,
            "by",
            "label",
            {"label", "index"},
            "What `from` and `to` are; row k of `index` joins the images from + k and to + k."};
  Choice path{this,
              "path",
              "linear",
              {"linear", "spherical"},
              "A straight line between the codes, or a great circle (White 2016); categories are "
              "mixed on a line always."};
  Integer steps{this, "steps", 10, {2, 1000}, "Images in a row."};
  Real alpha_from{this, "alpha_from", 0.1, {-10, 10}, "Weight of the second code at the left."};
  Real alpha_to{this, "alpha_to", 1.0, {-10, 10}, "Weight of the second code at the right."};
  Boolean sampled{this, "sampled", false, "A draw of each code instead of its mean."};
  Choice split{this, "split", "test", {"test", "train"}, "Where the images come from."};

 protected:
  void check() const override {
    if (by.is("index") && !(from.has_value() && to.has_value()))
      fail(by, "with index, both `from` and `to` are needed");
  }
};

/// Weighted sums of two codes along a great circle; along a line if they have one direction.
/// @param first  [n, D]
/// @param second [n, D]
/// @param alpha  [steps]
/// @returns      [n, steps, D]
/// @see Shoemake 1985
Tensor spherical(const Tensor& first, const Tensor& second, const Tensor& alpha) {
  const auto unit = [](const Tensor& code) {
    return code / code.norm(2, {1}, true).clamp_min(1e-30);
  };
  const auto angle =
      (unit(first) * unit(second)).sum(1, true).clamp(-1, 1).acos().unsqueeze(2);  // [n, 1, 1]
  const auto weight = alpha.view({1, -1, 1});
  const auto sine = angle.sin();
  const auto on_line = sine < 1e-4;
  const auto safe = sine.clamp_min(1e-4);
  const auto left = at::where(on_line, 1 - weight, ((1 - weight) * angle).sin() / safe);
  const auto right = at::where(on_line, weight, (weight * angle).sin() / safe);
  return left * first.unsqueeze(1) + right * second.unsqueeze(1);
}

/// Images decoded from codes between those of two images.
class Interpolation final : public View {
 public:
  using Params = InterpolationParams;
  Interpolation(const Params& params, const Build& build) : params_(params) {
    require_decoder(build, "view interpolation");
    if (params.by.is("index")) return;
    if (build.data.classes == 0)
      for (const auto* label : {&params.from, &params.to})
        if (label->has_value())
          throw ConfigError(label->where(), "view interpolation: " + label->name() +
                                                " is a label, and this data has none; with by: "
                                                "index it is the place of an image");
    for (const auto* label : {&params.from, &params.to})
      if (label->has_value() && (*label)() >= build.data.classes)
        throw ConfigError(label->where(), "view interpolation: " + label->name() +
                                              ": expected a label below " +
                                              std::to_string(build.data.classes) + ", found " +
                                              std::to_string((*label)()));
  }

  Rendering render(const Evaluation& evaluation) override {
    const auto& split = chosen_split(params_.split, evaluation);
    const auto pairs = chosen_pairs(split, evaluation.draw);
    const auto count = static_cast<std::int64_t>(pairs.size());
    std::vector<std::int64_t> places;
    for (const auto& pair : pairs) places.push_back(pair.first);
    for (const auto& pair : pairs) places.push_back(pair.second);
    const auto batch = split.batch(at::tensor(places, at::kLong), evaluation.draw);
    auto values = inferred_values(evaluation.model, batch, params_.sampled(), evaluation.draw);
    const auto alpha =
        at::linspace(params_.alpha_from(), params_.alpha_to(), params_.steps(), at::kDouble);
    for (const auto& latent : evaluation.model.latents()) {
      auto& value = values.at(latent.name);  // [1, 2 n, E]
      auto sizes = value.sizes().vec();
      sizes[1] = count * params_.steps();
      const auto flat = value[0].flatten(1).to(at::kCPU, at::kDouble);
      const auto first = flat.slice(0, 0, count);
      const auto second = flat.slice(0, count);
      const bool circle =
          params_.path.is("spherical") && !latent.observed && latent.family != Categorical::kFamily;
      const auto weight = alpha.view({1, -1, 1});
      const auto between = circle
                               ? spherical(first, second, alpha)
                               : (1 - weight) * first.unsqueeze(1) + weight * second.unsqueeze(1);
      value = between.to(value.options()).reshape(sizes);
    }
    const auto images = decoded_images(evaluation.model, values);
    return {{{images.unflatten(0, {count, params_.steps()}),
              title(batch.labels, count, split.annotations().class_names)}},
            {}};
  }

 private:
  using Pair = std::pair<std::int64_t, std::int64_t>;

  std::vector<Pair> chosen_pairs(const Split& split, Draw& draw) const {
    std::vector<Pair> pairs;
    if (params_.by.is("index")) {
      const auto last = std::max(params_.from(), params_.to()) + params_.count() - 1;
      if (last >= split.size())
        throw TrialError("view interpolation: the " + split.name() + " split has " +
                         std::to_string(split.size()) + " images, found the index " +
                         std::to_string(last));
      for (std::int64_t row = 0; row < params_.count(); ++row)
        pairs.emplace_back(params_.from() + row, params_.to() + row);
      return pairs;
    }
    // Images in a random order; each takes the next one that suits it.
    const auto order = draw.permutation(split.size());
    std::int64_t first = -1, second = -1;
    for (std::int64_t row = 0; row < params_.count(); ++row) {
      first = next(split, order, first, params_.from, -1);
      const auto label = label_of(split, order[first].item<std::int64_t>());
      second = next(split, order, params_.to.has_value() ? second : first, params_.to,
                    params_.to.has_value() ? -1 : label);
      // Both are sought in the same order: with the same labels, they would be the same image.
      if (second == first) second = next(split, order, second, params_.to, -1);
      pairs.emplace_back(order[first].item<std::int64_t>(), order[second].item<std::int64_t>());
      if (!params_.from.has_value() && !params_.to.has_value()) first = second;
    }
    return pairs;
  }

  static std::int64_t label_of(const Split& split, std::int64_t place) {
    return split.labels().defined() ? split.labels()[place].item<std::int64_t>() : -1;
  }

  /// The place in `order` of the next image after `last`, round and round, that has the wanted
  /// label, or any but `other`.
  static std::int64_t next(const Split& split, const Tensor& order, std::int64_t last,
                           const Integer& wanted, std::int64_t other) {
    for (std::int64_t step = 1; step <= split.size(); ++step) {
      const auto place = (last + step) % split.size();
      const auto label = label_of(split, order[place].item<std::int64_t>());
      if (wanted.has_value() ? label == wanted() : other < 0 || label != other) return place;
    }
    throw TrialError("view interpolation: no image of the " + split.name() + " split has " +
                     (wanted.has_value() ? "the label " + std::to_string(wanted())
                                         : "another label than " + std::to_string(other)));
  }

  /// "7 to 2, 4 to 1"
  static std::string title(const Tensor& labels, std::int64_t count,
                           const std::vector<std::string>& names) {
    if (!labels.defined()) return "";
    std::string text;
    for (std::int64_t row = 0; row < count; ++row)
      text += (row == 0 ? "" : ", ") + class_text(labels[row].item<std::int64_t>(), names) +
              " to " + class_text(labels[count + row].item<std::int64_t>(), names);
    return text;
  }

  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("interpolation", "1.0.0") {
  registry.add<Interpolation>("interpolation",
                              "Images decoded from codes between those of two images.");
}
