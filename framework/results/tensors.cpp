#include "results/tensors.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "results/file_frame.hpp"
#include "results/format.hpp"
#include "results/lists.hpp"
#include "results/names.hpp"
#include "results/output_file.hpp"
#include "results/tensor_type.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

/// The attribute of the root that names the trial. Files of older versions lack it.
constexpr const char* kTrial = "trial";

constexpr std::array kTypes = {ElementType::f32, ElementType::f64, ElementType::i64,
                               ElementType::u8};

/// @throws StoreError if a file says that it is of another trial
void require_trial(const hdf5::Object& root, const std::string& trial) {
  if (trial.empty() || !hdf5::has_attribute(root, kTrial)) return;
  const auto found = hdf5::read_attribute<std::string>(root, kTrial);
  if (found == trial) return;
  throw StoreError(root.file->path, "has the parameters of the trial " + found +
                                        ", and those of the trial " + trial +
                                        " are asked for. Name the file of that trial, or that "
                                        "trial by --trial");
}

}  // namespace

std::size_t element_size(ElementType type) { return H5Tget_size(hdf5_type(type)); }

void save_tensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                  const std::string& temporary, const std::string& trial) {
  std::set<std::string> seen;
  for (const NamedTensor& tensor : tensors) {
    check_name("tensor", tensor.name);
    if (!seen.insert(tensor.name).second) {
      throw StoreError(path, "two tensors have the name '" + tensor.name + "'");
    }
    if (static_cast<std::size_t>(hdf5::count_of(tensor.shape)) * element_size(tensor.type) !=
        tensor.bytes.size()) {
      throw StoreError(path, "tensor " + tensor.name + ": " + std::to_string(tensor.bytes.size()) +
                                 " bytes do not fill the shape [" + shape_text(tensor.shape) + "]");
    }
  }
  OutputFile output(path, kTensorsFormat, temporary);
  {
    if (!trial.empty()) hdf5::write_attribute(output.root(), kTrial, trial);
    const hdf5::Object group = hdf5::create_group(output.root(), "tensors");
    for (const NamedTensor& tensor : tensors) {
      const hid_t type = hdf5_type(tensor.type);
      const hdf5::Object dataset =
          hdf5::create_dataset(group, tensor.name, type, tensor.shape, {}, type, nullptr);
      hdf5::write_all(dataset, type, tensor.bytes.data());
      output.check();
    }
  }
  output.commit();
}

std::vector<NamedTensor> load_tensors(const std::string& path, const std::string& trial) {
  const std::string remedy = "varia run --from RESULTS.h5 --trial ID trains the model again.";
  const bool has_its_end = require_intact(path, remedy);
  const hdf5::Object root = hdf5::open_file(path, /*is_data=*/false, remedy);
  require_format(root, kTensorsFormat, "Use the Varia that wrote it.");
  if (!has_its_end) hdf5::damaged(root, "it ends without its checksum");
  require_trial(root, trial);
  const hdf5::Object group = hdf5::open_group(root, "tensors");
  std::vector<NamedTensor> tensors;
  for (const std::string& name : hdf5::names(group)) {
    const hdf5::Object dataset = hdf5::open_dataset(group, name);
    const hdf5::Handle type(H5Dget_type(dataset.id));
    const auto found = std::ranges::find_if(
        kTypes, [&](ElementType candidate) { return H5Tequal(type, hdf5_type(candidate)) > 0; });
    if (found == kTypes.end()) hdf5::damaged(dataset, "its type is none of f32, f64, i64, u8");
    NamedTensor tensor{name, *found, {}, {}};
    tensor.shape = hdf5::shape_of(dataset);
    const std::int64_t count = hdf5::count_of(tensor.shape);
    hdf5::require_stored(dataset, count);
    tensor.bytes.resize(static_cast<std::size_t>(count) * element_size(tensor.type));
    hdf5::read_all(dataset, type, tensor.bytes.data());
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace varia::results
