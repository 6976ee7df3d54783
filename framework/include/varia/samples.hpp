#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "varia/export.hpp"
#include "varia/mapped_file.hpp"
#include "varia/schedule.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// One part of a data set as it lies on the disk, before any option is applied.
class VARIA_API Samples {
 public:
  virtual ~Samples();
  virtual std::int64_t size() const = 0;
  /// [C, H, W]
  virtual std::vector<std::int64_t> image_shape() const = 0;
  /// @param index [B] int64, each in [0, size())
  /// @returns     [B, C, H, W] float32, contiguous; pixels in [0, 1], points [B, 1, 1, D] any reals
  virtual Tensor images(const Tensor& index) const = 0;
  /// [N] int64, none negative; undefined if there are none.
  virtual Tensor labels() const { return {}; }
  /// [N, F] float32; undefined if there are none.
  virtual Tensor factors() const { return {}; }
  virtual std::vector<std::string> factor_names() const { return {}; }
  /// Bounds of the values of all images, if they are known without reading them.
  virtual std::optional<Range> bounds() const { return std::nullopt; }
};

/// Samples that lie in memory, or in a file that is mapped into it.
class VARIA_API MemorySamples final : public Samples {
 public:
  /// @param images  [N, C, H, W] uint8 or float32: pixels in [0, 1], or points [N, 1, 1, D] of any
  ///                reals. A layout without gaps between images, say [N, H, W, C], is read in
  ///                place.
  /// @param labels  [N] int64, or undefined
  /// @param factors [N, F] float32, or undefined
  /// @param max     the value of a uint8 pixel that stands for 1
  /// @throws Error  if a shape or type is another one.
  explicit MemorySamples(Tensor images, Tensor labels = {}, Tensor factors = {},
                         std::vector<std::string> factor_names = {}, std::uint8_t max = 255);
  std::int64_t size() const override;
  std::vector<std::int64_t> image_shape() const override;
  /// One pass over the chosen images: 128 of 28x28 take about 40 microseconds.
  /// @throws DataError if a pixel is above `max`.
  Tensor images(const Tensor& index) const override;
  Tensor labels() const override { return labels_; }
  Tensor factors() const override { return factors_; }
  std::vector<std::string> factor_names() const override { return factor_names_; }
  std::optional<Range> bounds() const override;
  /// True if the pixels are uint8.
  bool has_bytes() const { return images_.scalar_type() == torch::kUInt8; }

 private:
  Tensor images_;  // every image is one block of memory, and the next one follows it
  Tensor labels_;
  Tensor factors_;
  std::vector<std::string> factor_names_;
  std::uint8_t max_;
};

/// Some of the samples of another part, in a given order.
class VARIA_API SubsetSamples final : public Samples {
 public:
  /// @param rows [n] int64, each in [0, all->size())
  SubsetSamples(std::shared_ptr<const Samples> all, Tensor rows);
  std::int64_t size() const override { return rows_.size(0); }
  std::vector<std::int64_t> image_shape() const override { return all_->image_shape(); }
  Tensor images(const Tensor& index) const override;
  Tensor labels() const override;
  Tensor factors() const override;
  std::vector<std::string> factor_names() const override { return all_->factor_names(); }
  std::optional<Range> bounds() const override { return all_->bounds(); }

 private:
  std::shared_ptr<const Samples> all_;
  Tensor rows_;
};

/// A tensor over a part of a mapped file, which stays mapped for as long as the tensor lives. It
/// must not be written to.
/// @returns `sizes` uint8
/// @throws DataError if the file ends before the part does.
VARIA_API Tensor mapped_tensor(std::shared_ptr<const MappedFile> file, std::size_t offset,
                               at::IntArrayRef sizes);

/// Images in another size: each new pixel is the mean of the area that it covers if an axis
/// becomes shorter, and bilinear interpolation between pixel centres if it becomes longer. An
/// axis that keeps its length is not touched.
/// @param images [B, C, H, W] float32
/// @returns      [B, C, height, width] float32
VARIA_API Tensor resized(const Tensor& images, std::int64_t height, std::int64_t width);

}  // namespace varia
