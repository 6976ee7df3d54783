#include "cells/cell_dataset.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "cells/cell_matrix.hpp"
#include "cells/data_frame.hpp"
#include "shared/test_share.hpp"
#include "tables/column_numbers.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"
#include "varia/value.hpp"

namespace varia::datasets {

namespace {

constexpr std::size_t kMostCategories = 1000;
constexpr std::size_t kMostClasses = 100'000;

/// A matrix of the file, by the name that `layer` has for it.
struct Layer {
  std::string name;
  std::string path;
  std::string features = "var";  ///< the data frame of its features
};

std::vector<Layer> layers_of(const hdf5::Object& file) {
  std::vector<Layer> layers;
  if (hdf5::exists(file, "X")) layers.push_back({"X", "X"});
  if (hdf5::is_group(file, "layers"))
    for (const auto& name : hdf5::names(hdf5::open_group(file, "layers")))
      layers.push_back({name, "layers/" + name});
  if (std::ranges::find(layers, "raw", &Layer::name) != layers.end()) return layers;
  if (hdf5::is_group(file, "raw") && hdf5::exists(file, "raw/X"))
    layers.push_back({"raw", "raw/X", "raw/var"});
  else if (hdf5::exists(file, "raw.X"))  // before AnnData 0.7
    layers.push_back({"raw", "raw.X", "raw.var"});
  return layers;
}

/// @throws ConfigError if the file has no such layer
Layer chosen_layer(const hdf5::Object& file, const CellSource& source) {
  const auto layers = layers_of(file);
  const auto found = std::ranges::find(layers, source.layer, &Layer::name);
  if (found != layers.end()) return *found;
  std::vector<std::string> names;
  for (const auto& layer : layers) names.push_back(layer.name);
  const auto known = listable(names);
  throw ConfigError(source.layer_given,
                    "layer: " + file.file->path + " has no layer '" + source.layer + "'. " +
                        (known.empty() ? "It has no matrix." : suggestion(source.layer, known)));
}

/// The layers beside `used` that hold counts: what to say if that one does not. Empty if none does.
std::string count_layers(const hdf5::Object& file, const Layer& used) {
  std::vector<std::string> names;
  for (const auto& layer : layers_of(file)) {
    if (layer.name == used.name) continue;
    try {
      if (CellMatrix(file, layer.path).begins_with_counts()) names.push_back(layer.name);
    } catch (const DataError&) {
      continue;  // a layer that is not read may be of any kind
    }
  }
  std::string list;
  for (const auto& name : listable(names)) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "" : "Layers that begin with counts: " + list + " (set 'layer').";
}

Domain domain_of(const CellMatrix& matrix, const CellSource& source) {
  if (source.domain) return *source.domain;
  return matrix.begins_with_counts() ? Domain::count : Domain::real;
}

bool stays_in_place(const CellMatrix& matrix) {
  return !matrix.is_sparse() && matrix.dense().type() == NumberArray::Type::real &&
         matrix.dense().is_in_place();
}

NumberFindings check_sparse(const CellMatrix& matrix, SparseRows& read, const Tensor& rows,
                            const NumberOptions& options) {
  const auto stored = static_cast<std::int64_t>(read.values.size());
  const auto values = at::from_blob(read.values.data(), {stored}, at::kFloat);
  auto found = examine_numbers(values, options, [&](std::int64_t place, const auto& fault) {
    const auto after = std::ranges::upper_bound(read.begins, place);
    const auto row = rows[after - read.begins.begin() - 1].template item<std::int64_t>();
    throw DataError(matrix.place(), "row " + std::to_string(row) + " " + fault);
  });
  if (stored < read.size() * read.width) found.add({.has_missing = false, .bounds = Range{0, 0}});
  return found;
}

/// Columns of `obs` that parameters name.
class CellColumns {
 public:
  CellColumns(const hdf5::Object& file, std::int64_t cells)
      : path_(file.file->path), obs_(file, "obs", cells), known_(obs_.columns()) {}

  std::vector<std::string> names_of_cells() const { return obs_.index(); }

  /// @throws ConfigError if there is no such column
  /// @throws DataError if a cell has no entry, or the column cannot be read
  TableColumn read(const Parameter& parameter, const std::string& name, bool as_categories,
                   std::size_t most) const {
    if (std::ranges::find(known_, name) == known_.end()) {
      throw ConfigError(parameter.where(), parameter.name() + ": " + path_ +
                                               ": obs has no column '" + name + "'. " +
                                               suggestion(name, listable(known_)));
    }
    auto column = obs_.column(name, as_categories, most);
    if (const auto row = column.first_missing()) {
      throw DataError(path_ + ": obs", "column '" + name + "': row " + std::to_string(*row) +
                                           " has no entry, and every cell needs one as " +
                                           parameter.name() + ".");
    }
    return column;
  }

 private:
  std::string path_;
  DataFrame obs_;
  std::vector<std::string> known_;
};

/// What is known of all cells beside their numbers.
Annotations annotations_of(const CellColumns& cells, const CellParams& params,
                           const CellSource& source) {
  Annotations annotations;
  annotations.sample_names = cells.names_of_cells();
  if (!source.label.empty()) {
    const auto label = cells.read(params.label, source.label, true, kMostClasses);
    annotations.labels = labels_of(label);
    annotations.class_names = label.categories();
  }
  std::vector<TableColumn> columns;
  for (const auto& name : params.covariates())
    columns.push_back(cells.read(params.covariates, name, false, kMostCategories));
  set_covariates(annotations, columns, source.file.string());
  return annotations;
}

/// Makes counts of numbers that were normalised.
/// @param totals of all cells
/// @throws DataError if one is not near a whole number
void restore_counts(const CellMatrix& matrix, SparseRows& read, const Tensor& rows,
                    const TableColumn& totals, double target) {
  for (std::int64_t i = 0; i < read.size(); ++i) {
    const auto row = rows[i].item<std::int64_t>();
    float total = 0;
    totals.write(static_cast<std::size_t>(row), &total);
    const auto end = static_cast<std::size_t>(read.begins[static_cast<std::size_t>(i) + 1]);
    for (auto k = static_cast<std::size_t>(read.begins[static_cast<std::size_t>(i)]); k < end;
         ++k) {
      const auto count = std::expm1(static_cast<double>(read.values[k])) * total / target;
      const auto whole = std::round(count);
      if (!(whole >= 1 && std::abs(count - whole) < 0.25)) {
        throw DataError(matrix.place(), "row " + std::to_string(row) +
                                            " has a number that stands for " + number_text(count) +
                                            "; expected a count.");
      }
      read.values[k] = static_cast<float>(whole);
    }
  }
}

}  // namespace

CellParams::CellParams(double share)
    : test{this,
           "test",
           share,
           {0.0, 0.9},
           "The part of the cells that is set aside as the test split, by split_seed."} {}

CellParams::~CellParams() = default;

void CellParams::check() const {
  DatasetParams::check();
  for (auto name = covariates().begin(); name != covariates().end(); ++name)
    if (std::find(covariates().begin(), name, *name) != name)
      fail(covariates, "column '" + *name + "' is named twice.");
}

std::string CellParams::default_likelihood() const {
  const auto source = this->source();
  if (source.domain) return varia::default_likelihood(*source.domain);
  const auto file = hdf5::open_file(source.file.string(), /*is_data=*/true);
  const CellMatrix matrix(file, chosen_layer(file, source).path);
  return varia::default_likelihood(domain_of(matrix, source));
}

void CellDataset::open() {
  const auto source = params_.source();
  const auto file = hdf5::open_file(source.file.string(), /*is_data=*/true);
  const auto layer = chosen_layer(file, source);
  const CellMatrix matrix(file, layer.path);
  const CellColumns cells(file, matrix.cells());
  auto annotations = annotations_of(cells, params_, source);
  annotations.features = DataFrame(file, layer.features, matrix.features()).index();
  const auto domain = domain_of(matrix, source);
  annotations.blocks = {{domain, matrix.features()}};
  if (domain == Domain::real) annotations.domain_hint = count_layers(file, layer);
  const NumberOptions options{.domain = domain,
                              .rescaling = {},
                              .nan_is_missing = source.nan_is_missing,
                              .count_hint = [&] {
                                const auto layers = count_layers(file, layer);
                                return layers + (layers.empty() ? "" : " ") +
                                       "If these are not counts, set 'domain: real'.";
                              }};

  TestShare share{at::arange(matrix.cells(), at::kLong), at::empty({0}, at::kLong)};
  if (params_.test() > 0) share = set_test_aside(matrix.cells(), params_.test, params_);
  const auto train = limited(share.train, params_);
  const auto test = limited(share.test, params_);
  const bool in_place = stays_in_place(matrix);
  const auto rows =
      in_place ? at::arange(matrix.cells(), at::kLong) : std::get<0>(at::cat({train, test}).sort());
  std::shared_ptr<const Samples> all;
  const auto note = [&](const NumberFindings& found) {
    annotations.has_missing = found.has_missing;
    annotations.bounds = found.bounds;
  };
  if (matrix.is_sparse()) {
    auto read = matrix.read_sparse(rows);
    if (const auto& normalised = source.normalised)
      restore_counts(matrix, read, rows,
                     cells.read(params_.label, normalised->total, false, kMostCategories),
                     normalised->target);
    note(check_sparse(matrix, read, rows, options));
    all = std::make_shared<SparseSamples>(std::move(read), annotations.of(rows));
  } else {
    const auto& dense = matrix.dense();
    const auto values = in_place ? dense.in_place() : dense.read(rows, at::kFloat);
    note(check_numbers(dense, values, rows, options));
    all = std::make_shared<MemorySamples>(values, annotations.of(rows));
  }
  const auto subset = [&](const Tensor& chosen) {
    return std::make_shared<SubsetSamples>(all, at::searchsorted(rows, chosen));
  };
  train_ = subset(train);
  if (test.numel() > 0) test_ = subset(test);
}

std::shared_ptr<const Samples> CellDataset::load(std::string_view split) {
  if (!train_) open();
  return split == "train" ? train_ : test_;
}

std::string CellDataset::digest() { return digest_of_files({params_.source().file}); }

}  // namespace varia::datasets
