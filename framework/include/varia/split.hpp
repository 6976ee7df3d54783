#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "varia/batch.hpp"
#include "varia/corruption.hpp"
#include "varia/draw.hpp"
#include "varia/samples.hpp"

namespace varia {

class DeviceValues;

/// How grey pixels become zeros and ones.
enum class Binarize {
  none,
  dynamic,    ///< drawn by each `batch`: a pixel of 0.3 is 1 in three draws of ten
  fixed,      ///< drawn once for each sample of a data set: the same in every epoch and trial
  threshold,  ///< 1 from one half on
};

/// A part of a data set with all options applied: what training and evaluation read.
class VARIA_API Split {
 public:
  /// @param index [n] int64: which of the samples belong to it, in this order
  Split(std::string name, std::shared_ptr<const Samples> samples, Tensor index, Binarize binarize,
        Corruption corruption = {});

  /// "train", "validation" or "test".
  const std::string& name() const { return name_; }
  /// n, at least 1.
  std::int64_t size() const { return index_.size(0); }
  /// Of its n samples.
  const Annotations& annotations() const { return annotations_; }
  /// [n] int64; undefined if there are none.
  const Tensor& labels() const { return annotations_.labels; }
  /// [n, F] float32; undefined if there are none.
  const Tensor& factors() const { return annotations_.factors; }
  /// The samples at the given places, on the device of `draw`: binarised, then corrupted. `draw`
  /// gives the noise of both, in this order; the target is the same with and without corruption.
  /// @param places [B] int64, each in [0, size())
  Batch batch(const Tensor& places, Draw& draw) const;
  /// Keeps the values of its samples on a device, where `batch` then gathers those of a draw on
  /// that device, with the same bits: as bytes if each is a quotient of a byte and the one that
  /// stands for 1, else as float32.
  /// @returns the bytes that they take; 0, and nothing is kept, if they are more than `most_bytes`
  /// @throws c10::OutOfMemoryError
  std::int64_t keep_on(at::Device device, std::int64_t most_bytes);
  /// True if only a part of the samples is in the host's memory at a time (Samples::is_streamed).
  bool is_streamed() const { return samples_->is_streamed(); }
  /// A random order of its places, [n] int64, in which an epoch reads them (Samples::order).
  Tensor order(Draw& draw) const { return samples_->order(index_, draw); }
  /// The samples [begin, end) in order.
  Batch slice(std::int64_t begin, std::int64_t end, Draw& draw) const;
  /// The mean of the observed targets that `batch` gives, [E...] float32 on the CPU; computed once.
  /// Under dynamic binarisation this is the mean of the grey images. 0 for a number that was never
  /// observed.
  const Tensor& mean() const;
  /// The least and the greatest observed value of its samples before binarisation and corruption,
  /// or bounds of them that are known; found by one pass, once. NaN if a value is NaN.
  Range bounds() const;
  /// Reads every count and category.
  /// @throws DataError if one is not of its block's domain
  void require_domains() const;

 private:
  std::string name_;
  std::shared_ptr<const Samples> samples_;
  Tensor index_;
  Binarize binarize_;
  Corruption corruption_;
  Annotations annotations_;
  std::shared_ptr<const DeviceValues> kept_;  // null: none
  mutable Tensor mean_;
  mutable std::optional<Range> bounds_;
};

/// Places of a random subset of a split, or of other samples: what is measured on some of them
/// takes these, and not the first ones. Those of MNIST's test images are easier than the others,
/// and a split may be sorted by its labels.
/// @param size    of the split
/// @param count   how many; if it is not below `size`, all places are given
/// @param purpose of the stream of random numbers: one purpose gives the same places in every trial
///                and experiment
/// @returns       [n] int64, ascending
VARIA_API Tensor random_places(std::int64_t size, std::int64_t count, std::string_view purpose);

}  // namespace varia
