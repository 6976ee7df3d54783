#pragma once

#include <cstdint>
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

/// An HDF5 file of codes, which appears whole or not at all:
///
///     /                                      attrs: format ("varia-codes"), version, results,
///                                            experiment, trial, epoch
///     /<split>/<block>_mean                  [image, dimension_<block>] float32
///     /<split>/<block>_standard_deviation    the same, if the posterior has one
///     /<split>/labels                        [image] int64
///     /<split>/factors                       [image, factor] float32; attr names
///     /<split>/names                         [image] text, if the data set knows names
///
/// The axes are named as netCDF-4 and xarray name them. What has been appended is on the disk, so
/// that no more than a part is in memory at a time.
class CodeFile {
 public:
  /// @param results the results file of the trial
  /// @param trial   its id, experiment and, as epochs_done, the epoch of its parameters are stored
  /// @throws StoreError
  CodeFile(const std::string& path, const std::string& results, const TrialInfo& trial);
  ~CodeFile();
  CodeFile(const CodeFile&) = delete;
  CodeFile& operator=(const CodeFile&) = delete;

  /// Begins a split of so many images.
  /// @param factors names
  /// @param like    rows as they will come: f32 [n, D], and "labels" i64 [n]
  /// @throws StoreError if one has a name that cannot be stored
  void begin_split(const std::string& name, std::int64_t images,
                   const std::vector<std::string>& factors, const std::vector<NamedTensor>& like);
  /// Names the images of the split. @throws StoreError
  void write_names(const std::vector<std::string>& names);
  /// Adds the next images of the split. @throws StoreError
  void append(const std::vector<NamedTensor>& rows);
  /// Puts the file at its path. @throws StoreError
  void commit();

 private:
  std::string path_;
  std::unique_ptr<OutputFile> output_;
  std::string split_;
  std::int64_t images_ = 0;   // of the split
  std::int64_t written_ = 0;  // of these
};

}  // namespace varia::results
