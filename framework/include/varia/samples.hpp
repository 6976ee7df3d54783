#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "varia/batch.hpp"
#include "varia/export.hpp"
#include "varia/mapped_file.hpp"
#include "varia/schedule.hpp"
#include "varia/tensor.hpp"

namespace varia {

class Draw;
class FileTable;  // varia/file_table.hpp

/// The way from the numbers of an event to those that the user's files have for them:
/// number * scale + offset.
struct VARIA_API Units {
  Tensor scale;   ///< [E...] or [] float64; undefined: 1
  Tensor offset;  ///< likewise; undefined: 0

  /// @param numbers [..., E...]
  /// @returns       the same shape, float64 on the CPU
  Tensor of(const Tensor& numbers) const;
};

/// What is known of samples beside their values. Lists are empty and tensors undefined if there is
/// nothing.
struct VARIA_API Annotations {
  std::vector<DataBlock> blocks;  ///< of the flattened event, in order; empty: one of `unit`
  std::string domain_hint;  ///< for whoever expected another domain: "The layer 'counts' holds ..."
  std::vector<std::string> features;     ///< names of the numbers of an event
  bool has_missing = false;              ///< true: a value that was not observed is NaN
  std::optional<Range> bounds;           ///< of the observed values, if known without reading them
  Units units;                           ///< of the files
  Tensor labels;                         ///< [N] int64, none negative
  std::vector<std::string> class_names;  ///< of the labels 0, 1, ...
  Tensor factors;                        ///< [N, F] float32
  std::vector<std::string> factor_names;
  Tensor covariates;  ///< [N, V] float32
  std::vector<std::string> covariate_names;
  std::vector<std::int64_t> measured_covariates;  ///< places among V that make_splits standardises
                                                  ///< (zscore) by the training split
  std::vector<std::string> sample_names;          ///< N of them
  std::shared_ptr<const FileTable> table;  ///< the file of which samples are rows; null if none is
  Tensor file_rows;  ///< [N] int64, the place of each among the samples of its file, before any
                     ///< option left some out; undefined: 0, 1, ...

  /// Those of the samples `rows` [n] int64.
  Annotations of(const Tensor& rows) const;
};

/// True if numbers are of a domain.
/// @param values      [n, D], the D numbers of a block
/// @param has_missing whether NaN is a number that was not observed, which can be anything; a
///                    category was observed as a whole, or not at all
VARIA_API bool is_of(Domain domain, const Tensor& values, bool has_missing = false);

/// One part of a data set as it lies on the disk, before any option is applied.
class VARIA_API Samples {
 public:
  explicit Samples(Annotations annotations = {}) : annotations_(std::move(annotations)) {}
  virtual ~Samples();
  virtual std::int64_t size() const = 0;
  /// The shape E... of one sample: [C, H, W] of a picture, [D] of a row of numbers.
  virtual std::vector<std::int64_t> event() const = 0;
  /// @param index  [B] int64 on the CPU, each in [0, size())
  /// @param device to which the values are brought
  /// @returns      [B, E...] float32, contiguous
  virtual Tensor gather(const Tensor& index, torch::Device device) const = 0;
  /// A random order of some samples in which an epoch reads them. By default all orders are equally
  /// likely; samples that are streamed choose among those in which no part of a file is read twice.
  /// @param rows [n] int64, each in [0, size())
  /// @returns    [n] int64 on the CPU, the places 0 .. n-1 of `rows` in that order. It follows from
  ///             `rows` and `draw`.
  virtual Tensor order(const Tensor& rows, Draw& draw) const;
  /// True if only a part of the samples is in memory at a time: the others are read from a file
  /// when they are gathered, so that an order other than `order` and that of the file is slow.
  virtual bool is_streamed() const { return false; }
  const Annotations& annotations() const { return annotations_; }

 private:
  Annotations annotations_;
};

/// Samples that lie in memory, or in a file that is mapped into it.
class VARIA_API MemorySamples final : public Samples {
 public:
  /// @param values [N, E...] uint8, pixels, or float32. A layout without gaps between samples, say
  ///               [N, H, W, C], is read in place.
  /// @param max    the value of a uint8 pixel that stands for 1
  /// @throws Error if a shape or type is another one.
  explicit MemorySamples(Tensor values, Annotations annotations = {}, std::uint8_t max = 255);
  std::int64_t size() const override { return values_.size(0); }
  std::vector<std::int64_t> event() const override { return values_.sizes().slice(1).vec(); }
  /// One pass over the chosen samples: 128 of 28x28 bytes take about 40 microseconds.
  /// @throws DataError if a pixel is above `max`.
  Tensor gather(const Tensor& index, torch::Device device) const override;
  /// True if the values are uint8.
  bool has_bytes() const { return values_.scalar_type() == torch::kUInt8; }

 private:
  Tensor values_;  // every sample is one block of memory, and the next one follows it
  std::uint8_t max_;
};

/// Some of the samples of another part, in a given order.
class VARIA_API SubsetSamples final : public Samples {
 public:
  /// @param rows [n] int64, each in [0, all->size())
  SubsetSamples(std::shared_ptr<const Samples> all, Tensor rows);
  std::int64_t size() const override { return rows_.size(0); }
  std::vector<std::int64_t> event() const override { return all_->event(); }
  Tensor gather(const Tensor& index, torch::Device device) const override;
  Tensor order(const Tensor& rows, Draw& draw) const override;
  bool is_streamed() const override { return all_->is_streamed(); }

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
