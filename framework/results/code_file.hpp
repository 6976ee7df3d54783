#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "results/trial_info.hpp"

namespace varia::results {

/// The codes of some images in one latent variable.
struct BlockCodes {
  std::string name;              ///< of the latent variable
  std::vector<float> mean;       ///< [images, D] of the posterior
  std::vector<float> deviation;  ///< [images, D] its standard deviation; none if it has none
};

/// What is stored of some images, one after the other.
struct CodeRows {
  std::int64_t images = 0;
  std::vector<BlockCodes> blocks;
  std::vector<std::int64_t> labels;  ///< [images], or none
  std::vector<float> factors;        ///< [images, F], or none
};

/// An HDF5 file of codes, which appears whole or not at all:
///
///     /                                      attrs: format ("varia-codes"), version, results,
///                                            experiment, trial, epoch
///     /<split>/<block>_mean                  [image, dimension_<block>] float32
///     /<split>/<block>_standard_deviation    the same
///     /<split>/labels                        [image] int64
///     /<split>/factors                       [image, factor] float32; attr names
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
  /// @param like    rows as they will come: which latent variables, of how many dimensions
  /// @throws StoreError if a latent variable has a name that cannot be stored
  void begin_split(const std::string& name, std::int64_t images,
                   const std::vector<std::string>& factors, const CodeRows& like);
  /// Adds the next images of the split. @throws StoreError
  void append(const CodeRows& rows);
  /// Puts the file at its path. @throws StoreError
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace varia::results
