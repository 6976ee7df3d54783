#include "training/warm_start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "experiment/params/warm_start_params.hpp"
#include "training/checkpoint/component_state.hpp"
#include "training/components.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"

namespace varia::training {

namespace {

constexpr std::string_view kModel = "model.";

/// What the names of a model's tensors begin with: "encoder", "encoder.weight0".
std::vector<std::string> known_parts(const std::vector<std::string>& names) {
  std::set<std::string> parts;
  for (const auto& name : names) {
    parts.insert(name.substr(0, name.find('.')));
    parts.insert(name);
  }
  return {parts.begin(), parts.end()};
}

/// @throws ConfigError listing the parts that are none of the model's
void require_parts(const std::vector<std::string>& parts, const std::vector<std::string>& names,
                   const std::string& key, const Location& where) {
  ErrorList errors;
  for (const auto& part : parts) {
    const bool is_there = std::ranges::any_of(
        names, [&](const auto& name) { return experiment::is_part(name, {part}); });
    if (!is_there)
      errors.add({where, fmt::format("model: {}: the model has no part '{}'. {}", key, part,
                                     suggestion(part, known_parts(names)))});
  }
  errors.raise();
}

std::string shape_text(at::IntArrayRef shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

}  // namespace

FrozenParts::FrozenParts(const std::vector<std::string>& names, const Location& where,
                         Model& model) {
  std::vector<std::string> known;
  for (const auto& item : model.named_parameters()) known.push_back(item.key());
  for (const auto& item : model.named_buffers()) known.push_back(item.key());
  require_parts(names, known, "freeze", where);
  for (auto& item : model.named_parameters())
    if (experiment::is_part(item.key(), names)) item.value().set_requires_grad(false);
  for (const auto& item : model.named_buffers())
    if (experiment::is_part(item.key(), names)) buffers_.push_back(item.value());
  for (const auto& item : model.named_modules())
    if (std::ranges::find(names, item.key()) != names.end()) modules_.push_back(item.value());
  keep_evaluating();
}

std::vector<Tensor> FrozenParts::buffer_values() const {
  std::vector<Tensor> values;
  for (const auto& buffer : buffers_) values.push_back(buffer.clone());
  return values;
}

void FrozenParts::put_back(const std::vector<Tensor>& buffer_values) const {
  for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].copy_(buffer_values[i]);
}

void FrozenParts::keep_evaluating() const {
  for (const auto& module : modules_) module->eval();
}

void warm_start(const experiment::Trial& trial, const TrialComponents& components) {
  const auto* given = trial.model->find(experiment::kFrom);
  if (given == nullptr) return;
  experiment::SourceParams source;
  source.load(*given, {nullptr, experiment::kSourceSubject, given->where()});
  const auto path = input_path(source.file).string();
  auto loaded = [&] {
    try {
      return results::load_tensors(path);
    } catch (const StoreError& error) {
      source.file_sha256.refuse_file(error.what());
    }
  }();
  std::map<std::string, results::NamedTensor*> saved;
  for (auto& tensor : loaded) saved[tensor.name] = &tensor;

  std::vector<std::string> names;
  NamedTensors from;
  NamedTensors to;
  std::vector<std::string> problems;
  for (const auto& [name, target] : components.tensors()) {
    if (!name.starts_with(kModel)) continue;
    names.push_back(name.substr(kModel.size()));
    if (!source.parts().empty() && !experiment::is_part(names.back(), source.parts())) continue;
    const auto found = saved.find(name);
    if (found == saved.end()) {
      problems.push_back(names.back() + " is not in it");
    } else if (auto tensor = tensor_of(*found->second, target.scalar_type()); !tensor.defined()) {
      problems.push_back(names.back() + " is of another type");
    } else if (tensor.sizes() != target.sizes()) {
      problems.push_back(fmt::format("{} is {} and not {}", names.back(),
                                     shape_text(tensor.sizes()), shape_text(target.sizes())));
    } else {
      from.emplace_back(name, tensor);
      to.emplace_back(name, target);
    }
  }
  require_parts(source.parts(), names, "from: parts", source.parts.where());
  if (!problems.empty())
    source.file_sha256.refuse_file(fmt::format(
        "{} does not fit this model: {}. Name what is to be taken by 'parts', or change the model",
        path, fmt::join(problems, "; ")));
  copy_tensors(from, to);
}

}  // namespace varia::training
