#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arrays/array_params.hpp"
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
  /// `wanted`, or all if the images stay in place, since these take no memory.
  Tensor rows_to_load(const NumberArray& images, const Tensor& wanted) const;
  /// @param rows as of rows_to_load
  std::shared_ptr<const Samples> load_rows(const ArrayFile& file, const ArrayNames& names,
                                           const NumberArray& images, const Tensor& rows);
  void load_and_divide();

  const ArrayParams& params_;
  std::optional<Training> training_;  // once they are loaded
  // The value of a byte that stands for 1: judged by the training images, for the test images, too.
  std::optional<std::uint8_t> max_;
  // If `test` divides the images.
  std::shared_ptr<const Samples> train_;
  std::shared_ptr<const Samples> test_;
};

}  // namespace varia::datasets
