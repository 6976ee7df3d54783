#include <ATen/Functions.h>

#include <vector>

#include "varia/build.hpp"
#include "varia/component.hpp"
#include "varia/distributions.hpp"
#include "varia/likelihood.hpp"
#include "varia/plugin.hpp"

// Likelihoods of categories, and of rows whose numbers are of several domains.

namespace {

using namespace varia;

struct NoParams final : ParamSet {};

/// One of the categories of each block, one-hot.
class Categories final : public Distribution {
 public:
  /// @param output [K|1, B|1, E]: ln of the probabilities up to a constant, block after block
  /// @param sizes  of the blocks
  Categories(const Tensor& output, const std::vector<std::int64_t>& sizes) {
    for (const auto& logits : output.split_with_sizes(sizes, -1)) parts_.emplace_back(logits);
  }
  std::string_view family() const override { return "categories"; }
  Range support() const override { return {0, 1}; }
  Sample rsample(Draw& draw) const override {
    return {joined([&](const Categorical& part) { return part.rsample(draw).value; }), {}};
  }
  /// ln of the probability at the category that it is, 0 at the others.
  Tensor log_density(const Tensor& value) const override {
    return value * joined([](const Categorical& part) { return part.log_probabilities(); });
  }
  Tensor mean() const override {
    return joined([](const Categorical& part) { return part.mean(); });
  }
  Tensor variance() const override {
    return joined([](const Categorical& part) { return part.variance(); });
  }
  /// Those of all blocks, side by side.
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"log_probabilities",
             joined([](const Categorical& part) { return part.log_probabilities(); })}};
  }

 private:
  template <class Function>
  Tensor joined(const Function& function) const {
    std::vector<Tensor> all;
    for (const auto& part : parts_) all.push_back(function(part));
    return at::cat(all, -1);
  }
  std::vector<Categorical> parts_;
};

std::vector<std::int64_t> sizes_of(const std::vector<DataBlock>& blocks) {
  std::vector<std::int64_t> sizes;
  for (const auto& block : blocks) sizes.push_back(block.size);
  return sizes;
}

class CategoricalLikelihood final : public Likelihood {
 public:
  using Params = NoParams;
  static constexpr Domain kDomains[] = {Domain::categorical};
  CategoricalLikelihood(const Params&, const Build& build) : sizes_(sizes_of(build.data.blocks)) {}
  DistributionPtr distribution(const Tensor& output) const override {
    return std::make_shared<Categories>(output, sizes_);
  }
  Tensor output_for_mean(const Tensor& mean) const override {
    constexpr double kLeast = 1e-4;  // of a category that was never seen
    return mean.clamp_min(kLeast).log();
  }

 private:
  std::vector<std::int64_t> sizes_;
};

/// Independent distributions, one for each block of the event.
class Independent final : public Distribution {
 public:
  /// @param sizes of the blocks
  Independent(std::vector<DistributionPtr> parts, std::vector<std::int64_t> sizes)
      : parts_(std::move(parts)), sizes_(std::move(sizes)) {}
  std::string_view family() const override { return "mixed"; }
  Range support() const override { return {}; }  // the parts differ
  Sample rsample(Draw& draw) const override {
    return {joined([&](const Distribution& part) { return part.rsample(draw).value; }), {}};
  }
  Tensor log_density(const Tensor& value) const override {
    const auto values = value.split_with_sizes(sizes_, -1);
    std::vector<Tensor> all;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      all.push_back(parts_[i]->log_density(values[i]));
    return at::cat(all, -1);
  }
  Tensor log_prob(const Tensor& value) const override {
    return sum([&](std::size_t i, const std::vector<Tensor>& values,
                   const std::vector<Tensor>&) { return parts_[i]->log_prob(values[i]); },
               value, {});
  }
  Tensor log_prob_of_observed(const Tensor& value, const Tensor& mask) const override {
    if (!mask.defined()) return log_prob(value);
    return sum(
        [&](std::size_t i, const std::vector<Tensor>& values, const std::vector<Tensor>& masks) {
          return parts_[i]->log_prob_of_observed(values[i], masks[i]);
        },
        value, mask);
  }
  Tensor mean() const override {
    return joined([](const Distribution& part) { return part.mean(); });
  }
  Tensor variance() const override {
    return joined([](const Distribution& part) { return part.variance(); });
  }
  /// Those of every part, by its number: "part0.mean".
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    std::vector<std::pair<std::string, Tensor>> all;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      for (const auto& [name, value] : parts_[i]->parameters())
        all.emplace_back("part" + std::to_string(i) + "." + name, value);
    return all;
  }

 private:
  template <class Function>
  Tensor joined(const Function& function) const {
    std::vector<Tensor> all;
    for (const auto& part : parts_) all.push_back(function(*part));
    return at::cat(all, -1);
  }
  template <class Function>
  Tensor sum(const Function& function, const Tensor& value, const Tensor& mask) const {
    const auto values = value.split_with_sizes(sizes_, -1);
    const auto masks = mask.defined() ? mask.split_with_sizes(sizes_, -1) : std::vector<Tensor>();
    Tensor total;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const auto of_part = function(i, values, masks);
      total = total.defined() ? total + of_part : of_part;
    }
    return total;
  }

  std::vector<DistributionPtr> parts_;
  std::vector<std::int64_t> sizes_;
};

struct MixedParams final : ParamSet {
  Component<Likelihood> real{this, "real", "gaussian", "Of blocks of real numbers."};
  Component<Likelihood> unit{this, "unit", "bernoulli", "Of blocks of numbers in [0, 1]."};
  Component<Likelihood> count{this, "count", "negative_binomial", "Of blocks of counts."};
  Component<Likelihood> categorical{this, "categorical", "categorical", "Of blocks of categories."};

  const Component<Likelihood>& of(Domain domain) const {
    switch (domain) {
      case Domain::real:
        return real;
      case Domain::unit:
        return unit;
      case Domain::count:
        return count;
      case Domain::categorical:
        break;
    }
    return categorical;
  }
};

/// A likelihood for each block of a row. The decoder's output holds what they take, one after the
/// other.
class Mixed final : public Likelihood {
 public:
  using Params = MixedParams;
  Mixed(const Params& params, const Build& build) : sizes_(sizes_of(build.data.blocks)) {
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      const auto& block = build.data.blocks[i];
      auto part = build;
      if (sizes_.size() > 1) {
        part.train = nullptr;
        part.data.event = {block.size};
        part.data.blocks = {block};
      }
      parts_.push_back(
          register_module("part" + std::to_string(i), params.of(block.domain).make(part)));
      outputs_.push_back(c10::multiply_integers(parts_.back()->output_shape(part.data.event)));
    }
  }
  std::vector<std::int64_t> output_shape(std::vector<std::int64_t> event) const override {
    if (parts_.size() == 1) return parts_[0]->output_shape(std::move(event));
    return {c10::sum_integers(outputs_)};
  }
  DistributionPtr distribution(const Tensor& output) const override {
    if (parts_.size() == 1) return parts_[0]->distribution(output);
    const auto outputs = output.split_with_sizes(outputs_, -1);
    std::vector<DistributionPtr> parts;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      parts.push_back(parts_[i]->distribution(outputs[i]));
    return std::make_shared<Independent>(std::move(parts), sizes_);
  }
  Tensor output_for_mean(const Tensor& mean) const override {
    if (parts_.size() == 1) return parts_[0]->output_for_mean(mean);
    const auto means = mean.split_with_sizes(sizes_);
    std::vector<Tensor> all;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      all.push_back(parts_[i]->output_for_mean(means[i]));
    return at::cat(all);
  }

 private:
  std::vector<std::int64_t> sizes_;
  std::vector<std::int64_t> outputs_;
  std::vector<std::shared_ptr<Likelihood>> parts_;
};

}  // namespace

VARIA_PLUGIN("category_likelihoods", "1.0.0") {
  registry.add<CategoricalLikelihood>(
      "categorical", "Categories, one-hot, one of each block (Nazabal et al. 2020).");
  registry.add<Mixed>("mixed",
                      "One likelihood for each block of a table's row (Nazabal et al. 2020).");
}
