#include "results/code_file.hpp"

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/names.hpp"
#include "results/output_file.hpp"
#include "results/trial/trial_input.hpp"
#include "varia/error.hpp"

namespace varia::results {

using hdf5::Object;

namespace {

hid_t element_type(const NamedTensor& tensor) {
  return tensor.type == ElementType::i64 ? hdf5::type_of<std::int64_t>() : hdf5::type_of<float>();
}

/// The name of the second axis; mean and deviation of a latent variable share it.
std::string axis_of(std::string name) {
  if (name == "factors") return "factor";
  for (const std::string suffix : {kMeanSuffix, kDeviationSuffix})
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  return "dimension_" + name;
}

}  // namespace

CodeFile::CodeFile(const std::string& path, const std::string& results, const TrialInfo& trial)
    : path_(path), output_(std::make_unique<OutputFile>(path, "varia-codes")) {
  const auto& root = output_->root();
  hdf5::write_attribute(root, "results", results);
  hdf5::write_attribute(root, "experiment", trial.experiment);
  hdf5::write_attribute(root, "trial", trial.id);
  hdf5::write_attribute(root, "epoch", trial.epochs_done);
}

CodeFile::~CodeFile() = default;

void CodeFile::begin_split(const std::string& name, std::int64_t images,
                           const std::vector<std::string>& factors,
                           const std::vector<NamedTensor>& like) {
  check_name("split", name);
  split_ = name;
  images_ = images;
  written_ = 0;
  const auto group = hdf5::create_group(output_->root(), name);
  const auto image = netcdf::write_dimension(group, "image", images);
  for (const auto& tensor : like) {
    check_name("codes", tensor.name);
    auto shape = tensor.shape;
    shape.at(0) = images;
    const auto type = element_type(tensor);
    const auto dataset = hdf5::create_dataset(group, tensor.name, type, shape, {}, type, nullptr);
    std::vector<const Object*> axes = {&image};
    Object axis;
    if (shape.size() > 1) {
      const auto axis_name = axis_of(tensor.name);
      axis = hdf5::exists(group, axis_name) ? hdf5::open_dataset(group, axis_name)
                                            : netcdf::write_dimension(group, axis_name, shape[1]);
      axes.push_back(&axis);
    }
    netcdf::attach(dataset, axes);
    if (tensor.name == "factors") hdf5::write_attribute(dataset, "names", joined(factors, ','));
  }
  output_->check();
}

void CodeFile::write_names(const std::vector<std::string>& names) {
  if (static_cast<std::int64_t>(names.size()) != images_)
    throw StoreError(path_, "there are " + std::to_string(names.size()) + " names for the " +
                                std::to_string(images_) + " images of " + split_);
  const auto group = hdf5::open_group(output_->root(), split_);
  const auto dataset = hdf5::write_texts(group, "names", {images_}, names);
  const auto image = hdf5::open_dataset(group, "image");
  netcdf::attach(dataset, {&image});
  output_->check();
}

void CodeFile::append(const std::vector<NamedTensor>& rows) {
  const auto group = hdf5::open_group(output_->root(), split_);
  std::int64_t count = 0;
  for (const auto& tensor : rows) {
    count = tensor.shape.at(0);
    if (written_ + count > images_ || !hdf5::exists(group, tensor.name))
      throw StoreError(path_, "the codes " + tensor.name + " do not fit what was announced");
    hdf5::Shape start(tensor.shape.size(), 0);
    start[0] = written_;
    hdf5::write_box(hdf5::open_dataset(group, tensor.name), start, tensor.shape,
                    element_type(tensor), tensor.bytes.data());
  }
  written_ += count;
  output_->check();
}

void CodeFile::commit() { output_->commit(); }

}  // namespace varia::results
