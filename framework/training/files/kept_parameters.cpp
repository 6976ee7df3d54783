#include "training/files/kept_parameters.hpp"

#include <ATen/Functions.h>

#include <cstring>
#include <string>
#include <vector>

#include "results/tensors.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace {

results::ElementType element_type(const Tensor& tensor) {
  switch (tensor.scalar_type()) {
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
      throw TrialError(std::string("parameters of the type ") + toString(tensor.scalar_type()) +
                       " cannot be kept; set train.keep to none");
  }
}

results::NamedTensor named_tensor(const std::string& name, const Tensor& tensor) {
  const auto values = tensor.contiguous();
  results::NamedTensor named;
  named.name = name;
  named.type = element_type(values);
  named.shape = values.sizes().vec();
  named.bytes.resize(static_cast<std::size_t>(values.nbytes()));
  if (!named.bytes.empty()) std::memcpy(named.bytes.data(), values.data_ptr(), named.bytes.size());
  return named;
}

}  // namespace

void save_kept(const Kept& kept, const std::filesystem::path& file, const files::Lease& lease) {
  if (kept.copies.empty()) return;
  std::vector<results::NamedTensor> tensors;
  for (const auto& [name, tensor] : kept.copies) tensors.push_back(named_tensor(name, tensor));
  results::NamedTensor epoch;
  epoch.name = "epoch";
  epoch.type = results::ElementType::i64;
  epoch.bytes.resize(sizeof kept.epoch);
  std::memcpy(epoch.bytes.data(), &kept.epoch, sizeof kept.epoch);
  tensors.push_back(std::move(epoch));
  const auto temporary = lease.folder / ("parameters." + std::to_string(lease.token) + ".tmp");
  results::save_tensors(file.string(), tensors, temporary.string());
}

void KeptParameters::remember(std::int64_t epoch, double validation_loss) {
  const auto& keep = components_.train->keep;
  if (keep.is("none")) return;
  // A finite loss can leave a gradient, and so parameters, that are not.
  for (const auto& [name, tensor] : components_.tensors())
    if (tensor.is_floating_point() && !tensor.isfinite().all().item<bool>()) return;
  // Epoch 0 stands until a first epoch is good.
  if (epoch > 0 && keep.is("best")) {
    if (!(validation_loss < kept_.best_loss)) return;
    kept_.best_loss = validation_loss;
  }
  kept_.epoch = epoch;
  kept_.copies = copies_of(components_.tensors());
}

}  // namespace varia::training
