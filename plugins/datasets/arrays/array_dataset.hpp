#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arrays/array_params.hpp"
#include "arrays/streamed_samples.hpp"
#include "varia/dataset.hpp"

namespace varia::datasets {

/// Images or rows of numbers from arrays in a file.
class ArrayDataset : public Dataset {
 public:
  /// @param params must outlive the data set
  explicit ArrayDataset(const ArrayParams& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  /// Of the training images, for comparison.
  struct Training {
    std::string images;  ///< their name
    std::string event;
    std::string domain;
  };

  /// True if the images are bytes that stay bytes in memory: pixels.
  bool are_pixels(const NumberArray& images) const;
  /// True if the images are used where they are, without a copy.
  bool stay_in_place(const NumberArray& images) const;
  /// True if so many rows are too many to be in memory, and can be streamed.
  bool are_streamed(const SampleArray& images, std::int64_t rows) const;
  /// Samples and the rows [R] of their array that they are.
  struct Loaded {
    std::shared_ptr<const Samples> samples;
    Tensor rows;
  };
  /// Loads the rows `wanted` [n] int64, ascending, or all if these take no memory.
  Loaded load_rows(const std::shared_ptr<const ArrayFile>& file, const ArrayNames& names,
                   const std::shared_ptr<const NumberArray>& images, const Tensor& wanted);
  void load_and_divide();

  const ArrayParams& params_;
  std::optional<Training> training_;  // once they are loaded
  // The value of a byte that stands for 1: judged by the training images, for the test images, too.
  std::optional<std::uint8_t> max_;
  std::shared_ptr<BlockCache> cache_;  // of images that are streamed
  // If `test` divides the images.
  std::shared_ptr<const Samples> train_;
  std::shared_ptr<const Samples> test_;
};

}  // namespace varia::datasets
