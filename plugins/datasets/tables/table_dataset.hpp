#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "varia/dataset.hpp"

namespace varia::datasets {

/// The files of a table and how they are written.
struct TableSource {
  std::filesystem::path file;
  std::filesystem::path test_file;  ///< empty if there is none
  char separator = ',';             ///< or kBlanks
  int skip = 0;                     ///< rows before the header, or before the first one without it
  bool header = true;               ///< whether a row names the columns
  std::vector<std::string> names;   ///< of the columns if no row does; empty: "1", "2", ...
  std::string label;                ///< the column of labels; empty if there is none
  std::vector<std::int64_t> event;  ///< [C, H, W] if the columns of data are the pixels of a
                                    ///< picture, in [0, 1]; empty: a row of numbers
  Location event_given;             ///< of the parameter that says so
};

/// What every table takes.
struct TableParams : DatasetParams {
  /// @param share the default of `test`
  explicit TableParams(double share);
  ~TableParams() override;

  /// @throws DataError if the files of a published table are not here and cannot be fetched.
  virtual TableSource source() const = 0;
  /// Reads the table, whose columns decide.
  std::string default_likelihood() const override;
  Standardise standardisation() const override;

  TextList columns{this,
                   "columns",
                   {},
                   "The columns that are data, in this order within a type; default: all that have "
                   "a name and no other use."};
  TextList ignore{this, "ignore", {}, "Columns that are not read."};
  TextList covariates{this,
                      "covariates",
                      {},
                      "Columns that a decoder is told and does not reconstruct: numbers "
                      "standardised (zscore), text one-hot. None may be missing."};
  TextList counts{this, "counts", {}, "Columns of whole numbers that are counts."};
  TextList categories{
      this, "categories", {}, "Columns whose numbers, or mixed text, name categories."};
  TextList missing{this,
                   "missing",
                   {"", "NA", "NaN", "nan"},
                   "Cells that stand for a value that was not observed."};
  Choice standardise{this,
                     "standardise",
                     "none",
                     {"none", "zscore", "minmax"},
                     "Numbers by the training split's statistics: zscore subtracts the mean and "
                     "divides by the standard deviation, minmax brings them to [0, 1]."};
  Real test;
};

/// Rows of a table: one block of its numbers, one of its counts, and one for each column of
/// categories, one-hot. A missing value is NaN.
class TableDataset : public Dataset {
 public:
  /// @param params outlive it
  explicit TableDataset(const TableParams& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  const TableParams& params_;
  std::shared_ptr<const Samples> train_;
  std::shared_ptr<const Samples> test_;  // null if there is none
};

}  // namespace varia::datasets
