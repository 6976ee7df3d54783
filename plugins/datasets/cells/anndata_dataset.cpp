#include "cells/anndata_dataset.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "cells/cell_matrix.hpp"
#include "cells/data_frame.hpp"
#include "shared/test_share.hpp"
#include "tables/column_numbers.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

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
  const bool has_raw = hdf5::is_group(file, "raw") && hdf5::exists(file, "raw/X");
  if (has_raw && std::ranges::find(layers, "raw", &Layer::name) == layers.end())
    layers.push_back({"raw", "raw/X", "raw/var"});
  return layers;
}

/// @throws ConfigError if the file has no such layer
Layer chosen_layer(const hdf5::Object& file, const AnnDataParams& params) {
  const auto layers = layers_of(file);
  const auto found = std::ranges::find(layers, params.layer(), &Layer::name);
  if (found != layers.end()) return *found;
  std::vector<std::string> names;
  for (const auto& layer : layers) names.push_back(layer.name);
  const auto known = listable(names);
  throw ConfigError(params.layer.where(),
                    "layer: " + file.file->path + " has no layer '" + params.layer() + "'. " +
                        (known.empty() ? "It has no matrix." : suggestion(params.layer(), known)));
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

Domain domain_of(const CellMatrix& matrix, const Choice& domain) {
  if (domain.is("count")) return Domain::count;
  if (domain.is("real")) return Domain::real;
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
Annotations annotations_of(const CellColumns& cells, const AnnDataParams& params,
                           const std::string& path) {
  Annotations annotations;
  annotations.sample_names = cells.names_of_cells();
  if (params.label.has_value()) {
    const auto label = cells.read(params.label, params.label(), true, kMostClasses);
    annotations.labels = labels_of(label);
    annotations.class_names = label.categories();
  }
  std::vector<TableColumn> columns;
  std::int64_t place = 0;
  for (const auto& name : params.covariates()) {
    columns.push_back(cells.read(params.covariates, name, false, kMostCategories));
    if (columns.back().type() == CellType::number) annotations.measured_covariates.push_back(place);
    place += columns.back().width();
  }
  if (columns.empty()) return annotations;
  annotations.covariates = numbers_of(columns, path);
  annotations.covariate_names = features_of(columns);
  return annotations;
}

}  // namespace

AnnDataParams::AnnDataParams()
    : file{this, "file", kUnset,
           "AnnData file (.h5ad). A relative path starts at the experiment file's folder."},
      layer{this, "layer", "X",
            "The matrix that is read: X, the name of a layer, or raw for that of AnnData's raw."},
      domain{this,
             "domain",
             "auto",
             {"auto", "count", "real"},
             "What the numbers are. auto: count if the first 2^20 of them are, else real."},
      missing{this,
              "missing",
              "none",
              {"none", "nan"},
              "What stands for a value that was not observed; none: NaN is an error."},
      label{this, "label", kUnset,
            "The column of obs with the labels, categories, text or whole numbers."},
      covariates{
          this,
          "covariates",
          {},
          "Columns of obs that a decoder is told: the batch of a cell, say. Categories, text "
          "and booleans become one-hot; numbers are standardised by the training split."},
      test{this,
           "test",
           0.0,
           {0.0, 0.9},
           "The part of the cells that is set aside as the test split, by split_seed."} {}

AnnDataParams::~AnnDataParams() = default;

void AnnDataParams::check() const {
  DatasetParams::check();
  if (!file.has_value()) fail(file, "expected the path of an AnnData file, found nothing.");
  for (auto name = covariates().begin(); name != covariates().end(); ++name)
    if (std::find(covariates().begin(), name, *name) != name)
      fail(covariates, "column '" + *name + "' is named twice.");
}

std::string AnnDataParams::default_likelihood() const {
  if (domain.is("real")) return varia::default_likelihood(Domain::real);
  if (domain.is("count")) return varia::default_likelihood(Domain::count);
  const auto opened = hdf5::open_file(input_path(file).string(), /*is_data=*/true);
  const CellMatrix matrix(opened, chosen_layer(opened, *this).path);
  return varia::default_likelihood(domain_of(matrix, domain));
}

void AnnDataDataset::open() {
  const auto path = input_path(params_.file).string();
  const auto file = hdf5::open_file(path, /*is_data=*/true);
  const auto layer = chosen_layer(file, params_);
  const CellMatrix matrix(file, layer.path);
  auto annotations = annotations_of(CellColumns(file, matrix.cells()), params_, path);
  annotations.features = DataFrame(file, layer.features, matrix.features()).index();
  const auto domain = domain_of(matrix, params_.domain);
  annotations.blocks = {{domain, matrix.features()}};
  if (domain == Domain::real) annotations.domain_hint = count_layers(file, layer);
  const NumberOptions options{.domain = domain,
                              .range = {},
                              .nan_is_missing = params_.missing.is("nan"),
                              .count_hint = [&] {
                                return count_layers(file, layer) +
                                       " If these are not counts, set 'domain: real'.";
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

std::shared_ptr<const Samples> AnnDataDataset::load(std::string_view split) {
  if (!train_) open();
  return split == "train" ? train_ : test_;
}

std::string AnnDataDataset::digest() { return digest_of_files({input_path(params_.file)}); }

}  // namespace varia::datasets
