#include "cells/cell_dataset.hpp"
#include "varia/data_folder.hpp"
#include "varia/error_list.hpp"
#include "varia/plugin.hpp"

namespace varia::datasets {

namespace {

struct AnnDataParams final : CellParams {
  AnnDataParams() : CellParams(0) {}

  Text file{this, "file", kUnset,
            "AnnData file (.h5ad). A relative path starts at the experiment file's folder."};
  Text layer{this, "layer", "X",
             "The matrix that is read: X, the name of a layer, or raw for that of AnnData's raw."};
  Choice domain{this,
                "domain",
                "auto",
                {"auto", "count", "real"},
                "What the numbers are. auto: count if the first 2^20 of them are, else real."};
  Choice missing{this,
                 "missing",
                 "none",
                 {"none", "nan"},
                 "What stands for a value that was not observed; none: NaN is an error."};

  CellSource source() const override {
    CellSource source{.file = existing_input_path(file),
                      .layer = layer(),
                      .layer_given = layer.where(),
                      .domain = {},
                      .nan_is_missing = missing.is("nan"),
                      .label = label.has_value() ? label() : ""};
    if (!domain.is("auto")) source.domain = domain.is("count") ? Domain::count : Domain::real;
    return source;
  }

 protected:
  void check() const override {
    ErrorList errors;
    errors.collect([&] { CellParams::check(); });
    errors.collect([&] {
      if (!file.has_value()) fail(file, "expected the path of an AnnData file, found nothing.");
    });
    errors.raise();
  }
};

/// As scanpy ships it: ln(1 + counts in 10,000), rounded to three decimals, in AnnData's raw.
struct Pbmc68kParams final : CellParams {
  Pbmc68kParams() : CellParams(0.2) {}

  CellSource source() const override {
    constexpr const char* kFile = "10x_pbmc68k_reduced.h5ad";
    return {.file = require_data("pbmc68k", {kFile}) / kFile,
            .layer = "raw",
            .domain = Domain::count,
            .label = label.has_value() ? label() : "bulk_labels",
            .normalised = LogNormalised{.total = "n_counts", .target = 1e4}};
  }
};

template <class P>
struct CellsOf final : CellDataset {
  using Params = P;
  explicit CellsOf(const Params& params) : CellDataset(params) {}
};

}  // namespace

}  // namespace varia::datasets

VARIA_PLUGIN("anndata", "1.0.0") {
  using namespace varia::datasets;
  registry.add<CellsOf<AnnDataParams>>(
      "anndata", "Cells of an AnnData file (.h5ad): counts, labels, covariates of obs.");
  registry.add<CellsOf<Pbmc68kParams>>(
      "pbmc68k", "700 blood cells of ten types, counts of 765 genes (Zheng et al. 2017).");
}
