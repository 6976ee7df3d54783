#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "results/tensors.hpp"
#include "results/trial_info.hpp"

namespace varia::results {

class OutputFile;

/// Follow the name of a latent variable: the mean of its posterior, and its standard deviation.
inline constexpr const char* kMeanSuffix = "_mean";
inline constexpr const char* kDeviationSuffix = "_standard_deviation";

/// Formats: codes; samples in the units of the data's files; scores of samples.
inline constexpr const char* kCodesFormat = "varia-codes";
inline constexpr const char* kSamplesFormat = "varia-samples";
inline constexpr const char* kScoresFormat = "varia-scores";

/// An HDF5 file of what a model makes of samples, which appears whole or not at all:
///
///     /                                      attrs: format, version, results, experiment, trial,
///                                            epoch
///     /<split>/<block>_mean                  [image, dimension_<block>] float32
///     /<split>/<block>_standard_deviation    the same, if the posterior has one
///     /<split>/reconstruction                [image, feature] or [image, channel, row, column]
///                                            float32; attr names, of features, as a row of CSV
///     /<split>/values                        the same: observed values, and the reconstruction of
///                                            the others; or drawn samples
///     /<split>/imputed                       the same, uint8: 1 if a value was not observed
///     /<split>/<score>                       [image] float64: elbo, nll, ...
///     /<split>/index                         [image] int64: its place in the data's file
///     /<split>/labels                        [image] int64; attr names, of classes, likewise
///     /<split>/factors                       [image, factor] float32; attr names, likewise
///     /<split>/names                         [image] text, if the data set knows names
///
/// Codes are in files of kCodesFormat, reconstruction to imputed in those of kSamplesFormat, scores
/// in those of kScoresFormat.
/// The axes are named as netCDF-4 and xarray name them. What has been appended is on the disk, so
/// that no more than a part is in memory at a time.
class CodeFile {
 public:
  /// @param results the results file of the trial
  /// @param trial   its id, experiment and, as epochs_done, the epoch of its parameters are stored
  /// @throws StoreError
  CodeFile(const std::string& path, const std::string& results, const TrialInfo& trial,
           const std::string& format = kCodesFormat);
  ~CodeFile();
  CodeFile(const CodeFile&) = delete;
  CodeFile& operator=(const CodeFile&) = delete;

  /// Names of the columns of a tensor, or of the classes of `labels`, by its name.
  using ColumnNames = std::map<std::string, std::vector<std::string>>;
  /// Begins a split of so many samples.
  /// @param like rows as they will come, each [n, ...]
  /// @throws StoreError if one has a name that cannot be stored
  void begin_split(const std::string& name, std::int64_t samples, const ColumnNames& columns,
                   const std::vector<NamedTensor>& like);
  /// Names the samples of the split. @throws StoreError
  void write_names(const std::vector<std::string>& names);
  /// Adds the next samples of the split. @throws StoreError
  void append(const std::vector<NamedTensor>& rows);
  /// Puts the file at its path. @throws StoreError
  void commit();

 private:
  std::string path_;
  std::unique_ptr<OutputFile> output_;
  std::string split_;
  std::int64_t samples_ = 0;  // of the split
  std::int64_t written_ = 0;  // of these
};

}  // namespace varia::results
