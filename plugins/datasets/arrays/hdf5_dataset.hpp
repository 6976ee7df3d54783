#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "arrays/array_dataset.hpp"

namespace varia::hdf5 {
struct Object;
}

namespace varia::datasets {

/// An array of a file that is open.
/// @param file outlives it
/// @throws DataError if there is no such array, it does not hold numbers, its values are in other
///         files, or it was never written
std::unique_ptr<NumberArray> open_hdf5_array(const hdf5::Object& file, const std::string& name);

struct Hdf5Params final : ArrayParams {
  Hdf5Params() : ArrayParams("an HDF5 file", "images") {}
  std::unique_ptr<ArrayFile> open() const override;
  std::optional<std::int64_t> window_bytes() const override { return window() << 20; }

  static constexpr std::int64_t kDefaultWindow = 256;  // MiB
  Integer window{this,
                 "window",
                 kDefaultWindow,
                 {1, 1 << 20},
                 "MiB of memory for images that are not mapped: more are streamed, and those that "
                 "are in memory together are shuffled together."};

 protected:
  bool in_force(const Parameter& parameter) const override;
};

/// Samples from an HDF5 file. An array of bytes or of native float32 that is stored in one piece is
/// mapped. One of other numbers, or one that is compressed or in chunks, is read into memory, only
/// as many samples as `limit` leaves, or streamed if these take more than `window`.
class Hdf5Dataset final : public ArrayDataset {
 public:
  using Params = Hdf5Params;
  explicit Hdf5Dataset(const Params& params) : ArrayDataset(params) {}
};

}  // namespace varia::datasets
