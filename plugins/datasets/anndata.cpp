#include "cells/anndata_dataset.hpp"
#include "varia/plugin.hpp"

VARIA_PLUGIN("anndata", "1.0.0") {
  registry.add<varia::datasets::AnnDataDataset>(
      "anndata", "Cells of an AnnData file (.h5ad): counts, labels, covariates of obs.");
}
