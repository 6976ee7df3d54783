#include "training/checkpoint/component_state.hpp"

#include <ATen/Functions.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>

#include "results/tensors.hpp"
#include "training/components.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace {

NamedTensors optimizer_state(const PhaseOptimizer& phase) {
  NamedTensors tensors;
  for (const auto& [name, tensor] : phase.optimizer->state()) tensors.emplace_back(name, tensor);
  return tensors;
}

void require_same(const NamedTensors& saved, const NamedTensors& live) {
  if (saved.size() != live.size())
    throw TrialError("a state of " + std::to_string(saved.size()) +
                     " tensors does not fit components with " + std::to_string(live.size()));
  for (std::size_t i = 0; i < saved.size(); ++i) {
    const auto& [name, tensor] = saved[i];
    const auto& [expected, target] = live[i];
    if (name != expected || tensor.scalar_type() != target.scalar_type() ||
        tensor.sizes() != target.sizes())
      throw TrialError("the state of '" + name + "' does not fit '" + expected + "'");
  }
}

/// True if it shows quickly that all numbers are finite.
bool is_surely_finite(const Tensor& numbers) {
  if (numbers.is_cpu() && numbers.scalar_type() == at::kFloat && numbers.is_contiguous()) {
    // Calls of LibTorch take longer than this loop if a tensor is small.
    // An exponent of ones, and no other, carries into the highest bit. Compilers vectorise this.
    constexpr std::uint32_t kExponent = 0x7f800000U;
    constexpr std::uint32_t kLowestOfIt = 0x00800000U;
    const auto* values = numbers.data_ptr<float>();
    std::uint32_t carries = 0;
    for (std::int64_t i = 0; i < numbers.numel(); ++i)
      carries |= (std::bit_cast<std::uint32_t>(values[i]) & kExponent) + kLowestOfIt;
    return (carries >> 31U) == 0;
  }
  // It may overflow although they are.
  return std::isfinite(numbers.detach().sum().item<double>());
}

}  // namespace

NamedTensors copies_of(const NamedTensors& tensors) {
  NamedTensors copies;
  for (const auto& [name, tensor] : tensors)
    copies.emplace_back(name, tensor.detach().to(at::kCPU).clone());
  return copies;
}

std::string first_not_finite(const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.defined() || !tensor.is_floating_point()) continue;
    if (is_surely_finite(tensor)) continue;
    const auto numbers = tensor.detach();
    const auto found = numbers.masked_select(numbers.isfinite().logical_not());
    if (found.numel() == 0) continue;
    const auto value = found[0].item<double>();
    return name + (std::isnan(value) ? " is nan" : value > 0 ? " is inf" : " is -inf");
  }
  return "";
}

ComponentState state_of(const TrialComponents& components) {
  ComponentState state;
  const auto on_cpu = [](NamedTensors tensors) {
    for (auto& [name, tensor] : tensors) tensor = tensor.detach().to(at::kCPU);
    return tensors;
  };
  state.tensors = on_cpu(components.tensors());
  for (const auto& phase : components.phases)
    state.optimizers.push_back(on_cpu(optimizer_state(phase)));
  return state;
}

void copy_tensors(const NamedTensors& saved, const NamedTensors& live) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < saved.size(); ++i) {
    auto target = live[i].second;
    target.copy_(saved[i].second);
  }
}

void restore_tensors(const NamedTensors& saved, const TrialComponents& components) {
  const auto& tensors = components.tensors();
  require_same(saved, tensors);
  copy_tensors(saved, tensors);
}

void restore(const ComponentState& state, TrialComponents& components) {
  const auto tensors = components.tensors();
  std::vector<NamedTensors> optimizers;
  for (const auto& phase : components.phases) optimizers.push_back(optimizer_state(phase));
  require_same(state.tensors, tensors);
  if (state.optimizers.size() != optimizers.size())
    throw TrialError("a state of " + std::to_string(state.optimizers.size()) +
                     " optimizers does not fit a loss with " + std::to_string(optimizers.size()) +
                     " phases");
  for (std::size_t i = 0; i < optimizers.size(); ++i)
    require_same(state.optimizers[i], optimizers[i]);

  copy_tensors(state.tensors, tensors);
  for (std::size_t i = 0; i < optimizers.size(); ++i)
    copy_tensors(state.optimizers[i], optimizers[i]);
}

namespace {

/// @throws TrialError for a type that files of parameters do not have
results::ElementType element_type(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return results::ElementType::f32;
    case at::kDouble:
      return results::ElementType::f64;
    case at::kLong:
      return results::ElementType::i64;
    case at::kByte:
    case at::kBool:
      return results::ElementType::u8;
    default:
      throw TrialError(std::string("parameters of the type ") + toString(type) +
                       " cannot be kept; set train.keep to none");
  }
}

}  // namespace

results::NamedTensor named_tensor(const std::string& name, const Tensor& tensor) {
  const auto values = tensor.contiguous();
  results::NamedTensor named;
  named.name = name;
  named.type = element_type(values.scalar_type());
  named.shape = values.sizes().vec();
  named.bytes.resize(static_cast<std::size_t>(values.nbytes()));
  if (!named.bytes.empty()) std::memcpy(named.bytes.data(), values.data_ptr(), named.bytes.size());
  return named;
}

Tensor tensor_of(results::NamedTensor& saved, at::ScalarType type) {
  if (saved.type != element_type(type)) return {};
  const auto stored = type == at::kBool ? at::kByte : type;
  return at::from_blob(saved.bytes.data(), saved.shape, at::TensorOptions().dtype(stored));
}

void ParameterSnapshot::take(const TrialComponents& components, std::int64_t new_epoch,
                             double new_value) {
  epoch = new_epoch;
  value = new_value;
  tensors = copies_of(components.tensors());
}

void save_snapshot(const ParameterSnapshot& snapshot, const std::filesystem::path& file,
                   const std::string& trial, const files::Lease& lease) {
  if (snapshot.tensors.empty()) return;
  std::vector<results::NamedTensor> tensors;
  for (const auto& [name, tensor] : snapshot.tensors) tensors.push_back(named_tensor(name, tensor));
  results::NamedTensor epoch;
  epoch.name = "epoch";
  epoch.type = results::ElementType::i64;
  epoch.bytes.resize(sizeof snapshot.epoch);
  std::memcpy(epoch.bytes.data(), &snapshot.epoch, sizeof snapshot.epoch);
  tensors.push_back(std::move(epoch));
  const auto temporary = lease.folder / ("parameters." + std::to_string(lease.token) + ".tmp");
  results::save_tensors(file.string(), tensors, temporary.string(), trial);
}

std::int64_t load_snapshot(const std::filesystem::path& file, const std::string& trial,
                           const TrialComponents& components) {
  const auto path = file.string();
  auto loaded = results::load_tensors(path, trial);
  std::map<std::string, results::NamedTensor*> saved;
  for (auto& tensor : loaded) saved[tensor.name] = &tensor;
  const auto take = [&](const std::string& name, at::ScalarType type, at::IntArrayRef sizes) {
    const auto found = saved.find(name);
    if (found == saved.end())
      throw StoreError(path, "has no tensor '" + name + "', which this trial's model has");
    if (found->second->type != element_type(type) || at::IntArrayRef(found->second->shape) != sizes)
      throw StoreError(path, c10::str("tensor '", name, "': expected ", type, " ", sizes,
                                      ", found the shape ", at::IntArrayRef(found->second->shape),
                                      "; the file is of another trial, or of another plugin"));
    auto* tensor = found->second;
    saved.erase(found);
    return tensor_of(*tensor, type);
  };
  const torch::NoGradGuard no_grad;
  const auto epoch = take("epoch", at::kLong, {}).item<std::int64_t>();
  for (const auto& [name, target] : components.tensors())
    Tensor(target).copy_(take(name, target.scalar_type(), target.sizes()));
  if (!saved.empty())
    throw StoreError(path, "has a tensor '" + saved.begin()->first +
                               "', which this trial's model has not; the file is of another trial, "
                               "or of another plugin");
  return epoch;
}

}  // namespace varia::training
