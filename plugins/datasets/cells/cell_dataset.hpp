#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "varia/dataset.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

/// Numbers that are ln(1 + count / total * target), as is usual where cells are compared.
struct LogNormalised {
  std::string total;  ///< the column of obs with the totals of cells
  double target = 0;
};

/// A matrix of an AnnData file.
struct CellSource {
  std::filesystem::path file;
  std::string layer = "X";
  Location layer_given = {};     ///< where the experiment says which layer
  std::optional<Domain> domain;  ///< nullopt: by what the matrix begins with
  bool nan_is_missing = false;
  std::string label;  ///< the column of labels; empty if there is none
  /// If set, counts are made of the numbers of a sparse matrix.
  std::optional<LogNormalised> normalised = {};
};

/// What every data set of cells takes.
struct CellParams : DatasetParams {
  /// @param share the default of `test`
  explicit CellParams(double share);
  ~CellParams() override;

  /// @throws DataError if the file of a published data set is not here and cannot be fetched.
  virtual CellSource source() const = 0;
  /// The one that fits what the matrix begins with. @throws DataError
  std::string default_likelihood() const override;

  Text label{this, "label", kUnset,
             "The column of obs with the labels: categories, text or whole numbers."};
  TextList covariates{
      this,
      "covariates",
      {},
      "Columns of obs that a decoder is told: the batch of a cell, say. Categories, "
      "text and booleans become one-hot; numbers are standardised by the training "
      "split."};
  Real test;

 protected:
  void check() const override;
};

/// Cells of an AnnData file (.h5ad): counts or other numbers of features, one class for each cell,
/// and covariates. A dense matrix is mapped if it lies in the file as in memory; one that is sparse
/// stays sparse in memory.
class CellDataset : public Dataset {
 public:
  /// @param params outlive it
  explicit CellDataset(const CellParams& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  void open();

  const CellParams& params_;
  std::shared_ptr<const Samples> train_;
  std::shared_ptr<const Samples> test_;  // null if there is none
};

}  // namespace varia::datasets
