#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arrays/hdf5_dataset.hpp"
#include "hdf5/hdf5.hpp"

namespace varia::datasets::testing {

enum class Storage { contiguous, chunked, external };

/// Writes an HDF5 file; it is whole when the writer ends.
class Hdf5Writer {
 public:
  explicit Hdf5Writer(const std::filesystem::path& path);
  /// Writes `values`, which may be of the first rows alone; none if they are undefined, so that a
  /// large array takes no space.
  void array(const std::string& name, hid_t type, const std::vector<hsize_t>& sizes,
             const Tensor& values, Storage storage = Storage::contiguous,
             const std::vector<hsize_t>& chunk = {});
  /// A link to what another file has under a path.
  void link(const std::string& name, const std::filesystem::path& file, const std::string& target);
  /// A link within the file.
  void link(const std::string& name, const std::string& target);

 private:
  hdf5::Handle file_;
};

std::vector<hsize_t> extents(const Tensor& values);

/// Small images [N, ...] that differ: the first byte of image i is i modulo `most`.
Tensor images_of(at::IntArrayRef sizes, std::int64_t most = 256);

using Options = std::vector<std::pair<std::string, std::string>>;  // key and text, [a, b]: a list

/// The parameters of a data set of arrays, as an experiment gives them.
Value options_of(const std::filesystem::path& file, const Options& given);

/// The parameters of a data set `hdf5`, read as from an experiment; what is made refers to them.
class LoadedParams {
 public:
  /// @throws ConfigError
  LoadedParams(const std::filesystem::path& file, const Options& given);
  Hdf5Dataset make() const { return Hdf5Dataset(params_); }
  const Hdf5Params& params() const { return params_; }

 private:
  Hdf5Params params_;
};

/// @throws DataError
std::shared_ptr<const Samples> train_of(const std::filesystem::path& file,
                                        const Options& given = {});

/// The message of what `train_of` throws; "nothing" if it throws nothing.
std::string error_of(const std::filesystem::path& file, const Options& given = {});

Tensor all_images(const Samples& samples);

}  // namespace varia::datasets::testing
