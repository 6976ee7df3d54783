#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hdf5_array.hpp"
#include "hdf5_dataset.hpp"

namespace varia::datasets::testing {

enum class Storage { contiguous, chunked };

/// Writes an HDF5 file; it is whole when the writer ends.
class Hdf5Writer {
 public:
  explicit Hdf5Writer(const std::filesystem::path& path);
  /// Writes `values`, or no values where they are undefined: a large array takes no space then.
  void array(const std::string& name, hid_t type, const std::vector<hsize_t>& sizes,
             const Tensor& values, Storage storage = Storage::contiguous,
             const std::vector<hsize_t>& chunk = {});

 private:
  Hdf5Handle file_;
};

std::vector<hsize_t> extents(const Tensor& values);

/// Small images [N, ...] that differ: the first byte of image i is i modulo `most`.
Tensor images_of(at::IntArrayRef sizes, std::int64_t most = 256);

using Options = std::vector<std::pair<std::string, std::string>>;  // key and text

/// The parameters of a data set `hdf5`, read as from an experiment; what is made refers to them.
class LoadedParams {
 public:
  /// @throws ConfigError
  LoadedParams(const std::filesystem::path& file, const Options& given);
  Hdf5Dataset make() const { return Hdf5Dataset(params_); }

 private:
  Hdf5Params params_;
};

/// @throws DataError
std::shared_ptr<const Samples> train_of(const std::filesystem::path& file,
                                        const Options& given = {});

/// What `train_of` says; "nothing" where it says nothing.
std::string error_of(const std::filesystem::path& file, const Options& given = {});

Tensor all_images(const Samples& samples);

}  // namespace varia::datasets::testing
