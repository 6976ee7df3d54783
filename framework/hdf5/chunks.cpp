#include <optional>
#include <utility>
#include <vector>

#include "hdf5/dataset.hpp"

namespace varia::hdf5 {

namespace {

/// Filters and their parameters, in order.
using Filters = std::vector<std::pair<H5Z_filter_t, std::vector<unsigned>>>;

/// The filters of a data set of bytes in chunks, as far as a raw copy depends on them; nullopt if
/// its chunks cannot be copied.
std::optional<Filters> filters_of(const Object& dataset) {
  const Handle type(H5Dget_type(dataset.id));
  const Handle create(H5Dget_create_plist(dataset.id));
  if (H5Tequal(type, H5T_STD_U8LE) <= 0 || H5Pget_layout(create) != H5D_CHUNKED) {
    return std::nullopt;
  }
  Filters result;
  const int filters = H5Pget_nfilters(create);
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0;
    unsigned config = 0;
    std::size_t count = 8;
    std::vector<unsigned> values(count);
    const H5Z_filter_t filter =
        H5Pget_filter2(create, i, &flags, &count, values.data(), 0, nullptr, &config);
    if (filter < 0 || count > values.size()) return std::nullopt;
    values.resize(filter == H5Z_FILTER_DEFLATE ? 0 : count);  // any level inflates alike
    result.emplace_back(filter, values);
  }
  return result;
}

Shape without_leading_ones(const Shape& shape) {
  std::size_t first = 0;
  while (first < shape.size() && shape[first] == 1) ++first;
  return {shape.begin() + static_cast<std::ptrdiff_t>(first), shape.end()};
}

/// The bytes that a chunk has in the file; nullopt if it is packed.
/// @param create  the property list of the data set
/// @param skipped a bit for each filter that was not applied to this chunk
std::optional<hsize_t> bytes_of_chunk(const Object& dataset, hid_t create, unsigned skipped) {
  constexpr hsize_t kChecksum = 4;
  auto bytes = static_cast<hsize_t>(count_of(chunk_of(dataset))) *
               H5Tget_size(Handle(H5Dget_type(dataset.id)));
  const int filters = H5Pget_nfilters(create);
  for (int i = 0; i < filters; ++i) {
    if ((skipped >> i & 1U) != 0) continue;
    unsigned flags = 0;
    unsigned config = 0;
    std::size_t values = 0;
    const auto filter = H5Pget_filter2(create, static_cast<unsigned>(i), &flags, &values, nullptr,
                                       0, nullptr, &config);
    if (filter == H5Z_FILTER_FLETCHER32)
      bytes += kChecksum;
    else if (filter != H5Z_FILTER_SHUFFLE)
      return std::nullopt;
  }
  return bytes;
}

}  // namespace

Shape chunk_of(const Object& dataset) {
  const Handle create(H5Dget_create_plist(dataset.id));
  if (H5Pget_layout(create) != H5D_CHUNKED) return {};
  std::vector<hsize_t> sizes(H5S_MAX_RANK);
  const int rank = H5Pget_chunk(create, H5S_MAX_RANK, sizes.data());
  if (rank < 0) fail(*dataset.file, dataset.name + " has no chunks");
  return {sizes.begin(), sizes.begin() + rank};
}

bool is_written(const Object& dataset, const Shape& start, const Shape& count) {
  const Handle create(H5Dget_create_plist(dataset.id));
  const H5D_layout_t layout = H5Pget_layout(create);
  if (layout == H5D_CONTIGUOUS) return offset_of(dataset).has_value();
  if (layout != H5D_CHUNKED) return layout == H5D_COMPACT;
  const Shape chunk = chunk_of(dataset);
  // From the first chunk of the box to the last one, in row-major order.
  Shape first, last;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    if (count[i] == 0) return true;
    first.push_back(start[i] / chunk[i] * chunk[i]);
    last.push_back(start[i] + count[i] - 1);
  }
  Shape place = first;
  while (true) {
    hsize_t bytes = 0;
    haddr_t address = HADDR_UNDEF;
    unsigned skipped = 0;
    if (H5Dget_chunk_info_by_coord(dataset.id, extents(place).data(), &skipped, &address, &bytes) <
            0 ||
        bytes == 0) {
      H5Eclear2(H5E_DEFAULT);
      return false;
    }
    // Whatever is in memory would stand for what a short chunk lacks.
    if (const auto expected = bytes_of_chunk(dataset, create, skipped);
        expected && bytes != *expected) {
      damaged(dataset, "a chunk has " + std::to_string(bytes) + " bytes in the file; expected " +
                           std::to_string(*expected));
    }
    std::size_t axis = place.size();
    while (axis > 0) {
      --axis;
      place[axis] += chunk[axis];
      if (place[axis] <= last[axis]) break;
      place[axis] = first[axis];
      if (axis == 0) return true;
    }
  }
}

bool copy_chunk(const Object& from, const Shape& from_offset, const Object& to,
                const Shape& to_offset) {
  const std::optional<Filters> filters = filters_of(from);
  if (!filters || filters != filters_of(to) ||
      without_leading_ones(chunk_of(from)) != without_leading_ones(chunk_of(to))) {
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
