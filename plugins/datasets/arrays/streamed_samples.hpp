#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrays/array_values.hpp"
#include "arrays/number_array.hpp"
#include "varia/samples.hpp"

namespace varia::datasets {

/// The blocks of rows of one or more arrays that were used last. Those that were not used for the
/// longest time make room for others; blocks of one size make room for those of another, so that
/// either have all the memory while they are read.
///
/// All memory is taken at once: what is kept between the large tensors of a batch would split the
/// heap, which then grows with every batch.
class BlockCache {
 public:
  /// @param bytes that the blocks may take together, one that is being read among them
  explicit BlockCache(std::int64_t bytes) : bytes_(bytes) {}
  /// Makes an array known, of so many blocks.
  /// @returns its number
  std::size_t add_array(std::int64_t blocks);
  /// @param array  number of the array
  /// @param number of the block in the array
  /// @param bytes  of a block of the array; as of blocks_in_window, at least one has to fit
  /// @param read   writes the block, if it is not in the cache
  /// @returns      the block, which stays valid until the next call
  const std::uint8_t* block(std::size_t array, std::int64_t number, std::int64_t bytes,
                            const std::function<void(std::uint8_t* out)>& read);

 private:
  static constexpr std::int32_t kNowhere = -1;
  struct Slot {
    std::int32_t* place = nullptr;  // of its block, in places_; null: the slot is free
    std::uint64_t used = 0;         // when it was used last
  };

  /// Forgets all blocks, and makes slots of so many bytes.
  void divide(std::int64_t slot_bytes);

  std::int64_t bytes_;
  std::int64_t slot_bytes_ = 0;
  Tensor memory_;  // [bytes_] uint8
  std::vector<Slot> slots_;
  std::deque<std::vector<std::int32_t>> places_;  // of each block of each array: slot or kNowhere
  std::uint64_t now_ = 0;
};

/// An array of samples in a file, and what it is read as.
struct SampleArray {
  std::shared_ptr<const ArrayFile> file;
  std::shared_ptr<const NumberArray> array;  ///< in that file
  at::ScalarType type = at::kFloat;          ///< uint8, pixels, or float32
  std::optional<Rescaling> rescaling;
  std::string layout;      ///< as of layout_of
  std::uint8_t max = 255;  ///< the value of a uint8 pixel that stands for 1

  std::int64_t row_bytes() const { return array->row_bytes(type); }
  std::int64_t block_rows() const { return array->block_rows(type); }
  /// @param rows [R] int64, ascending
  Tensor read(const Tensor& rows) const { return array->read(rows, type, rescaling); }
  /// Reads a block to memory for block_rows().
  void read_block(std::int64_t number, std::uint8_t* out) const;
};

/// How many blocks stay in memory if all that is in memory takes so many bytes: as many as fit
/// beside the one that is being read.
/// @throws DataError if the window is too small for one
std::int64_t blocks_in_window(const SampleArray& samples, std::int64_t window);

/// Reads rows block by block and checks them: numbers as check_numbers does, pixels by `max`.
/// @param rows [R] int64, ascending
/// @throws DataError if a number is not finite or not of the domain, or a pixel is above `max`
NumberFindings check_block_by_block(const SampleArray& samples, const Tensor& rows,
                                    const NumberOptions& options);

/// Samples of which a file is read block by block, a bounded number of them in memory. A block is
/// some whole chunks of the file.
///
/// `order` puts the blocks that have samples among the given ones into a random order, divides that
/// into windows of equally many blocks, as many as there is memory for, and puts the samples of
/// each window into a random order (quasi-random sampling: Leclerc et al. 2023). Whoever gathers
/// samples in this order, or in that of the file, reads every block once.
class StreamedSamples final : public Samples {
 public:
  /// @param window as of blocks_in_window, which may throw
  /// @param cache  where the blocks are, of so many bytes; other samples may use it, too
  StreamedSamples(SampleArray samples, Annotations annotations, std::int64_t window,
                  std::shared_ptr<BlockCache> cache);
  std::int64_t size() const override { return samples_.array->rows(); }
  std::vector<std::int64_t> event() const override { return event_; }
  Tensor gather(const Tensor& index, torch::Device device) const override;
  Tensor order(const Tensor& rows, Draw& draw) const override;
  bool is_streamed() const override { return true; }

 private:
  SampleArray samples_;
  std::vector<std::int64_t> event_;
  std::int64_t blocks_in_window_;
  std::shared_ptr<BlockCache> cache_;
  std::size_t number_;  // of the array in the cache
};

}  // namespace varia::datasets
