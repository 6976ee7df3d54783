#include "results/tensors.hpp"

#include <array>
#include <set>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "results/names.hpp"
#include "results/output_file.hpp"
#include "results/trial/trial_input.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

constexpr const char* kTensorsFormat = "varia-tensors";
constexpr std::array kTypes = {ElementType::f32, ElementType::f64, ElementType::i64,
                               ElementType::u8};

hid_t file_type(ElementType type) {
  switch (type) {
    case ElementType::f32:
      return H5T_IEEE_F32LE;
    case ElementType::f64:
      return H5T_IEEE_F64LE;
    case ElementType::i64:
      return H5T_STD_I64LE;
    case ElementType::u8:
      return H5T_STD_U8LE;
  }
  return H5I_INVALID_HID;
}

}  // namespace

std::size_t element_size(ElementType type) {
  switch (type) {
    case ElementType::f32:
      return 4;
    case ElementType::f64:
      return 8;
    case ElementType::i64:
      return 8;
    case ElementType::u8:
      return 1;
  }
  return 0;
}

void save_tensors(const std::string& path, const std::vector<NamedTensor>& tensors,
                  const std::string& temporary) {
  std::set<std::string> seen;
  for (const NamedTensor& tensor : tensors) {
    check_name(path, "tensor", tensor.name);
    if (!seen.insert(tensor.name).second) {
      throw StoreError(path, "two tensors have the name '" + tensor.name + "'");
    }
    if (static_cast<std::size_t>(hdf5::count_of(tensor.shape)) * element_size(tensor.type) !=
        tensor.bytes.size()) {
      throw StoreError(path, "tensor " + tensor.name + ": " + std::to_string(tensor.bytes.size()) +
                                 " bytes do not fill the shape [" + shape_text(tensor.shape) + "]");
    }
  }
  OutputFile output(path, temporary);
  hdf5::write_attribute(output.root(), "format", std::string(kTensorsFormat));
  hdf5::write_attribute(output.root(), "version", kFormatVersion);
  {
    const hdf5::Object group = hdf5::create_group(output.root(), "tensors");
    for (const NamedTensor& tensor : tensors) {
      const hid_t type = file_type(tensor.type);
      const hdf5::Object dataset =
          hdf5::create_dataset(group, tensor.name, type, tensor.shape, {}, type, nullptr);
      hdf5::write_all(dataset, type, tensor.bytes.data());
      output.check();
    }
  }
  output.commit();
}

std::vector<NamedTensor> load_tensors(const std::string& path) {
  const hdf5::Object root = hdf5::open_file(path);
  require_format(root, kTensorsFormat, "Use the Varia that wrote it.");
  const hdf5::Object group = hdf5::open_group(root, "tensors");
  std::vector<NamedTensor> tensors;
  for (const std::string& name : hdf5::names(group)) {
    const hdf5::Object dataset = hdf5::open_dataset(group, name);
    const hdf5::Handle type(H5Dget_type(dataset.id));
    NamedTensor tensor;
    tensor.name = name;
    bool known = false;
    for (const ElementType candidate : kTypes) {
      if (H5Tequal(type, file_type(candidate)) <= 0) continue;
      tensor.type = candidate;
      known = true;
    }
    if (!known) hdf5::damaged(dataset, "its type is none of f32, f64, i64, u8");
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
