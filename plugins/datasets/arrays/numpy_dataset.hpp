#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "arrays/array_dataset.hpp"

namespace varia::datasets {

/// A name that ends in .npy is the path of a file of its own; any other is that of an array in the
/// .npz file.
struct NumpyParams final : ArrayParams {
  NumpyParams() : ArrayParams("a .npz or .npy file of NumPy", "auto") {}
  std::unique_ptr<ArrayFile> open() const override;
  std::vector<std::filesystem::path> files() const override;

 private:
  std::string name_of(const Text& parameter) const override;
};

/// Samples from files of NumPy. A .npy file of bytes or of native float32 in C order is mapped; an
/// array of other values, and those of a .npz file, are read into memory.
class NumpyDataset final : public ArrayDataset {
 public:
  using Params = NumpyParams;
  explicit NumpyDataset(const Params& params) : ArrayDataset(params) {}
};

}  // namespace varia::datasets
