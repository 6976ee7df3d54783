#include "arrays/streamed_samples.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "shared/progress_line.hpp"
#include "varia/draw.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

namespace {

/// Of a block's bytes, while it is read: packed, as numbers of another type, and as it stays.
constexpr std::int64_t kBlocksToRead = 3;

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

void require_pixels(const SampleArray& samples, const Tensor& values, const Tensor& rows) {
  if (values.max().item<std::uint8_t>() <= samples.max) return;
  const auto most = std::get<0>(values.flatten(1).max(1));
  const auto place = most.gt(samples.max).nonzero()[0].item<std::int64_t>();
  throw DataError(samples.array->place(),
                  "row " + std::to_string(rows[place].item<std::int64_t>()) + " has a pixel of " +
                      std::to_string(most[place].item<std::uint8_t>()) + ", more than the " +
                      std::to_string(samples.max) + " that stands for 1. Set 'max: 255'.");
}

}  // namespace

std::int64_t blocks_in_window(const SampleArray& samples, std::int64_t window) {
  const auto rows = samples.block_rows();
  const auto bytes = rows * samples.row_bytes();
  const auto blocks = window / bytes - (kBlocksToRead - 1);
  if (blocks >= 1) return blocks;
  constexpr std::int64_t kMiB = 1 << 20;
  throw DataError(
      samples.array->place(),
      std::to_string(rows) +
          " of its rows are stored in chunks that can only be read together, and take " +
          std::to_string(divided_up(bytes, kMiB)) +
          " MiB. Set 'window: " + std::to_string(divided_up(kBlocksToRead * bytes, kMiB)) +
          "' or more, or store fewer rows in a chunk (h5repack -l CHUNK=...).");
}

NumberFindings check_block_by_block(const SampleArray& samples, const Tensor& rows,
                                    const NumberOptions& options) {
  NumberFindings found;
  const auto block_rows = samples.block_rows();
  const auto* const row = rows.data_ptr<std::int64_t>();
  const auto count = rows.size(0);
  ProgressLine progress("checking " + samples.array->place(), static_cast<std::size_t>(count));
  for (std::int64_t done = 0; done < count;) {
    const auto block_end = (row[done] / block_rows + 1) * block_rows;
    const auto next = std::lower_bound(row + done, row + count, block_end) - row;
    const auto some = rows.slice(0, done, next);
    const auto values = samples.read(some);
    if (samples.type == at::kByte)
      require_pixels(samples, values, some);
    else
      found.add(check_numbers(*samples.array, values, some, options));
    done = next;
    progress.show(static_cast<std::size_t>(done));
  }
  // As of pixels in memory.
  if (samples.type == at::kByte) found.bounds = Range{0, 1};
  return found;
}

std::size_t BlockCache::add_array(std::int64_t blocks) {
  places_.emplace_back(static_cast<std::size_t>(blocks), kNowhere);
  return places_.size() - 1;
}

void BlockCache::divide(std::int64_t slot_bytes) {
  slot_bytes_ = slot_bytes;
  if (!memory_.defined()) memory_ = empty_pages(bytes_, at::kByte);
  const auto count = bytes_ / slot_bytes - (kBlocksToRead - 1);
  slots_.assign(static_cast<std::size_t>(std::max<std::int64_t>(count, 1)), {});
  for (auto& places : places_) std::ranges::fill(places, kNowhere);
}

const std::uint8_t* BlockCache::block(std::size_t array, std::int64_t number, std::int64_t bytes,
                                      const std::function<void(std::uint8_t* out)>& read) {
  if (bytes != slot_bytes_) divide(bytes);
  auto& place = places_[array].at(static_cast<std::size_t>(number));
  const auto memory_of = [&](std::int64_t slot) {
    return memory_.data_ptr<std::uint8_t>() + slot * slot_bytes_;
  };
  if (place == kNowhere) {
    const auto oldest = std::ranges::min_element(slots_, {}, &Slot::used);
    if (oldest->place) *oldest->place = kNowhere;
    *oldest = {};
    const auto slot = static_cast<std::int32_t>(oldest - slots_.begin());
    read(memory_of(slot));
    oldest->place = &place;
    place = slot;
  }
  slots_[static_cast<std::size_t>(place)].used = ++now_;
  return memory_of(place);
}

void SampleArray::read_block(std::int64_t number, std::uint8_t* out) const {
  const auto begin = number * block_rows();
  auto sizes = array->sizes();
  sizes[0] = std::min(block_rows(), sizes[0] - begin);
  array->read_rows(begin, begin + sizes[0], rescaling, at::from_blob(out, sizes, type));
}

StreamedSamples::StreamedSamples(SampleArray samples, Annotations annotations, std::int64_t window,
                                 std::shared_ptr<BlockCache> cache)
    : Samples(std::move(annotations)), samples_(std::move(samples)), cache_(std::move(cache)) {
  auto sizes = samples_.array->sizes();
  sizes[0] = 1;
  event_ = in_order(at::empty(sizes, at::kByte), samples_.layout).sizes().slice(1).vec();
  blocks_in_window_ = blocks_in_window(samples_, window);
  number_ = cache_->add_array(divided_up(size(), samples_.block_rows()));
}

Tensor StreamedSamples::gather(const Tensor& index, torch::Device device) const {
  const auto places = index.contiguous();
  const auto* const place = places.data_ptr<std::int64_t>();
  const auto count = places.numel();
  const auto row_bytes = samples_.row_bytes();
  const auto block_rows = samples_.block_rows();
  auto sizes = samples_.array->sizes();
  sizes[0] = count;
  const auto rows = empty_pages(sizes, samples_.type);
  auto* out = static_cast<std::uint8_t*>(rows.data_ptr());
  // One after the other: a row may come from the window behind that of the rows before it.
  for (std::int64_t i = 0; i < count; ++i, out += row_bytes) {
    if (place[i] < 0 || place[i] >= size())
      throw Error("there is no sample " + std::to_string(place[i]) + " among " +
                  std::to_string(size()) + ".");
    const auto number = place[i] / block_rows;
    const auto* const block =
        cache_->block(number_, number, block_rows * row_bytes,
                      [&](std::uint8_t* memory) { samples_.read_block(number, memory); });
    std::memcpy(out, block + (place[i] - number * block_rows) * row_bytes,
                static_cast<std::size_t>(row_bytes));
  }
  const MemorySamples gathered(in_order(rows, samples_.layout), {}, samples_.max);
  return gathered.gather(at::arange(count, at::kLong), device);
}

Tensor StreamedSamples::order(const Tensor& rows, Draw& draw) const {
  const auto shuffled = draw.permutation(rows.size(0));
  const auto [found, block, counts] =
      at::_unique2(rows.div(samples_.block_rows(), "floor"), /*sorted=*/true,
                   /*return_inverse=*/true);
  const auto blocks = found.size(0);
  const auto windows = divided_up(blocks, blocks_in_window_);
  const auto window_of_block = draw.permutation(blocks).mul_(windows).div_(blocks, "floor");
  const auto window = window_of_block.index_select(0, block.index_select(0, shuffled));
  return shuffled.index_select(
      0, std::get<1>(at::sort(window, /*stable=*/true, 0, /*descending=*/false)));
}

}  // namespace varia::datasets
