#include "arrays/number_array.hpp"

#include <ATen/Functions.h>
#include <sys/mman.h>

#include <algorithm>
#include <functional>
#include <new>
#include <numeric>
#include <utility>

#include "varia/error.hpp"
#include "varia/mapped_file.hpp"
#include "varia/value.hpp"

namespace varia::datasets {

namespace {

constexpr std::int64_t kMostRows = 100'000'000;
constexpr std::int64_t kMostRowBytes = std::int64_t{1} << 32;
constexpr std::int64_t kBlockBytes = std::int64_t{1} << 18;

}  // namespace

Tensor empty_pages(at::IntArrayRef sizes, at::ScalarType type) {
  const auto bytes =
      static_cast<std::size_t>(c10::multiply_integers(sizes)) * c10::elementSize(type);
  void* const memory = ::mmap(nullptr, std::max<std::size_t>(bytes, 1), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return at::from_blob(
      memory, sizes, [bytes](void* begin) { ::munmap(begin, std::max<std::size_t>(bytes, 1)); },
      at::TensorOptions().dtype(type));
}

void Rescaling::apply(const Tensor& numbers) const {
  if (range)
    numbers.sub_(range->min).div_(range->max - range->min);
  else
    numbers.mul_(scale).add_(offset);
}

NumberArray::NumberArray(std::string place, std::vector<std::int64_t> sizes, Type type)
    : place_(std::move(place)), sizes_(std::move(sizes)), type_(type) {
  if (sizes_.empty()) throw DataError(place_, "is a single number, not an array.");
  // Bounds first: their product is used as a number of bytes.
  std::int64_t row_bytes = 8;
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    const auto most = i == 0 ? kMostRows : kMostRowBytes / row_bytes;
    if (sizes_[i] < 1 || sizes_[i] > most) {
      throw DataError(place_, "has " + std::to_string(sizes_[i]) + " entries along axis " +
                                  std::to_string(i) + "; from 1 to " + std::to_string(most) +
                                  " can be read.");
    }
    if (i > 0) row_bytes *= sizes_[i];
  }
}

NumberArray::~NumberArray() = default;

std::string NumberArray::shape_text() const { return c10::str(at::IntArrayRef(sizes_)); }

std::int64_t NumberArray::row_bytes(at::ScalarType type) const {
  return std::accumulate(sizes_.begin() + 1, sizes_.end(),
                         static_cast<std::int64_t>(c10::elementSize(type)), std::multiplies<>());
}

std::int64_t NumberArray::block_rows(at::ScalarType type) const {
  // Whole chunks, so that each is unpacked once.
  const auto chunk_rows = std::clamp<std::int64_t>(rows_of_chunk(), 1, rows());
  const auto chunks = std::max<std::int64_t>(1, kBlockBytes / row_bytes(type) / chunk_rows);
  return std::min(chunks * chunk_rows, rows());
}

void NumberArray::read_rows(std::int64_t begin, std::int64_t end,
                            const std::optional<Rescaling>& rescaling, const Tensor& out) const {
  if (!rescaling) return read_values(begin, end, out);
  const auto numbers = empty_pages(out.sizes(), at::kDouble);
  read_values(begin, end, numbers);
  rescaling->apply(numbers);
  out.copy_(numbers);
}

Tensor NumberArray::read(const Tensor& rows, at::ScalarType type,
                         const std::optional<Rescaling>& rescaling) const {
  auto shape = sizes_;
  shape[0] = rows.size(0);
  const auto row_bytes = this->row_bytes(type);
  const auto block = block_rows(type);
  if (shape[0] + block > memory_for_data() / row_bytes) {
    throw DataError(place(), "reading " + std::to_string(shape[0]) + " of its " +
                                 std::to_string(this->rows()) + " rows of " +
                                 std::to_string(row_bytes) +
                                 " bytes takes more than half of this machine's memory. Read "
                                 "fewer by 'limit', or " +
                                 remedy() + ": it is then not loaded whole.");
  }

  const auto result = empty_pages(shape, type);
  const auto* const wanted = rows.data_ptr<std::int64_t>();
  for (std::int64_t done = 0; done < shape[0];) {
    const auto begin = wanted[done] / block * block;
    const auto end = std::min(begin + block, this->rows());
    const auto* const next = std::lower_bound(wanted + done, wanted + shape[0], end);
    const auto count = next - (wanted + done);
    const auto out = result.slice(0, done, done + count);
    if (wanted[done] + count == *(next - 1) + 1) {
      read_rows(wanted[done], wanted[done] + count, rescaling, out);
    } else {
      auto part_shape = shape;
      part_shape[0] = end - begin;
      const auto part = empty_pages(part_shape, type);
      read_rows(begin, end, rescaling, part);
      out.copy_(part.index_select(0, rows.slice(0, done, done + count) - begin));
    }
    done += count;
  }
  return result;
}

std::vector<std::string> listable(const std::vector<std::string>& names) {
  constexpr std::size_t kMostNames = 50;
  constexpr std::size_t kLongestName = 200;
  std::vector<std::string> listed;
  for (const auto& name : names) {
    const bool is_printable = std::ranges::all_of(
        name, [](unsigned char letter) { return letter >= ' ' && letter != 0x7f; });
    if (is_printable && name.size() <= kLongestName && listed.size() < kMostNames)
      listed.push_back(name);
  }
  return listed;
}

ArrayFile::~ArrayFile() = default;

void ArrayFile::fail_to_find(const std::string& name, const std::string& path) const {
  const auto known = listable(names());
  throw DataError(path, "has no array '" + name + "'. " +
                            (known.empty() ? "It has none." : suggestion(name, known)));
}

}  // namespace varia::datasets
