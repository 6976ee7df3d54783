#include "hdf5/hdf5_chunk.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace varia::hdf5 {

namespace {

/// Type, chunk and filters of a data set of bytes, as far as a raw copy depends on them.
struct ChunkLayout {
  bool good = false;
  Shape chunk;
  std::vector<std::pair<int, std::vector<unsigned>>> filters;
};

ChunkLayout chunk_layout(const Object& dataset) {
  ChunkLayout layout;
  const Handle type(H5Dget_type(dataset.id));
  const Handle create(H5Dget_create_plist(dataset.id));
  if (H5Tequal(type, H5T_STD_U8LE) <= 0 || H5Pget_layout(create) != H5D_CHUNKED) return layout;
  std::vector<hsize_t> sizes(H5S_MAX_RANK);
  const int rank = H5Pget_chunk(create, H5S_MAX_RANK, sizes.data());
  for (int i = 0; i < rank; ++i) layout.chunk.push_back(static_cast<std::int64_t>(sizes[i]));
  const int filters = H5Pget_nfilters(create);
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0;
    unsigned config = 0;
    std::size_t count = 8;
    std::vector<unsigned> values(count);
    const H5Z_filter_t filter =
        H5Pget_filter2(create, i, &flags, &count, values.data(), 0, nullptr, &config);
    if (filter < 0 || count > values.size()) return layout;
    values.resize(filter == H5Z_FILTER_DEFLATE ? 0 : count);  // any level inflates alike
    layout.filters.emplace_back(filter, values);
  }
  layout.good = rank > 0;
  return layout;
}

Shape without_leading_ones(const Shape& shape) {
  std::size_t first = 0;
  while (first < shape.size() && shape[first] == 1) ++first;
  return {shape.begin() + static_cast<std::ptrdiff_t>(first), shape.end()};
}

}  // namespace

bool copy_chunk(const Object& from, const Shape& from_offset, const Object& to,
                const Shape& to_offset) {
  const ChunkLayout a = chunk_layout(from);
  const ChunkLayout b = chunk_layout(to);
  if (!a.good || !b.good || a.filters != b.filters ||
      without_leading_ones(a.chunk) != without_leading_ones(b.chunk)) {
    return false;
  }
  const std::vector<hsize_t> source = extents(from_offset);
  const std::vector<hsize_t> target = extents(to_offset);
  hsize_t size = 0;
  if (H5Dget_chunk_storage_size(from.id, source.data(), &size) < 0 || size == 0 ||
      size > static_cast<hsize_t>(kMaxElements)) {
    H5Eclear2(H5E_DEFAULT);
    return false;
  }
  std::vector<std::uint8_t> bytes(size);
  std::uint32_t mask = 0;
  if (H5Dread_chunk(from.id, H5P_DEFAULT, source.data(), &mask, bytes.data()) < 0) {
    fail(*from.file, from.name + " cannot be read");
  }
  if (H5Dwrite_chunk(to.id, H5P_DEFAULT, mask, target.data(), bytes.size(), bytes.data()) < 0) {
    fail(*to.file, to.name + " cannot be written");
  }
  return true;
}

}  // namespace varia::hdf5
