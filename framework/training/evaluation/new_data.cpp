#include "training/evaluation/new_data.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <string>

#include "varia/error.hpp"
#include "varia/file_table.hpp"

namespace varia::training {

namespace {

Standardise standardisation_of(const Value& section, const Registry& registry) {
  const auto configured = configure(registry, Dataset::kKind, section);
  return dynamic_cast<const DatasetParams&>(*configured.params).standardisation();
}

std::string blocks_text(const std::vector<DataBlock>& blocks) {
  std::string text;
  for (const auto& [domain, size] : blocks)
    text += (text.empty() ? "" : ", ") + std::to_string(size) + " " + domain_text(domain);
  return text;
}

/// @param is_standardised whether the model's own data is
void require_same_spec(const Location& where, const Splits& own, const Splits& found,
                       bool is_standardised) {
  const auto refuse = [&](const std::string& what, const std::string& expected,
                          const std::string& got) {
    throw ConfigError(where, "data: the model was trained on other " + what + ": expected " +
                                 expected + ", found " + got);
  };
  const auto& spec = own.spec;
  if (found.spec.event != spec.event)
    refuse("samples", c10::str(at::IntArrayRef(spec.event)),
           c10::str(at::IntArrayRef(found.spec.event)));
  auto blocks = found.spec.blocks;
  for (std::size_t i = 0; is_standardised && i < std::min(blocks.size(), spec.blocks.size()); ++i)
    if (blocks[i].domain == Domain::real) blocks[i].domain = spec.blocks[i].domain;
  if (blocks != spec.blocks) refuse("numbers", blocks_text(spec.blocks), blocks_text(blocks));
  const auto names = [](const std::vector<std::string>& all) {
    std::string text;
    for (std::size_t i = 0; i < all.size() && i < 5; ++i) text += (i == 0 ? "" : ", ") + all[i];
    return text + (all.size() > 5 ? ", ..." : "");
  };
  if (found.spec.features != spec.features)
    refuse("features", names(spec.features), names(found.spec.features));
  if (found.spec.covariates != spec.covariates)
    refuse("covariates", names(spec.covariates), names(found.spec.covariates));
  const auto& table = own.train.annotations().table;
  const auto& found_table = found.train.annotations().table;
  if (!table || !found_table) return;
  for (std::size_t i = 0; i < table->columns().size(); ++i) {
    const auto& categories = table->columns()[i].categories;
    const auto& found_categories = found_table->columns().at(i).categories;
    if (categories != found_categories)
      refuse("categories", names(categories), names(found_categories));
  }
}

/// The names of classes; their numbers if they have none.
std::vector<std::string> class_names(const Splits& splits) {
  auto names = splits.train.annotations().class_names;
  if (!names.empty()) return names;
  for (std::int64_t label = 0; label < splits.spec.classes; ++label)
    names.push_back(std::to_string(label));
  return names;
}

/// For each class of the new data, the label that it has in the model's own data: files number the
/// classes that are in them.
/// @returns [classes] int64
Tensor labels_of_classes(const Location& where, const Splits& own, const Splits& found) {
  const auto known = class_names(own);
  std::vector<std::int64_t> labels;
  for (const auto& name : class_names(found)) {
    const auto place = std::ranges::find(known, name);
    if (place == known.end())
      throw ConfigError(where,
                        "data: the model is told the class of a sample, and was trained on "
                        "no class '" +
                            name + "'. " + suggestion(name, known));
    labels.push_back(place - known.begin());
  }
  if (labels.empty())
    throw ConfigError(where, "data: the model is told the class of a sample; this data has none");
  return at::tensor(labels, at::kLong);
}

bool is_told_classes(const Model& model) {
  return std::ranges::any_of(model.latents(), [](const Latent& latent) { return latent.observed; });
}

}  // namespace

NewData::NewData(Value section, const Value& own_section, const TrialComponents& trained,
                 const Registry& registry, DataCache& cache)
    : blocks_(trained.data->splits.spec.blocks) {
  const auto& own = *trained.data;
  const bool is_standardised = standardisation_of(own_section, registry) != Standardise::none;
  if (standardisation_of(section, registry) != Standardise::none)
    section.set("standardise", Value::text("none"));
  const auto& annotations = own.splits.train.annotations();
  if (!annotations.measured_covariates.empty())
    throw ConfigError(section.where(),
                      "data: the model's covariates are on the scale of its training split, which "
                      "new data cannot be brought to");
  data_ = cache.get(section);
  require_same_spec(section.where(), own.splits, data_->splits, is_standardised);
  if (is_standardised) own_units_ = annotations.units;
  if (is_told_classes(*trained.model))
    own_labels_ = labels_of_classes(section.where(), own.splits, data_->splits);
}

Batch NewData::as_own(const Batch& batch) const {
  auto own = batch;
  if (own_labels_.defined())
    own.labels = own_labels_.to(batch.labels.device()).index_select(0, batch.labels);
  if (!own_units_.scale.defined()) return own;
  const auto& units = data_->splits.train.annotations().units;
  const auto rescaled = [&](const Tensor& numbers) {
    auto scaled = ((units.of(numbers) - own_units_.offset) / own_units_.scale)
                      .to(numbers.device(), numbers.scalar_type());
    std::int64_t begin = 0;
    const auto flat = scaled.flatten(1);
    for (const auto& [domain, size] : blocks_) {
      if (domain == Domain::unit) flat.slice(1, begin, begin + size).clamp_(0, 1);
      begin += size;
    }
    if (batch.mask.defined()) scaled.masked_fill_(batch.mask.logical_not(), 0);
    return scaled;
  };
  own.input = rescaled(batch.input);
  own.target = batch.target.is_same(batch.input) ? own.input : rescaled(batch.target);
  return own;
}

}  // namespace varia::training
