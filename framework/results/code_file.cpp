#include "results/code_file.hpp"

#include <map>

#include "hdf5/attribute.hpp"
#include "hdf5/dataset.hpp"
#include "hdf5/netcdf.hpp"
#include "results/names.hpp"
#include "results/output_file.hpp"
#include "results/trial/trial_input.hpp"
#include "varia/error.hpp"

namespace varia::results {

using hdf5::Object;
using hdf5::Shape;

struct CodeFile::State {
  explicit State(const std::string& path) : path(path), output(path) {}

  std::string path;
  OutputFile output;
  std::map<std::string, Object> columns;  // of the split under way
  std::int64_t written = 0;               // images of it
  std::int64_t images = 0;

  template <class T>
  void write(const std::string& name, std::int64_t count, const std::vector<T>& values) {
    if (values.empty()) return;
    const auto column = columns.find(name);
    const auto width = static_cast<std::int64_t>(values.size()) / count;
    if (column == columns.end() || written + count > images)
      throw StoreError(path, "the codes of " + name + " do not fit what was announced");
    Shape start(hdf5::shape_of(column->second).size(), 0);
    start[0] = written;
    Shape box(start.size(), width);
    box[0] = count;
    hdf5::write_box(column->second, start, box, values.data());
  }
};

namespace {

std::string mean_name(const std::string& block) { return block + "_mean"; }
std::string deviation_name(const std::string& block) { return block + "_standard_deviation"; }

}  // namespace

CodeFile::CodeFile(const std::string& path, const std::string& results, const TrialInfo& trial)
    : state_(std::make_unique<State>(path)) {
  const auto& root = state_->output.root();
  hdf5::write_attribute(root, "format", std::string("varia-codes"));
  hdf5::write_attribute(root, "version", kFormatVersion);
  hdf5::write_attribute(root, "results", results);
  hdf5::write_attribute(root, "experiment", trial.experiment);
  hdf5::write_attribute(root, "trial", trial.id);
  hdf5::write_attribute(root, "epoch", trial.epochs_done);
}

CodeFile::~CodeFile() = default;

void CodeFile::begin_split(const std::string& name, std::int64_t images,
                           const std::vector<std::string>& factors, const CodeRows& like) {
  auto& state = *state_;
  check_name(state.path, "split", name);
  state.columns.clear();
  state.written = 0;
  state.images = images;
  const auto group = hdf5::create_group(state.output.root(), name);
  const auto image = netcdf::write_dimension(group, "image", images);
  const auto width_of = [&](const auto& values) {
    return static_cast<std::int64_t>(values.size()) / like.images;
  };
  const auto add = [&](const std::string& column, std::int64_t width,
                       const Object& axis) -> const Object& {
    auto dataset = hdf5::create_dataset<float>(group, column, {images, width}, {}, 0.0F);
    netcdf::attach(dataset, {&image, &axis});
    return state.columns.insert_or_assign(column, std::move(dataset)).first->second;
  };
  for (const auto& block : like.blocks) {
    check_name(state.path, "latent variable", block.name);
    const auto width = width_of(block.mean);
    const auto axis = netcdf::write_dimension(group, "dimension_" + block.name, width);
    add(mean_name(block.name), width, axis);
    if (!block.deviation.empty()) add(deviation_name(block.name), width, axis);
  }
  if (!like.labels.empty()) {
    auto labels = hdf5::create_dataset<std::int64_t>(group, "labels", {images}, {}, 0);
    netcdf::attach(labels, {&image});
    state.columns.insert_or_assign("labels", std::move(labels));
  }
  if (!like.factors.empty()) {
    const auto axis = netcdf::write_dimension(group, "factor", width_of(like.factors));
    hdf5::write_attribute(add("factors", width_of(like.factors), axis), "names",
                          joined(factors, ','));
  }
  state.output.check();
}

void CodeFile::append(const CodeRows& rows) {
  auto& state = *state_;
  for (const auto& block : rows.blocks) {
    state.write(mean_name(block.name), rows.images, block.mean);
    state.write(deviation_name(block.name), rows.images, block.deviation);
  }
  state.write("labels", rows.images, rows.labels);
  state.write("factors", rows.images, rows.factors);
  state.written += rows.images;
  state.output.check();
}

void CodeFile::commit() {
  state_->columns.clear();
  state_->output.commit();
}

}  // namespace varia::results
