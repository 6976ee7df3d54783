#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "varia/tensor.hpp"

namespace varia::datasets {

/// An identifier of the HDF5 library, released with its scope.
class Hdf5Handle {
 public:
  using Release = herr_t (*)(hid_t);
  Hdf5Handle(hid_t id, Release release) : id_(id), release_(release) {}
  ~Hdf5Handle() {
    if (id_ >= 0) release_(id_);
  }
  Hdf5Handle(Hdf5Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), release_(other.release_) {}
  Hdf5Handle& operator=(Hdf5Handle&&) = delete;
  bool good() const { return id_ >= 0; }
  hid_t id() const { return id_; }

 private:
  hid_t id_;
  Release release_;
};

/// Keeps the HDF5 library from writing its errors to stderr.
class Hdf5Quiet {
 public:
  Hdf5Quiet();
  ~Hdf5Quiet();
  Hdf5Quiet(const Hdf5Quiet&) = delete;
  Hdf5Quiet& operator=(const Hdf5Quiet&) = delete;

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

/// One array of numbers in an HDF5 file, open for reading.
class Hdf5Array {
 public:
  /// @param name path of the HDF5 data set in the file: "images", "latents/values"
  /// @throws DataError where there is no such file, it is damaged, or the array is missing (the
  ///         names that are there are told), holds no numbers or has no rows.
  Hdf5Array(std::filesystem::path file, std::string name);

  /// At least one axis; the first counts rows.
  const std::vector<std::int64_t>& sizes() const { return sizes_; }
  std::int64_t rows() const { return sizes_.front(); }
  /// "file: name", for messages.
  std::string place() const;
  /// "[60000, 28, 28]"
  std::string shape_text() const;
  bool is_uint8() const;
  bool is_integer() const;
  /// Where the array lies in the file, byte by byte as in memory; nothing where it is packed, in
  /// chunks, or was never written.
  std::optional<std::size_t> offset() const;

  /// Chosen rows, read block by block.
  /// @param rows [R] int64, ascending
  /// @param type uint8, int64 or float32
  /// @returns    [R, other axes]
  /// @throws DataError where a part cannot be read, or the result would take more than half of this
  ///         machine's memory.
  Tensor read(const Tensor& rows, torch::ScalarType type) const;

 private:
  void read_block(std::int64_t begin, std::int64_t end, const Tensor& out) const;
  std::int64_t rows_per_block(std::int64_t row_bytes) const;

  std::filesystem::path path_;
  std::string name_;
  Hdf5Quiet quiet_;
  Hdf5Handle file_;
  Hdf5Handle array_;
  Hdf5Handle type_;
  std::vector<std::int64_t> sizes_;
};

}  // namespace varia::datasets
