#include "results/code_file.hpp"

#include <cstddef>

#include "files/whole_file.hpp"
#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/lists.hpp"
#include "results/names.hpp"
#include "results/output_file.hpp"
#include "results/tensor_type.hpp"
#include "varia/error.hpp"

namespace varia::results {

using hdf5::Object;

namespace {

/// The names of the axes after the first. What has the same axes shares them: mean and deviation of
/// a latent variable, reconstruction and values.
std::vector<std::string> axes_of(std::string name, std::size_t count) {
  if (count == 3) return {"channel", "row", "column"};
  if (name == "factors") return {"factor"};
  if (name == "reconstruction" || name == "values" || name == "imputed") name = "feature";
  for (const std::string suffix : {kMeanSuffix, kDeviationSuffix})
    if (name.ends_with(suffix)) name = "dimension_" + name.substr(0, name.size() - suffix.size());
  if (count == 1) return {name};
  std::vector<std::string> axes;
  for (std::size_t i = 0; i < count; ++i) axes.push_back(name + "_" + std::to_string(i));
  return axes;
}

std::string csv_row(const std::vector<std::string>& names) {
  std::string row;
  for (const auto& name : names)
    row += (&name == &names.front() ? "" : ",") + delimited_cell(name, ',');
  return row;
}

}  // namespace

CodeFile::CodeFile(const std::string& path, const std::string& results, const TrialInfo& trial,
                   const std::string& format)
    : path_(path),
      output_(std::make_unique<OutputFile>(path, format, files::temporary_beside(path))) {
  const auto& root = output_->root();
  hdf5::write_attribute(root, "results", results);
  hdf5::write_attribute(root, "experiment", trial.experiment);
  hdf5::write_attribute(root, "trial", trial.id);
  hdf5::write_attribute(root, "epoch", trial.epochs_done);
}

CodeFile::~CodeFile() = default;

void CodeFile::begin_split(const std::string& name, std::int64_t samples,
                           const ColumnNames& columns, const std::vector<NamedTensor>& like) {
  check_name("split", name);
  split_ = name;
  samples_ = samples;
  written_ = 0;
  const auto group = hdf5::create_group(output_->root(), name);
  const auto image = netcdf::write_dimension(group, "image", samples);
  for (const auto& tensor : like) {
    check_name("codes", tensor.name);
    auto shape = tensor.shape;
    shape.at(0) = samples;
    const auto type = hdf5_type(tensor.type);
    const auto dataset = hdf5::create_dataset(group, tensor.name, type, shape, {}, type, nullptr);
    std::vector<Object> scales;
    std::size_t axis = 0;
    for (const auto& axis_name : axes_of(tensor.name, shape.size() - 1)) {
      ++axis;
      scales.push_back(hdf5::exists(group, axis_name)
                           ? hdf5::open_dataset(group, axis_name)
                           : netcdf::write_dimension(group, axis_name, shape[axis]));
    }
    std::vector<const Object*> axes = {&image};
    for (const auto& scale : scales) axes.push_back(&scale);
    netcdf::attach(dataset, axes);
    const auto names = columns.find(tensor.name);
    if (names != columns.end() && !names->second.empty())
      hdf5::write_attribute(dataset, "names", csv_row(names->second));
  }
  output_->check();
}

void CodeFile::write_names(const std::vector<std::string>& names) {
  if (static_cast<std::int64_t>(names.size()) != samples_)
    throw StoreError(path_, "there are " + std::to_string(names.size()) + " names for the " +
                                std::to_string(samples_) + " samples of " + split_);
  const auto group = hdf5::open_group(output_->root(), split_);
  const auto dataset = hdf5::write_texts(group, "names", {samples_}, names);
  const auto image = hdf5::open_dataset(group, "image");
  netcdf::attach(dataset, {&image});
  output_->check();
}

void CodeFile::append(const std::vector<NamedTensor>& rows) {
  const auto group = hdf5::open_group(output_->root(), split_);
  std::int64_t count = 0;
  for (const auto& tensor : rows) {
    count = tensor.shape.at(0);
    if (written_ + count > samples_ || !hdf5::exists(group, tensor.name))
      throw StoreError(path_, "the codes " + tensor.name + " do not fit what was announced");
    hdf5::Shape start(tensor.shape.size(), 0);
    start[0] = written_;
    hdf5::write_box(hdf5::open_dataset(group, tensor.name), start, tensor.shape,
                    hdf5_type(tensor.type), tensor.bytes.data());
  }
  written_ += count;
  output_->check();
}

void CodeFile::commit() { output_->commit(); }

}  // namespace varia::results
